package dev.llamapanama.engine.service;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.KvCacheFullException;
import dev.llamapanama.engine.MemoryUse;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Sequence;
import dev.llamapanama.engine.Vocabulary;
import java.util.Arrays;
import java.util.List;

/**
 * The smaller model that guesses what a larger one will say (speculative decoding, Leviathan et al. 2023; {@code draft-simple} of
 * llama.cpp's {@code common/speculative}): always its likeliest token, for all answers of a step at once.
 *
 * <p>Owns a context with one sequence for each of the larger model's answers, and remembers what it has read in each. What was
 * guessed wrong is cut off when the answer goes on; what is missing is read first, a piece of it in each step where it is long.
 * Texts stay in memory when their answers have ended, since the next one may begin alike, until there is no room.
 *
 * <p>Used by the one thread that decodes. Allocates nothing per token but views of logits.
 */
final class DraftModel implements AutoCloseable {
    private static final int NEW = 2; // tokens missing after all guesses were right: the last of them, and the next
    private static final int WORTH_COPYING = 16; // tokens that another sequence has read
    private static final int PAUSE = 64; // steps until there may be room again
    private static final int WARM_UP = 8; // decodes that are not measured, since they read weights from the disk
    private static final int FORGET = 512; // steps without a decode, then it is measured anew: a stall is no measure
    private static final double MOST_OF_STEP = 0.5; // of the time that a step should take, for reading

    /** What the memory has of a sequence. */
    private static final class Text {
        String salt = ""; // of the request, as prefixes are shared within one only
        int[] tokens = new int[64];
        int length;
        int added; // tokens behind these in the batch
        int row; // of the batch, which says what comes next
    }

    private final Context context;
    private final MemoryUse memoryUse;
    private final Batch batch;
    private final Vocabulary vocabulary;
    private final Scheduler.Decoder decoder;
    private final List<Request> running;
    private final int tokensKnown; // to both models
    private final int positions;
    private final StepBudget budget;
    private StepTimes times = new StepTimes();
    private final Text[] texts; // by sequence
    private final Choice[] guessing;
    private int guessingCount;
    private int warmUp = WARM_UP; // decodes that are left of it
    private int idle; // steps without a decode
    private int pause; // steps that are left of it

    /**
     * Makes one.
     *
     * @param target the context that checks the guesses
     * @param running the requests that have sequences there; changed by the caller
     */
    DraftModel(Model model, Context target, ServiceOptions options, List<Request> running, Scheduler.Decoder decoder) {
        this.running = running;
        this.decoder = decoder;
        this.context = model.newContext(options.context().toBuilder()
                .contextLength(target.contextLength())
                .maxSequences(options.parallel())
                .unifiedKv(true)
                .fullSwa(true) // else wrong guesses could not be cut off
                .build());
        try {
            this.batch = context.batch();
            this.vocabulary = model.vocabulary();
            this.tokensKnown =
                    Math.min(vocabulary.size(), target.model().vocabulary().size());
            int learned = model.info().learnedPositions();
            this.positions = learned == 0 ? context.contextLength() : Math.min(learned, context.contextLength());
            this.budget = new StepBudget(
                    MOST_OF_STEP * options.targetStepTime().toNanos() * 1e-9,
                    Math.max(1, context.ubatchSize() - NEW * options.parallel()));
            this.texts = new Text[options.parallel()];
            Arrays.setAll(texts, _ -> new Text());
            this.guessing = new Choice[options.parallel()];
            this.memoryUse = context.memoryUse();
        } catch (Throwable thrown) {
            context.close();
            throw thrown;
        }
    }

    /** As it was reserved at first; any thread. */
    MemoryUse memoryUse() {
        return memoryUse;
    }

    /** Seconds that guessing one token takes for as many answers; 0 until something was measured, so that it is. */
    double seconds(int answers) {
        return times.isEmpty() ? 0 : times.seconds(answers);
    }

    /** Seconds that it takes to read what is missing of an aligned answer; 0 where that is no more than usual. */
    double readSeconds(Choice choice) {
        int missing = missing(choice);
        return missing <= NEW ? 0 : seconds(missing);
    }

    private int missing(Choice choice) {
        return choice.length() - text(choice).length;
    }

    private Text text(Choice choice) {
        return texts[choice.sequence()];
    }

    /** Keeps of an answer's sequence what is its text, or takes over what another sequence has of that. */
    void align(Choice choice) {
        Text text = text(choice);
        int limit = choice.length() - 1; // the newest token must be read to have a guess
        int common = common(text, choice, limit);
        if (limit - common >= WORTH_COPYING && takeOver(choice, common)) {
            return;
        }
        if (common < text.length) {
            cut(choice.sequence(), common);
        }
        text.salt = salt(choice);
    }

    private static String salt(Choice choice) {
        return choice.request().spec().cacheSalt();
    }

    private static int common(Text text, Choice choice, int limit) {
        if (!text.salt.equals(salt(choice))) {
            return 0;
        }
        return Tokens.common(choice.tokens(), text.tokens, Math.min(limit, text.length));
    }

    private boolean takeOver(Choice choice, int common) {
        int limit = choice.length() - 1;
        int best = common + WORTH_COPYING - 1;
        int source = -1;
        for (int i = 0; i < texts.length; i++) {
            int other = common(texts[i], choice, limit);
            if (other > best) {
                best = other;
                source = i;
            }
        }
        if (source < 0) {
            return false;
        }
        context.sequence(source).copyTo(context.sequence(choice.sequence()), 0, best);
        Text text = text(choice);
        reserve(text, best);
        System.arraycopy(choice.tokens(), 0, text.tokens, 0, best);
        text.length = best;
        text.salt = salt(choice);
        return true;
    }

    private void cut(int sequence, int length) {
        if (length == 0) {
            context.sequence(sequence).clear();
        } else if (!context.sequence(sequence).remove(length, Sequence.END)) {
            throw new IllegalStateException(context.sequence(sequence) + " cannot be cut at " + length);
        }
        texts[sequence].length = length;
    }

    private static void reserve(Text text, int length) {
        if (text.tokens.length < length) {
            text.tokens = Arrays.copyOf(text.tokens, Math.max(length, 2 * text.tokens.length));
        }
    }

    /**
     * Makes as many guesses as the {@link Choice#draft} of each wants; none, but reads on, where more is missing than can be read in
     * a step.
     *
     * @param answers aligned
     * @throws RuntimeException if a decode fails; what was guessed until then can be used
     */
    void guess(List<Choice> answers) {
        if (pause > 0) {
            pause--;
            return;
        }
        int reading = fill(answers);
        idle = batch.size() > 0 ? 0 : idle + 1;
        if (idle == FORGET) {
            idle = 0;
            times = new StepTimes();
        }
        while (batch.size() > 0) {
            int size = batch.size();
            long begin = System.nanoTime();
            if (!decode()) {
                pause = PAUSE;
                return;
            }
            takeGuesses();
            observe(size, reading, (System.nanoTime() - begin) * 1e-9);
            reading = 0;
        }
    }

    /** Puts what is missing into the batch, or a part of it; returns how many tokens those are that had been missing for long. */
    private int fill(List<Choice> answers) {
        batch.clear();
        for (Text text : texts) {
            text.added = 0; // of a decode for which there was no room
        }
        guessingCount = 0;
        int most = budget.promptTokens(true);
        int reading = 0;
        for (Choice choice : answers) {
            int wanted = choice.draft().wanted();
            if (wanted == 0 || choice.length() + wanted > positions) {
                continue;
            }
            int missing = missing(choice);
            int late = Math.max(0, missing - NEW);
            int piece = late <= most - reading ? missing : most - reading;
            int count = Math.min(piece, batch.remaining());
            if (add(choice, count) && count == missing) {
                guessing[guessingCount++] = choice;
            }
            reading += Math.min(late, count);
        }
        return reading;
    }

    /** Adds tokens of an answer behind those that were read; whether the model knows them all. */
    private boolean add(Choice choice, int count) {
        Text text = text(choice);
        reserve(text, choice.length() + DraftLength.MOST);
        for (int i = 0; i < count; i++) {
            int position = text.length + i;
            int token = choice.tokens()[position];
            if (token >= tokensKnown) {
                return false;
            }
            text.row = batch.size();
            add(text, token, choice.sequence(), position == choice.length() - 1);
        }
        return true;
    }

    private void add(Text text, int token, int sequence, boolean output) {
        int position = text.length + text.added;
        batch.add(token, position, sequence, output);
        text.tokens[position] = token;
        text.added++;
    }

    /** Decodes the batch; false if there is no room for it. */
    private boolean decode() {
        while (true) {
            try {
                decoder.decode(context);
                return true;
            } catch (KvCacheFullException e) {
                if (!forgetEnded()) {
                    return false;
                }
            }
        }
    }

    /** Forgets the texts of answers that do not run; false if there was none. */
    private boolean forgetEnded() {
        boolean found = false;
        for (int i = 0; i < texts.length; i++) {
            if (texts[i].length > 0 && !isRunning(i)) {
                cut(i, 0);
                found = true;
            }
        }
        return found;
    }

    private boolean isRunning(int sequence) {
        for (Request request : running) {
            for (Choice choice : request.choices()) {
                if (choice.sequence() == sequence) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Takes what a decode has told, and fills the batch with the guesses after which another one is wanted. */
    private void takeGuesses() {
        for (Text text : texts) {
            text.length += text.added;
            text.added = 0;
        }
        batch.clear();
        int count = guessingCount;
        guessingCount = 0;
        for (int i = 0; i < count; i++) {
            Choice choice = guessing[i];
            Text text = text(choice);
            int token = context.logits(text.row).argMax();
            if (take(choice, token)) {
                text.row = batch.size();
                add(text, token, choice.sequence(), true);
                guessing[guessingCount++] = choice;
            }
        }
    }

    /** Takes a guess; whether to guess on. */
    private boolean take(Choice choice, int token) {
        boolean end = vocabulary.isEndOfGeneration(token);
        if (token >= tokensKnown || end && choice.ignoresEndOfGeneration()) {
            return false;
        }
        return choice.draft().add(token) && !end;
    }

    private void observe(int size, int reading, double seconds) {
        if (warmUp > 0) {
            warmUp--;
            return;
        }
        int most = StepTimes.MOST; // larger ones count in proportion
        times.observe(Math.min(size, most), size <= most ? seconds : seconds * most / size);
        budget.observe(size - reading, reading, seconds);
    }

    /** Frees the context; does nothing the second time. */
    @Override
    public void close() {
        context.close();
    }

    /** The name of its context. */
    @Override
    public String toString() {
        return context.toString();
    }
}
