package dev.llamapanama.engine;

import dev.llamapanama.bindings.BatchStruct;
import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** A process that provokes an assertion in native code, and prints what came of it if it lives. */
final class NativeFailureChild {
    static final String UNGUARDED = "unguarded";
    static final String KERNEL = "kernel";
    static final String FIRST_THREAD = "first-thread";
    static final String OUTSIDE = "outside";
    static final String SAMPLER = "sampler";

    private static final int CONTEXT = 256;

    private static final int TIME_TO_FAIL_MILLIS = 30_000;

    private NativeFailureChild() {}

    /** Arguments: what to provoke, a model, and a number of threads. */
    public static void main(String[] arguments) throws InterruptedException {
        Path model = Path.of(arguments[1]);
        int threads = Integer.parseInt(arguments[2]);
        switch (arguments[0]) {
            case UNGUARDED -> failOutsideOfTheGuard(model, threads);
            case KERNEL -> failInAKernel(model, threads);
            case FIRST_THREAD -> failInTheFirstThread(model, threads);
            case OUTSIDE -> failOutsideOfTheComputation(model, threads);
            case SAMPLER -> runOutOfMemoryInASampler();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void failOutsideOfTheGuard(Path file, int threads) {
        try (Model model = Model.load(file);
                Context context = model.newContext(ContextOptions.builder()
                        .contextLength(256)
                        .threads(threads)
                        .build())) {
            // one of the functions that the shim does not guard, since the engine never gives it such a number
            System.out.println(Llama.memorySeqPosMin(Llama.getMemory(context.handle()), 9999));
        }
    }

    private static void failInAKernel(Path file, int threads) throws InterruptedException {
        Backend.load();
        try {
            System.out.println(UncheckedModel.decode(file, threads));
        } catch (NativeCallException e) {
            System.out.println(e.kind() + " " + e.getMessage());
            if (threads > 1) {
                Thread.sleep(TIME_TO_FAIL_MILLIS); // so that the other threads come to the same place
            }
        }
    }

    /** Of the rows of the position embeddings each thread takes a part, and only the first row does not exist. */
    private static void failInTheFirstThread(Path file, int threads) {
        provoke(file, threads, (context, batch) -> {
            batch.set(0, 5, 1_000_000, 0, true);
            batch.set(1, 6, 0, 1, true);
            batch.setSize(2);
        });
    }

    /** More tokens than the context takes, which is an assertion before anything is computed. */
    private static void failOutsideOfTheComputation(Path file, int threads) {
        provoke(file, threads, (context, batch) -> {
            Models.decode(context, 0, 0, 5, 6, 7); // so that this thread has computed with others before
            for (int i = 0; i < batch.capacity(); i++) {
                batch.set(i, 5, i + 3, 0, true);
            }
            batch.setSize(batch.capacity());
        });
    }

    private interface Preparation {
        void prepare(Context context, BatchStruct batch);
    }

    private static void provoke(Path file, int threads, Preparation preparation) {
        try (Model model = Model.load(file);
                Context context = model.newContext(ContextOptions.builder()
                        .contextLength(CONTEXT)
                        .batchSize(CONTEXT)
                        .maxSequences(2)
                        .unifiedKv(true)
                        .threads(threads)
                        .build())) {
            BatchStruct batch = new BatchStruct(context.resource().memory(), 2 * CONTEXT, 1);
            preparation.prepare(context, batch);
            context.begin("decode");
            try {
                System.out.println(Llama.decode(context.handle(), batch, context.error()));
            } catch (NativeCallException e) {
                System.out.println(Failures.of(context.resource(), e).kind() + " " + e.getMessage());
            } finally {
                context.end();
            }
        }
    }

    /** A window of 8 GiB, for a process that may have less; the engine allows none like it. */
    private static void runOutOfMemoryInASampler() {
        Backend.load();
        try (Arena arena = Arena.ofConfined()) {
            NativeError error = new NativeError(arena);
            MemorySegment chain = Llama.chainInit(error);
            Llama.chainAddTopK(chain, 40, error);
            try {
                Llama.chainAddPenalties(chain, 1000, Integer.MAX_VALUE, 1.1f, 0, 0, error);
            } catch (NativeCallException e) {
                System.out.println(e.kind() + " " + e.getMessage());
            }
            Llama.chainAddGreedy(chain, error);
            Llama.samplerInit(chain, MemorySegment.NULL, new int[0], 0, arena, error);
        }
    }
}
