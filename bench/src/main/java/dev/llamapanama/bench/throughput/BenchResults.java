package dev.llamapanama.bench.throughput;

import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.report.BenchResult;
import dev.llamapanama.bench.statistics.Statistics;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.ModelInfo;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Makes rows of results. */
final class BenchResults {
    private BenchResults() {}

    /** A test's row, with llama-bench's statistics. */
    static BenchResult of(Machine machine, ModelInfo model, TestCase test, Samples samples) {
        List<Long> nanoseconds = Arrays.stream(samples.nanoseconds()).boxed().toList();
        List<Double> speeds =
                nanoseconds.stream().map(ns -> 1e9 * test.tokens() / ns).toList();
        List<Long> ttft = Arrays.stream(samples.timeToFirstToken()).boxed().toList();
        return new BenchResult(
                tag(machine.llamaCppVersion()),
                0,
                machine.cpu(),
                "",
                "CPU",
                test.model().toString(),
                model.description(),
                model.sizeBytes(),
                model.parameters(),
                test.batch(),
                test.ubatch(),
                test.threads(),
                "0x0",
                false,
                50,
                name(test.kvType()),
                name(test.kvType()),
                -1,
                0,
                "layer",
                0,
                false,
                number(test.flashAttention()),
                "auto",
                "0.00",
                "none",
                "auto",
                "auto",
                false,
                0,
                false,
                0,
                0,
                test.prompt(),
                test.gen(),
                test.depth(),
                samples.start()
                        .truncatedTo(ChronoUnit.SECONDS)
                        .atOffset(ZoneOffset.UTC)
                        .format(DateTimeFormatter.ISO_INSTANT),
                (long) Statistics.mean(Statistics.doubles(nanoseconds)),
                (long) Statistics.standardDeviation(Statistics.doubles(nanoseconds)),
                Statistics.mean(Statistics.doubles(speeds)),
                Statistics.standardDeviation(Statistics.doubles(speeds)),
                nanoseconds,
                speeds,
                ttft.isEmpty() ? null : (long) Statistics.mean(Statistics.doubles(ttft)),
                ttft.isEmpty() ? null : ttft,
                machine.cpuLibrary(),
                Runtime.version().toString());
    }

    /** The tag of a version such as "0.5.0-dev"; git takes it where it takes a commit. */
    private static String tag(String version) {
        return "v" + version.replaceFirst("-.*", "");
    }

    private static String name(KvType type) {
        return type.name().toLowerCase(Locale.ROOT); // ggml_type_name
    }

    private static int number(FlashAttention flashAttention) {
        return switch (flashAttention) {
            case AUTO -> -1;
            case DISABLED -> 0;
            case ENABLED -> 1;
        };
    }
}
