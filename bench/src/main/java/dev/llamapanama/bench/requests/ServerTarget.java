package dev.llamapanama.bench.requests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.llamapanama.engine.ContextOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** {@code llama-server} as a process, asked over HTTP, with its defaults but for what {@link Setup} says. */
final class ServerTarget implements Target {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long START_SECONDS = 120;

    private final Process process;
    private final Path log;
    private final URI base;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Starts it, and waits until it answers. */
    ServerTarget(Path program, Setup setup) throws IOException, InterruptedException {
        int port = freePort();
        ContextOptions context = setup.context();
        log = Files.createTempFile("llama-server", ".log");
        base = URI.create("http://127.0.0.1:" + port);
        process = new ProcessBuilder(List.of(
                        program.toString(),
                        "--model",
                        setup.model().toString(),
                        "--host",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(port),
                        "--parallel",
                        String.valueOf(setup.parallel()),
                        "--kv-unified",
                        "--ctx-size",
                        String.valueOf(context.contextLength()),
                        "--batch-size",
                        String.valueOf(context.batchSize()),
                        "--ubatch-size",
                        String.valueOf(context.ubatchSize()),
                        "--threads",
                        String.valueOf(context.threads())))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            waitUntilReady();
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void waitUntilReady() throws IOException, InterruptedException {
        HttpRequest health = HttpRequest.newBuilder(base.resolve("/health")).build();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end) {
            if (!process.isAlive()) {
                throw new IOException("llama-server ended with exit code " + process.exitValue() + ": " + lastLine());
            }
            try {
                if (http.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // the port is not open yet
            }
            Thread.sleep(50);
        }
        throw new IOException("llama-server did not answer within " + START_SECONDS + " s: " + lastLine());
    }

    private String lastLine() throws IOException {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .reduce("it wrote nothing", (before, line) -> line);
    }

    @Override
    public Timeline answer(int[] prompt, int gen, boolean reuse, Listener listener)
            throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode();
        body.set("prompt", JSON.valueToTree(prompt));
        body.put("n_predict", gen)
                .put("temperature", 0)
                .put("ignore_eos", true)
                .put("stream", true)
                .put("return_tokens", true)
                .put("cache_prompt", reuse);
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/completion"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build();
        LongStream.Builder times = LongStream.builder();
        long begin = System.nanoTime();
        int count = 0;
        HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            if (response.statusCode() != 200) {
                throw new IOException("llama-server answered " + response.statusCode() + ": " + lines.readLine());
            }
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int tokens = line.startsWith("data: ") ? tokens(line) : 0;
                for (int i = 0; i < tokens; i++) {
                    times.add(System.nanoTime());
                    listener.token(count++);
                }
            }
        }
        return new Timeline(begin, times.build().toArray());
    }

    /** Tokens of an event; those whose text is not whole yet come with the next ones. */
    private static int tokens(String line) throws IOException {
        JsonNode event = JSON.readTree(line.substring("data: ".length()));
        if (event.has("error")) {
            throw new IOException("llama-server failed: " + event.get("error"));
        }
        return event.path("stop").asBoolean() ? 0 : event.path("tokens").size();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(log);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // a log in the temporary folder stays behind
        }
    }
}
