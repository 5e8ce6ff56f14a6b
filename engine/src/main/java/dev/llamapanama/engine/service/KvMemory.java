package dev.llamapanama.engine.service;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ModelInfo;
import dev.llamapanama.engine.Sequence;
import dev.llamapanama.engine.StateException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The KV memory of a context: who has which sequence, what the prefix cache keeps, and how many entries that takes. Used by the
 * one thread that decodes.
 */
final class KvMemory implements PrefixCache.Memory {
    private static final System.Logger LOGGER = System.getLogger(InferenceService.class.getName());
    private static final int MOST_STATES = 4; // of a recurrent model, whose states may have hundreds of megabytes
    private static final int WORTH_A_CHECKPOINT = 64; // tokens
    private static final int WORTH_SAVING = 32; // tokens
    private static final int MOST_COPIED = 16; // tokens for each one that is gained

    private final Context context;
    private final boolean whole;
    private final int mostSaved; // tokens
    private final boolean idleGoes;
    private long moved; // tokens that were given up though there was room
    private final PrefixCache cache;
    private final SpillStore spilled;
    private final List<Request> running;
    private final int[] free;
    private int freeCount;

    /**
     * Makes one.
     *
     * @param context with as many sequences as {@link #sequences} says
     * @param spilled where prefixes go that there is no room for
     * @param running the requests that have sequences; changed by the caller
     * @param ggmlAttends whether ggml's attention computes: it is slower with every entry that is in use, seen or not
     */
    KvMemory(Context context, ServiceOptions options, SpillStore spilled, List<Request> running, boolean ggmlAttends) {
        this.context = context;
        this.spilled = spilled;
        this.running = running;
        ModelInfo info = context.model().info();
        this.whole = info.recurrent() || info.hybrid();
        // llama.cpp saves of the layers with a sliding window what the newest token sees, so what is longer could not
        // be cut
        this.mostSaved = info.slidingWindow() == 0 ? Integer.MAX_VALUE : info.slidingWindow();
        this.idleGoes = !whole
                && info.slidingWindow() == 0
                && ggmlAttends
                && spilled.heapCapacity()
                        >= options.contexts() * context.memoryUse().contextBytes();
        this.cache = new PrefixCache(this, options.parallel(), cached(info, options), whole);
        this.free = new int[options.parallel()];
        for (int i = 0; i < free.length; i++) {
            free[i] = free.length - 1 - i;
        }
        this.freeCount = free.length;
    }

    /** Sequences that a context needs: of answers, and of the prefix cache. */
    static int sequences(ModelInfo info, ServiceOptions options) {
        return options.parallel() + cached(info, options);
    }

    private static int cached(ModelInfo info, ServiceOptions options) {
        boolean states = info.recurrent() || info.hybrid();
        return states ? Math.min(MOST_STATES, options.cachedSequences()) : options.cachedSequences();
    }

    /** Whether a sequence cannot be cut, so that what was decoded cannot be taken back. */
    boolean isWhole() {
        return whole;
    }

    PrefixCache cache() {
        return cache;
    }

    int capacity() {
        return context.contextLength();
    }

    int freeSequences() {
        return freeCount;
    }

    /** Gives a choice an empty sequence. */
    void take(Choice choice) {
        choice.sequence(free[--freeCount]);
        choice.computed(0);
    }

    /** Gives a choice's sequence, which is empty, what the cache has of its tokens. */
    void attachPrefix(Choice choice) {
        if (!spilled.isEmpty() && restore(choice)) {
            return;
        }
        cache.attach(salt(choice), choice.tokens(), choice.length() - 1, choice.sequence(), choice.lease());
        choice.computed(choice.lease().length());
    }

    /** Brings back what was given up before, if that is worth it and there is room. */
    private boolean restore(Choice choice) {
        int limit = choice.length() - 1;
        int cached = cache.match(salt(choice), choice.tokens(), limit);
        Optional<SpillStore.Found> found = spilled.find(salt(choice), choice.tokens(), limit, whole)
                .filter(state -> isWorthIt(state, cached) && makeRoom(state.length()));
        if (found.isEmpty()) {
            return false;
        }
        Optional<byte[]> state = spilled.read(found.get());
        if (state.isEmpty() || !restoreState(sequence(choice), found.get(), state.get())) {
            return false;
        }
        if (found.get().common() < found.get().length()) {
            sequence(choice).remove(found.get().common(), Sequence.END);
        }
        choice.computed(found.get().common());
        promptGrew(choice);
        if (!whole && choice.lease().length() == choice.computed()) { // what the cache had is there twice now
            sequence(choice).clear();
            cache.release(choice.lease());
            cache.attach(salt(choice), choice.tokens(), choice.computed(), choice.sequence(), choice.lease());
        }
        return true;
    }

    /** A state comes back as a whole. */
    private static boolean isWorthIt(SpillStore.Found state, int cached) {
        int gained = state.common() - cached;
        return gained >= WORTH_SAVING && (long) gained * MOST_COPIED >= state.length();
    }

    /** Fills an empty sequence; forgets a state that is of no use. */
    private boolean restoreState(Sequence sequence, SpillStore.Found found, byte[] state) {
        String why;
        try {
            sequence.restoreState(state);
            if (whole || sequence.minPosition() == 0) {
                return true;
            }
            why = "it begins at position " + sequence.minPosition();
        } catch (StateException e) {
            why = String.valueOf(e.getMessage());
        }
        sequence.clear();
        spilled.forget(found);
        LOGGER.log(System.Logger.Level.WARNING, "a saved prefix of " + found.length() + " tokens is ignored: " + why);
        return false;
    }

    /** Gives a choice's sequence, which is empty, all that another one has computed. */
    void fork(Choice from, Choice to) {
        copy(from.sequence(), to.sequence(), from.computed());
        cache.share(to.lease(), from.lease());
        to.computed(from.computed());
    }

    /**
     * Takes a choice's sequence back.
     *
     * @param keep whether the cache may keep what was computed
     * @param pin gets a lease of what is kept, if it is not null
     */
    void release(Choice choice, boolean keep, @Nullable PinnedPrefix pin) {
        if (choice.sequence() == Choice.NO_SEQUENCE) {
            return;
        }
        if (keep) {
            cache.insert(salt(choice), choice.tokens(), choice.computed(), choice.sequence(), choice.lease());
        }
        if (pin != null) {
            cache.share(pin.lease(), choice.lease());
        }
        sequence(choice).clear();
        cache.release(choice.lease());
        free[freeCount++] = choice.sequence();
        choice.sequence(Choice.NO_SEQUENCE);
        choice.computed(0);
    }

    /** Takes note that more of a choice's prompt was computed, so that others can have it. */
    void promptGrew(Choice choice) {
        if (!whole || isCheckpoint(choice)) {
            cache.insert(salt(choice), choice.tokens(), choice.computed(), choice.sequence(), choice.lease());
        }
    }

    private boolean isCheckpoint(Choice choice) {
        return choice.computed() < choice.length()
                && choice.computed() == nextCheckpoint(choice, choice.computed() - 1);
    }

    /**
     * Where the next piece of a prompt should end, if its memory cannot be cut: where another prompt has parted from it, or
     * before its last token, so that the same prompt can use it.
     */
    int nextCheckpoint(Choice choice, int from) {
        int before = choice.promptLength() - 1;
        if (!whole || before < WORTH_A_CHECKPOINT) {
            return choice.length();
        }
        int common = cache.common(salt(choice), choice.tokens(), before);
        if (common > from && common >= WORTH_A_CHECKPOINT) {
            return common;
        }
        return before > from ? before : choice.length();
    }

    /** Brings the memory of a choice back to what it has computed, after a decode that failed; if need be to less. */
    void rollBack(Choice choice) {
        Sequence sequence = sequence(choice);
        if (sequence.maxPosition() < choice.computed()) {
            return;
        }
        if (choice.computed() == 0 || !sequence.remove(choice.computed(), Sequence.END)) {
            restart(choice);
        }
    }

    /** Forgets what was computed of a choice, but for what the cache has. */
    void restart(Choice choice) {
        sequence(choice).clear();
        cache.release(choice.lease());
        attachPrefix(choice);
    }

    /** Entries in use by the running requests and the cache. */
    int usedTokens() {
        return cache.tokens() + ownTokens();
    }

    /** Entries that can be had: those that are free, and those that only the cache uses. */
    int room() {
        return capacity() - cache.lockedTokens() - ownTokens();
    }

    /** Entries that are in use by the running requests and not shared with the cache. */
    private int ownTokens() {
        int count = 0;
        for (Request request : running) {
            boolean first = true;
            for (Choice choice : request.choices()) {
                if (choice.sequence() != Choice.NO_SEQUENCE) {
                    // the choices of a request share its prompt, unless they had to be computed again
                    int shared = first || !request.isForked() || request.isResumed() ? 0 : choice.promptLength();
                    count += Math.max(
                            0,
                            choice.computed() - Math.max(shared, choice.lease().length()));
                    first = false;
                }
            }
        }
        return count;
    }

    /** Makes room for tokens, at the cost of the cache; false if there is none. */
    boolean makeRoom(int tokens) {
        while (capacity() - usedTokens() < tokens) {
            if (!cache.evict()) {
                return false;
            }
        }
        return true;
    }

    /** Moves what no request uses to the heap, if it is in the way here. */
    void moveIdleOut() {
        long before = cache.evictedTokens();
        boolean goesOn = idleGoes;
        while (goesOn) {
            goesOn = cache.evict();
        }
        moved += cache.evictedTokens() - before;
    }

    /** Tokens that the cache has given up to make room. */
    long evictedTokens() {
        return cache.evictedTokens() - moved;
    }

    /** Whether a request would fit beside those that run, all with the length that they may get. */
    boolean fits(Request request, int guess) {
        int growth = growth(request, guess);
        for (Request other : running) {
            growth += growth(other, guess);
        }
        Choice first = request.first();
        int limit = first.length() - 1;
        int cached = cache.match(salt(first), first.tokens(), limit);
        int newlyLocked = cache.lockedBy(salt(first), first.tokens(), limit);
        return cache.lockedTokens() + ownTokens() + newlyLocked - cached + growth <= capacity();
    }

    private static int growth(Request request, int guess) {
        int growth = 0;
        boolean first = true;
        for (Choice choice : request.choices()) {
            if (!choice.isOver()) {
                int own = request.isForked() || first ? choice.pending() : 0;
                growth += own + choice.expectedGrowth(guess);
                first = false;
            }
        }
        return growth;
    }

    private Sequence sequence(Choice choice) {
        return context.sequence(choice.sequence());
    }

    private static String salt(Choice choice) {
        return choice.request().spec().cacheSalt();
    }

    // --- what the tree does to sequences ---------------------------------------------------------------------------

    @Override
    public void copy(int source, int target, int length) {
        if (whole) {
            context.sequence(source).copyTo(context.sequence(target));
        } else {
            context.sequence(source).copyTo(context.sequence(target), 0, length);
        }
    }

    @Override
    public void append(int source, int target, int from, int to) {
        context.sequence(source).appendTo(context.sequence(target), from, to);
    }

    @Override
    public void leaving(String salt, int[] text, int lost, int sequence) {
        if (lost < WORTH_SAVING || text.length > mostSaved || spilled.isOff() || isSaved(salt, text)) {
            return;
        }
        try {
            Sequence leaving = context.sequence(sequence);
            if (spilled.takes(leaving.stateSize())) {
                spilled.put(salt, text, leaving.saveState(), whole);
            }
        } catch (StateException | OutOfMemoryError e) { // too large for an array, or no memory for it
            LOGGER.log(System.Logger.Level.WARNING, "a prefix of " + text.length + " tokens is not saved: " + e);
        }
    }

    private boolean isSaved(String salt, int[] text) {
        return spilled.find(salt, text, text.length, whole)
                .filter(found -> found.common() == text.length)
                .isPresent();
    }

    @Override
    public void truncate(int sequence, int length) {
        if (length == 0) {
            context.sequence(sequence).clear();
        } else if (!context.sequence(sequence).remove(length, Sequence.END)) {
            throw new IllegalStateException(context.sequence(sequence) + " cannot be cut at " + length);
        }
    }
}
