package dev.llamapanama.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs, for an instant, and has its line in the allocation baseline. */
class BenchmarksTest {
    @TempDir
    private Path folder;

    @Test
    void allRunAndAreInTheBaseline() throws RunnerException, IOException {
        Options instant = new OptionsBuilder()
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .param("vocabulary", "32000")
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .output(folder.resolve("jmh.log").toString())
                .build();

        Set<String> run = new Runner(instant)
                .run().stream()
                        .map(RunResult::getParams)
                        .map(params -> params.getBenchmark())
                        .map(name -> name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1))
                        .collect(Collectors.toCollection(TreeSet::new));

        Set<String> baseline = new TreeSet<>();
        new JsonMapper()
                .readTree(Path.of("jmh", "allocation.json").toFile())
                .fieldNames()
                .forEachRemaining(name -> baseline.add(name.replaceFirst("\\[.*", "")));
        assertThat(run).isNotEmpty().isEqualTo(baseline);
    }
}
