package dev.llamapanama.engine.embedding;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.ModelInfo;
import dev.llamapanama.engine.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A context that computes several texts in one decode, each as a sequence of its own that starts at position 0.
 * Thread-safe: threads take turns, decode by decode. Owns its context.
 */
final class PackedContext implements AutoCloseable {
    private final Context context;
    private final int maxTokens;
    private final int batchTokens;
    private final ReentrantLock turn = new ReentrantLock(true);

    private PackedContext(Context context, int maxTokens, int batchTokens) {
        this.context = context;
        this.maxTokens = maxTokens;
        this.batchTokens = batchTokens;
    }

    static PackedContext create(Model model, Pooling pooling, PackingOptions options) {
        ModelInfo info = model.info();
        if (info.hasEncoder() && info.hasDecoder()) {
            throw new IllegalArgumentException(model + " is an encoder-decoder; embeddings need one of both");
        }
        int maxTokens = options.maxTokensFor(info.contextLengthTrained());
        requirePositions(model, maxTokens);
        int sequences = Math.min(options.maxSequences(), options.batchTokens());
        int size = Math.max(maxTokens, options.batchTokens());
        size = Math.ceilDiv(size, sequences) * sequences; // else the graph for the mean has an assertion that fails
        // One memory for all, and batch = ubatch: llama.cpp pools within a ubatch. With a part of the memory for each
        // sequence it would cut the longer texts.
        ContextOptions contextOptions = options.context().toBuilder()
                .contextLength(size)
                .batchSize(size)
                .ubatchSize(size)
                .maxSequences(sequences)
                .unifiedKv(true)
                .embeddings(true)
                .pooling(pooling)
                .build();
        return new PackedContext(model.newContext(contextOptions), maxTokens, options.batchTokens());
    }

    private static void requirePositions(Model model, int maxTokens) {
        ModelInfo info = model.info();
        if (maxTokens == 0) {
            throw new IllegalArgumentException(model + " does not say its context length; choose maxTokens");
        }
        if (info.learnedPositions() > 0 && maxTokens > info.learnedPositions()) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + ", but " + model + " has learned "
                    + info.learnedPositions() + " positions only");
        }
    }

    /** Tokens of the longest text. */
    int maxTokens() {
        return maxTokens;
    }

    Pooling pooling() {
        return context.pooling();
    }

    Model model() {
        return context.model();
    }

    boolean isOpen() {
        return context.isOpen();
    }

    /** Whether a decode that has {@code texts} with {@code tokens} in all takes another one of {@code more} tokens. */
    boolean takes(int texts, int tokens, int more) {
        return texts == 0 || (texts < context.maxSequences() && tokens + more <= batchTokens);
    }

    /**
     * One decode.
     *
     * @param texts tokens of each, at least one, as many as {@link #takes}
     * @return for each its vectors: one, or with {@link Pooling#NONE} one per token
     */
    List<float[][]> compute(List<int[]> texts) {
        turn.lock();
        try {
            fill(texts);
            if (context.model().info().hasDecoder()) {
                context.decode(); // for BERT and the like the same as encode
            } else {
                context.encode();
            }
            return read(texts);
        } finally {
            turn.unlock();
        }
    }

    private void fill(List<int[]> texts) {
        Batch batch = context.batch();
        batch.clear();
        context.clearMemory();
        for (int sequence = 0; sequence < texts.size(); sequence++) {
            int[] tokens = texts.get(sequence);
            for (int position = 0; position < tokens.length; position++) {
                batch.add(tokens[position], position, sequence, true);
            }
        }
    }

    private List<float[][]> read(List<int[]> texts) {
        List<float[][]> vectors = new ArrayList<>(texts.size());
        int entry = 0;
        for (int sequence = 0; sequence < texts.size(); sequence++) {
            if (context.pooling() != Pooling.NONE) {
                vectors.add(new float[][] {context.sequenceEmbeddings(sequence)});
                continue;
            }
            float[][] ofTokens = new float[texts.get(sequence).length][];
            for (int position = 0; position < ofTokens.length; position++) {
                ofTokens[position] = context.embeddings(entry++);
            }
            vectors.add(ofTokens);
        }
        return vectors;
    }

    @Override
    public void close() {
        context.close();
    }

    @Override
    public String toString() {
        return context.toString();
    }
}
