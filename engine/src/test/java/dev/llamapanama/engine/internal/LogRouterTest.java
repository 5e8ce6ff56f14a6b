package dev.llamapanama.engine.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.LogHandler;
import dev.llamapanama.engine.LogLevel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogRouterTest {
    private final List<String> delivered = new ArrayList<>();

    @AfterEach
    void restore() {
        Backend.logLevel(LogLevel.WARN);
        Backend.logHandler(LogHandler.DEFAULT);
    }

    @Test
    void partsBecomeLinesAndFailuresAreRemembered() {
        LogRouter.deliver(2, (level, line) -> delivered.add(level + line));
        long mark = LogRouter.mark();
        LogRouter.receive(2, "loading ");
        LogRouter.receive(5, ".");
        LogRouter.receive(5, ".\n");
        LogRouter.receive(1, "detail\n");
        LogRouter.receive(4, "it failed: ");
        LogRouter.receive(5, "no memory\n");
        LogRouter.receive(3, "odd\n");
        LogRouter.receive(2, "\n");
        assertThat(delivered).containsExactly("2loading ..", "4it failed: no memory", "3odd");
        assertThat(LogRouter.since(mark)).containsExactly("it failed: no memory", "odd");
        assertThat(LogRouter.reasonSince(mark)).isEqualTo(": it failed: no memory; odd");
        assertThat(LogRouter.reasonSince(LogRouter.mark())).isEmpty();
        for (int i = 0; i < 20; i++) {
            LogRouter.receive(4, "failure " + i + "\n");
        }
        assertThat(LogRouter.since(mark)).hasSize(8).endsWith("failure 19");
    }

    @Test
    void whatFollowsAWantedStopIsNoNews() {
        LogRouter.deliver(3, (level, line) -> delivered.add(level + line));
        boolean[] stop = {false};
        long mark = LogRouter.beginStoppable(() -> stop[0]);
        LogRouter.receive(4, "before\n");
        stop[0] = true;
        LogRouter.receive(4, "after\n");
        LogRouter.endStoppable();
        LogRouter.receive(4, "later\n");
        assertThat(delivered).containsExactly("4before", "4later");
        assertThat(LogRouter.since(mark)).containsExactly("before", "after", "later");
    }
}
