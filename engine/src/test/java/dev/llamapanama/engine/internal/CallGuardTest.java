package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallGuardTest {
    private final CallGuard guard = new CallGuard("Context 1");

    @Test
    void readingIsAllowedWithinACallAndAnotherCallIsNot() {
        guard.enter("decode");
        assertThat(guard.enterToRead("logits")).isFalse();
        assertThatIllegalStateException()
                .isThrownBy(() -> guard.enter("clear"))
                .withMessage("clear on Context 1 from within decode on it");
        assertThatIllegalStateException().isThrownBy(() -> guard.close()).withMessageContaining("from within decode");
        guard.exit();
        assertThat(guard.enterToRead("logits")).isTrue();
        guard.exit();
        assertThat(guard.isBusy()).isFalse();
    }

    @Test
    void theCloserWaitsAndThenNobodyEnters() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        CompletableFuture<Void> user = CompletableFuture.runAsync(() -> {
            guard.enter("decode");
            inside.countDown();
            try {
                leave.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                guard.exit();
            }
        });
        inside.await();
        CompletableFuture<Void> closer = CompletableFuture.runAsync(() -> guard.close());
        Thread.sleep(50);
        assertThat(closer).isNotDone();
        leave.countDown();
        closer.get(1, TimeUnit.SECONDS);
        user.get(1, TimeUnit.SECONDS);
        assertThatIllegalStateException()
                .isThrownBy(() -> guard.enter("decode"))
                .withMessage("Context 1 is closed");
        guard.close();
    }

    /** Else a call that began after the stop, and before the door was shut, would run to its end. */
    @Test
    void nobodyEntersOnceTheOneInsideWasAskedToLeave() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        CompletableFuture<Void> user = CompletableFuture.runAsync(() -> {
            guard.enter("decode");
            inside.countDown();
            try {
                leave.await();
                guard.exit();
                assertThatIllegalStateException()
                        .isThrownBy(() -> guard.enter("decode again"))
                        .withMessage("Context 1 is closed");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        inside.await();
        guard.close(leave::countDown);
        user.get(10, TimeUnit.SECONDS);
        guard.close(() -> {
            throw new AssertionError("there is nobody inside to stop");
        });
    }
}
