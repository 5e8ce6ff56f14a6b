package dev.llamapanama.bench.latency;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A program that prints generated text, and how long its user waits for it. */
record FirstByte(String name, List<String> command) {
    /**
     * Runs the program to its end.
     *
     * @return nanoseconds from the start of the process until the first byte on its standard output, or until the output's
     *     end where nothing is printed, as for a token without text
     * @throws IOException if the program cannot be started or fails; the message has the last line of what it said
     */
    long measure() throws IOException, InterruptedException {
        Path messages = Files.createTempFile("llamapanama-startup", ".txt");
        try {
            long begin = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectError(messages.toFile())
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            try (InputStream output = process.getInputStream()) {
                int first = output.read();
                long time = System.nanoTime() - begin;
                if (first >= 0) {
                    output.readAllBytes();
                }
                int code = process.waitFor();
                if (code != 0) {
                    throw new IOException("%s ended with exit code %d%s: %s"
                            .formatted(name, code, lastLine(messages), String.join(" ", command)));
                }
                return time;
            } finally {
                process.destroy();
            }
        } finally {
            Files.deleteIfExists(messages);
        }
    }

    private static String lastLine(Path messages) throws IOException {
        List<String> lines = Files.readAllLines(messages);
        return lines.isEmpty() ? "" : " (" + lines.getLast().strip() + ")";
    }
}
