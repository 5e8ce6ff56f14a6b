package dev.llamapanama.engine.service;

/**
 * How many tokens of prompts to put into the next batch, so that it takes about as long as it should.
 *
 * <p>A step's time is taken as that of the answers' tokens alone plus a time for each token of a prompt; both are measured
 * while it runs, recent steps counting more.
 */
final class StepBudget {
    private static final double RECENT = 0.3; // weight of the last measurement
    private static final int FIRST = 64; // tokens, before anything was measured
    private static final int LEAST = 16; // else a prompt would starve beside many answers
    private static final int SILENT = 5; // target times that a step may take when no answer waits for it

    private final double targetSeconds;
    private double answersSeconds; // a step without prompts
    private double promptTokenSeconds;

    StepBudget(double targetSeconds) {
        this.targetSeconds = targetSeconds;
    }

    /** Tokens of prompts for the next batch, {@link #LEAST} or more. */
    int promptTokens(boolean answersWait) {
        if (promptTokenSeconds == 0) {
            return FIRST;
        }
        double seconds = answersWait ? targetSeconds - answersSeconds : SILENT * targetSeconds;
        return (int) Math.clamp(seconds / promptTokenSeconds, LEAST, Integer.MAX_VALUE);
    }

    /** Takes note of how long a step took. */
    void observe(int answerTokens, int promptTokens, double seconds) {
        if (promptTokens == 0) {
            answersSeconds = mix(answersSeconds, seconds);
        } else {
            double answers = answerTokens == 0 ? 0 : Math.min(answersSeconds, seconds / 2);
            promptTokenSeconds = mix(promptTokenSeconds, (seconds - answers) / promptTokens);
        }
    }

    private static double mix(double before, double now) {
        return before == 0 ? now : before + RECENT * (now - before);
    }
}
