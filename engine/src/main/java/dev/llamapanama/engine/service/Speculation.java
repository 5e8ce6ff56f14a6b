package dev.llamapanama.engine.service;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects guesses for the answers of a step: those of prompt lookup, which cost nothing, and where it has none those of the draft
 * model. Used by the one thread that decodes.
 *
 * <p>Before it can guess, the draft model has to read what it has not read of an answer's text. That counts as a cost of all tokens
 * that the answer may still get: a long prompt is not read for a short answer.
 */
final class Speculation {
    private static final System.Logger LOGGER = System.getLogger(InferenceService.class.getName());

    private final boolean promptLookup;
    private final int least;
    private final StepTimes times; // of the model that checks
    private @Nullable DraftModel model;
    private final List<Choice> open = new ArrayList<>(); // those for which the lookup has found nothing

    /** @param model closed by whoever made it, or here when it fails; null for none */
    Speculation(boolean promptLookup, int least, StepTimes times, @Nullable DraftModel model) {
        this.promptLookup = promptLookup;
        this.least = least;
        this.times = times;
        this.model = model;
    }

    /** Whether nothing is ever guessed. */
    boolean isOff() {
        return !promptLookup && model == null;
    }

    /**
     * Fills the {@link Choice#draft} of each.
     *
     * @param answers that go on with one token each
     * @param room how many guesses can be checked in all
     */
    void guess(List<Choice> answers, int room) {
        open.clear();
        int others = answers.size() - 1; // and guesses
        int left = room;
        for (Choice choice : answers) {
            Draft draft = choice.draft();
            draft.clear();
            int most = choice.mostGuesses(left);
            if (most > 0) {
                if (promptLookup) {
                    draft.lookUp(choice.tokens(), choice.length(), most, least, others, times);
                }
                if (draft.count() == 0) {
                    open.add(choice);
                }
            }
            others += draft.count();
            left -= draft.count();
        }
        DraftModel drafting = model;
        if (drafting != null && !open.isEmpty()) {
            try {
                open.forEach(drafting::align);
                decide(drafting, others, left);
                drafting.guess(open);
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.WARNING, drafting + " has failed; it is not used any more", e);
                model = null;
                drafting.close();
            }
        }
    }

    /** How many guesses of the draft model each should get: it costs the less, the more share it. */
    private void decide(DraftModel drafting, int others, int room) {
        int sharers = open.size();
        int wanting = want(drafting, sharers, others, room);
        while (wanting > 0 && wanting < sharers) { // for fewer it costs more, so some of these may not want it then
            sharers = wanting;
            wanting = want(drafting, sharers, others, room);
        }
        int left = room;
        for (Choice choice : open) {
            left -= choice.draft().wanted();
        }
        for (Choice choice : open) {
            Draft draft = choice.draft();
            if (draft.wanted() == 0 && !times.isEmpty() && choice.mostGuesses(left) > 0) {
                double seconds = drafting.readSeconds(choice) + drafting.seconds(1);
                if (draft.modelLength().isProbe(seconds, others, times)) {
                    draft.want(1);
                    left--;
                }
            }
        }
    }

    /** How many want guesses if as many share the cost. */
    private int want(DraftModel drafting, int sharers, int others, int room) {
        if (times.isEmpty()) { // what guesses cost could be compared with nothing
            open.forEach(choice -> choice.draft().want(Math.min(least, choice.mostGuesses(room / open.size()))));
            return open.size();
        }
        double guessSeconds = drafting.seconds(sharers) / sharers;
        int all = others;
        int left = room;
        int wanting = 0;
        for (Choice choice : open) {
            int toCome = Math.max(1, choice.expectedGrowth(Scheduler.EXPECTED_ANSWER));
            double tokenSeconds = drafting.readSeconds(choice) / toCome;
            int wanted = choice.draft()
                    .modelLength()
                    .best(least, choice.mostGuesses(left), all, times, guessSeconds, tokenSeconds);
            choice.draft().want(wanted);
            all += wanted;
            left -= wanted;
            wanting += wanted > 0 ? 1 : 0;
        }
        return wanting;
    }
}
