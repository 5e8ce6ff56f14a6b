package dev.llamapanama.engine.prompt;

import dev.llamapanama.engine.ContextOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How to compress. Immutable.
 *
 * @param ratio share of the tokens to keep, above 0 and up to 1; 0.25 to 0.4 is usual
 * @param unit what is kept or dropped as a whole
 * @param protectCode whether code between fences (three or more backticks or tildes) or within backticks is kept
 * @param protectNumbers whether numbers, dates and the like are kept: a digit and what is written together with it
 * @param protectQuotes whether quoted names are kept: up to 80 characters of one line between quotation marks
 * @param protectedPatterns what else is kept: all that one of them finds
 * @param contextLength tokens that the model sees at once; longer texts are read in windows. 0: as in its training, but at
 *     most {@value #LARGEST_DEFAULT}
 * @param batchSize tokens per decode. llama.cpp keeps a row of logits for each: vocabulary × {@code batchSize} × 4 bytes
 * @param context threads, RoPE scaling, flash attention and types of the context. Its lengths, sequences, attention,
 *     pooling and {@code embeddings} are set here and are not looked at
 */
public record CompressorOptions(
        double ratio,
        CompressionUnit unit,
        boolean protectCode,
        boolean protectNumbers,
        boolean protectQuotes,
        List<Pattern> protectedPatterns,
        int contextLength,
        int batchSize,
        ContextOptions context) {
    private static final int LARGEST_DEFAULT = 2048;
    private static final int SMALLEST = 64;
    private static final CompressorOptions DEFAULTS = new CompressorOptions(
            0.33, CompressionUnit.TOKENS, true, true, true, List.of(), 0, 256, ContextOptions.defaults());

    /** Checks and copies. */
    public CompressorOptions {
        if (!(ratio > 0 && ratio <= 1)) {
            throw new IllegalArgumentException("ratio is " + ratio + "; it must be above 0 and up to 1");
        }
        if (contextLength != 0 && contextLength < SMALLEST) {
            throw new IllegalArgumentException(
                    "contextLength is " + contextLength + "; it must be 0, or " + SMALLEST + " or more");
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize is " + batchSize + "; it must be 1 or more");
        }
        protectedPatterns = List.copyOf(protectedPatterns);
    }

    /** A third of the tokens is kept; code, numbers and quoted names are protected. */
    public static CompressorOptions defaults() {
        return DEFAULTS;
    }

    /** A builder that starts with the defaults. */
    public static Builder builder() {
        return new Builder(DEFAULTS);
    }

    /** A builder that starts with these options. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** {@code contextLength}, or the default for a model that was trained for so many tokens (0 if that is not known). */
    int contextLengthFor(int trained) {
        if (contextLength > 0) {
            return contextLength;
        }
        return trained == 0 ? LARGEST_DEFAULT : Math.min(trained, LARGEST_DEFAULT);
    }

    /** Builds {@link CompressorOptions}; see there for what each value means. */
    public static final class Builder {
        private double ratio;
        private CompressionUnit unit;
        private boolean protectCode;
        private boolean protectNumbers;
        private boolean protectQuotes;
        private final List<Pattern> protectedPatterns;
        private int contextLength;
        private int batchSize;
        private ContextOptions context;

        private Builder(CompressorOptions options) {
            ratio = options.ratio;
            unit = options.unit;
            protectCode = options.protectCode;
            protectNumbers = options.protectNumbers;
            protectQuotes = options.protectQuotes;
            protectedPatterns = new ArrayList<>(options.protectedPatterns);
            contextLength = options.contextLength;
            batchSize = options.batchSize;
            context = options.context;
        }

        public Builder ratio(double value) {
            ratio = value;
            return this;
        }

        public Builder unit(CompressionUnit value) {
            unit = value;
            return this;
        }

        public Builder protectCode(boolean value) {
            protectCode = value;
            return this;
        }

        public Builder protectNumbers(boolean value) {
            protectNumbers = value;
            return this;
        }

        public Builder protectQuotes(boolean value) {
            protectQuotes = value;
            return this;
        }

        /** Adds a pattern to those before. */
        public Builder protect(Pattern value) {
            protectedPatterns.add(value);
            return this;
        }

        public Builder contextLength(int value) {
            contextLength = value;
            return this;
        }

        public Builder batchSize(int value) {
            batchSize = value;
            return this;
        }

        public Builder context(ContextOptions value) {
            context = value;
            return this;
        }

        public CompressorOptions build() {
            return new CompressorOptions(
                    ratio,
                    unit,
                    protectCode,
                    protectNumbers,
                    protectQuotes,
                    protectedPatterns,
                    contextLength,
                    batchSize,
                    context);
        }
    }
}
