package dev.llamapanama.gguf;

import java.util.BitSet;

/**
 * The first bytes of RWKV's tokens, which are written with escapes ({@code llama_unescape_rwkv_token}).
 *
 * <p>Its search for the longest token goes on from where the last match ended. Where tokens begin with a byte but the text
 * matches none of them, that is where the search began, for ever; a token of that byte alone always matches.
 */
final class RwkvTokens {
    private final BitSet first = new BitSet(256);
    private final BitSet alone = new BitSet(256);

    void add(byte[] bytes, int from, int size) {
        if (size == 0) {
            return;
        }
        int unit = unit(bytes, from, size);
        if (unit > size) {
            return; // an escape that is cut off, which stands for nothing
        }
        int value = value(bytes, from, unit);
        first.set(value);
        if (unit == size) {
            alone.set(value);
        }
    }

    /** Bytes that tokens begin with, but that are none themselves. */
    BitSet endless() {
        BitSet endless = (BitSet) first.clone();
        endless.andNot(alone);
        return endless;
    }

    /** How many bytes of the escaped text stand for the first byte. */
    private static int unit(byte[] bytes, int from, int size) {
        if (bytes[from] != '\\') {
            return 1;
        }
        return size > 1 && bytes[from + 1] == 'x' ? 4 : 2;
    }

    private static int value(byte[] bytes, int from, int unit) {
        byte last = bytes[from + unit - 1];
        return switch (unit) {
            case 1 -> last & 0xFF;
            case 2 ->
                switch (last) {
                    case 't' -> '\t';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    default -> last & 0xFF;
                };
            default -> ((hex(bytes[from + 2]) << 4) + hex(last)) & 0xFF;
        };
    }

    /** As llama.cpp does it, which does not check that it is a digit. */
    private static int hex(byte c) {
        return c >= 'a' ? c - 'a' + 10 : c - '0';
    }
}
