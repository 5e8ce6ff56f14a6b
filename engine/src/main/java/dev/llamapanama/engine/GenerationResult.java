package dev.llamapanama.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A finished generation. Immutable. */
public final class GenerationResult {
    private final String text;
    private final int[] tokens;
    private final List<TokenLogprobs> logprobs;
    private final FinishReason finishReason;
    private final Optional<String> stopString;
    private final Timings timings;

    /**
     * Makes one; the engine does, and tests of programs that use it.
     *
     * @param text without the stop string
     * @param tokens copied
     * @param logprobs one for each token, or none
     */
    public GenerationResult(
            String text,
            int[] tokens,
            List<TokenLogprobs> logprobs,
            FinishReason finishReason,
            Optional<String> stopString,
            Timings timings) {
        this.text = text;
        this.tokens = tokens.clone();
        this.logprobs = List.copyOf(logprobs);
        this.finishReason = finishReason;
        this.stopString = stopString;
        this.timings = timings;
    }

    /** The text, without the stop string. */
    public String text() {
        return text;
    }

    /** The generated tokens, without the one that ended the generation, but with those that made up the stop string. */
    public int[] tokens() {
        return tokens.clone();
    }

    /** Log-probabilities of {@link #tokens}, one for each; empty if none were asked for. */
    public List<TokenLogprobs> logprobs() {
        return logprobs;
    }

    /** Why it ended. */
    public FinishReason finishReason() {
        return finishReason;
    }

    /** The stop string that ended it. */
    public Optional<String> stopString() {
        return stopString;
    }

    /** How long it took. */
    public Timings timings() {
        return timings;
    }

    @Override
    public String toString() {
        return "GenerationResult[text=" + text + ", tokens=" + Arrays.toString(tokens) + ", finishReason="
                + finishReason + ", timings=" + timings + "]";
    }
}
