package dev.llamapanama.bench.requests;

import dev.llamapanama.bench.statistics.Statistics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * A situation that requests make, and what it shows.
 *
 * @param name for the table
 * @param requests requests that the situation needs at once
 * @param tokens the most tokens, of prompts and answers, that are in the KV memory at once
 * @param play measures it once: figures by name; those that end in {@code tok/s} should be high, the others low
 */
record Scene(String name, int requests, int tokens, Play play) {
    private static final Duration GIVE_UP_AFTER = Duration.ofMillis(100);

    /** Measures a situation once. */
    @FunctionalInterface
    interface Play {
        Map<String, Double> on(Target target, SplittableRandom random) throws IOException, InterruptedException;
    }

    /** So many requests at the same moment, each with a prompt of its own. */
    static Scene streams(int requests, int prompt, int gen) {
        return new Scene(requests + " requests", requests, requests * (prompt + gen), (target, random) -> {
            long begin = System.nanoTime();
            List<Target.Timeline> answers = together(
                    IntStream.range(0, requests)
                            .mapToObj(_ -> text(random, prompt))
                            .toList(),
                    tokens -> target.answer(tokens, gen, false, _ -> {}));
            long end = answers.stream().mapToLong(Target.Timeline::end).max().orElseThrow();
            double[] gaps = gaps(answers, begin);
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("tok/s", requests * (double) (prompt + gen) / ((end - begin) * 1e-9));
            figures.put(
                    "TTFT ms",
                    1e3
                            * Statistics.median(answers.stream()
                                    .mapToDouble(Target.Timeline::firstSeconds)
                                    .toArray()));
            figures.put("ITL p50 ms", 1e3 * quantile(gaps, 0.5));
            figures.put("ITL p95 ms", 1e3 * quantile(gaps, 0.95));
            return figures;
        });
    }

    /** A long prompt arrives while others are being answered. */
    static Scene arrival(int requests, int prompt, int gen, int longPrompt) {
        int tokens = requests * (prompt + gen) + longPrompt + 1;
        return new Scene(
                "prompt of %d beside %d".formatted(longPrompt, requests), requests + 1, tokens, (target, random) -> {
                    CountDownLatch talking = new CountDownLatch(requests);
                    int[] arriving = text(random, longPrompt);
                    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                        List<Future<Target.Timeline>> answers = new ArrayList<>();
                        for (int i = 0; i < requests; i++) {
                            int[] own = text(random, prompt);
                            answers.add(threads.submit(() -> {
                                try {
                                    return target.answer(own, gen, false, token -> {
                                        if (token == gen / 8) {
                                            talking.countDown();
                                        }
                                    });
                                } catch (IOException | RuntimeException e) {
                                    talking.countDown(); // else nobody would hear of it
                                    throw e;
                                }
                            }));
                        }
                        talking.await();
                        Target.Timeline arrived = target.answer(arriving, 1, false, _ -> {});
                        List<Target.Timeline> done = new ArrayList<>();
                        for (Future<Target.Timeline> answer : answers) {
                            done.add(result(answer));
                        }
                        Map<String, Double> figures = new LinkedHashMap<>();
                        figures.put("worst gap ms", 1e3 * quantile(gaps(done, arrived.begin()), 1));
                        figures.put("TTFT ms", 1e3 * arrived.firstSeconds());
                        return figures;
                    }
                });
    }

    /** Two prompts that begin alike, one after the other. */
    static Scene prefix(int shared, int own) {
        return new Scene("prefix of " + shared, 1, 2 * (shared + own) + 2, (target, random) -> {
            int[] first = text(random, shared + own);
            int[] second = text(random, shared + own);
            System.arraycopy(first, 0, second, 0, shared);
            double cold = target.answer(first, 1, true, _ -> {}).firstSeconds();
            double warm = target.answer(second, 1, true, _ -> {}).firstSeconds();
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("first TTFT ms", 1e3 * cold);
            figures.put("second TTFT ms", 1e3 * warm);
            figures.put("second / first %", 100 * warm / cold);
            return figures;
        });
    }

    /** A long prompt is given up, and another request waits for its place. */
    static Scene cancel(int longPrompt) {
        return new Scene("cancelled prompt of " + longPrompt, 1, longPrompt + 2, (target, random) -> {
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put(
                    "TTFT alone ms",
                    1e3 * target.answer(text(random, 1), 1, false, _ -> {}).firstSeconds());
            int[] givenUp = text(random, longPrompt);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Target.Timeline> answer = threads.submit(() -> target.answer(givenUp, 1, false, _ -> {}));
                Thread.sleep(GIVE_UP_AFTER);
                if (!answer.cancel(true)) {
                    throw new IOException("a prompt of %d tokens was computed in %d ms; take a longer one"
                            .formatted(longPrompt, GIVE_UP_AFTER.toMillis()));
                }
                figures.put(
                        "TTFT after ms",
                        1e3 * target.answer(text(random, 1), 1, false, _ -> {}).firstSeconds());
            }
            return figures;
        });
    }

    /** Ordinary tokens of any vocabulary of some size. */
    private static int[] text(SplittableRandom random, int length) {
        return random.ints(length, 10, 250).toArray();
    }

    private interface Call {
        Target.Timeline on(int[] prompt) throws IOException, InterruptedException;
    }

    private static List<Target.Timeline> together(List<int[]> prompts, Call call)
            throws IOException, InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Target.Timeline>> answers = new ArrayList<>();
            for (int[] prompt : prompts) {
                answers.add(threads.submit(() -> call.on(prompt)));
            }
            List<Target.Timeline> done = new ArrayList<>();
            for (Future<Target.Timeline> answer : answers) {
                done.add(result(answer));
            }
            return done;
        }
    }

    private static Target.Timeline result(Future<Target.Timeline> answer) throws IOException, InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(String.valueOf(e.getCause()), e);
        }
    }

    /** Seconds between neighbours of the tokens that came after a moment. */
    private static double[] gaps(List<Target.Timeline> answers, long after) {
        return answers.stream()
                .flatMapToDouble(answer -> IntStream.range(1, answer.tokens().length)
                        .filter(i -> answer.tokens()[i] > after)
                        .mapToDouble(i -> (answer.tokens()[i] - answer.tokens()[i - 1]) * 1e-9))
                .sorted()
                .toArray();
    }

    private static double quantile(double[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(share * (sorted.length - 1))];
    }
}
