package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.NativeResource;
import dev.llamapanama.engine.internal.ParallelPasses;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Measures what this machine can do at most: how fast its cores read memory, and how fast they multiply. Generation is
 * bound by the first, prompt processing by the second (S. Williams et al., "Roofline", 2009).
 *
 * <p>Each kernel counts what it did in the registers that it computes with, and each count is checked, so that no
 * compiler can make a figure better by leaving work out. Owns a buffer in native memory. Thread-safe, but measurements at
 * the same time disturb each other.
 */
public final class MachineLimits implements AutoCloseable {
    private static final long WORD_FACTOR = 0x9E3779B97F4A7C15L; // as in limits.cpp
    private static final long ITERATIONS = 1 << 20; // some milliseconds

    private final long words;
    private final NativeResource resource;

    /**
     * The speed of several passes over the same work.
     *
     * @param best the fastest pass, per second
     * @param median the middle pass, per second
     */
    public record Rate(double best, double median) {
        private static Rate of(double[] passes) {
            double[] sorted = passes.clone();
            Arrays.sort(sorted);
            int middle = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
            return new Rate(sorted[sorted.length - 1], median);
        }
    }

    private MachineLimits(long words) {
        this.words = words;
        resource = NativeResource.open(
                "read buffer of " + (words * Long.BYTES >> 20) + " MiB",
                List.of(),
                new Object(),
                (handleArena, memory) -> Llama.readBufferInit(words, handleArena, new NativeError(memory)));
        resource.declareBytes(words * Long.BYTES);
        resource.watch(this);
    }

    /**
     * Allocates and fills the buffer that is read.
     *
     * @param bufferBytes size of the buffer; to measure memory and not a cache, several times that of all last-level
     *     caches together
     * @param threads threads that fill it, each its part: on machines with several memory nodes the buffer is spread over
     *     the nodes that they run on
     * @throws NativeFailureException if there is not so much memory
     * @throws NativeLibraryException if the native libraries cannot be used on this machine
     */
    public static MachineLimits open(long bufferBytes, int threads) throws InterruptedException {
        requirePositive("bufferBytes", bufferBytes);
        requirePositive("threads", threads);
        Backend.load();
        MachineLimits limits;
        try {
            limits = new MachineLimits(Math.ceilDiv(bufferBytes, Long.BYTES));
        } catch (NativeCallException e) {
            throw new NativeFailureException("read buffer of " + bufferBytes + " bytes", e);
        }
        try {
            ParallelPasses.once(
                    threads, thread -> limits.fill(limits.begin(thread, threads), limits.end(thread, threads)));
            return limits;
        } catch (Throwable thrown) {
            limits.close();
            throw thrown;
        }
    }

    /** Bytes of the buffer. */
    public long bufferBytes() {
        return words * Long.BYTES;
    }

    /**
     * Measures how fast so many threads read memory: each its part of the buffer, from begin to end, all at once.
     *
     * @param duration about how long to measure
     * @return bytes per second, all threads together
     * @throws IllegalStateException if this object is closed
     */
    public Rate readBandwidth(int threads, Duration duration) throws InterruptedException {
        requirePositive("threads", threads);
        return Rate.of(
                ParallelPasses.rates(threads, duration, thread -> read(begin(thread, threads), end(thread, threads))));
    }

    /** The instruction with which this CPU multiplies a format fastest, in words; empty if it has none that is known here. */
    public static Optional<String> multiplyInstruction(MultiplyFormat format) {
        Backend.load();
        return Llama.multiplyInstruction(format.value());
    }

    /**
     * Measures how fast so many threads multiply and add numbers that are in registers.
     *
     * @param duration about how long to measure
     * @return operations per second, all threads together; a multiplication with its addition is two operations
     * @throws UnsupportedOperationException if this CPU has no instruction for the format
     */
    public static Rate multiplyThroughput(MultiplyFormat format, int threads, Duration duration)
            throws InterruptedException {
        requirePositive("threads", threads);
        if (multiplyInstruction(format).isEmpty()) {
            throw new UnsupportedOperationException("this CPU has no instruction that multiplies " + format);
        }
        return Rate.of(ParallelPasses.rates(threads, duration, thread -> 2 * multiplyAdds(format, ITERATIONS)));
    }

    /** Runs the kernel of a format and returns how many multiply-adds it did. */
    static long multiplyAdds(MultiplyFormat format, long iterations) {
        try (Arena arena = Arena.ofConfined()) {
            return Llama.multiply(format.value(), iterations, new NativeError(arena));
        } catch (NativeCallException e) {
            throw new NativeFailureException("multiplication of " + format, e);
        }
    }

    private long begin(int thread, int threads) {
        return words / threads * thread;
    }

    private long end(int thread, int threads) {
        return thread == threads - 1 ? words : words / threads * (thread + 1);
    }

    private long fill(long first, long end) {
        MemorySegment buffer = resource.enterShared();
        try {
            Llama.readBufferFill(buffer, first, end - first);
        } finally {
            resource.exitShared();
        }
        return end - first;
    }

    private long read(long first, long end) {
        long sum = sum(first, end);
        long expected = expectedSum(first, end);
        if (sum != expected) {
            throw new IllegalStateException("the sum of words " + first + " to " + end + " is " + sum + ", not "
                    + expected + ": the memory was not read, or not as it was written");
        }
        return (end - first) * Long.BYTES;
    }

    /** The sum of words as native code reads them. */
    long sum(long first, long end) {
        MemorySegment buffer = resource.enterShared();
        try {
            return Llama.readBufferSum(buffer, first, end - first);
        } finally {
            resource.exitShared();
        }
    }

    /** Word i is i times a factor, so this is a sum of numbers in a row; long arithmetic is modulo 2^64, as in C. */
    private static long expectedSum(long first, long end) {
        long n = end - first;
        return WORD_FACTOR * (n * first + n * (n - 1) / 2);
    }

    private static void requirePositive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be 1 or more: " + value);
        }
    }

    /** Gives the buffer back. Does nothing when that was done. */
    @Override
    public void close() {
        resource.close();
    }

    @Override
    public String toString() {
        return resource.name();
    }
}
