package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import java.nio.file.Path;

/** A process that provokes an assertion in native code, and prints what came of it if it lives. */
final class NativeFailureChild {
    static final String UNGUARDED = "unguarded";
    static final String KERNEL = "kernel";

    private static final int TIME_TO_FAIL_MILLIS = 30_000;

    private NativeFailureChild() {}

    /** Arguments: what to provoke, a model, and a number of threads. */
    public static void main(String[] arguments) throws InterruptedException {
        Path model = Path.of(arguments[1]);
        int threads = Integer.parseInt(arguments[2]);
        switch (arguments[0]) {
            case UNGUARDED -> failOutsideOfTheGuard(model, threads);
            case KERNEL -> failInAKernel(model, threads);
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
}
