package dev.llamapanama.engine;

/**
 * Which tokens a sequence of a context's memory holds, at positions 0, 1, 2, …, so that a prompt that begins like them is
 * not evaluated again. Used by the one thread that decodes.
 */
final class PromptCache {
    private final Context context;
    private final Sequence sequence;
    private final int slidingWindow;
    private final int[] tokens;
    private int length;
    private long epoch; // of the context's memory, when this cache last changed it

    PromptCache(Context context, Sequence sequence) {
        this.context = context;
        this.sequence = sequence;
        this.slidingWindow = context.model().info().slidingWindow();
        this.tokens = new int[context.contextLengthPerSequence()];
    }

    /** How many tokens are in memory; also the position of the next one. */
    int length() {
        return length;
    }

    /** Forgets the tokens, in memory too. */
    void clear() {
        sequence.clear();
        length = 0;
        epoch = context.memoryEpoch();
    }

    /**
     * Shortens the memory to what it has in common with a prompt, and to less than all of the prompt: its last token must be
     * evaluated for its logits.
     *
     * @return how many of the prompt's tokens are in memory
     */
    int reuse(int[] prompt) {
        // somebody else used the sequence, or it was computed with other adapters
        if (context.memoryEpoch() != epoch || sequence.maxPosition() + 1 != length) {
            clear();
            return 0;
        }
        int common = 0;
        int most = Math.min(length, prompt.length - 1);
        while (common < most && tokens[common] == prompt[common]) {
            common++;
        }
        truncate(common);
        return length;
    }

    /** Takes note of a token that was decoded. */
    void append(int token) {
        tokens[length++] = token;
        epoch = context.memoryChanged();
    }

    /** Takes note of tokens that were decoded. */
    void append(int[] source, int from, int count) {
        System.arraycopy(source, from, tokens, length, count);
        length += count;
        epoch = context.memoryChanged();
    }

    /** Removes what a decode that failed half-way has left behind the known tokens. */
    void rollBack() {
        if (sequence.maxPosition() + 1 != length) {
            truncate(length);
        }
    }

    /**
     * Discards tokens {@code [keep, keep + discard)} and closes the gap, as llama.cpp does when a context is full.
     *
     * @return whether the memory allows that; if not, it is as before
     */
    boolean shift(int keep, int discard) {
        if (!sequence.remove(keep, keep + discard)) {
            return false;
        }
        sequence.shift(keep + discard, length, -discard);
        System.arraycopy(tokens, keep + discard, tokens, keep, length - keep - discard);
        length -= discard;
        return true;
    }

    /** Keeps the first {@code newLength} tokens; none, where the memory cannot go back. */
    private void truncate(int newLength) {
        if (sequence.maxPosition() < newLength) {
            length = newLength; // nothing behind it, so a recurrent state need not go back
            return;
        }
        if (newLength > 0 && reachesBack(newLength) && sequence.remove(newLength, Sequence.END)) {
            length = newLength;
        } else {
            clear();
        }
    }

    /** Whether memory holds all that the token at {@code position} looks at: a sliding window drops what is behind it. */
    private boolean reachesBack(int position) {
        return slidingWindow == 0 || sequence.minPosition() <= Math.max(0, position - slidingWindow + 1);
    }
}
