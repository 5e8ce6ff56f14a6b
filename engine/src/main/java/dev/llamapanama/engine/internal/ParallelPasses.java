package dev.llamapanama.engine.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * The speed of a piece of work that several threads do at the same time.
 *
 * <p>A pass begins when all threads have come to a barrier, and ends with the last of them. Each thread repeats its part
 * until a pass takes about {@link #PASS_NANOS}, against which the barrier's own time is little.
 */
public final class ParallelPasses {
    private static final long PASS_NANOS = 20_000_000;
    private static final int MIN_PASSES = 3;

    private ParallelPasses() {}

    /** A thread's part of a pass. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does it.
         *
         * @param thread from 0
         * @return units done
         */
        long run(int thread);
    }

    private record Pass(long begin, long end, long units) {
        Pass and(Pass other) {
            return new Pass(Math.min(begin, other.begin), Math.max(end, other.end), units + other.units);
        }

        long nanos() {
            return Math.max(1, end - begin);
        }
    }

    /** Does the work once. */
    public static void once(int threads, Work work) throws InterruptedException {
        try (ExecutorService pool = pool(threads)) {
            pass(pool, threads, 1, work);
        }
    }

    /**
     * Does the work for about {@code duration}, and at least three times, after one pass that is not counted.
     *
     * @return units per second of each pass
     */
    public static double[] rates(int threads, Duration duration, Work work) throws InterruptedException {
        List<Double> rates = new ArrayList<>();
        try (ExecutorService pool = pool(threads)) {
            long firstNanos = pass(pool, threads, 1, work).nanos();
            int repetitions = (int) Math.max(1, PASS_NANOS / firstNanos);
            long begin = System.nanoTime();
            while (rates.size() < MIN_PASSES || System.nanoTime() - begin < duration.toNanos()) {
                Pass pass = pass(pool, threads, repetitions, work);
                rates.add(1e9 * pass.units / pass.nanos());
            }
        }
        return rates.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static ExecutorService pool(int threads) {
        return Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("machine-limits-", 0).factory());
    }

    private static Pass pass(ExecutorService pool, int threads, int repetitions, Work work)
            throws InterruptedException {
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Callable<Pass>> parts = IntStream.range(0, threads)
                .<Callable<Pass>>mapToObj(thread -> () -> {
                    start.await();
                    long begin = System.nanoTime();
                    long units = 0;
                    for (int i = 0; i < repetitions; i++) {
                        units += work.run(thread);
                    }
                    return new Pass(begin, System.nanoTime(), units);
                })
                .toList();
        List<Pass> passes = new ArrayList<>();
        for (Future<Pass> part : pool.invokeAll(parts)) {
            passes.add(result(part));
        }
        return passes.stream().reduce(Pass::and).orElseThrow();
    }

    private static Pass result(Future<Pass> part) throws InterruptedException {
        try {
            return part.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
