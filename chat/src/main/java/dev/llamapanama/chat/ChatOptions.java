package dev.llamapanama.chat;

import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Grammar;
import java.util.List;
import java.util.Optional;

/**
 * How to answer a chat. Immutable.
 *
 * <p>At most one of {@link #responseSchema} and the grammar of {@link #generation} may be given, and neither together with tools
 * that may be called.
 */
public final class ChatOptions {
    private final GenerationOptions generation;
    private final List<ToolDefinition> tools;
    private final ToolChoice toolChoice;
    private final boolean parallelToolCalls;
    private final Optional<String> responseSchema;
    private final boolean thinking;
    private final int reasoningTokens;

    private ChatOptions(Builder builder) {
        generation = builder.generation;
        tools = List.copyOf(builder.tools);
        toolChoice = builder.toolChoice;
        parallelToolCalls = builder.parallelToolCalls;
        responseSchema = builder.responseSchema;
        thinking = builder.thinking;
        reasoningTokens = builder.reasoningTokens;
        boolean callsTools = !tools.isEmpty() && toolChoice.mode() != ToolChoice.Mode.NONE;
        if (responseSchema.isPresent() && generation.grammar().isPresent()) {
            throw new IllegalArgumentException("an answer follows a schema or a grammar, not both");
        }
        if (callsTools && (responseSchema.isPresent() || generation.grammar().isPresent())) {
            throw new IllegalArgumentException(
                    "a schema or grammar of the answer leaves no room for tool calls; set toolChoice to none");
        }
        if (tools.isEmpty()
                && (toolChoice.mode() == ToolChoice.Mode.REQUIRED || toolChoice.mode() == ToolChoice.Mode.NAMED)) {
            throw new IllegalArgumentException("toolChoice wants a tool to be called, but there are no tools");
        }
        if (toolChoice.mode() == ToolChoice.Mode.NAMED
                && tools.stream().noneMatch(tool -> tool.name().equals(toolChoice.name()))) {
            throw new IllegalArgumentException(
                    "toolChoice names " + toolChoice.name() + ", which is none of the tools");
        }
        if (reasoningTokens < -1) {
            throw new IllegalArgumentException("reasoningTokens must be -1 or more, not " + reasoningTokens);
        }
    }

    /** The defaults. */
    public static ChatOptions defaults() {
        return builder().build();
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with these values. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Length, stop strings, sampling and {@link Grammar}; the engine's defaults unless set. */
    public GenerationOptions generation() {
        return generation;
    }

    /** Tools that the model may call; none unless set. */
    public List<ToolDefinition> tools() {
        return tools;
    }

    /** Whether it calls tools; {@link ToolChoice.Mode#AUTO} unless set. */
    public ToolChoice toolChoice() {
        return toolChoice;
    }

    /** Whether one answer may call several tools; false unless set. */
    public boolean parallelToolCalls() {
        return parallelToolCalls;
    }

    /** JSON schema that the content must follow. */
    public Optional<String> responseSchema() {
        return responseSchema;
    }

    /** Whether a model that can be told so thinks before it answers; true unless set. */
    public boolean thinking() {
        return thinking;
    }

    /** The most tokens of reasoning, after which it is ended; -1, the default, for no limit. */
    public int reasoningTokens() {
        return reasoningTokens;
    }

    /** Collects the values of {@link ChatOptions}. Not thread-safe. */
    public static final class Builder {
        private GenerationOptions generation = GenerationOptions.defaults();
        private List<ToolDefinition> tools = List.of();
        private ToolChoice toolChoice = ToolChoice.auto();
        private boolean parallelToolCalls;
        private Optional<String> responseSchema = Optional.empty();
        private boolean thinking = true;
        private int reasoningTokens = -1;

        private Builder() {}

        private Builder(ChatOptions options) {
            generation = options.generation;
            tools = options.tools;
            toolChoice = options.toolChoice;
            parallelToolCalls = options.parallelToolCalls;
            responseSchema = options.responseSchema;
            thinking = options.thinking;
            reasoningTokens = options.reasoningTokens;
        }

        /** See {@link ChatOptions#generation}. */
        public Builder generation(GenerationOptions value) {
            generation = value;
            return this;
        }

        /** See {@link ChatOptions#tools}. */
        public Builder tools(List<ToolDefinition> value) {
            tools = value;
            return this;
        }

        /** See {@link ChatOptions#toolChoice}. */
        public Builder toolChoice(ToolChoice value) {
            toolChoice = value;
            return this;
        }

        /** See {@link ChatOptions#parallelToolCalls}. */
        public Builder parallelToolCalls(boolean value) {
            parallelToolCalls = value;
            return this;
        }

        Builder noResponseSchema() {
            responseSchema = Optional.empty();
            return this;
        }

        /** See {@link ChatOptions#responseSchema}. */
        public Builder responseSchema(String value) {
            responseSchema = Optional.of(value);
            return this;
        }

        /** See {@link ChatOptions#thinking}. */
        public Builder thinking(boolean value) {
            thinking = value;
            return this;
        }

        /** See {@link ChatOptions#reasoningTokens}. */
        public Builder reasoningTokens(int value) {
            reasoningTokens = value;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if they contradict each other
         */
        public ChatOptions build() {
            return new ChatOptions(this);
        }
    }
}
