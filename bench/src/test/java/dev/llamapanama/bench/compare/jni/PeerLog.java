package dev.llamapanama.bench.compare.jni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** What the peer's own log file says of each request. Not thread-safe; the peer's threads write the file meanwhile. */
final class PeerLog {
    private static final Pattern TIMINGS = Pattern.compile(
            "prompt eval time =\\s*[\\d.]+ ms /\\s*(\\d+) tokens.*\\R\\s*eval time =\\s*[\\d.]+ ms /\\s*(\\d+) tokens");
    private static final long PATIENCE_MS = 10_000;
    private static final long POLL_MS = 20;

    private final Path file;
    private int read;

    /**
     * Tokens that a request really took.
     *
     * @param prompt evaluated prompt tokens: those that were cached are not counted
     * @param generated sampled tokens
     */
    record Tokens(int prompt, int generated) {}

    PeerLog(Path file) {
        this.file = file;
    }

    /** The next request's tokens, in the order in which requests end. */
    Tokens next() throws IOException, InterruptedException {
        for (long waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
            List<Tokens> requests = requests();
            if (requests.size() > read) {
                return requests.get(read++);
            }
            Thread.sleep(POLL_MS);
        }
        throw new IOException("the peer's log says nothing of the request");
    }

    private List<Tokens> requests() throws IOException {
        return TIMINGS.matcher(Files.readString(file))
                .results()
                .map(match -> new Tokens(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2))))
                .toList();
    }
}
