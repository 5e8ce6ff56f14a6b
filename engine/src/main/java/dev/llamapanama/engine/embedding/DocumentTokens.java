package dev.llamapanama.engine.embedding;

import dev.llamapanama.engine.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cuts documents into tokens and, where they are too long, into chunks. Immutable. */
final class DocumentTokens {
    private static final String ANY_TEXT = "a";

    private final Vocabulary vocabulary;
    private final boolean parseSpecial;
    private final int maxTokens;
    private final LongDocuments longDocuments;
    private final int[] begin; // what the tokenizer puts before a text
    private final int[] end;

    DocumentTokens(Vocabulary vocabulary, boolean parseSpecial, int maxTokens, LongDocuments longDocuments) {
        this.vocabulary = vocabulary;
        this.parseSpecial = parseSpecial;
        this.maxTokens = maxTokens;
        this.longDocuments = longDocuments;
        int[] plain = vocabulary.tokenize(ANY_TEXT, false, false);
        int[] whole = vocabulary.tokenize(ANY_TEXT, true, false);
        int start = 0;
        while (start < whole.length - plain.length
                && !Arrays.equals(whole, start, start + plain.length, plain, 0, plain.length)) {
            start++;
        }
        begin = Arrays.copyOf(whole, start);
        end = Arrays.copyOfRange(whole, start + plain.length, whole.length);
        if (maxTokens <= begin.length + end.length) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + ", and the tokenizer adds "
                    + (begin.length + end.length) + " tokens to each text");
        }
    }

    /** All tokens of a document. */
    int[] of(String document) {
        return vocabulary.tokenize(document, true, parseSpecial);
    }

    /**
     * The tokens of a document's chunks; one, if it is not too long.
     *
     * @param index for the message
     * @throws DocumentTooLongException if it is too long and shall not be cut
     * @throws IllegalArgumentException if it has no tokens
     */
    List<int[]> chunks(int index, String document) {
        int[] tokens = of(document);
        if (tokens.length == 0) {
            throw new IllegalArgumentException(
                    "document " + index + " is empty, and this model has no tokens for begin and end");
        }
        if (tokens.length <= maxTokens) {
            return List.of(tokens);
        }
        if (longDocuments == LongDocuments.REJECT) {
            throw new DocumentTooLongException(
                    "document %d has %d tokens, and %d are possible; shorten it, raise maxTokens, or choose LongDocuments.CHUNK"
                            .formatted(index, tokens.length, maxTokens),
                    index,
                    tokens.length,
                    maxTokens);
        }
        return cut(tokens);
    }

    private List<int[]> cut(int[] tokens) {
        int length = tokens.length - begin.length - end.length;
        int chunks = Math.ceilDiv(length, maxTokens - begin.length - end.length);
        List<int[]> cut = new ArrayList<>(chunks);
        for (int i = 0; i < chunks; i++) {
            int from = begin.length + (int) ((long) length * i / chunks);
            int to = begin.length + (int) ((long) length * (i + 1) / chunks);
            int[] chunk = Arrays.copyOf(begin, begin.length + to - from + end.length);
            System.arraycopy(tokens, from, chunk, begin.length, to - from);
            System.arraycopy(end, 0, chunk, begin.length + to - from, end.length);
            cut.add(chunk);
        }
        return cut;
    }
}
