package dev.llamapanama.engine.service;

/**
 * What is guessed of one answer: the guesses for the step that is being made, and how good those before were. The share of right
 * guesses differs by where they come from, and so does the number that pays.
 *
 * <p>Used by one thread at a time, as its choice.
 */
final class Draft {
    private static final int NONE = -1;

    private final int[] tokens = new int[DraftLength.MOST];

    // what the lookup would guess is compared with what comes, checked or not, so it need not be tried to be known
    private final DraftLength lookupLength = new DraftLength(0.2);
    private final DraftLength modelLength = new DraftLength(0.5);
    private PromptLookup lookup = new PromptLookup();
    private int found = NONE; // the first token of what the lookup has, if it is not to be checked
    private int count;
    private int wanted; // of the draft model
    private boolean byModel;

    /** Begins a step without guesses. */
    void clear() {
        count = 0;
        wanted = 0;
        byModel = false;
        found = NONE;
    }

    int count() {
        return count;
    }

    int token(int index) {
        return tokens[index];
    }

    /**
     * Guesses from what followed the newest tokens earlier in the text.
     *
     * @param most guesses that there is room for
     * @param least guesses that are checked whatever was measured, where there are so many
     * @param others tokens of others in the batch
     */
    void lookUp(int[] text, int length, int most, int least, int others, StepTimes times) {
        int at = lookup.find(text, length);
        if (at >= 0) {
            count = lookupLength.best(least, Math.min(most, length - at), others, times, 0, 0);
            System.arraycopy(text, at, tokens, 0, count);
            found = count == 0 ? text[at] : NONE;
        }
    }

    /** Takes note that the text is not what it was. */
    void textChanged() {
        lookup = new PromptLookup();
    }

    /** For guesses of the draft model. */
    DraftLength modelLength() {
        return modelLength;
    }

    /** Guesses that the draft model should make. */
    int wanted() {
        return wanted;
    }

    void want(int guesses) {
        wanted = guesses;
        byModel = true;
    }

    /** Adds a guess of the draft model; whether it should go on. */
    boolean add(int token) {
        tokens[count++] = token;
        return count < wanted;
    }

    /** Takes note of the token that has come. */
    void sampled(int token) {
        if (found != NONE) {
            lookupLength.observe(1, token == found ? 1 : 0);
            found = NONE;
        }
    }

    /** Takes note of how many guesses were right. */
    void checked(int accepted) {
        (byModel ? modelLength : lookupLength).observe(count, accepted);
    }
}
