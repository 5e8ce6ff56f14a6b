package dev.llamapanama.chat.testing;

import dev.llamapanama.chat.ChatDelta;
import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ChatModel;
import dev.llamapanama.chat.ChatOptions;
import dev.llamapanama.chat.ChatResponse;
import dev.llamapanama.chat.ChatRole;
import dev.llamapanama.chat.ToolCall;
import dev.llamapanama.engine.FinishReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * A model without weights, for tests: gives answers in order, and records what it was asked. Thread-safe.
 *
 * <p>As a real one it ends a text at the first of the stop strings, and after {@code maxTokens}; a token is a word with the
 * white space before it. It heeds no schema and no grammar.
 */
public final class ScriptedModel implements ChatModel {
    private final Deque<Answer> script = new ArrayDeque<>();
    private final List<Request> requests = new ArrayList<>();

    /**
     * What the model was asked. Immutable.
     *
     * @param messages the whole chat
     * @param options how to answer
     */
    public record Request(List<ChatMessage> messages, ChatOptions options) {
        /** Copies the list. */
        public Request {
            messages = List.copyOf(messages);
        }

        /** What was said last. */
        public String lastText() {
            return messages.isEmpty() ? "" : messages.getLast().content();
        }
    }

    /** Answers one request. */
    @FunctionalInterface
    public interface Answer {
        /** The answer; may wait, or throw. */
        ChatMessage to(Request request) throws InterruptedException;
    }

    /** A model that says these texts, one for each request. */
    public static ScriptedModel saying(String... texts) {
        ScriptedModel model = new ScriptedModel();
        for (String text : texts) {
            model.thenSay(text);
        }
        return model;
    }

    /** The next answer is a text. */
    public ScriptedModel thenSay(String text) {
        return then(request -> ChatMessage.assistant(text));
    }

    /** The next answer calls tools. */
    public ScriptedModel thenCall(ToolCall... calls) {
        return then(request -> new ChatMessage(ChatRole.ASSISTANT, "", "", List.of(calls), "", ""));
    }

    /** The next answer depends on the request. */
    public synchronized ScriptedModel then(Answer answer) {
        script.add(answer);
        return this;
    }

    /** All requests so far, oldest first. */
    public synchronized List<Request> requests() {
        return List.copyOf(requests);
    }

    /** How many answers are left. */
    public synchronized int remaining() {
        return script.size();
    }

    /** @throws IllegalStateException if the script is at its end */
    @Override
    public ChatResponse complete(List<ChatMessage> messages, ChatOptions options, Consumer<? super ChatDelta> deltas)
            throws InterruptedException {
        Request request = new Request(messages, options);
        ChatMessage answer = next(request).to(request);
        String text = answer.content();
        FinishReason reason = FinishReason.END_OF_GENERATION;
        for (String stop : options.generation().stopStrings()) {
            if (text.contains(stop)) {
                text = text.substring(0, text.indexOf(stop));
                reason = FinishReason.STOP_STRING;
            }
        }
        List<String> tokens = tokens(text);
        int limit = options.generation().maxTokens();
        if (limit >= 0 && tokens.size() > limit) {
            tokens = tokens.subList(0, limit);
            reason = FinishReason.MAX_TOKENS;
        }
        if (!answer.reasoning().isEmpty()) {
            deltas.accept(new ChatDelta.Reasoning(answer.reasoning()));
        }
        tokens.forEach(token -> deltas.accept(new ChatDelta.Content(token)));
        for (int i = 0; i < answer.toolCalls().size(); i++) {
            ToolCall call = answer.toolCalls().get(i);
            deltas.accept(new ChatDelta.ToolCallPart(i, call.id(), call.name(), call.arguments()));
        }
        ChatMessage message = new ChatMessage(
                ChatRole.ASSISTANT, String.join("", tokens), answer.reasoning(), answer.toolCalls(), "", "");
        int promptTokens = messages.stream()
                .mapToInt(each -> tokens(each.content()).size())
                .sum();
        return new ChatResponse(message, reason, new ChatResponse.Usage(promptTokens, 0, tokens.size()));
    }

    private synchronized Answer next(Request request) {
        requests.add(request);
        if (script.isEmpty()) {
            throw new IllegalStateException("the script has no answer to request " + requests.size());
        }
        return script.remove();
    }

    private static List<String> tokens(String text) {
        List<String> tokens = new ArrayList<>();
        int begin = 0;
        for (int i = 1; i <= text.length(); i++) {
            boolean wordEnds = i == text.length()
                    || Character.isWhitespace(text.charAt(i)) && !Character.isWhitespace(text.charAt(i - 1));
            if (wordEnds) {
                tokens.add(text.substring(begin, i));
                begin = i;
            }
        }
        return tokens;
    }
}
