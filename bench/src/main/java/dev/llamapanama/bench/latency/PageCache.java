package dev.llamapanama.bench.latency;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Takes files out of the kernel's page cache, with tools of coreutils and util-linux and without special rights. */
final class PageCache {
    /** What may stay: a page or two is read again by whoever looks. */
    private static final double TOLERATED_SHARE = 0.01;

    private PageCache() {}

    /**
     * Evicts files and looks whether they are gone: the kernel keeps pages that some process has mapped or not yet written.
     *
     * @throws IOException if they are still there, or it cannot be told; its message says why
     */
    static void evict(List<Path> files) throws IOException, InterruptedException {
        for (Path file : files) {
            run("sync", file.toString());
            // posix_fadvise(POSIX_FADV_DONTNEED) for the whole file; reads nothing
            run("dd", "if=" + file, "iflag=nocache", "count=0", "status=none");
            long size = file.toFile().length();
            long resident = Long.parseLong(run("fincore", "--bytes", "--noheadings", "--output", "RES", file.toString())
                    .strip());
            if (resident > size * TOLERATED_SHARE) {
                throw new IOException("the kernel keeps %d of %d bytes of %s in memory"
                        .formatted(resident, size, file.getFileName()));
            }
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(command));
        Process process =
                new ProcessBuilder(words).redirectError(Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(command[0] + " ended with exit code " + code);
        }
        return output;
    }
}
