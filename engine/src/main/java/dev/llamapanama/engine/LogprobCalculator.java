package dev.llamapanama.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * Log-softmax of a row of logits, and its largest values, for those that decode by themselves. Its scratch memory, a float for
 * each token of the vocabulary, is made once. Not thread-safe.
 */
public final class LogprobCalculator {
    private final float[] logits;
    private final int[] top; // token ids, by falling logit
    private final int topCount;

    /**
     * Makes one.
     *
     * @param topCount how many of the likeliest tokens to report, 0 or more
     */
    public LogprobCalculator(Vocabulary vocabulary, int topCount) {
        int vocabularySize = vocabulary.size();
        SamplerChecks.notNegative("topCount", topCount);
        this.logits = new float[vocabularySize];
        this.topCount = Math.min(topCount, vocabularySize);
        this.top = new int[this.topCount];
    }

    /**
     * Log-probabilities of a token and of the likeliest ones.
     *
     * @param batchIndex number of an entry of the last batch with output, as {@link Context#logits}
     */
    public TokenLogprobs of(Context context, int batchIndex, int chosen) {
        context.logitsInto(batchIndex, logits);
        double normalizer = logSumExp();
        selectTop();
        List<TokenLogprob> best = new ArrayList<>(topCount);
        for (int token : top) {
            best.add(new TokenLogprob(token, logits[token] - normalizer));
        }
        return new TokenLogprobs(new TokenLogprob(chosen, logits[chosen] - normalizer), best);
    }

    private double logSumExp() {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return max + Math.log(sum);
    }

    /** Insertion into a short sorted list: most logits are below its last one, and cost one comparison. */
    private void selectTop() {
        int size = 0;
        for (int token = 0; token < logits.length; token++) {
            if (size == topCount && (topCount == 0 || logits[token] <= logits[top[size - 1]])) {
                continue;
            }
            int place = size < topCount ? size++ : size - 1;
            while (place > 0 && logits[top[place - 1]] < logits[token]) {
                top[place] = top[place - 1];
                place--;
            }
            top[place] = token;
        }
    }
}
