package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Grammar;
import dev.llamapanama.engine.GrammarException;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.internal.OpenHandles;
import dev.llamapanama.gguf.forge.TinyModels;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random arrivals, lengths, cancellations, deadlines and failures, for 15 seconds, or for as long as {@code
 * -Dllamapanama.soak.seconds} says; memory must not grow.
 */
@ExtendWith(NoLeaks.class)
class SoakTest {
    private static final int SECONDS = Integer.getInteger("llamapanama.soak.seconds", 15);
    private static final double GROWTH = 0.02;

    @Test
    void nothingFailsAndNothingGrows() throws Exception {
        ServiceOptions.Builder options = Services.options(2048)
                .parallel(6)
                .cachedSequences(10)
                .queueCapacity(50)
                .eventCapacity(200)
                .promptLookup(true)
                .minDraftTokens(1)
                .spillHeapBytes(4 << 20);
        Random random = new Random(1);
        Map<FinishReason, Integer> reasons = new EnumMap<>(FinishReason.class);
        int rejected = 0;
        int failed = 0;
        int sent = 0;
        List<long[]> samples = new ArrayList<>(); // elapsed nanos, native bytes, heap bytes
        try (Model model = Model.load(Models.llama());
                Model draft = Model.load(Models.forged(TinyModels.llama().withLayers(2)));
                InferenceService service =
                        InferenceService.create(model, options.draftModel(draft).build())) {
            Deque<GenerationHandle> open = new ArrayDeque<>();
            long begin = System.nanoTime();
            long nextSample = 0;
            long elapsed = 0;
            while (elapsed < Duration.ofSeconds(SECONDS).toNanos()) {
                try {
                    open.add(service.submit(randomRequest(random)));
                    sent++;
                } catch (QueueFullException e) {
                    assertThat(e.retryAfter()).isPositive();
                    rejected++;
                }
                if (random.nextInt(6) == 0 && !open.isEmpty()) {
                    open.peekLast().cancel();
                }
                if (random.nextInt(3) == 0) {
                    Thread.sleep(random.nextInt(10));
                }
                while (open.size() > 40) {
                    failed += take(open.removeFirst(), reasons);
                }
                elapsed = System.nanoTime() - begin;
                if (elapsed > nextSample) {
                    samples.add(new long[] {elapsed, OpenHandles.nativeBytes(), usedHeap()});
                    nextSample += Duration.ofSeconds(SECONDS).toNanos() / 60;
                }
            }
            while (!open.isEmpty()) {
                failed += take(open.removeFirst(), reasons);
            }
            assertThat(service.health().alive()).isTrue();
            assertThat(service.statistics().submitted()).isEqualTo(sent);
            assertThat(service.statistics().rejected()).isEqualTo(rejected);
            assertThat(service.statistics().failed()).isEqualTo(failed);
            System.out.printf(
                    "soak: %d s, %d requests, %d rejected, %d failed as they should, %s, %s%n",
                    SECONDS, sent, rejected, failed, reasons, service.statistics());
        }
        assertThat(reasons).containsKeys(FinishReason.MAX_TOKENS, FinishReason.CANCELLED, FinishReason.DEADLINE);
        assertThat(failed).isPositive();
        report("native bytes", samples, 1);
        report("heap bytes", samples, 2);
        // a heap is only measured well where it was collected, and the short run has few such moments
        assertThat(mean(samples, 1, 2, 3)).isLessThanOrEqualTo(mean(samples, 1, 1, 2) * (1 + GROWTH));
        if (SECONDS >= 300) {
            assertThat(mean(samples, 2, 2, 3)).isLessThanOrEqualTo(mean(samples, 2, 1, 2) * (1 + GROWTH));
        }
    }

    private static void report(String what, List<long[]> samples, int column) {
        System.out.printf(
                "soak: %s, middle third %.0f, last third %.0f%n",
                what, mean(samples, column, 1, 2), mean(samples, column, 2, 3));
    }

    /** Of the samples from {@code from} thirds of the time to {@code to} thirds. */
    private static double mean(List<long[]> samples, int column, int from, int to) {
        return samples.subList(samples.size() * from / 3, samples.size() * to / 3).stream()
                .mapToLong(sample -> sample[column])
                .average()
                .orElseThrow();
    }

    private static long usedHeap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static GenerationRequest randomRequest(Random random) {
        int[] prompt = Services.prompt(random.nextInt(30), 5 + random.nextInt(random.nextInt(10) == 0 ? 900 : 120));
        GenerationOptions answer = Services.greedy(1 + random.nextInt(80));
        switch (random.nextInt(12)) {
            case 0 ->
                // leads nowhere after one token: the end is excluded, and nothing else may follow
                answer = answer.toBuilder()
                        .grammar(Grammar.of("root ::= \"a\""))
                        .maxTokens(10)
                        .build();
            case 1 -> answer = answer.toBuilder().stopStrings("e", "the ").build();
            case 2 ->
                answer = answer.toBuilder()
                        .sampler(SamplerOptions.builder().temperature(1.2f).build())
                        .logprobs(3)
                        .build();
            default -> {
                // as it is
            }
        }
        GenerationRequest.Builder request = GenerationRequest.builder(prompt)
                .options(answer)
                .choices(1 + random.nextInt(random.nextInt(4) == 0 ? 3 : 1))
                .priority(random.nextInt(2))
                .cacheSalt(random.nextInt(10) == 0 ? "other" : "");
        if (random.nextInt(6) == 0) {
            request.timeout(Duration.ofMillis(1 + random.nextInt(30)));
        }
        return request.build();
    }

    private static int take(GenerationHandle handle, Map<FinishReason, Integer> reasons) {
        try {
            for (GenerationResult result : handle.await()) {
                reasons.merge(result.finishReason(), 1, Integer::sum);
            }
            return 0;
        } catch (GrammarException expected) {
            return 1;
        }
    }
}
