package dev.llamapanama.engine.prompt;

import java.util.List;

/**
 * A text made shorter. Immutable.
 *
 * @param text what was kept, with a blank or a line end where one of a dropped part would be missed
 * @param originalTokens tokens of the original text, in the compressor's model, without those for begin and end
 * @param compressedTokens tokens of {@code text}, counted in the same way
 * @param dropped parts of the original that are missing, in order; none next to another one
 */
public record CompressedPrompt(String text, int originalTokens, int compressedTokens, List<TextRange> dropped) {
    /** Copies the list. */
    public CompressedPrompt {
        dropped = List.copyOf(dropped);
    }

    /** Share of the tokens that was kept, 0 to 1; 1 for an empty text. */
    public double ratio() {
        return originalTokens == 0 ? 1 : (double) compressedTokens / originalTokens;
    }
}
