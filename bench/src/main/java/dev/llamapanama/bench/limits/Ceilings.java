package dev.llamapanama.bench.limits;

import dev.llamapanama.bench.cli.Progress;
import dev.llamapanama.bench.machine.CpuTopology;
import dev.llamapanama.bench.report.MarkdownTable;
import dev.llamapanama.engine.Backend;
import dev.llamapanama.engine.MachineLimits;
import dev.llamapanama.engine.MultiplyFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The limits of this machine, measured.
 *
 * @param rows one for each limit and number of threads
 */
public record Ceilings(List<Ceiling> rows) {
    private static final long MIN_BUFFER_BYTES = 256L << 20;
    private static final int CACHES_PER_BUFFER = 4;

    /** Copies the rows. */
    public Ceilings {
        rows = List.copyOf(rows);
    }

    /** How many points {@link #measure} measures. */
    public static int points(Collection<Integer> threads, Set<MultiplyFormat> formats) {
        return threads.size() * (1 + formats.size());
    }

    /**
     * Measures.
     *
     * @param threads numbers of threads
     * @param formats what to multiply
     * @param duration of each point
     * @param progress advances by one for each point
     */
    public static Ceilings measure(
            Collection<Integer> threads, Set<MultiplyFormat> formats, Duration duration, Progress progress)
            throws InterruptedException {
        CpuTopology topology = CpuTopology.ofThisMachine();
        String cpu = topology.model();
        List<Ceiling> rows = new ArrayList<>();
        try (MachineLimits limits = MachineLimits.open(bufferBytes(topology), Backend.defaultThreads())) {
            for (int count : threads) {
                progress.part(Ceiling.MEMORY_READ, ", %d threads".formatted(count));
                rows.add(Ceiling.read(cpu, count, limits.readBandwidth(count, duration)));
                progress.advance(1);
            }
        }
        for (MultiplyFormat format : formats) {
            String limit = Roofline.limit(format);
            String instruction = MachineLimits.multiplyInstruction(format).orElse(null);
            for (int count : threads) {
                progress.part(limit, ", %d threads".formatted(count));
                rows.add(Ceiling.multiply(
                        cpu,
                        limit,
                        instruction,
                        count,
                        instruction == null ? null : MachineLimits.multiplyThroughput(format, count, duration)));
                progress.advance(1);
            }
        }
        return new Ceilings(rows);
    }

    /** Several times the last-level caches, so that none of it stays in them; at most a quarter of the memory. */
    private static long bufferBytes(CpuTopology topology) {
        long wanted = Math.max(MIN_BUFFER_BYTES, CACHES_PER_BUFFER * topology.lastLevelCacheBytes());
        long memory = topology.memoryBytes();
        return memory == 0 ? wanted : Math.min(wanted, memory / 4);
    }

    /** The best passes of so many threads; these must have been measured. */
    public Roofline roofline(int threads) {
        Map<MultiplyFormat, Double> multiply = new EnumMap<>(MultiplyFormat.class);
        for (MultiplyFormat format : MultiplyFormat.values()) {
            best(Roofline.limit(format), threads).forEach(best -> multiply.put(format, best));
        }
        return new Roofline(best(Ceiling.MEMORY_READ, threads).getFirst(), multiply);
    }

    private List<Double> best(String limit, int threads) {
        List<Double> values = new ArrayList<>();
        for (Ceiling row : rows) {
            Double best = row.best();
            if (row.limit().equals(limit) && row.threads() == threads && best != null) {
                values.add(best);
            }
        }
        return values;
    }

    /** A line for each number of threads, to stand above a table of speeds that are compared with them. */
    public String lines() {
        return rows.stream()
                .map(Ceiling::threads)
                .distinct()
                .map(threads -> "- ceilings, %d threads: %s%n".formatted(threads, line(threads)))
                .collect(Collectors.joining());
    }

    private String line(int threads) {
        List<String> parts = new ArrayList<>();
        for (Ceiling row : rows) {
            Double best = row.best();
            if (row.threads() == threads && best != null) {
                String instruction = row.instruction() == null ? "" : " (" + row.instruction() + ")";
                String unit = row.limit().equals(Ceiling.MEMORY_READ) ? " GB/s" : " Gop/s" + instruction;
                parts.add(row.limit() + " " + MarkdownTable.number(best / 1e9, 1) + unit);
            }
        }
        return String.join("; ", parts);
    }
}
