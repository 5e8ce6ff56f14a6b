package dev.llamapanama.engine.service;

import java.util.Arrays;

/**
 * Finds the last earlier place of the newest three tokens of a text: what followed them there is a guess of what follows now
 * (prompt lookup decoding, Saxena 2023; {@code common/ngram-cache} of llama.cpp). A hash table of positions; not thread-safe.
 */
final class PromptLookup {
    private static final int N = 3;
    private static final int NONE = -1;

    private int[] ends = table(256); // positions behind an n-gram
    private int used;
    private int indexed; // n-grams that end here or earlier are in the table

    private static int[] table(int size) {
        int[] table = new int[size];
        Arrays.fill(table, NONE);
        return table;
    }

    /**
     * Where the text might go on.
     *
     * @param length tokens of the text; not less than in the call before, and what was there is the same
     * @return position of the token that followed the newest tokens the last time, or -1
     */
    int find(int[] text, int length) {
        for (int end = Math.max(N, indexed + 1); end < length; end++) {
            add(text, end);
        }
        indexed = Math.max(indexed, length - 1);
        return length < N ? NONE : ends[slot(text, length)];
    }

    private void add(int[] text, int end) {
        if (used * 2 >= ends.length) {
            int[] before = ends;
            ends = table(2 * before.length);
            used = 0;
            for (int position : before) {
                if (position != NONE) {
                    put(text, position);
                }
            }
        }
        put(text, end);
    }

    private void put(int[] text, int end) {
        int slot = slot(text, end);
        if (ends[slot] == NONE) {
            used++;
        }
        ends[slot] = end; // the newest place of equals
    }

    /** The slot of the n-gram that ends at {@code end}, or a free one. */
    private int slot(int[] text, int end) {
        int mask = ends.length - 1;
        int hash = (text[end - 3] * 31 + text[end - 2]) * 31 + text[end - 1];
        int slot = hash * 0x9E3779B9 >>> 8 & mask;
        while (ends[slot] != NONE && !Arrays.equals(text, ends[slot] - N, ends[slot], text, end - N, end)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
