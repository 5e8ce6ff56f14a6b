package dev.llamapanama.engine;

import java.util.ArrayList;
import java.util.List;

/** Log-softmax of a row of logits, and its largest values. Its scratch memory is made once. */
final class LogprobCalculator {
    private final float[] logits;
    private final int[] top; // token ids, by falling logit
    private final int topCount;

    LogprobCalculator(int vocabularySize, int topCount) {
        this.logits = new float[vocabularySize];
        this.topCount = Math.min(topCount, vocabularySize);
        this.top = new int[this.topCount];
    }

    /** Where the caller puts the logits. */
    float[] logits() {
        return logits;
    }

    /** Log-probabilities of the token that was chosen, and of the likeliest ones. */
    TokenLogprobs of(int chosen) {
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
