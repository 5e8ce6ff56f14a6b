package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.CallGuard;
import dev.llamapanama.engine.internal.DeepCall;
import dev.llamapanama.engine.internal.LogRouter;
import dev.llamapanama.engine.internal.NativeResource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Chooses tokens: a native chain of samplers ({@code llama_sampler}), and optionally a grammar beside it.
 *
 * <p>Ownership: whoever made it closes it, before its model. Threads: one at a time, as its context; a second one gets an
 * {@link IllegalStateException}. It keeps no reference to a context, so it may serve several, one sequence at a time: it
 * remembers the tokens it was told of. After {@link #close} all methods but {@code close} throw {@link
 * IllegalStateException}.
 */
public final class Sampler implements AutoCloseable {
    static final String ADAPTIVE_P = "adaptive-p";

    private static final AtomicInteger COUNTER = new AtomicInteger();

    // measured: 300 bytes for a plain repetition, up to 1000 for one of nested groups
    private static final long STACK_PER_SEARCHED_BYTE = 4_096;
    private static final long SPARE_STACK = 1 << 19; // what a caller's thread has left, we hope
    private static final long MAX_SEARCH_STACK = 1L << 30;

    private final Model model;
    private final NativeResource resource;
    private final NativeError error;
    private final CallGuard guard;
    private final List<String> names;
    private final SamplerChain.CustomStep[] customSteps;
    private final @Nullable Grammar grammar;
    private final Vocabulary vocabulary;
    private final long seed;
    private final boolean searchesDeeply;
    private boolean triggered; // the grammar waits no longer, and nothing is searched
    private long searchedBytes; // of generated text, which the grammar's triggers are searched for in
    private boolean awaitsAccept; // a token was sampled, and none accepted since
    private @Nullable String grammarFailure; // why the grammar can go no further; reset() mends it

    private Sampler(Model model, NativeResource resource, List<String> names, Parts parts, @Nullable Grammar grammar) {
        this.model = model;
        this.resource = resource;
        this.error = new NativeError(resource.memory());
        this.guard = new CallGuard(resource.name());
        this.names = names;
        this.customSteps = parts.customSteps.toArray(SamplerChain.CustomStep[]::new);
        this.grammar = grammar;
        this.vocabulary = model.vocabulary();
        this.seed = parts.seed;
        this.searchesDeeply = grammar != null && grammar.hasRepeatingPattern();
        resource.watch(this);
    }

    /** What the creation of the native object finds out. */
    private static final class Parts {
        List<SamplerChain.CustomStep> customSteps = List.of();
        long seed = SamplerOptions.RANDOM_SEED;
    }

    /** Puts samplers into a native chain. */
    interface ChainFiller {
        List<SamplerChain.CustomStep> fill(MemorySegment chain, Arena callbackArena, NativeError error);
    }

    /** A sampler with llama.cpp's default chain and order ({@code common_sampler_init}). */
    public static Sampler create(Model model, SamplerOptions options) {
        return defaultChain(model, options).build();
    }

    /**
     * A sampler with llama.cpp's default chain and order, and a grammar.
     *
     * @throws GrammarException if llama.cpp refuses the grammar or a trigger pattern
     */
    public static Sampler create(Model model, SamplerOptions options, Grammar grammar) {
        return defaultChain(model, options).grammar(grammar).build();
    }

    /**
     * The sampler that generation options ask for, with their grammar and without the tokens that end a generation where these
     * are to be ignored.
     *
     * @throws GrammarException if llama.cpp refuses the grammar or a trigger pattern
     */
    public static Sampler create(Model model, GenerationOptions options) {
        SamplerOptions sampling = options.ignoreEndOfGeneration()
                ? options.sampler().toBuilder().ignoreEndOfGeneration(true).build()
                : options.sampler();
        return options.grammar()
                .map(grammar -> create(model, sampling, grammar))
                .orElseGet(() -> create(model, sampling));
    }

    /** An empty chain to fill. */
    public static SamplerChain chain(Model model) {
        return new SamplerChain(model);
    }

    private static SamplerChain defaultChain(Model model, SamplerOptions options) {
        SamplerChain chain = new SamplerChain(model);
        Map<Integer, Float> biases = biases(model.vocabulary(), options);
        if (!biases.isEmpty()) {
            chain.logitBias(biases);
        }
        if (options.mirostat().version() != Mirostat.Version.OFF) {
            return chain.temperature(options.temperature()).mirostat(options.mirostat(), options.seed());
        }
        for (SamplerType type : options.order()) {
            switch (type) {
                case PENALTIES -> chain.penalties(options.penalties());
                case DRY -> chain.dry(options.dry());
                case TOP_N_SIGMA -> chain.topNSigma(options.topNSigma());
                case TOP_K -> chain.topK(options.topK());
                case TYPICAL_P -> chain.typical(options.typicalP(), options.minKeep());
                case TOP_P -> chain.topP(options.topP(), options.minKeep());
                case MIN_P -> chain.minP(options.minP(), options.minKeep());
                case XTC -> chain.xtc(options.xtc(), options.minKeep(), options.seed());
                case TEMPERATURE -> chain.temperature(options.temperature(), options.dynamicTemperature());
                case INFILL -> chain.infill();
                case ADAPTIVE_P -> {} // selects the token, so it comes last
            }
        }
        return options.order().contains(SamplerType.ADAPTIVE_P)
                ? chain.adaptiveP(options.adaptiveP(), options.seed())
                : chain.distribution(options.seed());
    }

    /** The user's biases; those of the vocabulary's suppressed tokens, and of all that end the generation, if asked for. */
    private static Map<Integer, Float> biases(Vocabulary vocabulary, SamplerOptions options) {
        Map<Integer, Float> biases = new HashMap<>(options.logitBias());
        for (int token : vocabulary.suppressed()) {
            biases.put(token, Float.NEGATIVE_INFINITY);
        }
        if (options.ignoreEndOfGeneration()) {
            for (int token : vocabulary.endOfGeneration()) {
                biases.put(token, Float.NEGATIVE_INFINITY);
            }
        }
        return biases;
    }

    /** @param largest how many of the largest logits decide what the chain does; 0 if all may */
    static Sampler assemble(
            Model model, List<String> names, ChainFiller filler, int largest, @Nullable Grammar grammar) {
        Parts parts = new Parts();
        NativeResource resource = open(model, (handleArena, memory) -> {
            try (Arena call = Arena.ofConfined()) {
                NativeError error = new NativeError(call);
                MemorySegment chain = Llama.chainInit(error);
                MemorySegment grammarSampler;
                try {
                    parts.customSteps = filler.fill(chain, memory, error);
                    grammarSampler = grammarSampler(model, grammar, error);
                } catch (Throwable thrown) {
                    Llama.samplerFreeUnowned(chain);
                    throw thrown;
                }
                parts.seed = Integer.toUnsignedLong(Llama.samplerGetSeed(chain));
                return join(chain, grammarSampler, grammar, largest, handleArena, error);
            }
        });
        return new Sampler(model, resource, names, parts, grammar);
    }

    private static MemorySegment join(
            MemorySegment chain,
            MemorySegment grammarSampler,
            @Nullable Grammar grammar,
            int largest,
            Arena handleArena,
            NativeError error) {
        int[] prefix = grammar == null
                ? new int[0]
                : grammar.prefix().stream().mapToInt(Integer::intValue).toArray();
        try {
            return Llama.samplerInit(chain, grammarSampler, prefix, largest, handleArena, error);
        } catch (NativeCallException exception) {
            if (prefix.length == 0 || exception.kind() != NativeCallException.Kind.EXCEPTION) {
                throw exception;
            }
            throw new GrammarException("the grammar does not allow its prefix, tokens " + grammar.prefix(), exception);
        }
    }

    private static NativeResource open(Model model, NativeResource.Creation creation) {
        String name = "Sampler " + COUNTER.incrementAndGet() + " of " + model;
        try {
            return NativeResource.open(name, List.of(model.resource()), new Object(), creation);
        } catch (NativeCallException exception) {
            throw new NativeFailureException(name, exception);
        }
    }

    private static MemorySegment grammarSampler(Model model, @Nullable Grammar grammar, NativeError error) {
        if (grammar == null) {
            return MemorySegment.NULL;
        }
        long mark = LogRouter.mark();
        try {
            return Llama.samplerInitGrammar(
                    model.vocabulary().handle(),
                    grammar.gbnf(),
                    grammar.root(),
                    grammar.triggerPatterns(),
                    grammar.triggerTokens().stream().mapToInt(Integer::intValue).toArray(),
                    error);
        } catch (NativeCallException exception) {
            if (exception.kind() != NativeCallException.Kind.EXCEPTION) {
                throw exception;
            }
            throw new GrammarException(refusal(LogRouter.since(mark), exception), exception);
        }
    }

    /** Why llama.cpp refuses a grammar whose notation {@link Grammar} found right. */
    private static String refusal(List<String> log, NativeCallException exception) {
        if (log.isEmpty()) {
            return "llama.cpp refuses a trigger pattern of the grammar: " + exception.nativeMessage();
        }
        String reason = String.join("; ", log);
        return "llama.cpp refuses the grammar: " + reason
                + (reason.contains("left recursion") ? "" : "; is each <token> in it one token of this model?");
    }

    /**
     * Chooses a token from the logits of the last decode; it is not accepted. Allocates nothing.
     *
     * @param batchIndex number of an entry of the last batch with output, or -1 for the last such one
     * @throws IllegalArgumentException if that entry has no output, or the context belongs to another model
     * @throws IllegalStateException if nothing was decoded, or another thread uses the context
     * @throws GrammarException if the grammar allows no token, or rejected the last one that was accepted
     * @throws NativeFailureException if native code fails
     */
    public int sample(Context context, int batchIndex) {
        if (context.model() != model) {
            throw new IllegalArgumentException("the sampler was made for another model than the context");
        }
        guard.enter("sample");
        try {
            requireGrammar();
            context.begin("sample");
            try {
                int row = context.logitsRow(batchIndex);
                int token = Llama.samplerSample(resource.handle(), context.handle(), row, error);
                rethrowCustom();
                awaitsAccept = true;
                return token;
            } finally {
                context.end();
            }
        } catch (NativeCallException exception) {
            rethrowCustom();
            throw sampleFailure(exception);
        } finally {
            guard.exit();
        }
    }

    /**
     * Tells the sampler that a generated token became part of the sequence.
     *
     * @throws IllegalArgumentException if the vocabulary has no such token
     * @throws GrammarException if the grammar does not allow the token; the sampler then needs a {@link #reset}
     */
    public void accept(int token) {
        accept(token, true);
    }

    /**
     * Tells the sampler of a token that stands in the prompt. Penalties see it, the grammar does not.
     *
     * @throws IllegalArgumentException if the vocabulary has no such token
     */
    public void acceptPrompt(int token) {
        accept(token, false);
    }

    private void accept(int token, boolean generated) {
        vocabulary.require(token);
        guard.enter("accept");
        try {
            if (generated) {
                requireGrammar();
            }
            if (generated && searchesDeeply && !triggered) {
                triggered = acceptDeeply(token);
            } else {
                Llama.samplerAccept(resource.handle(), token, generated, error);
            }
            awaitsAccept = false;
            rethrowCustom();
        } catch (NativeCallException exception) {
            rethrowCustom();
            throw acceptFailure(exception, token, generated);
        } finally {
            guard.exit();
        }
    }

    /**
     * Accepts with as much stack as the search for a trigger may need: std::regex recurses for each character that a
     * repetition matches, through the groups around it, and would end the process where the stack ends.
     *
     * @return whether the token triggered the grammar
     */
    private boolean acceptDeeply(int token) {
        searchedBytes += vocabulary.piece(token, true).length;
        long stack = searchedBytes * STACK_PER_SEARCHED_BYTE;
        if (stack > MAX_SEARCH_STACK) {
            grammarFailure = "no trigger of the grammar appeared in " + searchedBytes
                    + " bytes of text, and a pattern with repetitions cannot be searched for in more; use a plain one";
            throw new GrammarException(grammarFailure);
        }
        MemorySegment handle = resource.handle();
        return stack <= SPARE_STACK
                ? Llama.samplerAccept(handle, token, true, error)
                : DeepCall.run(SPARE_STACK + stack, () -> Llama.samplerAccept(handle, token, true, error));
    }

    /**
     * Back to the state after creation: no tokens remembered, the grammar at its start, the random numbers from their seed
     * (with {@link SamplerOptions#RANDOM_SEED}, from another one).
     */
    public void reset() {
        guard.enter("reset");
        try {
            Llama.samplerReset(resource.handle(), error);
            awaitsAccept = false;
            grammarFailure = null;
            triggered = false;
            searchedBytes = 0;
            rethrowCustom();
        } catch (NativeCallException exception) {
            rethrowCustom();
            throw Failures.of(resource, exception);
        } finally {
            guard.exit();
        }
    }

    /**
     * An independent sampler in the same state, which the caller closes ({@code llama_sampler_clone}). Two limits are
     * llama.cpp's: a copy of an adaptive-p sampler starts its random numbers anew, and can't be made between {@link #sample} and
     * {@link #accept}.
     *
     * @throws IllegalStateException in that case
     */
    public Sampler copy() {
        guard.enter("copy");
        try {
            resource.requireUsable();
            if (awaitsAccept && names.contains(ADAPTIVE_P)) {
                // the clone would read the sampled token's probability from an array that is not copied
                throw new IllegalStateException(
                        "a sampler with adaptive-p can be copied only after accept() of the sampled token");
            }
            Parts parts = new Parts();
            parts.seed = seed;
            parts.customSteps = copyCustomSteps();
            NativeResource copied = open(model, (handleArena, memory) -> cloneNative(parts, handleArena, memory));
            Sampler copy = new Sampler(model, copied, names, parts, grammar);
            copy.awaitsAccept = awaitsAccept;
            copy.grammarFailure = grammarFailure;
            copy.triggered = triggered;
            copy.searchedBytes = searchedBytes;
            return copy;
        } finally {
            guard.exit();
        }
    }

    private List<SamplerChain.CustomStep> copyCustomSteps() {
        List<SamplerChain.CustomStep> copies = new ArrayList<>();
        for (SamplerChain.CustomStep step : customSteps) {
            copies.add(SamplerChain.CustomStep.of(step.sampler().copy()));
        }
        return copies;
    }

    private MemorySegment cloneNative(Parts parts, Arena handleArena, Arena memory) {
        try {
            for (int i = 0; i < customSteps.length; i++) {
                customSteps[i].upcall().prepareClone(parts.customSteps.get(i).upcall(), memory, error);
            }
            MemorySegment clone = Llama.samplerClone(resource.handle(), handleArena, error);
            rethrowCustom();
            return clone;
        } finally {
            for (SamplerChain.CustomStep step : customSteps) {
                step.upcall().discardClone();
            }
        }
    }

    /**
     * The seed of the random numbers, 0 to 2<sup>32</sup>-1: the one that was drawn at creation, where a random one was asked
     * for; {@link SamplerOptions#RANDOM_SEED} if the chain uses none ({@code llama_sampler_get_seed}).
     */
    public long seed() {
        return seed;
    }

    /** The grammar. */
    public Optional<Grammar> grammar() {
        return Optional.ofNullable(grammar);
    }

    /** Names of the samplers in the chain, in their order, as "top-k". */
    public List<String> names() {
        return names;
    }

    /** The model it was made for. */
    public Model model() {
        return model;
    }

    /** Frees the sampler; waits for the call in flight. Does nothing the second time. */
    @Override
    public void close() {
        guard.close();
        resource.close();
    }

    @Override
    public String toString() {
        return resource.name() + " " + names + (grammar == null ? "" : " with grammar");
    }

    private void requireGrammar() {
        if (grammarFailure != null) {
            throw new GrammarException(grammarFailure + "; reset() the sampler to use it again");
        }
    }

    private RuntimeException sampleFailure(NativeCallException exception) {
        if (exception.kind() == NativeCallException.Kind.EXCEPTION
                && grammar != null
                && exception.nativeMessage().contains("grammar")) {
            return new GrammarException(exception.nativeMessage(), exception);
        }
        return Failures.of(resource, exception);
    }

    private RuntimeException acceptFailure(NativeCallException exception, int token, boolean generated) {
        if (grammar == null || !generated || exception.kind() == NativeCallException.Kind.OUT_OF_MEMORY) {
            return Failures.of(resource, exception);
        }
        // an assertion in here is llama.cpp's answer to an end-of-generation token that comes too early
        grammarFailure = "the grammar does not allow token " + token + " here (" + exception.nativeMessage() + ")";
        return new GrammarException(grammarFailure + "; reset() the sampler to use it again", exception);
    }

    /** Throws what custom samplers threw during the native call. */
    private void rethrowCustom() {
        Throwable first = null;
        for (SamplerChain.CustomStep step : customSteps) {
            try {
                step.upcall().rethrow();
            } catch (RuntimeException | Error thrown) {
                if (first == null) {
                    first = thrown;
                } else {
                    first.addSuppressed(thrown);
                }
            }
        }
        switch (first) {
            case null -> {}
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            default -> throw new AssertionError(first);
        }
    }
}
