package dev.llamapanama.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that opens and closes models and contexts, and prints by how many KiB its resident memory grew; a process of
 * its own, so that nothing else of the tests counts.
 */
final class OpenCloseChild {
    private static final int WARM_UP = 30;
    private static final int PAGE_KIB = 4;

    private OpenCloseChild() {}

    /** Arguments: a model, how many times, and whether to close (or else to keep all, to know what a leak would be). */
    public static void main(String[] arguments) throws IOException {
        Path model = Path.of(arguments[0]);
        int cycles = Integer.parseInt(arguments[1]);
        List<AutoCloseable> kept = Boolean.parseBoolean(arguments[2]) ? null : new ArrayList<>();
        for (int i = 0; i < WARM_UP; i++) {
            cycle(model, null);
        }
        System.gc();
        long before = residentKib();
        for (int i = 0; i < cycles; i++) {
            cycle(model, kept);
        }
        System.gc();
        System.out.println(residentKib() - before);
    }

    private static void cycle(Path file, List<AutoCloseable> kept) {
        Model model = Model.load(file);
        Context context = model.newContext(
                ContextOptions.builder().contextLength(256).threads(1).build());
        TextGenerator generator = TextGenerator.over(context);
        generator.complete("Hello", GenerationOptions.builder().maxTokens(3).build());
        if (kept != null) {
            kept.addAll(List.of(generator, context, model));
        } else {
            generator.close();
            context.close();
            model.close();
        }
    }

    private static long residentKib() throws IOException {
        String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1);
        return Long.parseLong(pages[1]) * PAGE_KIB;
    }
}
