package dev.llamapanama.engine;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Generates text with one context: prompt in, stream of pieces out.
 *
 * <p>Nothing is evaluated twice: a prompt that begins like what the context's memory holds, from the last generation, is
 * evaluated from the first difference on, where the memory can go back (recurrent models can only go on).
 *
 * <p>One generation at a time, by one thread at a time. {@link #create} makes a context, which {@link #close} closes; one
 * that was handed to {@link #over} stays its owner's, who leaves sequence 0 to the generator.
 */
public final class TextGenerator implements AutoCloseable {
    private static final int SEQUENCE = 0;

    private final Context context;
    private final boolean ownsContext;
    private final PromptCache memory;
    private @Nullable TokenStream active; // guarded by this

    private TextGenerator(Context context, boolean ownsContext) {
        ModelInfo info = context.model().info();
        if (!info.hasDecoder() || info.hasEncoder()) {
            throw new IllegalArgumentException("a text generator needs a decoder-only model, and " + info.architecture()
                    + " has an encoder; use Context.encode() for it");
        }
        this.context = context;
        this.ownsContext = ownsContext;
        this.memory = new PromptCache(context, context.sequence(SEQUENCE));
        memory.clear();
    }

    /** A generator with a context of default options. */
    public static TextGenerator create(Model model) {
        return create(model, ContextOptions.defaults());
    }

    /**
     * A generator with a context of its own.
     *
     * @throws ContextCreationException if the context cannot be made
     * @throws IllegalArgumentException if the model is an encoder-decoder
     * @throws IllegalStateException if the model is an encoder, which remembers no tokens
     */
    public static TextGenerator create(Model model, ContextOptions options) {
        Context context = model.newContext(options);
        try {
            return new TextGenerator(context, true);
        } catch (RuntimeException exception) {
            context.close();
            throw exception;
        }
    }

    /** A generator with somebody else's context; it empties and uses sequence 0, and uses the context's batch. */
    public static TextGenerator over(Context context) {
        return new TextGenerator(context, false);
    }

    /** The context. */
    public Context context() {
        return context;
    }

    /**
     * Starts a generation; nothing is decoded before its first piece is asked for.
     *
     * @throws ContextOverflowException if the prompt is longer than the context
     * @throws IllegalArgumentException if the prompt is empty and the model has no token to begin with
     * @throws IllegalStateException if the last generation is still open, or the context is closed
     * @throws GrammarException if llama.cpp refuses the grammar
     * @throws TokenizationException if the prompt cannot be tokenized
     */
    public Generation generate(String prompt, GenerationOptions options) {
        return generate(tokenize(prompt, options), options);
    }

    /** {@link #generate(String, GenerationOptions)} for a prompt of tokens, which are taken as they are. */
    public Generation generate(int[] promptTokens, GenerationOptions options) {
        return new Generation(tokens(promptTokens, options), context.model().vocabulary(), options);
    }

    /**
     * {@link #generate(int[], GenerationOptions)} with a sampler that stays the caller's; sampler and grammar of the options are
     * not used.
     */
    public Generation generate(int[] promptTokens, GenerationOptions options, Sampler sampler) {
        return new Generation(
                tokens(promptTokens, options, sampler), context.model().vocabulary(), options);
    }

    /** Generates to the end; each piece goes to {@code consumer}, on this thread. */
    public GenerationResult generate(String prompt, GenerationOptions options, Consumer<? super Piece> consumer) {
        return generate(tokenize(prompt, options), options, consumer);
    }

    /** {@link #generate(String, GenerationOptions, Consumer)} for a prompt of tokens. */
    public GenerationResult generate(int[] promptTokens, GenerationOptions options, Consumer<? super Piece> consumer) {
        try (Generation generation = generate(promptTokens, options)) {
            generation.forEachRemaining(consumer);
            return generation.result();
        }
    }

    /** Generates to the end. */
    public GenerationResult complete(String prompt, GenerationOptions options) {
        return generate(prompt, options, _ -> {});
    }

    /** {@link #complete(String, GenerationOptions)} for a prompt of tokens. */
    public GenerationResult complete(int[] promptTokens, GenerationOptions options) {
        return generate(promptTokens, options, _ -> {});
    }

    /**
     * Generates tokens only. Errors as {@link #generate(String, GenerationOptions)}.
     *
     * @param options without stop strings, which are about text
     */
    public TokenStream tokens(int[] promptTokens, GenerationOptions options) {
        int[] prompt = checkPrompt(promptTokens);
        Model model = context.model();
        Sampler sampler = Sampler.create(model, options);
        try {
            return start(prompt, options, sampler, true);
        } catch (RuntimeException exception) {
            sampler.close();
            throw exception;
        }
    }

    /** {@link #tokens(int[], GenerationOptions)} with a sampler that stays the caller's; sampler and grammar of the options are not used. */
    public TokenStream tokens(int[] promptTokens, GenerationOptions options, Sampler sampler) {
        return start(checkPrompt(promptTokens), options, sampler, false);
    }

    /** Tokens of a prompt, as {@link #generate(String, GenerationOptions)} uses them. */
    public int[] tokenize(String prompt, GenerationOptions options) {
        return context.model().vocabulary().tokenize(prompt, options.addSpecial(), options.parseSpecial());
    }

    private int[] checkPrompt(int[] tokens) {
        if (tokens.length == 0) {
            return new int[] {context.model().vocabulary().requireFirstToken()};
        }
        int available = context.contextLengthPerSequence();
        if (tokens.length > available) {
            throw new ContextOverflowException(
                    "the prompt has " + tokens.length + " tokens, and the context " + available
                            + "; shorten the prompt or raise ContextOptions.contextLength",
                    tokens.length,
                    available);
        }
        return tokens.clone();
    }

    private synchronized TokenStream start(
            int[] prompt, GenerationOptions options, Sampler sampler, boolean ownsSampler) {
        if (active != null) {
            throw new IllegalStateException("the last generation of this generator is still open; close it first");
        }
        if (!context.isOpen()) {
            throw new IllegalStateException(context + " is closed");
        }
        active = new TokenStream(this, memory, SEQUENCE, prompt, options, sampler, ownsSampler);
        return active;
    }

    synchronized void release(TokenStream stream) {
        if (active == stream) {
            active = null;
        }
    }

    /**
     * Forgets what the context's memory holds, so that the next prompt is evaluated from its first token.
     *
     * @throws IllegalStateException if a generation is open
     */
    public synchronized void clear() {
        if (active != null) {
            throw new IllegalStateException("a generation is open; close it first");
        }
        memory.clear();
    }

    /** Closes the open generation, and the context if this generator made it. Does nothing the second time. */
    @Override
    public void close() {
        TokenStream open;
        synchronized (this) {
            open = active;
        }
        if (open != null) {
            open.close();
        }
        if (ownsContext) {
            context.close();
        }
    }
}
