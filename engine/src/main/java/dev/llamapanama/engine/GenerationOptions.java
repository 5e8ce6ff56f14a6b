package dev.llamapanama.engine;

import dev.llamapanama.engine.internal.Utf8;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What to generate, and when to stop. Immutable. Out-of-range values are refused with {@link IllegalArgumentException}.
 */
public final class GenerationOptions {
    private static final GenerationOptions DEFAULTS = new Builder().build();

    private final int maxTokens;
    private final List<String> stopStrings;
    private final SamplerOptions sampler;
    private final Optional<Grammar> grammar;
    private final int logprobs;
    private final boolean addSpecial;
    private final boolean parseSpecial;
    private final boolean showSpecial;
    private final Set<Integer> shownTokens;
    private final boolean ignoreEndOfGeneration;
    private final boolean contextShift;
    private final int keep;

    private GenerationOptions(Builder builder) {
        maxTokens = builder.maxTokens;
        stopStrings = List.copyOf(builder.stopStrings);
        sampler = builder.sampler;
        grammar = builder.grammar;
        logprobs = builder.logprobs;
        addSpecial = builder.addSpecial;
        parseSpecial = builder.parseSpecial;
        showSpecial = builder.showSpecial;
        shownTokens = Set.copyOf(builder.shownTokens);
        ignoreEndOfGeneration = builder.ignoreEndOfGeneration;
        contextShift = builder.contextShift;
        keep = builder.keep;
        check();
    }

    private void check() {
        if (maxTokens < -1) {
            throw new IllegalArgumentException("maxTokens must be -1 or more, not " + maxTokens);
        }
        if (keep < -1) {
            throw new IllegalArgumentException("keep must be -1 or more, not " + keep);
        }
        SamplerChecks.notNegative("logprobs", logprobs);
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

    /** How many tokens to sample at most; 0 evaluates the prompt only, -1 is no limit but the context's. */
    public int maxTokens() {
        return maxTokens;
    }

    /** Texts that end the generation, and do not become part of it. */
    public List<String> stopStrings() {
        return stopStrings;
    }

    /** How to choose tokens. */
    public SamplerOptions sampler() {
        return sampler;
    }

    /** What the text must match. */
    public Optional<Grammar> grammar() {
        return grammar;
    }

    /** How many of the likeliest tokens to report at each position; 0 for none. */
    public int logprobs() {
        return logprobs;
    }

    /** Whether a text prompt gets the tokens that the model wants around it, as BOS. */
    public boolean addSpecial() {
        return addSpecial;
    }

    /**
     * Whether special tokens that are spelled out in a text prompt become those tokens; false for text from users,
     * which could else play another role, or take long to tokenize.
     */
    public boolean parseSpecial() {
        return parseSpecial;
    }

    /** Whether special tokens that the model generates appear in the text. */
    public boolean showSpecial() {
        return showSpecial;
    }

    /** Special tokens that appear in the text although others do not; none unless set. */
    public Set<Integer> shownTokens() {
        return shownTokens;
    }

    /** Whether the name of a special token appears in the text. */
    public boolean shows(int token) {
        return showSpecial || !shownTokens.isEmpty() && shownTokens.contains(token);
    }

    /** Go on where the model would end: those tokens are excluded. */
    public boolean ignoreEndOfGeneration() {
        return ignoreEndOfGeneration;
    }

    /**
     * When the context is full, discard the older half of the tokens after the first {@code keep}, as llama.cpp's
     * {@code --context-shift}; else the generation ends.
     */
    public boolean contextShift() {
        return contextShift;
    }

    /** How many tokens of the prompt a context shift keeps, beside BOS; -1 for all. */
    public int keep() {
        return keep;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GenerationOptions options && values().equals(options.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "GenerationOptions" + values().entrySet();
    }

    /** By name, for equality and text. */
    private Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("maxTokens", maxTokens);
        values.put("stopStrings", stopStrings);
        values.put("sampler", sampler);
        values.put("grammar", grammar);
        values.put("logprobs", logprobs);
        values.put("addSpecial", addSpecial);
        values.put("parseSpecial", parseSpecial);
        values.put("showSpecial", showSpecial);
        values.put("shownTokens", shownTokens);
        values.put("ignoreEndOfGeneration", ignoreEndOfGeneration);
        values.put("contextShift", contextShift);
        values.put("keep", keep);
        return values;
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
        private Set<Integer> shownTokens = Set.of();
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
            shownTokens = options.shownTokens;
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

        /** See {@link GenerationOptions#shownTokens}. */
        public Builder shownTokens(Set<Integer> value) {
            shownTokens = value;
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
            return new GenerationOptions(this);
        }
    }
}
