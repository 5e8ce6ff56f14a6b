package dev.llamapanama.engine;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How to make a context ({@code llama_context_params}). Immutable. Defaults are those of llama.cpp: of its library, but
 * context length and threads as its tools choose them.
 */
public final class ContextOptions {
    private static final int MAX_LENGTH = 1 << 30;
    private static final int MAX_THREADS = 512; // GGML_MAX_N_THREADS
    private static final ContextOptions DEFAULTS = new Builder().build();

    private final int contextLength;
    private final int batchSize;
    private final int ubatchSize;
    private final int maxSequences;
    private final int threads;
    private final int batchThreads;
    private final KvType keyType;
    private final KvType valueType;
    private final FlashAttention flashAttention;
    private final boolean unifiedKv;
    private final boolean fullSwa;
    private final boolean embeddings;
    private final Pooling pooling;
    private final Attention attention;
    private final RopeOptions rope;
    private final boolean offloadKv;
    private final int rollbackSnapshots;

    private ContextOptions(Builder builder) {
        contextLength = builder.contextLength;
        batchSize = builder.batchSize;
        ubatchSize = builder.ubatchSize;
        maxSequences = builder.maxSequences;
        threads = builder.threads;
        batchThreads = builder.batchThreads;
        keyType = builder.keyType;
        valueType = builder.valueType;
        flashAttention = builder.flashAttention;
        unifiedKv = builder.unifiedKv;
        fullSwa = builder.fullSwa;
        embeddings = builder.embeddings;
        pooling = builder.pooling;
        attention = builder.attention;
        rope = builder.rope;
        offloadKv = builder.offloadKv;
        rollbackSnapshots = builder.rollbackSnapshots;
        check();
    }

    private void check() {
        inRange("contextLength", contextLength, 0, MAX_LENGTH);
        inRange("batchSize", batchSize, 1, MAX_LENGTH);
        inRange("ubatchSize", ubatchSize, 1, MAX_LENGTH);
        inRange("maxSequences", maxSequences, 1, 256); // LLAMA_MAX_SEQ
        inRange("threads", threads, 0, MAX_THREADS);
        inRange("batchThreads", batchThreads, 0, MAX_THREADS);
        inRange("rollbackSnapshots", rollbackSnapshots, 0, 64);
        if (batchSize < maxSequences) {
            throw new IllegalArgumentException("batchSize is " + batchSize + "; it must not be less than maxSequences, "
                    + maxSequences); // llama.cpp keeps room for an output of each sequence, at most batchSize
        }
        if (valueType.isQuantized() && flashAttention == FlashAttention.DISABLED) {
            throw new IllegalArgumentException(
                    "valueType " + valueType + " needs flash attention; enable it, or use F16 values");
        }
        if (pooling != Pooling.FROM_MODEL && pooling != Pooling.NONE && !embeddings) {
            throw new IllegalArgumentException("pooling " + pooling + " needs embeddings(true)");
        }
    }

    private static void inRange(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + min + " to " + max);
        }
    }

    /** The defaults. */
    public static ContextOptions defaults() {
        return DEFAULTS;
    }

    /** A builder that starts with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with these options. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /**
     * Tokens that the memory holds, for all sequences together; rounded up to a multiple of 256 for each; 0: what the
     * model was trained with.
     */
    public int contextLength() {
        return contextLength;
    }

    /**
     * The most tokens that one decode takes; not more than {@code contextLength} counts, and less than
     * {@code maxSequences} is refused.
     */
    public int batchSize() {
        return batchSize;
    }

    /**
     * The most tokens that are computed at once; a smaller one needs less memory, and a bigger one is faster up to some
     * hundred.
     */
    public int ubatchSize() {
        return ubatchSize;
    }

    /** The most sequences that are in memory at the same time. */
    public int maxSequences() {
        return maxSequences;
    }

    /** Threads for decoding one token; 0: one per physical core. */
    public int threads() {
        return threads;
    }

    /** Threads for decoding several tokens; 0: as {@code threads}. */
    public int batchThreads() {
        return batchThreads;
    }

    /** Number format of the keys in memory. */
    public KvType keyType() {
        return keyType;
    }

    /** Number format of the values in memory; a quantized one needs flash attention. */
    public KvType valueType() {
        return valueType;
    }

    /** Whether attention is computed in blocks. */
    public FlashAttention flashAttention() {
        return flashAttention;
    }

    /**
     * Whether all sequences share one memory (needed for tokens that belong to several sequences) or have equal parts
     * of it (faster where they have no common start).
     */
    public boolean unifiedKv() {
        return unifiedKv;
    }

    /**
     * Whether models with a sliding window keep all of the context, which takes more memory but lets positions be
     * removed at will.
     */
    public boolean fullSwa() {
        return fullSwa;
    }

    /** Whether embeddings are computed as well. */
    public boolean embeddings() {
        return embeddings;
    }

    /** How a sequence's embeddings become one. */
    public Pooling pooling() {
        return pooling;
    }

    /** Which tokens a token sees. */
    public Attention attention() {
        return attention;
    }

    /** How positions are encoded. */
    public RopeOptions rope() {
        return rope;
    }

    /** Whether the memory lies on a GPU, if there is one. */
    public boolean offloadKv() {
        return offloadKv;
    }

    /** States kept per sequence of a recurrent model, so that as many last positions can be removed. */
    public int rollbackSnapshots() {
        return rollbackSnapshots;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ContextOptions options && values().equals(options.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "ContextOptions" + values().entrySet();
    }

    /** By name, for equality and text. */
    private Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("contextLength", contextLength);
        values.put("batchSize", batchSize);
        values.put("ubatchSize", ubatchSize);
        values.put("maxSequences", maxSequences);
        values.put("threads", threads);
        values.put("batchThreads", batchThreads);
        values.put("keyType", keyType);
        values.put("valueType", valueType);
        values.put("flashAttention", flashAttention);
        values.put("unifiedKv", unifiedKv);
        values.put("fullSwa", fullSwa);
        values.put("embeddings", embeddings);
        values.put("pooling", pooling);
        values.put("attention", attention);
        values.put("rope", rope);
        values.put("offloadKv", offloadKv);
        values.put("rollbackSnapshots", rollbackSnapshots);
        return values;
    }

    /** Builds {@link ContextOptions}; see there for what each value means. */
    public static final class Builder {
        private int contextLength;
        private int batchSize = 2048;
        private int ubatchSize = 512;
        private int maxSequences = 1;
        private int threads;
        private int batchThreads;
        private KvType keyType = KvType.F16;
        private KvType valueType = KvType.F16;
        private FlashAttention flashAttention = FlashAttention.AUTO;
        private boolean unifiedKv;
        private boolean fullSwa = true;
        private boolean embeddings;
        private Pooling pooling = Pooling.FROM_MODEL;
        private Attention attention = Attention.FROM_MODEL;
        private RopeOptions rope = RopeOptions.defaults();
        private boolean offloadKv = true;
        private int rollbackSnapshots;

        private Builder() {}

        private Builder(ContextOptions options) {
            contextLength = options.contextLength;
            batchSize = options.batchSize;
            ubatchSize = options.ubatchSize;
            maxSequences = options.maxSequences;
            threads = options.threads;
            batchThreads = options.batchThreads;
            keyType = options.keyType;
            valueType = options.valueType;
            flashAttention = options.flashAttention;
            unifiedKv = options.unifiedKv;
            fullSwa = options.fullSwa;
            embeddings = options.embeddings;
            pooling = options.pooling;
            attention = options.attention;
            rope = options.rope;
            offloadKv = options.offloadKv;
            rollbackSnapshots = options.rollbackSnapshots;
        }

        public Builder contextLength(int value) {
            contextLength = value;
            return this;
        }

        public Builder batchSize(int value) {
            batchSize = value;
            return this;
        }

        public Builder ubatchSize(int value) {
            ubatchSize = value;
            return this;
        }

        public Builder maxSequences(int value) {
            maxSequences = value;
            return this;
        }

        public Builder threads(int value) {
            threads = value;
            return this;
        }

        public Builder batchThreads(int value) {
            batchThreads = value;
            return this;
        }

        public Builder keyType(KvType value) {
            keyType = value;
            return this;
        }

        public Builder valueType(KvType value) {
            valueType = value;
            return this;
        }

        public Builder flashAttention(FlashAttention value) {
            flashAttention = value;
            return this;
        }

        public Builder unifiedKv(boolean value) {
            unifiedKv = value;
            return this;
        }

        public Builder fullSwa(boolean value) {
            fullSwa = value;
            return this;
        }

        public Builder embeddings(boolean value) {
            embeddings = value;
            return this;
        }

        public Builder pooling(Pooling value) {
            pooling = value;
            return this;
        }

        public Builder attention(Attention value) {
            attention = value;
            return this;
        }

        public Builder rope(RopeOptions value) {
            rope = value;
            return this;
        }

        public Builder offloadKv(boolean value) {
            offloadKv = value;
            return this;
        }

        public Builder rollbackSnapshots(int value) {
            rollbackSnapshots = value;
            return this;
        }

        /** Sets {@code keyType} and {@code valueType}. */
        public Builder kvType(KvType value) {
            keyType = value;
            valueType = value;
            return this;
        }

        public ContextOptions build() {
            return new ContextOptions(this);
        }
    }
}
