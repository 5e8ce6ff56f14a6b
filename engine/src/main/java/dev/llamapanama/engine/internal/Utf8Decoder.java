package dev.llamapanama.engine.internal;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Turns UTF-8 that arrives in arbitrary chunks into text. A code point that is not complete yet waits for its next bytes,
 * so what comes out never ends within one; bytes that can belong to no code point become U+FFFD, as in {@link String}.
 *
 * <p>Not thread-safe. Buffers are made once and grow with the longest chunk.
 */
public final class Utf8Decoder {
    private static final int MAX_CODE_POINT_BYTES = 4;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);

    private ByteBuffer pending = ByteBuffer.allocate(64); // between chunks: the start of an incomplete code point
    private CharBuffer chars = CharBuffer.allocate(64);

    /** Decodes {@code length} bytes of {@code bytes} from {@code offset} on, and appends the complete code points to {@code target}. */
    public void decode(byte[] bytes, int offset, int length, StringBuilder target) {
        if (pending.remaining() < length) {
            ByteBuffer larger = ByteBuffer.allocate(pending.position() + length + MAX_CODE_POINT_BYTES);
            pending = larger.put(pending.flip());
        }
        pending.put(bytes, offset, length).flip();
        drain(false, target);
        pending.compact();
    }

    /** Ends the text: bytes of an incomplete code point become U+FFFD. The decoder is then as new. */
    public void finish(StringBuilder target) {
        pending.flip();
        drain(true, target);
        decoder.flush(chars); // UTF-8 keeps nothing back; the call closes the decoder's state machine
        reset();
    }

    /** Forgets everything. */
    public void reset() {
        pending.clear();
        decoder.reset();
    }

    /** Number of bytes that wait for the rest of their code point, 0 to 3. */
    public int pendingBytes() {
        return pending.position();
    }

    private void drain(boolean endOfInput, StringBuilder target) {
        if (chars.capacity() < pending.remaining()) {
            chars = CharBuffer.allocate(pending.remaining()); // no code point has more UTF-16 units than UTF-8 bytes
        }
        chars.clear();
        CoderResult result = decoder.decode(pending, chars, endOfInput);
        if (!result.isUnderflow()) {
            throw new IllegalStateException("UTF-8 decoder stopped with " + result);
        }
        target.append(chars.flip());
    }
}
