package dev.llamapanama.engine.service;

import dev.llamapanama.engine.GenerationOptions;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an {@link InferenceService} is asked for. Immutable. Wrong values are an {@link IllegalArgumentException}. */
public final class GenerationRequest {
    private final @Nullable String prompt;
    private final int @Nullable [] promptTokens;
    private final GenerationOptions options;
    private final int choices;
    private final int priority;
    private final Optional<Duration> timeout;
    private final String cacheSalt;
    private final OverflowPolicy overflow;

    private GenerationRequest(Builder builder) {
        prompt = builder.prompt;
        promptTokens = builder.promptTokens;
        options = builder.options;
        choices = builder.choices;
        priority = builder.priority;
        timeout = builder.timeout;
        cacheSalt = builder.cacheSalt;
        overflow = builder.overflow;
        if (choices < 1) {
            throw new IllegalArgumentException("choices must be 1 or more, not " + choices);
        }
        timeout.ifPresent(value -> {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException("timeout must be more than 0, not " + value);
            }
        });
    }

    /** A builder for a prompt of text, which is tokenized as the options say. */
    public static Builder builder(String prompt) {
        return new Builder(prompt, null);
    }

    /** A builder for a prompt of tokens, which are taken as they are. Copied. */
    public static Builder builder(int[] promptTokens) {
        return new Builder(null, promptTokens.clone());
    }

    /** The prompt, if it is text. */
    public Optional<String> prompt() {
        return Optional.ofNullable(prompt);
    }

    /** The prompt, if it is tokens. */
    public Optional<int[]> promptTokens() {
        return Optional.ofNullable(promptTokens).map(int[]::clone);
    }

    /** What to generate, and when to stop. {@code contextShift} is not used; see {@link #overflow}. */
    public GenerationOptions options() {
        return options;
    }

    /**
     * How many answers to generate. They share the prompt's computation; with a fixed seed, choice i has that seed plus i. 1
     * unless set.
     */
    public int choices() {
        return choices;
    }

    /** Requests of a higher priority leave the queue first; 0 unless set. */
    public int priority() {
        return priority;
    }

    /**
     * Time from submission after which the request ends with {@link dev.llamapanama.engine.FinishReason#DEADLINE} and what it
     * has; none unless set.
     */
    public Optional<Duration> timeout() {
        return timeout;
    }

    /**
     * Requests share prefixes only with those of the same salt, so that nobody learns from the time to the first token what
     * another tenant has asked. Empty unless set.
     */
    public String cacheSalt() {
        return cacheSalt;
    }

    /** What to do with a request that is too long; {@link OverflowPolicy#REJECT} unless set. */
    public OverflowPolicy overflow() {
        return overflow;
    }

    /** Collects the values of {@link GenerationRequest}. Not thread-safe. */
    public static final class Builder {
        private final @Nullable String prompt;
        private final int @Nullable [] promptTokens;
        private GenerationOptions options = GenerationOptions.defaults();
        private int choices = 1;
        private int priority;
        private Optional<Duration> timeout = Optional.empty();
        private String cacheSalt = "";
        private OverflowPolicy overflow = OverflowPolicy.REJECT;

        private Builder(@Nullable String prompt, int @Nullable [] promptTokens) {
            this.prompt = prompt;
            this.promptTokens = promptTokens;
        }

        /** See {@link GenerationRequest#options}. */
        public Builder options(GenerationOptions value) {
            options = value;
            return this;
        }

        /** See {@link GenerationRequest#choices}. */
        public Builder choices(int value) {
            choices = value;
            return this;
        }

        /** See {@link GenerationRequest#priority}. */
        public Builder priority(int value) {
            priority = value;
            return this;
        }

        /** See {@link GenerationRequest#timeout}. */
        public Builder timeout(Duration value) {
            timeout = Optional.of(value);
            return this;
        }

        /** See {@link GenerationRequest#cacheSalt}. */
        public Builder cacheSalt(String value) {
            cacheSalt = value;
            return this;
        }

        /** See {@link GenerationRequest#overflow}. */
        public Builder overflow(OverflowPolicy value) {
            overflow = value;
            return this;
        }

        /** The request. */
        public GenerationRequest build() {
            return new GenerationRequest(this);
        }
    }
}
