package dev.llamapanama.engine;

/**
 * How to make a context ({@code llama_context_params}). Immutable. Defaults are those of llama.cpp: of its library, but
 * context length and threads as its tools choose them.
 *
 * @param contextLength tokens that the memory holds, for all sequences together; rounded up to a multiple of 256 for
 *     each; 0: what the model was trained with
 * @param batchSize the most tokens that one decode takes; not more than {@code contextLength} counts, and less than
 *     {@code maxSequences} is refused
 * @param ubatchSize the most tokens that are computed at once; a smaller one needs less memory, and a bigger one is
 *     faster up to some hundred
 * @param maxSequences the most sequences that are in memory at the same time
 * @param threads threads for decoding one token; 0: one per physical core
 * @param batchThreads threads for decoding several tokens; 0: as {@code threads}
 * @param keyType number format of the keys in memory
 * @param valueType number format of the values in memory; a quantized one needs flash attention
 * @param flashAttention whether attention is computed in blocks
 * @param unifiedKv whether all sequences share one memory (needed for tokens that belong to several sequences) or have
 *     equal parts of it (faster where they have no common start)
 * @param fullSwa whether models with a sliding window keep all of the context, which takes more memory but lets
 *     positions be removed at will
 * @param embeddings whether embeddings are computed as well
 * @param pooling how a sequence's embeddings become one
 * @param attention which tokens a token sees
 * @param rope how positions are encoded
 * @param offloadKv whether the memory lies on a GPU, if there is one
 * @param rollbackSnapshots states kept per sequence of a recurrent model, so that as many last positions can be removed
 */
public record ContextOptions(
        int contextLength,
        int batchSize,
        int ubatchSize,
        int maxSequences,
        int threads,
        int batchThreads,
        KvType keyType,
        KvType valueType,
        FlashAttention flashAttention,
        boolean unifiedKv,
        boolean fullSwa,
        boolean embeddings,
        Pooling pooling,
        Attention attention,
        RopeOptions rope,
        boolean offloadKv,
        int rollbackSnapshots) {
    private static final int MAX_LENGTH = 1 << 30;
    private static final int MAX_THREADS = 512; // GGML_MAX_N_THREADS
    private static final ContextOptions DEFAULTS = new ContextOptions(
            0,
            2048,
            512,
            1,
            0,
            0,
            KvType.F16,
            KvType.F16,
            FlashAttention.AUTO,
            false,
            true,
            false,
            Pooling.FROM_MODEL,
            Attention.FROM_MODEL,
            RopeOptions.defaults(),
            true,
            0);

    /** Checks; what depends on the model is checked by {@link Model#newContext(ContextOptions)}. */
    public ContextOptions {
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
        return DEFAULTS.toBuilder();
    }

    /** A builder that starts with these options. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Builds {@link ContextOptions}; see there for what each value means. */
    public static final class Builder {
        private int contextLength;
        private int batchSize;
        private int ubatchSize;
        private int maxSequences;
        private int threads;
        private int batchThreads;
        private KvType keyType;
        private KvType valueType;
        private FlashAttention flashAttention;
        private boolean unifiedKv;
        private boolean fullSwa;
        private boolean embeddings;
        private Pooling pooling;
        private Attention attention;
        private RopeOptions rope;
        private boolean offloadKv;
        private int rollbackSnapshots;

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
            return new ContextOptions(
                    contextLength,
                    batchSize,
                    ubatchSize,
                    maxSequences,
                    threads,
                    batchThreads,
                    keyType,
                    valueType,
                    flashAttention,
                    unifiedKv,
                    fullSwa,
                    embeddings,
                    pooling,
                    attention,
                    rope,
                    offloadKv,
                    rollbackSnapshots);
        }
    }
}
