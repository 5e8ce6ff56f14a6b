package dev.llamapanama.chat;

import java.util.List;
import java.util.function.Consumer;

/**
 * Answers chats: a model in this process, one that follows a script, one elsewhere. Stateless, and thread-safe.
 */
@FunctionalInterface
public interface ChatModel {
    /**
     * Answers a chat. Waits until the answer is complete.
     *
     * @param messages the whole chat, oldest first
     * @param deltas told what is new of the answer as it comes; on any one thread
     * @throws InterruptedException if the thread is interrupted; the answer is given up
     */
    ChatResponse complete(List<ChatMessage> messages, ChatOptions options, Consumer<? super ChatDelta> deltas)
            throws InterruptedException;

    /** Answers a chat. Waits until the answer is complete. */
    default ChatResponse complete(List<ChatMessage> messages, ChatOptions options) throws InterruptedException {
        return complete(messages, options, delta -> {});
    }
}
