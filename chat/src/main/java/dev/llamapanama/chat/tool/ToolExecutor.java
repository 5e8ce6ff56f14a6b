package dev.llamapanama.chat.tool;

import dev.llamapanama.chat.ToolCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls tools: those of one round at once, each on a virtual thread of its own. Whatever goes wrong in a call becomes a result
 * for the model; nothing of it is logged. Thread-safe, as far as approval, listener and handlers are.
 */
public final class ToolExecutor {
    /** How long a call may take unless set. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);

    /** How many characters a model reads of a result unless set. */
    public static final int DEFAULT_MAX_RESULT_LENGTH = 20_000;

    private final Tools tools;
    private final ToolApproval approval;
    private final ToolListener listener;
    private final Duration timeout;
    private final int maxResultLength;

    private ToolExecutor(Builder builder) {
        tools = builder.tools;
        approval = builder.approval;
        listener = builder.listener;
        timeout = builder.timeout;
        maxResultLength = builder.maxResultLength;
    }

    /** A builder for these tools. */
    public static Builder builder(Tools tools) {
        return new Builder(tools);
    }

    /** The tools. */
    public Tools tools() {
        return tools;
    }

    /**
     * Calls tools, and waits for all.
     *
     * @return their results, in the order of the calls
     * @throws InterruptedException if the thread is interrupted; the handlers are interrupted, too
     */
    public List<ToolResult> execute(List<ToolCall> calls) throws InterruptedException {
        return execute(calls, timeout);
    }

    /** As {@link #execute(List)}, with no call taking longer than {@code limit}. */
    public List<ToolResult> execute(List<ToolCall> calls, Duration limit) throws InterruptedException {
        List<Running> all = new ArrayList<>();
        for (ToolCall call : calls) {
            all.add(new Running(call, tools.find(call.name()), obstacle(call), limit));
        }
        try {
            all.forEach(Running::start);
            List<ToolResult> results = new ArrayList<>();
            for (Running each : all) {
                results.add(each.await());
            }
            return results;
        } finally {
            all.forEach(Running::interrupt); // does nothing to those that have ended
        }
    }

    /** Why a call is not to be made. */
    private Optional<ToolResult> obstacle(ToolCall call) throws InterruptedException {
        if (tools.find(call.name()).isEmpty()) {
            return Optional.of(notCalled(
                    call,
                    ToolResult.Status.UNKNOWN_TOOL,
                    "Error: there is no tool of this name. Call one of: " + String.join(", ", tools.names())));
        }
        return switch (approval.decide(call)) {
            case ToolApproval.Decision.Approved approved -> Optional.empty();
            case ToolApproval.Decision.Refused refused ->
                Optional.of(
                        notCalled(call, ToolResult.Status.REFUSED, "Error: the call was refused: " + refused.reason()));
        };
    }

    private static ToolResult notCalled(ToolCall call, ToolResult.Status status, String content) {
        return new ToolResult(call, status, content, Duration.ZERO);
    }

    static Duration positive(Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("a timeout must be positive, not " + value);
        }
        return value;
    }

    private String shortened(String content) {
        if (content.length() <= maxResultLength) {
            return content;
        }
        int end =
                Character.isHighSurrogate(content.charAt(maxResultLength - 1)) ? maxResultLength - 1 : maxResultLength;
        return content.substring(0, end) + "\n[" + (content.length() - end) + " more characters left out]";
    }

    /** One call of a round. */
    private final class Running {
        private final ToolCall call;
        private final Optional<ToolResult> obstacle;
        private final FutureTask<String> task;
        private final Duration limit;
        private volatile long began;
        private volatile long ended;

        Running(ToolCall call, Optional<Tool> tool, Optional<ToolResult> obstacle, Duration limit) {
            this.call = call;
            this.obstacle = obstacle;
            Duration own = tool.flatMap(Tool::timeout).orElse(timeout);
            this.limit = own.compareTo(limit) < 0 ? own : limit;
            task = new FutureTask<>(() -> {
                try {
                    return tool.orElseThrow().call(call.arguments());
                } finally {
                    ended = System.nanoTime();
                }
            });
        }

        void start() {
            if (obstacle.isEmpty()) {
                listener.callBegins(call);
                began = System.nanoTime();
                Thread.ofVirtual().name("tool-" + call.name()).start(task);
                Thread.ofVirtual().name("tool-timeout-" + call.name()).start(this::giveUpInTime);
            }
        }

        private void giveUpInTime() {
            try {
                task.get(TimeUnit.NANOSECONDS.convert(limit), TimeUnit.NANOSECONDS);
            } catch (TimeoutException thrown) {
                ended = System.nanoTime();
                task.cancel(true);
            } catch (ExecutionException | CancellationException | InterruptedException thrown) {
                // it has ended
            }
        }

        void interrupt() {
            task.cancel(true);
        }

        ToolResult await() throws InterruptedException {
            if (obstacle.isPresent()) {
                listener.callEnded(obstacle.get(), Optional.empty());
                return obstacle.get();
            }
            Optional<Throwable> failure = Optional.empty();
            ToolResult result;
            try {
                result = result(ToolResult.Status.OK, shortened(task.get()));
            } catch (CancellationException thrown) {
                result = result(
                        ToolResult.Status.TIMED_OUT,
                        "Error: the call took longer than " + limit.toMillis()
                                + " ms and was given up. Ask for less, or go on " + "without it.");
            } catch (ExecutionException thrown) {
                failure = Optional.ofNullable(thrown.getCause());
                result = failed(failure.orElse(thrown));
            }
            listener.callEnded(result, failure);
            return result;
        }

        private ToolResult failed(Throwable thrown) {
            return switch (thrown) {
                case Tool.InvalidArguments invalid ->
                    notCalled(
                            call,
                            ToolResult.Status.INVALID_ARGUMENTS,
                            "Error: the arguments do not follow the tool's schema: "
                                    + shortened(String.valueOf(invalid.getMessage()))
                                    + ". Mend them and call it again.");
                case ToolFailure failure ->
                    result(ToolResult.Status.FAILED, "Error: " + shortened(failure.getMessage()));
                default ->
                    result(
                            ToolResult.Status.FAILED,
                            "Error: the tool has failed (" + thrown.getClass().getSimpleName()
                                    + "). Try other arguments, or go on without it.");
            };
        }

        private ToolResult result(ToolResult.Status status, String content) {
            return new ToolResult(call, status, content, Duration.ofNanos(ended - began));
        }
    }

    /** Collects how tools are called. Not thread-safe. */
    public static final class Builder {
        private final Tools tools;
        private ToolApproval approval = ToolApproval.all();
        private ToolListener listener = ToolListener.none();
        private Duration timeout = DEFAULT_TIMEOUT;
        private int maxResultLength = DEFAULT_MAX_RESULT_LENGTH;

        private Builder(Tools tools) {
            this.tools = tools;
        }

        /** Decides on each call; all are approved unless set. */
        public Builder approval(ToolApproval value) {
            approval = value;
            return this;
        }

        /** Is told of each call. */
        public Builder listener(ToolListener value) {
            listener = value;
            return this;
        }

        /** How long a call may take, unless the tool has a limit of its own; {@link #DEFAULT_TIMEOUT} unless set. */
        public Builder timeout(Duration value) {
            timeout = positive(value);
            return this;
        }

        /** How many characters the model reads of a result; {@link #DEFAULT_MAX_RESULT_LENGTH} unless set. */
        public Builder maxResultLength(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("maxResultLength must be 1 or more, not " + value);
            }
            maxResultLength = value;
            return this;
        }

        /** The executor. */
        public ToolExecutor build() {
            return new ToolExecutor(this);
        }
    }
}
