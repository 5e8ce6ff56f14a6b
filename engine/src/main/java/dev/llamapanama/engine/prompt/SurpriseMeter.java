package dev.llamapanama.engine.prompt;

import dev.llamapanama.engine.Batch;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.Sequence;

/**
 * How little a model expects each token of a text: minus the logarithm of its probability after what stands before it, in
 * nats. Uses sequence 0 of the context. Used by one thread at a time.
 *
 * <p>A text that is longer than the context is read in windows; each begins with the prefix, and with tokens of the window
 * before, a quarter of its room, so that no token is judged without what stands before it.
 */
final class SurpriseMeter {
    private static final int CARRIED = 4;

    private final Context context;
    private final Sequence sequence;
    private final int contextLength;
    private final float[] logits; // of one token

    SurpriseMeter(Context context, int contextLength) {
        this.context = context;
        this.sequence = context.sequence(0);
        this.contextLength = contextLength;
        this.logits = new float[context.model().vocabulary().size()];
    }

    /** The most tokens of a prefix. */
    int maxPrefix() {
        return contextLength / 2;
    }

    /**
     * Measures.
     *
     * @param prefix what stands before all of the text, at most {@link #maxPrefix} tokens; where it is empty, the first
     *     token is taken for as likely as any other
     * @return for each of {@code tokens} its surprise
     */
    double[] measure(int[] prefix, int[] tokens) {
        double[] surprise = new double[tokens.length];
        context.clearMemory();
        int room = contextLength - prefix.length;
        int start = 0;
        if (prefix.length == 0 && tokens.length > 0) {
            surprise[0] = Math.log(logits.length);
        }
        while (start < tokens.length) {
            int from = start == 0 ? 0 : start - room / CARRIED;
            int end = Math.min(tokens.length, from + room);
            int known = rewind(start == 0 ? 0 : prefix.length);
            int[] window = window(prefix, tokens, from, end);
            read(window, known, prefix.length + start - from, surprise, start);
            start = end;
        }
        return surprise;
    }

    /** Forgets all behind the prefix, if the memory can do that; how many tokens are left. */
    private int rewind(int prefixLength) {
        int behind = sequence.maxPosition() + 1;
        if (prefixLength == 0 || behind > prefixLength && !sequence.remove(prefixLength, behind)) {
            context.clearMemory();
            return 0;
        }
        return prefixLength;
    }

    private static int[] window(int[] prefix, int[] tokens, int from, int end) {
        int[] window = new int[prefix.length + end - from];
        System.arraycopy(prefix, 0, window, 0, prefix.length);
        System.arraycopy(tokens, from, window, prefix.length, end - from);
        return window;
    }

    /**
     * Decodes all of a window but its last token, which nothing follows.
     *
     * @param known tokens that the memory holds
     * @param measured first token of the window whose surprise is wanted, which goes into {@code surprise[target]}
     */
    private void read(int[] window, int known, int measured, double[] surprise, int target) {
        Batch batch = context.batch();
        int done = known;
        while (done < window.length - 1) {
            batch.clear();
            int first = done;
            while (done < window.length - 1 && batch.remaining() > 0) {
                batch.add(window[done], done, 0, done + 1 >= measured);
                done++;
            }
            context.decode();
            for (int i = Math.max(first, measured - 1); i < done; i++) {
                context.logitsInto(i - first, logits);
                surprise[target + i + 1 - measured] = surprise(window[i + 1]);
            }
        }
    }

    private double surprise(int token) {
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((double) logit - max);
        }
        return max + Math.log(sum) - logits[token];
    }
}
