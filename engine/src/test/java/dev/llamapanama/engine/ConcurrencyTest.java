package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.engine.internal.OpenHandles;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Many threads, each with contexts of its own; and threads that stop and close what others use. */
@ExtendWith(NoLeaks.class)
class ConcurrencyTest {
    private static final int THREADS = 4;
    private static final int SECONDS = 120;
    private static final int[] TOKENS = Models.tokens(30);

    // one thread for each computation: the threads are those of the test
    private static final ContextOptions OPTIONS =
            ContextOptions.builder().contextLength(256).threads(1).build();

    @TempDir
    private Path folder;

    @Test
    void generationsAtTheSameTimeAreAsAlone() throws Exception {
        List<ModelSpec> specs =
                List.of(TinyModels.llama(), TinyModels.qwen3moe(), TinyModels.mamba(), TinyModels.qwen35());
        List<Model> models =
                specs.stream().map(spec -> Model.load(Models.forged(spec))).toList();
        List<String> alone = models.stream().map(model -> generate(model, 1)).toList();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < models.size(); i++) {
                Model model = models.get(i);
                String expected = alone.get(i);
                tasks.add(() -> {
                    assertThat(generate(model, 1)).isEqualTo(expected);
                    return null;
                });
            }
        }
        inParallel(Executors.newFixedThreadPool(THREADS), tasks);
        inParallel(Executors.newVirtualThreadPerTaskExecutor(), tasks);
        models.forEach(Model::close);
    }

    private static String generate(Model model, long seed) {
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(40)
                .sampler(SamplerOptions.builder().seed(seed).build())
                .build();
        try (TextGenerator generator = TextGenerator.create(model, OPTIONS)) {
            return generator.complete("Once upon a time", options).text();
        }
    }

    @Test
    void modelsAreOpenedAndClosedByManyThreads() throws Exception {
        float[] expected;
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(OPTIONS)) {
            expected = Models.logits(context, TOKENS);
        }
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            tasks.add(() -> {
                Model model = Model.load(Models.llama());
                Context first = model.newContext(OPTIONS);
                Context second = model.newContext(OPTIONS);
                assertThat(Models.logits(first, TOKENS)).containsExactly(expected);
                first.close(); // before the second, which was opened later
                assertThat(Models.logits(second, TOKENS)).containsExactly(expected);
                second.close();
                model.close();
                return null;
            });
        }
        inParallel(Executors.newFixedThreadPool(THREADS), tasks);
    }

    @Test
    void contextsComeAndGoWhileAnotherOneDecodes() throws Exception {
        try (Model model = Model.load(Models.llama());
                Context steady = model.newContext(OPTIONS)) {
            float[] expected = Models.logits(steady, TOKENS);
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                tasks.add(() -> {
                    try (Context context = model.newContext(OPTIONS)) {
                        Models.decode(context, 0, 0, 5);
                    }
                    return null;
                });
            }
            AtomicBoolean done = new AtomicBoolean();
            try (ExecutorService decoder = Executors.newSingleThreadExecutor()) {
                Future<Integer> rounds = decoder.submit(() -> {
                    int round = 0;
                    for (; !done.get(); round++) {
                        steady.clearMemory();
                        assertThat(Models.logits(steady, TOKENS)).containsExactly(expected);
                    }
                    return round;
                });
                try {
                    inParallel(Executors.newFixedThreadPool(THREADS - 1), tasks);
                } finally {
                    done.set(true);
                }
                assertThat(rounds.get(SECONDS, TimeUnit.SECONDS)).isPositive();
            }
        }
    }

    @Test
    void cancellationsAtAnyMomentSpoilNothing() throws Exception {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(OPTIONS);
                ExecutorService canceller = Executors.newSingleThreadExecutor()) {
            float[] expected = Models.logits(context, TOKENS);
            AtomicBoolean done = new AtomicBoolean();
            Future<Integer> cancellations = canceller.submit(() -> {
                Random random = new Random(1);
                int count = 0;
                for (; !done.get(); count++) {
                    context.cancel();
                    Thread.sleep(random.nextInt(3), random.nextInt(1_000_000));
                }
                return count;
            });
            int finished = 0;
            int cancelled = 0;
            for (int i = 0; i < 10_000 && (finished < 50 || cancelled < 50); i++) {
                context.clearMemory();
                try {
                    assertThat(Models.logits(context, TOKENS)).containsExactly(expected);
                    finished++;
                } catch (CancelledException e) {
                    cancelled++;
                }
            }
            done.set(true);
            assertThat(cancellations.get(SECONDS, TimeUnit.SECONDS)).isPositive();
            assertThat(finished).isPositive();
            assertThat(cancelled).isPositive();
            context.clearCancel();
            context.clearMemory();
            assertThat(Models.logits(context, TOKENS)).containsExactly(expected);
        }
    }

    @Test
    void contextsAreClosedWhileTheyDecode() throws Exception {
        Random random = new Random(1);
        try (Model model = Model.load(Models.llama());
                ExecutorService decoder = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 150; round++) {
                Context context = model.newContext(OPTIONS);
                Future<Exception> end = decoder.submit(() -> decodeUntilItFails(context));
                Thread.sleep(random.nextInt(3), random.nextInt(1_000_000));
                assertThatIllegalStateException().isThrownBy(model::close).withMessageContaining(context.toString());
                context.close();
                Exception last = end.get(SECONDS, TimeUnit.SECONDS);
                if (last instanceof IllegalStateException) {
                    assertThat(last).hasMessageContaining(context.toString()).hasMessageContaining("closed");
                } else {
                    assertThat(last).isInstanceOf(CancelledException.class);
                }
            }
        }
    }

    /** Whoever returns from close() can rely on it: the memory is free, and what it depended on can be closed. */
    @Test
    void twoThreadsCloseTheSameAndBothReturnAfterItIsFree() throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        try (Model model = Model.load(Models.llama());
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 500; round++) {
                Context context = model.newContext(OPTIONS);
                String name = context.toString();
                bothClose(
                        threads,
                        start,
                        context,
                        () -> assertThat(OpenHandles.names()).doesNotContain(name));
            }
            try (TextGenerator generator = TextGenerator.create(model, OPTIONS)) {
                for (int round = 0; round < 500; round++) {
                    TokenStream stream = generator.tokens(TOKENS, GenerationOptions.defaults());
                    bothClose(
                            threads,
                            start,
                            stream,
                            () -> assertThatCode(generator::clear).doesNotThrowAnyException());
                }
            }
        }
    }

    private static void bothClose(
            ExecutorService threads, CyclicBarrier start, AutoCloseable object, Runnable afterwards) throws Exception {
        List<Future<Void>> closers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            closers.add(threads.submit(() -> {
                start.await();
                object.close();
                synchronized (start) { // the check is not what is tested with two threads
                    afterwards.run();
                }
                return null;
            }));
        }
        for (Future<Void> closer : closers) {
            closer.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    /** A prompt of seconds, closed at about the time when it begins: no token ever comes of it. */
    @Test
    void aStreamIsClosedWhileItBegins() throws Exception {
        int[] prompt = Models.tokens(8000);
        ContextOptions options =
                ContextOptions.builder().contextLength(8192).threads(1).build();
        CyclicBarrier start = new CyclicBarrier(2);
        try (Model model = Model.load(Models.slow());
                TextGenerator generator = TextGenerator.create(model, options);
                ExecutorService taker = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 100; round++) {
                TokenStream stream = generator.tokens(prompt, GenerationOptions.defaults());
                Future<Integer> token = taker.submit(() -> {
                    start.await();
                    try {
                        return stream.nextToken();
                    } catch (IllegalStateException closed) {
                        assertThat(closed).hasMessageContaining("closed");
                        return TokenStream.END;
                    }
                });
                start.await();
                stream.close();
                assertThat(token.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(TokenStream.END);
            }
        }
    }

    private static Exception decodeUntilItFails(Context context) {
        while (true) {
            try {
                context.clearMemory();
                Models.decode(context, 0, 0, TOKENS);
                context.logits(-1).argMax();
            } catch (IllegalStateException | CancelledException e) {
                return e;
            }
        }
    }

    /**
     * Resident memory, which also counts what no book of ours does. The bound is far above what allocators keep, and far below
     * what one forgotten object per cycle would add: the smallest, a model of a megabyte, would be 200 MiB.
     */
    @Test
    void memoryIsGivenBack() throws Exception {
        assertThat(grownKib(200, true))
                .as("KiB after 200 cycles of opening and closing")
                .isLessThan(40 << 10);
        assertThat(grownKib(40, false))
                .as("KiB after 40 cycles without closing")
                .isGreaterThan(40 << 10);
    }

    private long grownKib(int cycles, boolean close) throws Exception {
        Path output = folder.resolve("output.txt");
        // a heap of one size, touched at the start, so that only native memory changes
        Process process = ChildJvm.builder(
                        folder,
                        List.of("-Xms48m", "-Xmx48m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1"),
                        OpenCloseChild.class,
                        List.of(Models.llama().toAbsolutePath().toString(), "" + cycles, "" + close))
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Long.parseLong(Files.readString(output).strip());
    }

    private static void inParallel(ExecutorService executor, List<Callable<Void>> tasks) throws Exception {
        try (executor) {
            for (Future<Void> result : executor.invokeAll(tasks, SECONDS, TimeUnit.SECONDS)) {
                result.get();
            }
        }
    }
}
