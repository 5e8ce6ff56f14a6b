package dev.llamapanama.engine.embedding;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Documents that are the same in each run. */
final class TestDocuments {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

    private TestDocuments() {}

    /** {@code n} documents of 0 to {@code maxWords} words, of one letter each: a token in the forged BERT's vocabulary. */
    static List<String> random(int n, int maxWords) {
        Random random = new Random(7);
        List<String> documents = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            documents.add(words(random, i == 3 ? 0 : random.nextInt(maxWords + 1)));
        }
        return documents;
    }

    static String words(Random random, int n) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            words.add(LETTERS.charAt(random.nextInt(LETTERS.length())) + "");
        }
        return String.join(" ", words);
    }
}
