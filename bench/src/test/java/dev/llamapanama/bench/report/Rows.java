package dev.llamapanama.bench.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.llamapanama.bench.machine.Machine;
import dev.llamapanama.bench.statistics.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rows with every field that a page shows; the numbers are made up, and stand for nothing. */
public final class Rows {
    /** A name that would do harm in a page that does not mind names. */
    public static final String HOSTILE =
            "x</script><script>window.injected = 1</script><img src=x onerror=alert(1)>'\"&.gguf";

    private Rows() {}

    public static Machine machine(String commit) {
        return new Machine(
                "A processor with quite a long name, 48 cores",
                48,
                96,
                405L << 30,
                List.of("AVX2", "AVX512F", "AVX512_VNNI", "AVX512_BF16"),
                "0.5.0",
                "fd570ef54b10ec5fecb739e7e04c8ce44a6f415a",
                "libggml-cpu-zen4.so",
                "host",
                true,
                "25+36, OpenJDK 64-Bit Server VM",
                "matrix products with AVX-512 VNNI",
                commit);
    }

    public static BenchResult throughput(String model, int threads, int prompt, int gen, int depth, double speed) {
        List<Double> speeds = List.of(speed, 0.97 * speed, 1.04 * speed);
        double[] values = Statistics.doubles(speeds);
        List<Long> nanoseconds =
                speeds.stream().map(s -> (long) (1e9 * (prompt + gen) / s)).toList();
        return new BenchResult(
                "v0.5.0",
                0,
                "A processor",
                "",
                "CPU",
                "/models/" + model,
                "qwen2 0.5B Q8_0",
                530_000_000,
                494_000_000,
                2048,
                512,
                threads,
                "0x0",
                false,
                50,
                "f16",
                "f16",
                -1,
                0,
                "layer",
                0,
                false,
                -1,
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
                prompt,
                gen,
                depth,
                "2026-11-21T12:00:00Z",
                nanoseconds.getFirst(),
                1000,
                Statistics.mean(values),
                Statistics.standardDeviation(values),
                nanoseconds,
                speeds,
                prompt > 0 ? nanoseconds.getFirst() : null,
                prompt > 0 ? nanoseconds : null,
                "libggml-cpu-zen4.so",
                "25+36",
                prompt > 0 ? "int8 multiply" : "memory read",
                speed / 0.6,
                Statistics.mean(values) * 0.6 / speed,
                gen > 0 ? null : 5e8 / prompt,
                gen > 0 ? null : 1e9,
                gen > 0 ? null : 30.0 * prompt,
                gen > 0 ? null : 300.0,
                Statistics.median(values),
                machine("1234567"),
                "llamapanama throughput --model '/models/" + model + "' --threads 1-4*2");
    }

    public static List<BenchResult> throughput() {
        List<BenchResult> results = new ArrayList<>();
        for (String model : List.of("Qwen2.5-0.5B-Instruct-Q8_0.gguf", HOSTILE)) {
            double size = model.equals(HOSTILE) ? 1.7 : 1;
            for (int threads : List.of(1, 2, 4)) {
                for (int depth : List.of(0, 512, 2048)) {
                    double speed = Math.pow(threads, 0.9) / size / (1 + depth / 8000.0);
                    results.add(throughput(model, threads, 512, 0, depth, 75 * speed));
                    results.add(throughput(model, threads, 0, 128, depth, 17 * speed));
                }
            }
        }
        return results;
    }

    /** A row as it is when what the machine can do at most was measured too. */
    public static Map<String, Object> withCeiling(BenchResult result, double share) {
        Map<String, Object> row = new JsonMapper().convertValue(result, new TypeReference<>() {});
        row.put("ceiling", "memory read");
        row.put("ceiling_share", share);
        return row;
    }

    public static Map<String, Object> streams(int streams) {
        return Map.ofEntries(
                Map.entry("pl", streams),
                Map.entry("pp", 128),
                Map.entry("tg", 32),
                Map.entry("is_pp_shared", 0),
                Map.entry("n_threads", 2),
                Map.entry("speed_pp", 150.0),
                Map.entry("speed_tg", 35 * Math.sqrt(streams)),
                Map.entry("itl_p50_ns", 28_000_000 * streams),
                Map.entry("itl_p95_ns", 31_000_000 * streams),
                Map.entry("itl_p99_ns", 45_000_000 * streams),
                Map.entry("model_filename", HOSTILE),
                Map.entry("java_version", "25"));
    }

    public static Map<String, Object> ratio(String test, double ratio) {
        return Map.of(
                "model",
                "/models/" + HOSTILE,
                "test",
                test,
                "threads",
                2,
                "engine_ts",
                List.of(100 * ratio, 100 * ratio - 4, 100 * ratio + 6),
                "peer_ts",
                List.of(100, 100, 100),
                "ratios",
                List.of(ratio, ratio - 0.04, ratio + 0.06),
                "median_ratio",
                ratio,
                "ratio_low",
                ratio - 0.02,
                "ratio_high",
                ratio + 0.03);
    }

    /** A time to first token. */
    public static Map<String, Object> latency(int prompt, int cached) {
        return latency("TTFT", prompt, cached, 1_000_000L * (prompt - cached) + 5_000_000);
    }

    public static Map<String, Object> latency(String measure, int prompt, int cached, long nanoseconds) {
        return Map.of(
                "measure",
                measure,
                "model_filename",
                "/models/" + HOSTILE,
                "n_threads",
                2,
                "n_prompt",
                prompt,
                "n_cached",
                cached,
                "median_ns",
                nanoseconds,
                "samples_ns",
                List.of(nanoseconds, nanoseconds - 1_000_000, nanoseconds + 2_000_000));
    }

    public static Map<String, Object> startup() {
        return Map.of(
                "model_filename",
                "/models/" + HOSTILE,
                "n_threads",
                2,
                "archive",
                true,
                "engine_ns",
                List.of(300_000_000, 290_000_000),
                "reference_ns",
                List.of(200_000_000, 230_000_000),
                "median_engine_ns",
                295e6,
                "median_reference_ns",
                215e6);
    }

    public static Map<String, Object> limit(String limit, String unit, int threads, double best) {
        return Map.of("limit", limit, "unit", unit, "threads", threads, "best", best, "median", 0.9 * best);
    }

    public static Map<String, Object> variant(String name, String test, double speed) {
        return Map.of(
                "model",
                "/models/" + HOSTILE,
                "test",
                test,
                "variant",
                Map.of("name", name, "build", "native"),
                "speeds",
                List.of(speed, 0.9 * speed, 1.1 * speed),
                "ratios",
                List.of(speed / 100, speed / 100, speed / 100),
                "median_speed",
                speed,
                "median_ratio",
                speed / 100);
    }

    public static List<ResultFile> files() {
        return List.of(
                ResultFile.of(
                        "throughput.json",
                        throughput().stream().map(row -> withCeiling(row, 0.7)).toList()),
                ResultFile.of("streams.jsonl", List.of(streams(1), streams(4), streams(16), Map.of("other", 1))),
                ResultFile.of(
                        "compare.json",
                        List.of(ratio("pp512", 1.01), ratio("tg128", 0.98), ratio("tg64 @ d2048", 0.99))),
                ResultFile.of(
                        "latency.json",
                        List.of(
                                latency("LOAD_WARM", 0, 0, 90_000_000),
                                latency(64, 0),
                                latency(64, 32),
                                latency(64, 63),
                                latency(512, 0),
                                latency(512, 256),
                                latency(512, 511))),
                ResultFile.of("startup.json", List.of(startup())),
                ResultFile.of(
                        "variants.json",
                        List.of(variant("native", "pp512", 100), variant("-O2 in place of -O3", "pp512", 97))),
                ResultFile.of(
                        "limits.json",
                        List.of(
                                limit("memory read", "bytes/s", 1, 20e9),
                                limit("memory read", "bytes/s", 2, 35e9),
                                limit("int8 multiply", "operations/s", 1, 400e9),
                                limit("int8 multiply", "operations/s", 2, 800e9),
                                limit("f32 multiply", "operations/s", 1, 100e9),
                                limit("f32 multiply", "operations/s", 2, 200e9))));
    }
}
