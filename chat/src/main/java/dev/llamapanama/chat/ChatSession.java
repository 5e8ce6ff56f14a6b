package dev.llamapanama.chat;

import dev.llamapanama.engine.ContextOverflowException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A conversation: keeps what was said, and forgets the oldest turns when the model has no room for them.
 *
 * <p>A turn is a user's message and what follows up to the next one. System messages at the beginning and the newest turn stay. When
 * the prompt and the answer would be longer than the service allows, turns go until the prompt takes half of that at most, so that
 * many turns come before the next cut: between two cuts each prompt begins with all of the one before, and only what is new is
 * computed.
 *
 * <p>Not thread-safe.
 */
public final class ChatSession {
    private static final int ANSWER_SHARE = 4; // of a request's length, where the answer has no limit

    private final Chat chat;
    private final ChatOptions options;
    private final UnaryOperator<List<ChatMessage>> forgotten;
    private final List<ChatMessage> messages = new ArrayList<>();
    private int cuts;

    private ChatSession(Builder builder) {
        chat = builder.chat;
        options = builder.options;
        forgotten = builder.forgotten;
        messages.addAll(builder.messages);
    }

    /** A builder of a conversation. */
    public static Builder builder(Chat chat) {
        return new Builder(chat);
    }

    /** Says something, and waits for the answer. See {@link #say(String, Consumer)}. */
    public ChatResponse say(String text) throws InterruptedException {
        return say(text, delta -> {});
    }

    /**
     * Says something, and waits for the answer. If there is none, because of an exception, nothing was said.
     *
     * @param deltas told what is new of the answer as it comes
     * @throws ContextOverflowException if the newest turn alone is too long
     * @throws InterruptedException if the thread is interrupted; the answer is given up
     */
    public ChatResponse say(String text, Consumer<? super ChatDelta> deltas) throws InterruptedException {
        return add(List.of(ChatMessage.user(text)), deltas);
    }

    /**
     * Adds messages, as the answers of tools, and waits for the model's answer. If there is none, nothing was added.
     *
     * @throws ContextOverflowException if the newest turn alone is too long
     * @throws InterruptedException if the thread is interrupted; the answer is given up
     */
    public ChatResponse add(List<ChatMessage> more, Consumer<? super ChatDelta> deltas) throws InterruptedException {
        List<ChatMessage> next = new ArrayList<>(messages); // becomes the conversation when there is an answer
        next.addAll(more);
        Fitted fitted = fit(next);
        ChatResponse response = chat.complete(fitted.prompt(), deltas);
        messages.clear();
        messages.addAll(next);
        messages.add(response.message());
        cuts += fitted.cut() ? 1 : 0;
        return response;
    }

    /** What was said and is not forgotten. */
    public List<ChatMessage> messages() {
        return List.copyOf(messages);
    }

    /** How often turns were forgotten. */
    public int cuts() {
        return cuts;
    }

    /** @param cut whether turns were taken out */
    private record Fitted(Chat.Prepared prompt, boolean cut) {}

    /** Takes out turns until the others have room. */
    private Fitted fit(List<ChatMessage> messages) {
        Chat.Prepared prepared = chat.prepare(messages, options);
        int room = chat.service().requestLength();
        int maxTokens = options.generation().maxTokens();
        long answer = maxTokens < 0 ? room / ANSWER_SHARE : maxTokens;
        if (prepared.prompt().length + answer <= room) {
            return new Fitted(prepared, false);
        }
        List<ChatMessage> dropped = new ArrayList<>();
        int first = firstTurn(messages);
        while (prepared.prompt().length > Math.min(room / 2, room - answer)
                && nextTurn(messages, first) < messages.size()) {
            List<ChatMessage> turn = messages.subList(first, nextTurn(messages, first));
            dropped.addAll(turn);
            turn.clear();
            prepared = chat.prepare(messages, options);
        }
        if (dropped.isEmpty()) {
            return new Fitted(prepared, false);
        }
        List<ChatMessage> instead = forgotten.apply(List.copyOf(dropped));
        messages.addAll(first, instead);
        return new Fitted(instead.isEmpty() ? prepared : chat.prepare(messages, options), true);
    }

    private static int firstTurn(List<ChatMessage> messages) {
        int first = 0;
        while (first < messages.size() && messages.get(first).role() == ChatRole.SYSTEM) {
            first++;
        }
        return first;
    }

    /** Index of the user's next message after that of a turn, or how many messages there are. */
    private static int nextTurn(List<ChatMessage> messages, int turn) {
        int next = turn + 1;
        while (next < messages.size() && messages.get(next).role() != ChatRole.USER) {
            next++;
        }
        return next;
    }

    /** Collects what a {@link ChatSession} begins with. Not thread-safe. */
    public static final class Builder {
        private final Chat chat;
        private final List<ChatMessage> messages = new ArrayList<>();
        private ChatOptions options = ChatOptions.defaults();
        private UnaryOperator<List<ChatMessage>> forgotten = dropped -> List.of();

        private Builder(Chat chat) {
            this.chat = chat;
        }

        /** What the model is to be and to heed. Never forgotten. */
        public Builder system(String content) {
            messages.add(ChatMessage.system(content));
            return this;
        }

        /** What was said before. */
        public Builder messages(List<ChatMessage> value) {
            messages.addAll(value);
            return this;
        }

        /** How to answer. */
        public Builder options(ChatOptions value) {
            options = value;
            return this;
        }

        /**
         * Told of the turns that are forgotten, returns what stands in their place from then on, such as a summary; nothing unless
         * set. Where there is no answer then, because of an exception, nothing was forgotten, and it may be told again.
         */
        public Builder onForgotten(UnaryOperator<List<ChatMessage>> value) {
            forgotten = value;
            return this;
        }

        /** The conversation. */
        public ChatSession build() {
            return new ChatSession(this);
        }
    }
}
