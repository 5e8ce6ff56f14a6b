package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A damaged model ends in success or in a typed exception. Those that still end the process are in {@code
 * docs/native-aborts.md}; the lists must be equal, so that it can only shrink.
 *
 * <p>System properties for longer runs, which take more models too: {@code llamapanama.mutations} (number for each model),
 * {@code llamapanama.mutations.first}, {@code llamapanama.mutations.verbose}; and {@code llamapanama.mutations.unchecked}
 * for the run without the check of the file.
 */
class MutationTest {
    private static final String UNCHECKED = "llamapanama.mutations.unchecked";
    private static final int DEFAULT_COUNT = 150;
    private static final int FIRST = Integer.getInteger("llamapanama.mutations.first", 0);
    private static final int COUNT = Integer.getInteger("llamapanama.mutations", DEFAULT_COUNT);
    private static final boolean DEFAULT_RUN = FIRST == 0 && COUNT == DEFAULT_COUNT;

    /** For one mutation, a JVM's start included; they take some milliseconds, unless the machine is very busy. */
    private static final long LIMIT_SECONDS = 60;

    @TempDir
    private Path folder;

    private final Map<String, Integer> counts = new TreeMap<>();
    private final List<String> fatal = new ArrayList<>();
    private final List<String> untyped = new ArrayList<>();

    private static List<ModelSpec> models() {
        return DEFAULT_RUN
                ? List.of(TinyModels.llama(), TinyModels.qwen3moe(), TinyModels.mamba(), TinyModels.bert())
                : TinyModels.all();
    }

    @Test
    void damagedModelsEndInSuccessOrATypedException() throws Exception {
        for (ModelSpec spec : models()) {
            run(spec, true);
        }
        System.out.println("mutations: " + counts);
        assertThat(untyped).as("exceptions of other kinds, or leaks").isEmpty();
        assertThat(fatal.stream().map(MutationTest::key))
                .as(
                        "mutations that ended the process; they must be those in docs/native-aborts.md:%n%s",
                        String.join("\n", fatal))
                .containsExactlyInAnyOrderElementsOf(DEFAULT_RUN ? NativeAborts.listed() : List.of());
    }

    @Test
    @EnabledIfSystemProperty(
            named = UNCHECKED,
            matches = "true",
            disabledReason = "for information only: what the shim's guard catches without the check of the file")
    void whatTheGuardAloneCatches() throws Exception {
        for (ModelSpec spec : models()) {
            run(spec, false);
        }
        System.out.println("mutations without the check: " + counts);
        fatal.forEach(System.out::println);
    }

    /** "tiny-llama 17" of "tiny-llama 17 what: how". */
    private static String key(String line) {
        return line.substring(0, line.indexOf(' ', line.indexOf(' ') + 1));
    }

    /** Goes through all numbers, with a new process behind each one that ended the last. */
    private void run(ModelSpec spec, boolean checked) throws Exception {
        int next = FIRST;
        while (next < FIRST + COUNT) {
            next = runSome(spec, next, checked);
        }
    }

    private int runSome(ModelSpec spec, int from, boolean checked) throws Exception {
        Path errors = folder.resolve("stderr.txt");
        ProcessBuilder builder = ChildJvm.builder(
                        folder,
                        List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"),
                        MutationRunner.class,
                        List.of(Models.forged(spec).toString(), "" + from, "" + (FIRST + COUNT), "" + checked))
                .redirectError(errors.toFile());
        // waiting threads of ggml do not spin, which takes long where other processes use the cores
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        Process process = builder.start();
        String begun = "";
        int next = from;
        try (Watchdog watchdog = new Watchdog(process);
                BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                watchdog.reset();
                if (line.startsWith("BEGIN ")) {
                    begun = line.substring("BEGIN ".length());
                    next = number(begun) + 1;
                } else if (line.startsWith("END ")) {
                    note(spec, begun, line.substring(line.indexOf(' ', "END ".length()) + 1));
                    begun = "";
                }
            }
        }
        int exit = process.waitFor();
        if (exit != 0) {
            assertThat(begun)
                    .as("a child died between mutations: %s", Files.readString(errors))
                    .isNotEmpty();
            fatal.add(spec.name() + " " + begun + ": " + cause(exit, errors));
            counts.merge("FATAL", 1, Integer::sum);
        }
        return next;
    }

    private static int number(String line) {
        return Integer.parseInt(line.substring(0, line.indexOf(' ')));
    }

    private void note(ModelSpec spec, String begun, String outcome) {
        String kind = outcome.split(" ", 2)[0];
        counts.merge(kind, 1, Integer::sum);
        if (kind.equals(MutationRunner.UNTYPED) || kind.equals(MutationRunner.LEAK)) {
            untyped.add(spec.name() + " " + begun + ": " + outcome);
        } else if (outcome.contains("GGML_ASSERT") || outcome.contains("NativeFailureException")) {
            counts.merge("caught by the guard", 1, Integer::sum);
            if (Boolean.getBoolean("llamapanama.mutations.verbose")) {
                System.out.println("guarded " + spec.name() + " " + begun + ": " + outcome);
            }
        }
    }

    /** From the JVM's report, the shim's note, or the exit code. */
    private String cause(int exit, Path errors) throws IOException {
        Path report = folder.resolve("hs_err.log");
        List<String> lines = new ArrayList<>();
        if (Files.exists(report)) {
            try (Stream<String> all = Files.lines(report)) {
                all.filter(line -> line.startsWith("#  SIG") || line.startsWith("# C  [") || line.startsWith("C  ["))
                        .limit(4)
                        .forEach(lines::add);
            }
            Files.delete(report);
        }
        try (Stream<String> all = Files.lines(errors)) {
            all.filter(line -> line.contains("reason:") || line.contains("terminate called"))
                    .limit(2)
                    .forEach(lines::add);
        }
        return "exit code " + exit
                + (exit == Watchdog.KILLED ? " (killed: no progress in " + LIMIT_SECONDS + " s)" : "") + " "
                + String.join(" | ", lines);
    }

    /** Ends a process that prints nothing for too long. */
    private static final class Watchdog implements AutoCloseable {
        static final int KILLED = 128 + 9;

        private final Thread thread;
        private volatile long deadline;

        Watchdog(Process process) {
            reset();
            thread = Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (System.nanoTime() < deadline) {
                        if (process.waitFor(1, TimeUnit.SECONDS)) {
                            return;
                        }
                    }
                    process.destroyForcibly();
                } catch (InterruptedException closed) {
                    // the process has ended
                }
            });
        }

        final void reset() {
            deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }
}
