package dev.llamapanama.bench.jmh.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.cli.AtomicFile;
import dev.llamapanama.bench.jmh.OperationsProfiler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What each benchmark may allocate, from a file that is kept beside the code.
 *
 * @param allowances by {@link JmhResult#name}
 */
record AllocationBaseline(SortedMap<String, Allowance> allowances) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * What one benchmark may allocate.
     *
     * @param bytes per operation
     * @param tolerance bytes per operation by which runs differ: how far the JIT compiler came, and what is left of JMH's own
     */
    record Allowance(double bytes, double tolerance) {
        private static final double DEFAULT_TOLERANCE = 1;
        private static final double DEFAULT_SHARE = 0.02;

        double most() {
            return bytes + tolerance;
        }

        /** For a new measurement, with the old tolerance where there was one. */
        static Allowance of(double measured, Optional<Allowance> old) {
            double tolerance = old.map(Allowance::tolerance)
                    .orElse(Math.max(DEFAULT_TOLERANCE, Math.ceil(measured * DEFAULT_SHARE)));
            return new Allowance(measured <= tolerance ? 0 : Math.rint(measured), tolerance);
        }
    }

    /**
     * Reads the file's text.
     *
     * @param file for messages
     * @throws IOException if it is something else
     */
    static AllocationBaseline parse(Path file, String text) throws IOException {
        try {
            return new AllocationBaseline(JSON.readValue(text, new TypeReference<TreeMap<String, Allowance>>() {}));
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is not an allocation baseline: " + e.getOriginalMessage(), e);
        }
    }

    /** Writes the file: a line for each benchmark's numbers. */
    void write(Path file) throws IOException {
        DefaultPrettyPrinter lines = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
        AtomicFile.write(file, JSON.writer(lines).writeValueAsString(allowances) + "\n");
    }

    /**
     * The baseline that these results would meet; benchmarks that are gone are left out, tolerances stay.
     *
     * @throws IllegalArgumentException if a result has no allocation figure
     */
    AllocationBaseline renewed(List<JmhResult> results) {
        SortedMap<String, Allowance> renewed = new TreeMap<>();
        Allocation allocation = Allocation.of(results);
        for (JmhResult result : results) {
            double measured = allocation
                    .bytesPerOperation(result)
                    .orElseThrow(() -> new IllegalArgumentException(noFigure(result.name())));
            renewed.put(result.name(), Allowance.of(measured, Optional.ofNullable(allowances.get(result.name()))));
        }
        return new AllocationBaseline(renewed);
    }

    /** What is wrong with these results, a line each; none if nothing is. */
    List<String> complaints(List<JmhResult> results) {
        List<String> complaints = new ArrayList<>();
        SortedMap<String, Allowance> gone = new TreeMap<>(allowances);
        Allocation allocation = Allocation.of(results);
        for (JmhResult result : results) {
            Allowance allowance = gone.remove(result.name());
            OptionalDouble bytes = allocation.bytesPerOperation(result);
            if (bytes.isEmpty()) {
                complaints.add(noFigure(result.name()));
            } else if (allowance == null) {
                complaints.add(result.name() + " is not in the baseline");
            } else if (!(bytes.getAsDouble() <= allowance.most())) { // NaN too
                complaints.add(String.format(
                        Locale.ROOT,
                        "%s allocates %.2f B/op; %.2f are allowed (%.2f, and %.2f of tolerance)",
                        result.name(),
                        bytes.getAsDouble(),
                        allowance.most(),
                        allowance.bytes,
                        allowance.tolerance));
            }
        }
        gone.keySet().forEach(name -> complaints.add(name + " is in the baseline, but was not measured"));
        return complaints;
    }

    private static String noFigure(String name) {
        return name + " has no allocation figure; run JMH with -prof gc -prof " + OperationsProfiler.class.getName();
    }
}
