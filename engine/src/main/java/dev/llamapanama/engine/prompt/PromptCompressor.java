package dev.llamapanama.engine.prompt;

import dev.llamapanama.engine.Attention;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.ModelInfo;
import dev.llamapanama.engine.Pooling;
import dev.llamapanama.engine.Vocabulary;
import dev.llamapanama.engine.prompt.TextUnits.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * Makes prompts shorter with a small model: it keeps what that model would not have guessed (LLMLingua, Jiang and others
 * 2023). Each token is judged by its surprise, minus the logarithm of its probability after the instruction and the text
 * before it; units are ranked by the mean of their tokens, and the best ones kept until the share of tokens that was asked
 * for is reached. Other than in LLMLingua, the text before a token is the original one and not what was kept of it.
 *
 * <p>Protected spans (code, numbers, quoted names, and what the caller adds) are always kept, character by character; with
 * sentences the whole sentence that has one. Where they alone are more than the share, nothing else is kept. Otherwise the
 * result has at most the share of tokens, rounded, and would have more with the next unit; but at least one unit is kept. The
 * same text, instruction and options give the same result.
 *
 * <p>Thread-safe: calls take turns. Owns a context of the model, which must stay open until {@link #close()}.
 */
public final class PromptCompressor implements AutoCloseable {
    private static final String AFTER_INSTRUCTION = "\n\n";

    private final Context context;
    private final CompressorOptions options;
    private final Vocabulary vocabulary;
    private final SurpriseMeter meter;
    private final ProtectedSpans protectedSpans;
    private final ReentrantLock turn = new ReentrantLock(true);

    private PromptCompressor(Context context, CompressorOptions options, int contextLength) {
        this.context = context;
        this.options = options;
        this.vocabulary = context.model().vocabulary();
        this.meter = new SurpriseMeter(context, contextLength);
        this.protectedSpans = new ProtectedSpans(options);
        vocabulary.tokenize("", false, false); // no tokenizer, no compressor
        context.sequence(0).clear(); // no memory, no compressor
    }

    /** A compressor with default options. */
    public static PromptCompressor create(Model model) {
        return create(model, CompressorOptions.defaults());
    }

    /**
     * Makes a compressor.
     *
     * @throws IllegalArgumentException if the model does not predict a next token from those before it
     * @throws IllegalStateException if the model is an encoder or has no tokenizer, or is closed
     * @throws dev.llamapanama.engine.ContextCreationException if the context cannot be made
     */
    public static PromptCompressor create(Model model, CompressorOptions options) {
        ModelInfo info = model.info();
        if (!info.hasDecoder() || info.hasEncoder() || info.diffusion()) {
            throw new IllegalArgumentException(
                    model + " does not predict the next token from those before it; use a decoder-only model");
        }
        int contextLength = options.contextLengthFor(info.contextLengthTrained());
        ContextOptions contextOptions = options.context().toBuilder()
                .contextLength(contextLength)
                .batchSize(Math.min(options.batchSize(), contextLength))
                .ubatchSize(Math.min(options.batchSize(), contextLength))
                .maxSequences(1)
                .embeddings(false)
                .pooling(Pooling.FROM_MODEL)
                .attention(Attention.FROM_MODEL)
                .build();
        Context context = model.newContext(contextOptions);
        try {
            return new PromptCompressor(context, options, contextLength);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    /** {@link #compress(String, String, List)} without ranges. */
    public CompressedPrompt compress(String text, String instruction) {
        return compress(text, instruction, List.of());
    }

    /**
     * Compresses a text.
     *
     * @param instruction the instruction or question that the text is for; it is not part of the result. May be empty
     * @param protectedRanges parts of the text that are kept, besides those of the options
     * @throws IllegalArgumentException if a range is not in the text, the instruction takes more than half of the context,
     *     or the model's tokenizer does not give the text back as it was
     * @throws dev.llamapanama.engine.TokenizationException if text or instruction cannot be tokenized
     * @throws dev.llamapanama.engine.CancelledException if the compressor is closed meanwhile
     * @throws IllegalStateException if it is closed
     * @throws dev.llamapanama.engine.DecodeException as {@link Context#decode()}
     */
    public CompressedPrompt compress(String text, String instruction, List<TextRange> protectedRanges) {
        int[] tokens = tokenize(text);
        int[] prefix = prefix(instruction);
        List<Unit> units = TextUnits.of(vocabulary, text, tokens, options.unit());
        BitSet always = protectedUnits(units, protectedSpans.find(text, protectedRanges));
        long target = Math.round(options.ratio() * tokens.length);
        if (target >= tokens.length || always.cardinality() == units.size()) {
            return new CompressedPrompt(text, tokens.length, tokens.length, List.of());
        }
        Selection selection = select(text, units, always, rank(units, always, surprise(prefix, tokens)), target);
        String kept = selection.text();
        return new CompressedPrompt(kept, tokens.length, tokenize(kept).length, selection.dropped());
    }

    /** The first ones of {@code ranked} that fit; of sentences, also later ones that fit where an earlier one does not. */
    private Selection select(String text, List<Unit> units, BitSet always, List<Integer> ranked, long target) {
        // With the first so many units the text is short enough, and with the others it is too long.
        int enough = 0;
        int tooMany = ranked.size() + 1;
        while (tooMany - enough > 1) {
            int middle = (enough + tooMany) >>> 1;
            if (tokens(text, units, keep(always, ranked.subList(0, middle))) <= target) {
                enough = middle;
            } else {
                tooMany = middle;
            }
        }
        BitSet kept = keep(always, ranked.subList(0, enough));
        if (options.unit() == CompressionUnit.SENTENCES) {
            addWhatFits(text, units, kept, ranked.subList(enough, ranked.size()), target);
        }
        if (kept.isEmpty()) {
            kept.set(ranked.getFirst());
        }
        return new Selection(text, units, kept);
    }

    private void addWhatFits(String text, List<Unit> units, BitSet kept, List<Integer> ranked, long target) {
        long free = target - tokens(text, units, kept);
        for (int i : ranked) {
            Unit unit = units.get(i);
            if (unit.endToken() - unit.firstToken() <= free) {
                kept.set(i);
                long left = target - tokens(text, units, kept);
                kept.set(i, left >= 0); // a blank between two parts may have been one too many
                free = left >= 0 ? left : free;
            }
        }
    }

    private int tokens(String text, List<Unit> units, BitSet kept) {
        return tokenize(new Selection(text, units, kept).text()).length;
    }

    private static BitSet keep(BitSet always, List<Integer> chosen) {
        BitSet kept = (BitSet) always.clone();
        chosen.forEach(kept::set);
        return kept;
    }

    /** Tokens of a text as {@link CompressedPrompt} counts them. */
    public int countTokens(String text) {
        return tokenize(text).length;
    }

    private int[] tokenize(String text) {
        return vocabulary.tokenize(text, false, false);
    }

    private int[] prefix(String instruction) {
        int[] tokens = instruction.isEmpty() ? new int[0] : tokenize(instruction + AFTER_INSTRUCTION);
        boolean begins = vocabulary.addsBos() && vocabulary.bos().isPresent();
        int[] prefix = begins
                ? IntStream.concat(IntStream.of(vocabulary.bos().getAsInt()), Arrays.stream(tokens))
                        .toArray()
                : tokens;
        if (prefix.length > meter.maxPrefix()) {
            throw new IllegalArgumentException("the instruction has " + prefix.length + " tokens, and "
                    + meter.maxPrefix() + " are possible; shorten it or raise contextLength");
        }
        return prefix;
    }

    private double[] surprise(int[] prefix, int[] tokens) {
        turn.lock();
        try {
            return meter.measure(prefix, tokens);
        } finally {
            turn.unlock();
        }
    }

    private static BitSet protectedUnits(List<Unit> units, BitSet characters) {
        BitSet result = new BitSet(units.size());
        for (int i = 0; i < units.size(); i++) {
            int next = characters.nextSetBit(units.get(i).start());
            result.set(i, next >= 0 && next < units.get(i).end());
        }
        return result;
    }

    /** Units that may be dropped, those of the greatest surprise first, and in their order where it is equal. */
    private static List<Integer> rank(List<Unit> units, BitSet always, double[] surprise) {
        double[] means = new double[units.size()];
        List<Integer> ranked = new ArrayList<>();
        for (int i = always.nextClearBit(0); i < units.size(); i = always.nextClearBit(i + 1)) {
            Unit unit = units.get(i);
            means[i] = Arrays.stream(surprise, unit.firstToken(), unit.endToken())
                    .average()
                    .orElseThrow();
            ranked.add(i);
        }
        ranked.sort(Comparator.comparingDouble((Integer i) -> means[i]).reversed());
        return ranked;
    }

    /** What the compressor was made with. */
    public CompressorOptions options() {
        return options;
    }

    /** Whether the compressor can be used. */
    public boolean isOpen() {
        return context.isOpen();
    }

    /** Stops the computation under way, waits until its thread has left it, and frees the context. From any thread, any number of times. */
    @Override
    public void close() {
        context.close();
    }

    /** As "PromptCompressor on Context 1 of Model qwen2.gguf". */
    @Override
    public String toString() {
        return "PromptCompressor on " + context;
    }
}
