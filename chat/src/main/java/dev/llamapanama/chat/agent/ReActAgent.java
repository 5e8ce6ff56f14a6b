package dev.llamapanama.chat.agent;

import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ChatModel;
import dev.llamapanama.chat.ChatOptions;
import dev.llamapanama.chat.ChatResponse;
import dev.llamapanama.chat.ToolCall;
import dev.llamapanama.chat.ToolChoice;
import dev.llamapanama.chat.ToolDefinition;
import dev.llamapanama.chat.tool.ToolExecutor;
import dev.llamapanama.chat.tool.ToolResult;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Answers a question in steps: the model thinks and acts, a tool is called, the model reads what it has found. After <a
 * href="https://arxiv.org/abs/2210.03629">ReAct</a>. It always ends, by an answer or one of its limits; what was reached is
 * returned with the transcript. Immutable, and as thread-safe as the model and the tools.
 */
public final class ReActAgent {
    private final ChatModel model;
    private final ToolExecutor executor;
    private final ReActProtocol protocol;
    private final String role;
    private final ChatOptions options;
    private final int maxSteps;
    private final int maxTokens;
    private final int maxParseFailures;
    private final Duration timeout;
    private final Consumer<? super ReActStep> listener;

    private ReActAgent(Builder builder) {
        model = builder.model;
        executor = builder.executor;
        protocol = builder.protocol;
        role = builder.role;
        options = builder.options;
        maxSteps = builder.maxSteps;
        maxTokens = builder.maxTokens;
        maxParseFailures = builder.maxParseFailures;
        timeout = builder.timeout;
        listener = builder.listener;
    }

    /** A builder of an agent. */
    public static Builder builder(ChatModel model, ToolExecutor executor) {
        return new Builder(model, executor);
    }

    /**
     * Answers a question.
     *
     * @throws InterruptedException if the thread is interrupted; the model's answer or the calls that run are given up
     */
    public ReActResult run(String question) throws InterruptedException {
        return new Run(question).run();
    }

    /** One question. */
    private final class Run {
        private final long began = System.nanoTime();
        private final List<ToolDefinition> tools = executor.tools().definitions();
        private final List<ChatMessage> chat = new ArrayList<>();
        private final List<ReActStep> steps = new ArrayList<>();
        private ChatResponse.Usage usage = new ChatResponse.Usage(0, 0, 0);
        private int parseFailures;
        private int calls;

        Run(String question) {
            chat.add(ChatMessage.system(
                    role.isEmpty() ? protocol.instructions(tools) : role + "\n\n" + protocol.instructions(tools)));
            chat.add(ChatMessage.user(question));
        }

        ReActResult run() throws InterruptedException {
            while (true) {
                Optional<ReActResult.Outcome> limit = limit();
                if (limit.isPresent()) {
                    return result(limit.get(), Optional.empty());
                }
                Optional<ChatResponse> response = ask();
                if (response.isEmpty()) {
                    return result(ReActResult.Outcome.TIMEOUT, Optional.empty());
                }
                ReActTurn turn = step(response.get());
                if (turn.answer().isPresent()) {
                    return result(ReActResult.Outcome.ANSWERED, turn.answer());
                }
                switch (response.get().finishReason()) {
                    case CANCELLED -> {
                        return result(ReActResult.Outcome.CANCELLED, Optional.empty());
                    }
                    case DEADLINE -> {
                        return result(ReActResult.Outcome.TIMEOUT, Optional.empty());
                    }
                    case CONTEXT_FULL -> {
                        return result(ReActResult.Outcome.CONTEXT_FULL, Optional.empty());
                    }
                    case MAX_TOKENS, END_OF_GENERATION, STOP_STRING -> {}
                }
            }
        }

        private Optional<ReActResult.Outcome> limit() {
            if (parseFailures >= maxParseFailures) {
                return Optional.of(ReActResult.Outcome.PARSE_FAILURES);
            }
            if (steps.size() >= maxSteps) {
                return Optional.of(ReActResult.Outcome.MAX_STEPS);
            }
            if (usage.generatedTokens() >= maxTokens) {
                return Optional.of(ReActResult.Outcome.MAX_TOKENS);
            }
            return left().isPositive() ? Optional.empty() : Optional.of(ReActResult.Outcome.TIMEOUT);
        }

        private Duration left() {
            return timeout.minusNanos(System.nanoTime() - began);
        }

        /** Asks the model; nothing if the time is over before it has answered. */
        private Optional<ChatResponse> ask() throws InterruptedException {
            List<ChatMessage> messages = List.copyOf(chat);
            ChatOptions current = current();
            FutureTask<ChatResponse> answer = new FutureTask<>(() -> model.complete(messages, current));
            Thread.ofVirtual().name("react-agent").start(answer);
            try {
                return Optional.of(answer.get(TimeUnit.NANOSECONDS.convert(left()), TimeUnit.NANOSECONDS));
            } catch (TimeoutException thrown) {
                return Optional.empty();
            } catch (ExecutionException thrown) {
                switch (thrown.getCause()) {
                    case RuntimeException unchecked -> throw unchecked;
                    case Error error -> throw error;
                    case InterruptedException interrupted -> throw interrupted;
                    case null, default -> throw new IllegalStateException("the model has failed", thrown.getCause());
                }
            } finally {
                answer.cancel(true);
            }
        }

        private ChatOptions current() {
            GenerationOptions generation = options.generation();
            int left = maxTokens - usage.generatedTokens();
            int limit = generation.maxTokens() < 0 ? left : Math.min(left, generation.maxTokens());
            List<String> stops = new ArrayList<>(generation.stopStrings());
            stops.addAll(protocol.stopStrings());
            return options.toBuilder()
                    .tools(List.of())
                    .toolChoice(ToolChoice.auto())
                    .generation(generation.toBuilder()
                            .maxTokens(limit == Integer.MAX_VALUE ? -1 : limit)
                            .stopStrings(stops)
                            .build())
                    .build();
        }

        private static boolean isComplete(ChatResponse response) {
            return response.finishReason() == FinishReason.END_OF_GENERATION
                    || response.finishReason() == FinishReason.STOP_STRING;
        }

        /** Reads an answer, calls the tools, and tells the model what came of it. */
        private ReActTurn step(ChatResponse response) throws InterruptedException {
            usage = usage.plus(response.usage());
            String text = response.message().content();
            ReActTurn turn = isComplete(response) ? read(response.message()) : readCutOff(response.message());
            boolean calledByTemplate =
                    isComplete(response) && !response.message().toolCalls().isEmpty();
            List<ToolCall> wanted = calledByTemplate
                    ? response.message().toolCalls()
                    : turn.actions().stream()
                            .map(action -> new ToolCall("call-" + ++calls, action.name(), action.arguments()))
                            .toList();
            List<ToolResult> results = left().isPositive() ? executor.execute(wanted, left()) : List.of();
            boolean failed = turn.actions().isEmpty() && turn.answer().isEmpty();
            parseFailures = failed ? parseFailures + 1 : 0;
            ReActStep step = new ReActStep(text, turn, results, response.usage());
            steps.add(step);
            chat.add(calledByTemplate ? response.message() : ChatMessage.assistant(text));
            if (calledByTemplate) { // the template tells of the results, too
                results.forEach(result -> chat.add(result.message()));
            } else if (turn.answer().isEmpty()) {
                chat.add(protocol.observation(results, turn.problems()));
            }
            listener.accept(step);
            return turn;
        }

        /** The actions that are complete count, an answer that may go on does not. */
        private ReActTurn readCutOff(ChatMessage message) {
            ReActTurn turn = protocol.parsePartial(message.content(), tools);
            return new ReActTurn(
                    (message.reasoning() + "\n" + turn.thought()).strip(),
                    turn.actions(),
                    Optional.empty(),
                    List.of("your text was cut off, as it was too long; write less"));
        }

        /** A template may have split off the thought, and read calls that are in its own format. */
        private ReActTurn read(ChatMessage message) {
            ReActTurn turn = protocol.parse(message.content(), tools);
            String thought = (message.reasoning() + "\n" + turn.thought()).strip();
            if (message.toolCalls().isEmpty()) {
                return new ReActTurn(thought, turn.actions(), turn.answer(), turn.problems());
            }
            List<ReActAction> actions = message.toolCalls().stream()
                    .map(call -> new ReActAction(call.name(), call.arguments()))
                    .toList();
            return new ReActTurn(thought, actions, Optional.empty(), List.of());
        }

        private ReActResult result(ReActResult.Outcome outcome, Optional<String> answer) {
            return new ReActResult(outcome, answer, steps, usage, Duration.ofNanos(System.nanoTime() - began));
        }
    }

    /** Collects how an agent works. Not thread-safe. */
    public static final class Builder {
        private final ChatModel model;
        private final ToolExecutor executor;
        private ReActProtocol protocol = ReActProtocol.text();
        private String role = "";
        private ChatOptions options = ChatOptions.defaults();
        private int maxSteps = 10;
        private int maxTokens = Integer.MAX_VALUE;
        private int maxParseFailures = 3;
        private Duration timeout = Duration.ofMinutes(10);
        private Consumer<? super ReActStep> listener = step -> {};

        private Builder(ChatModel model, ToolExecutor executor) {
            this.model = model;
            this.executor = executor;
        }

        /** How the model writes; {@link ReActProtocol#text} unless set. */
        public Builder protocol(ReActProtocol value) {
            protocol = value;
            return this;
        }

        /** What the model is to be, before what it is told of the tools; nothing unless set. */
        public Builder role(String value) {
            role = value;
            return this;
        }

        /** How to generate. Tools are told in the text, stop strings are added to, and {@code maxTokens} is for each step. */
        public Builder options(ChatOptions value) {
            options = value;
            return this;
        }

        /** The most answers of the model; 10 unless set. */
        public Builder maxSteps(int value) {
            maxSteps = positive("maxSteps", value);
            return this;
        }

        /** The most tokens that the model generates in all; no limit unless set. */
        public Builder maxTokens(int value) {
            maxTokens = positive("maxTokens", value);
            return this;
        }

        /** After how many answers in a row that cannot be read it gives up; 3 unless set. */
        public Builder maxParseFailures(int value) {
            maxParseFailures = positive("maxParseFailures", value);
            return this;
        }

        /** How long it may take in all; 10 minutes unless set. */
        public Builder timeout(Duration value) {
            if (!value.isPositive()) {
                throw new IllegalArgumentException("timeout must be positive, not " + value);
            }
            timeout = value;
            return this;
        }

        /** Is told of each step, by the thread that runs the agent. */
        public Builder listener(Consumer<? super ReActStep> value) {
            listener = value;
            return this;
        }

        private static int positive(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
            }
            return value;
        }

        /** The agent. */
        public ReActAgent build() {
            return new ReActAgent(this);
        }
    }
}
