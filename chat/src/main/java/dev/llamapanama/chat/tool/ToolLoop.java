package dev.llamapanama.chat.tool;

import dev.llamapanama.chat.ChatDelta;
import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ChatModel;
import dev.llamapanama.chat.ChatOptions;
import dev.llamapanama.chat.ChatResponse;
import dev.llamapanama.chat.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Lets a model call tools until it answers. A round is one answer that calls tools, and their results. Immutable, and as
 * thread-safe as the model and the tools.
 */
public final class ToolLoop {
    /** The most rounds unless set. */
    public static final int DEFAULT_MAX_ROUNDS = 10;

    private final ChatModel model;
    private final ToolExecutor executor;
    private final int maxRounds;

    /** With {@link #DEFAULT_MAX_ROUNDS}. */
    public ToolLoop(ChatModel model, ToolExecutor executor) {
        this(model, executor, DEFAULT_MAX_ROUNDS);
    }

    /**
     * A loop.
     *
     * @param maxRounds after so many rounds the model must answer, or the loop ends with {@link
     *     ToolLoopResult.Outcome#MAX_ROUNDS}; 1 or more
     */
    public ToolLoop(ChatModel model, ToolExecutor executor, int maxRounds) {
        if (maxRounds < 1) {
            throw new IllegalArgumentException("maxRounds must be 1 or more, not " + maxRounds);
        }
        this.model = model;
        this.executor = executor;
        this.maxRounds = maxRounds;
    }

    /** As {@link #run(List, ChatOptions, Consumer)}, without being told what is new. */
    public ToolLoopResult run(List<ChatMessage> messages, ChatOptions options) throws InterruptedException {
        return run(messages, options, delta -> {});
    }

    /**
     * Asks the model until it answers.
     *
     * @param messages the chat, oldest first
     * @param options whose tools are replaced by those of the executor. A {@link ToolChoice} that requires a call holds for the
     *     first round only, as the model could never answer else
     * @param deltas told what is new of each answer
     * @return the result; look at its outcome, or call {@link ToolLoopResult#answer}
     * @throws InterruptedException if the thread is interrupted; the answer or the calls that run are given up
     */
    public ToolLoopResult run(List<ChatMessage> messages, ChatOptions options, Consumer<? super ChatDelta> deltas)
            throws InterruptedException {
        List<ChatMessage> chat = new ArrayList<>(messages);
        List<ToolResult> results = new ArrayList<>();
        ChatOptions current =
                options.toBuilder().tools(executor.tools().definitions()).build();
        ChatResponse.Usage usage = new ChatResponse.Usage(0, 0, 0);
        for (int rounds = 0; ; rounds++) {
            ChatResponse response = model.complete(chat, current, deltas);
            usage = usage.plus(response.usage());
            ToolLoopResult.Outcome outcome = outcome(response, rounds);
            ChatMessage answer = response.message();
            boolean callsTools = !answer.toolCalls().isEmpty();
            if (outcome != ToolLoopResult.Outcome.ANSWERED || !callsTools) {
                if (!callsTools) {
                    chat.add(answer);
                }
                return new ToolLoopResult(outcome, answer, chat, results, rounds, usage);
            }
            chat.add(answer);
            for (ToolResult result : executor.execute(answer.toolCalls())) {
                results.add(result);
                chat.add(result.message());
            }
            current = current.toBuilder()
                    .toolChoice(afterFirst(options.toolChoice()))
                    .build();
        }
    }

    private ToolLoopResult.Outcome outcome(ChatResponse response, int rounds) {
        return switch (response.finishReason()) {
            case MAX_TOKENS, CONTEXT_FULL -> ToolLoopResult.Outcome.TRUNCATED;
            case CANCELLED, DEADLINE -> ToolLoopResult.Outcome.CANCELLED;
            case END_OF_GENERATION, STOP_STRING ->
                !response.message().toolCalls().isEmpty() && rounds == maxRounds
                        ? ToolLoopResult.Outcome.MAX_ROUNDS
                        : ToolLoopResult.Outcome.ANSWERED;
        };
    }

    private static ToolChoice afterFirst(ToolChoice choice) {
        return choice.mode() == ToolChoice.Mode.NONE ? choice : ToolChoice.auto();
    }
}
