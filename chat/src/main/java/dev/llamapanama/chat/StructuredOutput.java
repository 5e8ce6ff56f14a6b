package dev.llamapanama.chat;

import dev.llamapanama.chat.schema.InvalidOutputException;
import dev.llamapanama.chat.schema.JsonSchema;
import dev.llamapanama.chat.schema.JsonType;
import dev.llamapanama.chat.schema.RegularExpression;
import dev.llamapanama.chat.schema.SchemaCheck;
import dev.llamapanama.chat.schema.StructuredOutputException;
import dev.llamapanama.chat.schema.TruncatedOutputException;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.Grammar;
import java.util.List;

/**
 * Asks a model for an answer of a given structure. The model is held to it while it generates, and the answer is checked
 * once more before it is returned. What cannot be enforced is refused before the model is asked, and an answer that was cut
 * off is never returned.
 */
public final class StructuredOutput {
    private StructuredOutput() {}

    /**
     * Asks for a value. The model is told the schema ({@link #instructions}) in a system message.
     *
     * @param type record, sealed interface of records, or another type that {@link JsonSchema#of} takes
     * @throws StructuredOutputException if the type cannot be enforced, the answer is cut off or not valid
     */
    public static <T> T generate(ChatModel model, String prompt, Class<T> type, ChatOptions options)
            throws InterruptedException {
        JsonType<T> json = JsonType.of(type);
        List<ChatMessage> messages = List.of(ChatMessage.system(instructions(json.schema())), ChatMessage.user(prompt));
        return generate(model, messages, json, options);
    }

    /**
     * Asks for a value. The messages are sent as they are; small models do better where one of them has {@link #instructions}.
     *
     * @throws StructuredOutputException if the type cannot be enforced, the answer is cut off or not valid
     */
    public static <T> T generate(ChatModel model, List<ChatMessage> messages, Class<T> type, ChatOptions options)
            throws InterruptedException {
        return generate(model, messages, JsonType.of(type), options);
    }

    private static <T> T generate(ChatModel model, List<ChatMessage> messages, JsonType<T> type, ChatOptions options)
            throws InterruptedException {
        ChatOptions constrained =
                withoutTools(options).responseSchema(type.schema().text()).build();
        return type.read(complete(model, messages, constrained));
    }

    /**
     * Asks for JSON that follows a schema.
     *
     * @return the JSON
     * @throws StructuredOutputException if the schema cannot be enforced, the answer is cut off or not valid
     */
    public static String json(ChatModel model, List<ChatMessage> messages, String schema, ChatOptions options)
            throws InterruptedException {
        SchemaCheck.requireSupported(schema);
        JsonSchema parsed = JsonSchema.parse(schema);
        String text = complete(
                model, messages, withoutTools(options).responseSchema(schema).build());
        List<String> problems = parsed.problems(text);
        if (!problems.isEmpty()) {
            throw new InvalidOutputException(text, problems);
        }
        return text;
    }

    /**
     * Asks for a text that matches a regular expression.
     *
     * @throws StructuredOutputException if the answer is cut off, or does not match
     */
    public static String matching(
            ChatModel model, List<ChatMessage> messages, RegularExpression expression, ChatOptions options)
            throws InterruptedException {
        String text = following(model, messages, expression.grammar(), options);
        if (!expression.matches(text)) {
            throw new InvalidOutputException(text, List.of("it does not match " + expression.pattern()));
        }
        return text;
    }

    /**
     * Asks for a text that follows a grammar; a lazy one leaves what comes before its trigger free.
     *
     * @throws TruncatedOutputException if the answer is cut off
     */
    public static String following(ChatModel model, List<ChatMessage> messages, Grammar grammar, ChatOptions options)
            throws InterruptedException {
        ChatOptions constrained = withoutTools(options)
                .generation(options.generation().toBuilder().grammar(grammar).build())
                .build();
        return complete(model, messages, constrained);
    }

    /** What to tell a model of a schema; the grammar alone holds it to the form, but it cannot know the meaning. */
    public static String instructions(JsonSchema schema) {
        return "Answer with one JSON value, without any text around it, that follows this JSON schema:\n"
                + schema.text();
    }

    // an answer of a given form leaves no room for calls
    private static ChatOptions.Builder withoutTools(ChatOptions options) {
        return options.toBuilder().tools(List.of()).toolChoice(ToolChoice.auto());
    }

    private static String complete(ChatModel model, List<ChatMessage> messages, ChatOptions options)
            throws InterruptedException {
        ChatResponse response = model.complete(messages, options);
        String text = response.message().content();
        FinishReason reason = response.finishReason();
        if (reason != FinishReason.END_OF_GENERATION && reason != FinishReason.STOP_STRING) {
            throw new TruncatedOutputException(text, reason);
        }
        return text;
    }
}
