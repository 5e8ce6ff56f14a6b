package dev.llamapanama.engine.service;

/**
 * How many tokens of prompts to put into the next batch, so that it takes about as long as it should.
 *
 * <p>A step's time is taken as that of the answers' tokens alone plus a time for each token of a prompt; both are measured
 * while it runs, recent steps counting more.
 */
final class StepBudget {
    private static final double RECENT = 0.3; // weight of the last measurement
    private static final int LEAST = 64; // with fewer tokens, reading the weights costs more than computing with them

    private final double targetSeconds;
    private final int most;
    private double answersSeconds; // a step without prompts
    private double promptTokenSeconds;

    /** @param most tokens when no answer waits: as many as are computed at once at full speed */
    StepBudget(double targetSeconds, int most) {
        this.targetSeconds = targetSeconds;
        this.most = most;
    }

    /** Tokens of prompts for the next batch. */
    int promptTokens(boolean answersWait) {
        if (!answersWait) {
            return most;
        }
        if (promptTokenSeconds == 0) {
            return Math.min(LEAST, most);
        }
        double seconds = targetSeconds - answersSeconds;
        return (int) Math.clamp(seconds / promptTokenSeconds, Math.min(LEAST, most), most);
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
