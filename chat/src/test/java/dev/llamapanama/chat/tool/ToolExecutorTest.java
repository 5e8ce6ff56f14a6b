package dev.llamapanama.chat.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.llamapanama.chat.ToolCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ToolExecutorTest {
    record Text(String text) {}

    @Test
    void callsOfARoundRunAtOnceAndResultsKeepTheirOrder() throws Exception {
        CyclicBarrier all = new CyclicBarrier(3); // passes only if all three wait at once
        CountDownLatch last = new CountDownLatch(1);
        Tool tool = Tool.of("echo", "", Text.class, value -> {
            all.await();
            if (value.text().equals("a")) {
                last.await();
            } else if (value.text().equals("c")) {
                last.countDown();
            }
            return value.text();
        });

        List<ToolResult> results = execute(tool, "a", "b", "c");

        assertThat(results).extracting(ToolResult::content).containsExactly("a", "b", "c");
        assertThat(results).extracting(result -> result.call().id()).containsExactly("0", "1", "2");
    }

    @Test
    void whatTheHandlerThrowsStaysInside() throws Exception {
        List<Throwable> seen = new ArrayList<>();
        ToolExecutor executor = ToolExecutor.builder(Tools.of(Tool.of("bad", "", () -> {
                    throw new IllegalStateException("password=secret");
                })))
                .listener(new ToolListener() {
                    @Override
                    public void callEnded(ToolResult result, Optional<Throwable> failure) {
                        failure.ifPresent(seen::add);
                    }
                })
                .build();

        ToolResult result =
                executor.execute(List.of(new ToolCall("", "bad", ""))).getFirst();

        assertThat(result.status()).isEqualTo(ToolResult.Status.FAILED);
        assertThat(result.content()).contains("IllegalStateException").doesNotContain("secret", "at ");
        assertThat(seen).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void invalidArgumentsDoNotReachTheHandler() throws Exception {
        AtomicBoolean called = new AtomicBoolean();
        Tool tool = Tool.of("echo", "", Text.class, value -> {
            called.set(true);
            return "";
        });

        for (String arguments : List.of("{\"text\":1}", "{}", "[]", "{", "{\"text\":\"\",\"more\":1}", "null")) {
            ToolResult result = ToolExecutor.builder(Tools.of(tool))
                    .build()
                    .execute(List.of(new ToolCall("", "echo", arguments)))
                    .getFirst();
            assertThat(result.status()).as(arguments).isEqualTo(ToolResult.Status.INVALID_ARGUMENTS);
            assertThat(result.content()).contains("Mend them");
        }
        assertThat(called).isFalse();
    }

    @Test
    void unknownToolsAndRefusalsAreTold() throws Exception {
        AtomicBoolean called = new AtomicBoolean();
        ToolExecutor executor = ToolExecutor.builder(Tools.of(Tool.of("delete", "", () -> called.getAndSet(true))))
                .approval(call -> ToolApproval.refuse("not without asking"))
                .build();

        List<ToolResult> results =
                executor.execute(List.of(new ToolCall("", "delete", "{}"), new ToolCall("", "format", "{}")));

        assertThat(results)
                .extracting(ToolResult::status)
                .containsExactly(ToolResult.Status.REFUSED, ToolResult.Status.UNKNOWN_TOOL);
        assertThat(results.get(0).content()).contains("not without asking");
        assertThat(results.get(1).content()).contains("delete");
        assertThat(called).isFalse();
    }

    @Test
    void aSlowCallIsGivenUpAndInterrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Tool slow = Tool.of("slow", "", () -> {
                    try {
                        new CountDownLatch(1).await();
                        return "never";
                    } catch (InterruptedException thrown) {
                        interrupted.countDown();
                        throw thrown;
                    }
                })
                .withTimeout(Duration.ofMillis(20));

        ToolResult result = ToolExecutor.builder(Tools.of(slow))
                .build()
                .execute(List.of(new ToolCall("", "slow", "{}")))
                .getFirst();

        assertThat(result.status()).isEqualTo(ToolResult.Status.TIMED_OUT);
        assertThat(result.content()).contains("20 ms");
        interrupted.await();
    }

    @Test
    void aCallIsGivenUpInTimeWhileAnEarlierOneRuns() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Tool first = Tool.of("first", "", () -> {
            interrupted.await(); // ends when the other was given up
            return "done";
        });
        Tool second = Tool.of("second", "", () -> {
                    try {
                        new CountDownLatch(1).await();
                        return "never";
                    } catch (InterruptedException thrown) {
                        interrupted.countDown();
                        throw thrown;
                    }
                })
                .withTimeout(Duration.ofMillis(20));

        List<ToolResult> results = ToolExecutor.builder(Tools.of(first, second))
                .build()
                .execute(List.of(new ToolCall("1", "first", "{}"), new ToolCall("2", "second", "{}")));

        assertThat(results.get(0).content()).isEqualTo("done");
        assertThat(results.get(1).status()).isEqualTo(ToolResult.Status.TIMED_OUT);
    }

    @Test
    void anInterruptEndsTheCallsToo() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Tool slow = Tool.of("slow", "", () -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException thrown) {
                interrupted.countDown();
            }
            return "";
        });
        Thread caller = Thread.currentThread();
        Thread.ofVirtual().start(() -> {
            try {
                begun.await();
            } catch (InterruptedException thrown) {
                throw new AssertionError(thrown);
            }
            caller.interrupt();
        });

        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() ->
                        ToolExecutor.builder(Tools.of(slow)).build().execute(List.of(new ToolCall("", "slow", "{}"))));
        interrupted.await();
    }

    @Test
    void longResultsAreShortened() throws Exception {
        ToolResult result = ToolExecutor.builder(Tools.of(Tool.of("long", "", () -> "abc😀def")))
                .maxResultLength(4)
                .build()
                .execute(List.of(new ToolCall("", "long", "{}")))
                .getFirst();

        assertThat(result.content()).isEqualTo("abc\n[5 more characters left out]");
    }

    private static List<ToolResult> execute(Tool tool, String... texts) throws InterruptedException {
        List<ToolCall> calls = new ArrayList<>();
        for (String text : texts) {
            calls.add(new ToolCall(
                    String.valueOf(calls.size()), tool.definition().name(), "{\"text\":\"" + text + "\"}"));
        }
        return ToolExecutor.builder(Tools.of(tool)).build().execute(calls);
    }
}
