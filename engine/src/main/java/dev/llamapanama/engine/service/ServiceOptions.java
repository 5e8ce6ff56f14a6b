package dev.llamapanama.engine.service;

import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** How an {@link InferenceService} works. Immutable. Wrong values are an {@link IllegalArgumentException}. */
public final class ServiceOptions {
    private static final int MAX_SEQUENCES = 256; // LLAMA_MAX_SEQ

    private final ContextOptions context;
    private final int contexts;
    private final int parallel;
    private final int requestLength;
    private final int queueCapacity;
    private final Duration targetStepTime;
    private final int cachedSequences;
    private final int eventCapacity;
    private final SlowConsumerPolicy slowConsumers;
    private final boolean promptLookup;
    private final Optional<Model> draftModel;
    private final int minDraftTokens;
    private final OptionalLong spillHeapBytes;
    private final Optional<Path> spillFolder;
    private final long spillFileBytes;
    private final List<EngineObserver> observers;

    private ServiceOptions(Builder builder) {
        context = builder.context;
        contexts = builder.contexts;
        parallel = builder.parallel;
        requestLength = builder.requestLength;
        queueCapacity = builder.queueCapacity;
        targetStepTime = builder.targetStepTime;
        cachedSequences = builder.cachedSequences;
        eventCapacity = builder.eventCapacity;
        slowConsumers = builder.slowConsumers;
        promptLookup = builder.promptLookup;
        draftModel = builder.draftModel;
        minDraftTokens = builder.minDraftTokens;
        spillHeapBytes = builder.spillHeapBytes;
        spillFolder = builder.spillFolder;
        spillFileBytes = builder.spillFileBytes;
        observers = List.copyOf(builder.observers);
        notNegative("spillHeapBytes", spillHeapBytes.orElse(0));
        notNegative("spillFileBytes", spillFileBytes);
        atLeast("contexts", contexts, 1);
        atLeast("parallel", parallel, 1);
        atLeast("requestLength", requestLength, 0);
        atLeast("queueCapacity", queueCapacity, 1);
        atLeast("cachedSequences", cachedSequences, 0);
        atLeast("eventCapacity", eventCapacity, 1);
        atLeast("minDraftTokens", minDraftTokens, 0);
        if (parallel + cachedSequences > MAX_SEQUENCES) {
            throw new IllegalArgumentException("parallel and cachedSequences are " + parallel + " and "
                    + cachedSequences + "; together they must not be more than " + MAX_SEQUENCES);
        }
        if (targetStepTime.isNegative() || targetStepTime.isZero()) {
            throw new IllegalArgumentException("targetStepTime must be more than 0, not " + targetStepTime);
        }
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be " + least + " or more, not " + value);
        }
    }

    private static void notNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " must be 0 or more, not " + value);
        }
    }

    /** The defaults. */
    public static ServiceOptions defaults() {
        return builder().build();
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with these values. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /**
     * How to make contexts. {@code contextLength} is what the KV memory of one holds, for all its requests and the prefix cache
     * together; {@code maxSequences}, {@code unifiedKv} and {@code fullSwa} are set by the service.
     */
    public ContextOptions context() {
        return context;
    }

    /** Contexts, each with a thread, KV memory and prefix cache of its own; 1 unless set. More than one pays on NUMA machines only. */
    public int contexts() {
        return contexts;
    }

    /** The most answers that one context generates at the same time; 8 unless set. */
    public int parallel() {
        return parallel;
    }

    /** The most tokens of a request, prompt and answer together; 0, the default, is all that a context's KV memory holds. */
    public int requestLength() {
        return requestLength;
    }

    /** The most requests that wait; 256 unless set. */
    public int queueCapacity() {
        return queueCapacity;
    }

    /**
     * How long a step should take while answers are being generated: prompts are cut into pieces, so that a long one does not
     * keep the others silent for longer; the pieces have 64 tokens or more, since smaller ones cost nearly as much. 100 ms
     * unless set.
     */
    public Duration targetStepTime() {
        return targetStepTime;
    }

    /**
     * The most different ends of prefixes in the prefix cache; 0 switches it off. 32 unless set; recurrent models, which keep a
     * whole state for each, get at most 4.
     */
    public int cachedSequences() {
        return cachedSequences;
    }

    /** The most events of a request that wait to be taken; 1,024 unless set. */
    public int eventCapacity() {
        return eventCapacity;
    }

    /** What to do with a request whose events are not taken; {@link SlowConsumerPolicy#PAUSE} unless set. */
    public SlowConsumerPolicy slowConsumers() {
        return slowConsumers;
    }

    /**
     * Whether to guess the next tokens from what follows the same tokens earlier in the text, and to check several at once
     * (prompt lookup decoding, a form of speculative decoding). The output is the same; it is faster where text is copied, and
     * was measured to cost speed where guesses are mostly wrong. Off unless set.
     */
    public boolean promptLookup() {
        return promptLookup;
    }

    /**
     * A smaller model with the same vocabulary that guesses the next tokens, several of which are then checked at once (speculative
     * decoding). The sampler still chooses each token from the large model's logits, so the output is the same (Leviathan et al.
     * 2023); it is faster where the small model is much faster and mostly right. Each answer gets as many guesses as pay, by what
     * was measured, and none where none pays. Where {@link #promptLookup} is on and finds something, that is taken. None unless set.
     *
     * <p>It stays its owner's, and must be open until the service is closed. Each of {@link #contexts} makes a context of it with the
     * options of {@link #context}: its KV memory holds as many tokens. Where it has to read a long text before it can guess, steps
     * take up to half of {@link #targetStepTime} longer. It must be decoder-only, and neither of the two may be recurrent or hybrid;
     * {@link InferenceService#create} refuses what does not fit.
     */
    public Optional<Model> draftModel() {
        return draftModel;
    }

    /**
     * The fewest guesses of {@link #promptLookup} and {@link #draftModel} to check where there are so many, whatever was measured;
     * 0, the default, leaves the number to what was measured. For runs that must not depend on the machine's speed.
     */
    public int minDraftTokens() {
        return minDraftTokens;
    }

    /**
     * Bytes of the Java heap for prefixes that the KV memory has no room for any more; 0 for none. Unless set, 0 where the
     * engine's own kernels compute, and else an eighth of what the heap may have: ggml's attention is slower for all with every
     * token that is kept in the KV memory. There, if a context's whole KV memory fits into these bytes, what no request uses is
     * moved when the next one is taken in (but for pins, and recurrent, hybrid and sliding-window models).
     */
    public OptionalLong spillHeapBytes() {
        return spillHeapBytes;
    }

    /**
     * A folder for prefixes that have no room in the heap either, and for those in the heap when the service is closed; the next
     * process finds them there. None unless set.
     */
    public Optional<Path> spillFolder() {
        return spillFolder;
    }

    /** Bytes that the files in {@link #spillFolder} may take; 0 unless set with the folder. */
    public long spillFileBytes() {
        return spillFileBytes;
    }

    /** Who is told what happens. */
    public List<EngineObserver> observers() {
        return observers;
    }

    /** Collects the values of {@link ServiceOptions}. Not thread-safe. */
    public static final class Builder {
        private ContextOptions context =
                ContextOptions.builder().contextLength(16384).build();
        private int contexts = 1;
        private int parallel = 8;
        private int requestLength;
        private int queueCapacity = 256;
        private Duration targetStepTime = Duration.ofMillis(100);
        private int cachedSequences = 32;
        private int eventCapacity = 1024;
        private SlowConsumerPolicy slowConsumers = SlowConsumerPolicy.PAUSE;
        private boolean promptLookup;
        private Optional<Model> draftModel = Optional.empty();
        private int minDraftTokens;
        private OptionalLong spillHeapBytes = OptionalLong.empty();
        private Optional<Path> spillFolder = Optional.empty();
        private long spillFileBytes;
        private List<EngineObserver> observers = List.of();

        private Builder() {}

        private Builder(ServiceOptions options) {
            context = options.context;
            contexts = options.contexts;
            parallel = options.parallel;
            requestLength = options.requestLength;
            queueCapacity = options.queueCapacity;
            targetStepTime = options.targetStepTime;
            cachedSequences = options.cachedSequences;
            eventCapacity = options.eventCapacity;
            slowConsumers = options.slowConsumers;
            promptLookup = options.promptLookup;
            draftModel = options.draftModel;
            minDraftTokens = options.minDraftTokens;
            spillHeapBytes = options.spillHeapBytes;
            spillFolder = options.spillFolder;
            spillFileBytes = options.spillFileBytes;
            observers = options.observers;
        }

        /** See {@link ServiceOptions#context}; 16,384 tokens unless set. */
        public Builder context(ContextOptions value) {
            context = value;
            return this;
        }

        /** See {@link ServiceOptions#contexts}. */
        public Builder contexts(int value) {
            contexts = value;
            return this;
        }

        /** See {@link ServiceOptions#parallel}. */
        public Builder parallel(int value) {
            parallel = value;
            return this;
        }

        /** See {@link ServiceOptions#requestLength}. */
        public Builder requestLength(int value) {
            requestLength = value;
            return this;
        }

        /** See {@link ServiceOptions#queueCapacity}. */
        public Builder queueCapacity(int value) {
            queueCapacity = value;
            return this;
        }

        /** See {@link ServiceOptions#targetStepTime}. */
        public Builder targetStepTime(Duration value) {
            targetStepTime = value;
            return this;
        }

        /** See {@link ServiceOptions#cachedSequences}. */
        public Builder cachedSequences(int value) {
            cachedSequences = value;
            return this;
        }

        /** See {@link ServiceOptions#eventCapacity}. */
        public Builder eventCapacity(int value) {
            eventCapacity = value;
            return this;
        }

        /** See {@link ServiceOptions#slowConsumers}. */
        public Builder slowConsumers(SlowConsumerPolicy value) {
            slowConsumers = value;
            return this;
        }

        /** See {@link ServiceOptions#promptLookup}. */
        public Builder promptLookup(boolean value) {
            promptLookup = value;
            return this;
        }

        /** See {@link ServiceOptions#draftModel}. */
        public Builder draftModel(Model value) {
            draftModel = Optional.of(value);
            return this;
        }

        /** See {@link ServiceOptions#minDraftTokens}. */
        public Builder minDraftTokens(int value) {
            minDraftTokens = value;
            return this;
        }

        /** See {@link ServiceOptions#spillHeapBytes}. */
        public Builder spillHeapBytes(long value) {
            spillHeapBytes = OptionalLong.of(value);
            return this;
        }

        /**
         * Keeps prefixes in files.
         *
         * @param folder made if it is not there; of this service alone
         * @param fileBytes the most that they may take
         */
        public Builder spillFolder(Path folder, long fileBytes) {
            spillFolder = Optional.of(folder);
            spillFileBytes = fileBytes;
            return this;
        }

        /** See {@link ServiceOptions#observers}. */
        public Builder observers(EngineObserver... value) {
            observers = List.of(value);
            return this;
        }

        /** The options. */
        public ServiceOptions build() {
            return new ServiceOptions(this);
        }
    }
}
