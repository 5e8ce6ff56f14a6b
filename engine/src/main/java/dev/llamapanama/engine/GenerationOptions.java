package dev.llamapanama.engine;

import dev.llamapanama.engine.internal.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What to generate, and when to stop. Immutable. Out-of-range values are refused with {@link IllegalArgumentException}.
 *
 * @param maxTokens how many tokens to sample at most; 0 evaluates the prompt only, -1 is no limit but the context's
 * @param stopStrings texts that end the generation, and do not become part of it
 * @param sampler how to choose tokens
 * @param grammar what the text must match
 * @param logprobs how many of the likeliest tokens to report at each position; 0 for none
 * @param addSpecial whether a text prompt gets the tokens that the model wants around it, as BOS
 * @param parseSpecial whether special tokens that are spelled out in a text prompt become those tokens; false for text from
 *     users, which could else play another role, or take long to tokenize
 * @param showSpecial whether special tokens that the model generates appear in the text
 * @param ignoreEndOfGeneration go on where the model would end: those tokens are excluded
 * @param contextShift when the context is full, discard the older half of the tokens after the first {@code keep}, as
 *     llama.cpp's {@code --context-shift}; else the generation ends
 * @param keep how many tokens of the prompt a context shift keeps, beside BOS; -1 for all
 */
public record GenerationOptions(
        int maxTokens,
        List<String> stopStrings,
        SamplerOptions sampler,
        Optional<Grammar> grammar,
        int logprobs,
        boolean addSpecial,
        boolean parseSpecial,
        boolean showSpecial,
        boolean ignoreEndOfGeneration,
        boolean contextShift,
        int keep) {
    private static final GenerationOptions DEFAULTS = new Builder().build();

    /** Checks and copies the values. */
    public GenerationOptions {
        if (maxTokens < -1) {
            throw new IllegalArgumentException("maxTokens must be -1 or more, not " + maxTokens);
        }
        if (keep < -1) {
            throw new IllegalArgumentException("keep must be -1 or more, not " + keep);
        }
        SamplerChecks.notNegative("logprobs", logprobs);
        stopStrings = List.copyOf(stopStrings);
        stopStrings.forEach(GenerationOptions::checkStopString);
    }

    private static void checkStopString(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a stop string must not be empty");
        }
        if (Utf8.firstLoneSurrogate(text) >= 0) {
            throw new IllegalArgumentException("a stop string must not contain half a surrogate pair");
        }
    }

    /** llama.cpp's defaults: no limits, random sampling. */
    public static GenerationOptions defaults() {
        return DEFAULTS;
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with these values. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of {@link GenerationOptions}. Not thread-safe. */
    public static final class Builder {
        private int maxTokens = -1;
        private List<String> stopStrings = List.of();
        private SamplerOptions sampler = SamplerOptions.defaults();
        private Optional<Grammar> grammar = Optional.empty();
        private int logprobs;
        private boolean addSpecial = true;
        private boolean parseSpecial = true;
        private boolean showSpecial;
        private boolean ignoreEndOfGeneration;
        private boolean contextShift;
        private int keep;

        private Builder() {}

        private Builder(GenerationOptions options) {
            maxTokens = options.maxTokens;
            stopStrings = options.stopStrings;
            sampler = options.sampler;
            grammar = options.grammar;
            logprobs = options.logprobs;
            addSpecial = options.addSpecial;
            parseSpecial = options.parseSpecial;
            showSpecial = options.showSpecial;
            ignoreEndOfGeneration = options.ignoreEndOfGeneration;
            contextShift = options.contextShift;
            keep = options.keep;
        }

        /** See {@link GenerationOptions#maxTokens}. */
        public Builder maxTokens(int value) {
            maxTokens = value;
            return this;
        }

        /** See {@link GenerationOptions#stopStrings}. */
        public Builder stopStrings(List<String> value) {
            stopStrings = value;
            return this;
        }

        /** See {@link GenerationOptions#stopStrings}. */
        public Builder stopStrings(String... value) {
            return stopStrings(List.of(value));
        }

        /** Adds a stop string; see {@link GenerationOptions#stopStrings}. */
        public Builder stopString(String value) {
            stopStrings = new ArrayList<>(stopStrings);
            stopStrings.add(value);
            return this;
        }

        /** See {@link GenerationOptions#sampler}. */
        public Builder sampler(SamplerOptions value) {
            sampler = value;
            return this;
        }

        /** See {@link GenerationOptions#grammar}. */
        public Builder grammar(Grammar value) {
            grammar = Optional.of(value);
            return this;
        }

        /** Takes the grammar out. */
        public Builder noGrammar() {
            grammar = Optional.empty();
            return this;
        }

        /** See {@link GenerationOptions#logprobs}. */
        public Builder logprobs(int value) {
            logprobs = value;
            return this;
        }

        /** See {@link GenerationOptions#addSpecial}. */
        public Builder addSpecial(boolean value) {
            addSpecial = value;
            return this;
        }

        /** See {@link GenerationOptions#parseSpecial}. */
        public Builder parseSpecial(boolean value) {
            parseSpecial = value;
            return this;
        }

        /** See {@link GenerationOptions#showSpecial}. */
        public Builder showSpecial(boolean value) {
            showSpecial = value;
            return this;
        }

        /** See {@link GenerationOptions#ignoreEndOfGeneration}. */
        public Builder ignoreEndOfGeneration(boolean value) {
            ignoreEndOfGeneration = value;
            return this;
        }

        /** See {@link GenerationOptions#contextShift}. */
        public Builder contextShift(boolean value) {
            contextShift = value;
            return this;
        }

        /** See {@link GenerationOptions#keep}. */
        public Builder keep(int value) {
            keep = value;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if a value is out of range
         */
        public GenerationOptions build() {
            return new GenerationOptions(
                    maxTokens,
                    stopStrings,
                    sampler,
                    grammar,
                    logprobs,
                    addSpecial,
                    parseSpecial,
                    showSpecial,
                    ignoreEndOfGeneration,
                    contextShift,
                    keep);
        }
    }
}
