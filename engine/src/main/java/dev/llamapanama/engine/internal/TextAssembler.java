package dev.llamapanama.engine.internal;

import java.util.List;
import java.util.Optional;

/**
 * Makes text of the bytes of tokens: whole code points only, up to the first stop string, of which no part shows.
 *
 * <p>Not thread-safe. Buffers are made once and grow with the longest piece.
 */
public final class TextAssembler {
    private final Utf8Decoder decoder = new Utf8Decoder();
    private final StopStrings stopStrings;
    private final StringBuilder decoded = new StringBuilder(); // whole code points, to be searched for stop strings
    private final StringBuilder shown = new StringBuilder(); // what take() gives
    private final StringBuilder text = new StringBuilder();

    /** @param stopStrings none of them empty */
    public TextAssembler(List<String> stopStrings) {
        this.stopStrings = new StopStrings(stopStrings);
    }

    /**
     * Takes the bytes of a token.
     *
     * @return whether a stop string is complete; all that follows is dropped
     */
    public boolean accept(byte[] bytes) {
        decoder.decode(bytes, 0, bytes.length, decoded);
        boolean stopped = stopStrings.accept(decoded, shown);
        decoded.setLength(0);
        return stopped;
    }

    /** Ends the text: what was held back can be taken, unless a stop string was found. */
    public void finish() {
        decoder.finish(decoded);
        stopStrings.accept(decoded, shown);
        stopStrings.finish(shown);
        decoded.setLength(0);
    }

    /** What can be shown since the last call; may be empty. */
    public String take() {
        String piece = shown.toString();
        shown.setLength(0);
        text.append(piece);
        return piece;
    }

    /** All that was taken. */
    public String text() {
        return text.toString();
    }

    /** The stop string that ended the text. */
    public Optional<String> stopString() {
        return Optional.ofNullable(stopStrings.found());
    }
}
