package dev.llamapanama.bench.compare.jni;

import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/** Makes text that has a given number of tokens, for a program that takes text only. */
final class PromptText {
    private static final int WORD = 6;
    private static final int MAX_CHARACTERS_PER_TOKEN = 16;
    private static final int SEEDS = 10;
    private static final int STEPS = 200;

    private PromptText() {}

    /**
     * Text of random short words.
     *
     * @param tokens how many it shall have, 1 or more
     * @param count the tokens of a text
     * @throws IllegalArgumentException if there is no way to that number
     */
    static String of(int tokens, ToIntFunction<String> count) {
        for (int seed = 0; seed < SEEDS; seed++) {
            String text = words(tokens * MAX_CHARACTERS_PER_TOKEN, new SplittableRandom(seed));
            int length = tokens; // a token has a character or more
            for (int step = 0; step < STEPS && length >= 1 && length <= text.length(); step++) {
                String start = text.substring(0, length);
                int missing = tokens - count.applyAsInt(start);
                if (missing == 0) {
                    return start;
                }
                length += missing; // a character more or less is mostly a token more or less, or none
            }
        }
        throw new IllegalArgumentException("no text of exactly " + tokens + " tokens was found");
    }

    private static String words(int length, SplittableRandom random) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(i % WORD == WORD - 1 ? ' ' : (char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }
}
