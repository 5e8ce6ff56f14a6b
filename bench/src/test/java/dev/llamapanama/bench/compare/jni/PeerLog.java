package dev.llamapanama.bench.compare.jni;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the peer's own log says of each request. Thread-safe: its native threads write, the measuring one reads. */
final class PeerLog {
    private static final Pattern TIMINGS = Pattern.compile(
            "prompt eval time =\\s*[\\d.]+ ms /\\s*(\\d+) tokens.*\\n\\s*eval time =\\s*[\\d.]+ ms /\\s*(\\d+) tokens");
    private static final long PATIENCE_S = 10;

    private final BlockingQueue<Tokens> requests = new LinkedBlockingQueue<>();

    /**
     * Tokens that a request really took.
     *
     * @param prompt evaluated prompt tokens: those that were cached are not counted
     * @param generated sampled tokens
     */
    record Tokens(int prompt, int generated) {}

    void line(String message) {
        Matcher matcher = TIMINGS.matcher(message);
        if (matcher.find()) {
            requests.add(new Tokens(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))));
        }
    }

    /** The next request's tokens, in the order in which requests end. */
    Tokens next() throws InterruptedException {
        @Nullable Tokens tokens = requests.poll(PATIENCE_S, TimeUnit.SECONDS);
        if (tokens == null) {
            throw new IllegalStateException("the peer's log says nothing of the request");
        }
        return tokens;
    }
}
