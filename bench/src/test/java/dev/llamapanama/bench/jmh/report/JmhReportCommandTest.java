package dev.llamapanama.bench.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.bench.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JmhReportCommandTest {
    private static final String SIZE = "\"params\" : { \"size\" : \"8\" },";

    @TempDir
    private Path folder;

    private static String result(String name, String params, double nanos, double bytes) {
        return """
            {
              "jmhVersion" : "1.37",
              "benchmark" : "dev.llamapanama.bench.jmh.%s",
              "mode" : "avgt",
              %s
              "primaryMetric" : {
                "score" : %s,
                "scoreError" : "NaN",
                "scoreUnit" : "ns/op",
                "rawData" : [ [ %s, 90.5 ] ]
              },
              "secondaryMetrics" : {
                "operations" : { "score" : 100, "scoreError" : 0, "scoreUnit" : "ops", "rawData" : [ [ 100, 100 ] ] },
                "gc.alloc.rate.norm" : {
                  "score" : 30.0,
                  "scoreError" : 1.5,
                  "scoreUnit" : "B/op",
                  "rawData" : [ [ 4750.0, %s ] ]
                }
              }
            }
            """.formatted(name, params, nanos, nanos, bytes);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Path results(String... results) throws IOException {
        return file("result.json", "[" + String.join(",", results) + "]");
    }

    private Path baseline(String text) throws IOException {
        return file("allocation.json", text);
    }

    private static Cli report(Path in, Path baseline, String... more) {
        String[] args = {"jmh-report", "--in", in.toString(), "--baseline", baseline.toString()};
        return Cli.run(Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray(String[]::new));
    }

    @Test
    void aTableOfWhatWasMeasured() throws IOException {
        Path in = results(result("A.fast", "", 5.25, 0.01), result("B.slow", SIZE, 1234.5, 40));

        Cli run = report(in, baseline("""
                {"A.fast": {"bytes": 0, "tolerance": 1}, "B.slow[size=8]": {"bytes": 40, "tolerance": 2}}
                """));

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("""
                | benchmark      | score |   ± | unit  |  B/op | allowed |
                | -------------- | ----: | --: | ----- | ----: | ------: |
                | A.fast         | 5.250 |     | ns/op |  0.01 |    1.00 |
                | B.slow[size=8] |  1235 |     | ns/op | 40.00 |   42.00 |
                """);
    }

    @Test
    void moreAllocationFails() throws IOException {
        Cli run = report(results(result("A.fast", "", 5, 16)), baseline("""
                {"A.fast": {"bytes": 0, "tolerance": 1}}
                """));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains("| A.fast");
        assertThat(run.err())
                .contains("A.fast allocates 16.00 B/op; 1.00 are allowed")
                .contains("--renew");
    }

    /** 100 operations: 56.5 bytes of each are JMH's. */
    @Test
    void whatJmhAllocatesDoesNotCount() throws IOException {
        Path in = results(result("A.fast", "", 5, 57), result("DecodeLoopBenchmark.nothing", "", 1, 56.5));

        Cli run = report(in, baseline("""
                {"A.fast": {"bytes": 0, "tolerance": 1}, "DecodeLoopBenchmark.nothing": {"bytes": 0, "tolerance": 60}}
                """));

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("|  0.50 |").contains("5650");
    }

    /** What is taken from all others must be small, or it would hide what they allocate. */
    @Test
    void anEmptyLoopThatAllocatesFails() throws IOException {
        Path in = results(
                result("DecodeLoopBenchmark.nextToken", "", 5, 16.3),
                result("DecodeLoopBenchmark.nothing", "", 1, 16.3));

        Cli run = report(in, baseline("""
                {"DecodeLoopBenchmark.nextToken": {"bytes": 0, "tolerance": 1},
                 "DecodeLoopBenchmark.nothing": {"bytes": 0, "tolerance": 1}}
                """));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("DecodeLoopBenchmark.nothing allocates 16.30 B/op; 1.00 are allowed");
    }

    /** The smallest Java object has 16 bytes. */
    @Test
    void anObjectForEachTokenIsMoreThanTheProjectsBaselineAllows() throws IOException {
        Path file = Path.of("jmh", "allocation.json");
        AllocationBaseline baseline = AllocationBaseline.parse(file, Files.readString(file));

        for (String loop : List.of(
                "DecodeLoopBenchmark.nothing",
                "DecodeLoopBenchmark.nextToken",
                "TokenStreamBenchmark.nextToken",
                "SamplerBenchmark.greedy[vocabulary=32000]",
                "SamplerBenchmark.defaultChain[vocabulary=151936]",
                "TopTokensBenchmark.none[vocabulary=151936]")) {
            assertThat(baseline.allowances().get(loop).most()).as(loop).isLessThan(16);
        }
        double jmhs = baseline.allowances().get("DecodeLoopBenchmark.nothing").most();
        double loops =
                baseline.allowances().get("DecodeLoopBenchmark.nextToken").most();
        assertThat(jmhs + loops).isLessThan(16); // both have as many operations
    }

    @Test
    void benchmarksThatCameOrWentFail() throws IOException {
        Cli run = report(results(result("A.renamed", "", 5, 0)), baseline("""
                {"A.fast": {"bytes": 0, "tolerance": 1}}
                """));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("A.renamed is not in the baseline")
                .contains("A.fast is in the baseline, but was not measured");
    }

    @Test
    void resultsWithoutAllocationFiguresFail() throws IOException {
        Path in = file("result.json", """
                [{"benchmark": "x.A.fast", "secondaryMetrics": {},
                  "primaryMetric": {"score": 1, "scoreError": 0, "scoreUnit": "ns/op", "rawData": [[1]]}}]
                """);

        Cli run = report(in, baseline("""
                {"A.fast": {"bytes": 0, "tolerance": 1}}
                """));

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains(
                        "A.fast has no allocation figure; run JMH with -prof gc -prof dev.llamapanama.bench.jmh.OperationsProfiler");
    }

    @Test
    void theSeamIsJudgedByTheDifference() throws IOException {
        Path baseline = baseline("""
                {"SeamBenchmark.emptyCall": {"bytes": 0, "tolerance": 1},
                 "SeamBenchmark.contextCall": {"bytes": 0, "tolerance": 1}}
                """);
        String empty = result("SeamBenchmark.emptyCall", "", 6, 0);

        Cli cheap = report(results(empty, result("SeamBenchmark.contextCall", "", 25.5, 0)), baseline);
        assertThat(cheap.code()).isZero();
        assertThat(cheap.out()).contains("Seam overhead: 19.5 ns over an empty native call");

        Cli dear = report(results(empty, result("SeamBenchmark.contextCall", "", 26.5, 0)), baseline);
        assertThat(dear.code()).isEqualTo(1);
        assertThat(dear.err()).contains("the seam overhead is above its limit");

        String slow = result("SeamBenchmark.emptyCall", "", 12, 0);
        Cli slowMachine = report(results(slow, result("SeamBenchmark.contextCall", "", 35.5, 0)), baseline);
        assertThat(slowMachine.code()).isZero();
    }

    @Test
    void renewedBaselinesAreMetAndKeepTolerances() throws IOException {
        Path in =
                results(result("A.fast", "", 5, 0.3), result("B.slow", SIZE, 9, 1000.4), result("C.known", "", 9, 20));
        Path baseline = baseline("""
                {"C.known": {"bytes": 0, "tolerance": 30}, "D.gone": {"bytes": 8, "tolerance": 1}}
                """);

        Cli renewal = report(in, baseline, "--renew");

        assertThat(renewal.code()).isZero();
        assertThat(baseline).hasContent("""
                {
                  "A.fast" : {
                    "bytes" : 0.0,
                    "tolerance" : 1.0
                  },
                  "B.slow[size=8]" : {
                    "bytes" : 1000.0,
                    "tolerance" : 21.0
                  },
                  "C.known" : {
                    "bytes" : 0.0,
                    "tolerance" : 30.0
                  }
                }
                """);
        assertThat(report(in, baseline).code()).isZero();
    }

    @Test
    void withoutABaselineNothingIsChecked() throws IOException {
        Cli run = Cli.run(
                "jmh-report", "--in", results(result("A.fast", "", 5, 500)).toString());

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("500.00");
    }

    @Test
    void otherFilesAreWrongArguments() throws IOException {
        for (String text : new String[] {"hello", "[]", "[{\"benchmark\": 1}]", "{}"}) {
            Cli run = Cli.run("jmh-report", "--in", file("other.json", text).toString());

            assertThat(run.code()).as(text).isEqualTo(2);
            assertThat(run.err().strip()).contains("other.json").doesNotContain("\n");
        }
        Path in = results(result("A.fast", "", 5, 0));
        assertThat(report(in, baseline("hello")).code()).isEqualTo(2);
    }

    @Test
    void wrongArguments() throws IOException {
        Path in = results(result("A.fast", "", 5, 0));

        assertThat(Cli.run("jmh-report").code()).isEqualTo(2);
        assertThat(Cli.run("jmh-report", "--in", "/no/such/file").code()).isEqualTo(2);
        assertThat(Cli.run("jmh-report", "--in", in.toString(), "--renew").code())
                .isEqualTo(2);
        assertThat(report(in, Path.of("/no/such/file")).code()).isEqualTo(2);
    }
}
