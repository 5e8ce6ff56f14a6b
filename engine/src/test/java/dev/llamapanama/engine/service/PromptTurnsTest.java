package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Whose prompt is computed next. */
class PromptTurnsTest {
    private final PromptTurns<String> turns = new PromptTurns<>(512);

    private static SequencedMap<String, Integer> pending(Object... namesAndTokens) {
        SequencedMap<String, Integer> pending = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTokens.length; i += 2) {
            pending.put((String) namesAndTokens[i], (Integer) namesAndTokens[i + 1]);
        }
        return pending;
    }

    @Test
    void shortPromptsAreComputedOneAfterTheOther() {
        assertThat(turns.share(pending("a", 100, "b", 100, "c", 100), 128))
                .containsExactly(Map.entry("a", 100), Map.entry("b", 28));
        assertThat(turns.share(pending("b", 72, "c", 100), 128))
                .containsExactly(Map.entry("b", 72), Map.entry("c", 56));
    }

    @Test
    void aShortPromptDoesNotWaitBehindALongOne() {
        turns.share(pending("long", 4000), 512);

        assertThat(turns.share(pending("long", 3488, "short", 20), 64))
                .containsExactly(Map.entry("short", 20), Map.entry("long", 44));
        assertThat(turns.share(pending("long", 3444, "short", 500), 64))
                .containsExactly(Map.entry("short", 32), Map.entry("long", 32));
    }

    @Test
    void longPromptsTakeTurns() {
        turns.share(pending("a", 4000), 512);
        turns.share(pending("a", 3488, "b", 4000), 512);
        turns.share(pending("a", 3232, "b", 3744), 512); // now b is one of the long ones, and a has had a turn

        assertThat(turns.share(pending("a", 2976, "b", 3488), 300)).containsExactly(Map.entry("b", 300));
        assertThat(turns.share(pending("a", 2976, "b", 3188), 300)).containsExactly(Map.entry("b", 300));
        assertThat(turns.share(pending("a", 2976, "b", 2888), 300)).containsExactly(Map.entry("a", 300));
    }

    @Test
    void whoWasGoneBeginsAgain() {
        turns.share(pending("a", 4000), 512);
        turns.share(pending(), 512);
        turns.share(pending("b", 4000), 512);

        assertThat(turns.share(pending("b", 3488, "a", 3488), 100))
                .containsExactly(Map.entry("a", 50), Map.entry("b", 50));
    }

    @Test
    void aStepWithoutTokensChangesNothing() {
        turns.share(pending("long", 4000), 512);

        assertThat(turns.share(pending("long", 3488, "short", 500), 0)).isEmpty();
        assertThat(turns.share(pending("long", 3488, "short", 500), 64))
                .containsExactly(Map.entry("short", 32), Map.entry("long", 32));
    }

    @Property
    void allTokensAreSharedOutAndAllPromptsEnd(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 1, max = 3000) Integer> lengths,
            @ForAll @IntRange(min = 1, max = 512) int tokens) {
        PromptTurns<Integer> line = new PromptTurns<>(512);
        SequencedMap<Integer, Integer> pending = new LinkedHashMap<>();
        for (int i = 0; i < lengths.size(); i++) {
            pending.put(i, lengths.get(i));
        }
        while (!pending.isEmpty()) {
            int wanted = pending.values().stream().mapToInt(Integer::intValue).sum();
            Map<Integer, Integer> parts = line.share(pending, tokens);
            assertThat(parts.values().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(Math.min(tokens, wanted));
            parts.forEach((prompt, part) -> {
                assertThat(part).isBetween(1, pending.get(prompt));
                pending.merge(prompt, -part, Integer::sum);
            });
            pending.values().removeIf(left -> left == 0);
        }
    }
}
