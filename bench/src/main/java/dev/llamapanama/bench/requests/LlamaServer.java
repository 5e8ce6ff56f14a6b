package dev.llamapanama.bench.requests;

import dev.llamapanama.bench.cli.ChildProcesses;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code llama-server} as a process that answers on a port of its own. Requests may come from several threads. */
public final class LlamaServer implements AutoCloseable {
    private static final long START_SECONDS = 120;

    private final Process process;
    private final Path log;
    private final URI base;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /**
     * Starts it, and waits until it answers.
     *
     * @param arguments beside host and port
     * @throws IOException if it does not start; with the last thing it said
     */
    public LlamaServer(Path program, List<String> arguments) throws IOException, InterruptedException {
        int port = freePort();
        log = Files.createTempFile("llama-server", ".log");
        base = URI.create("http://127.0.0.1:" + port);
        List<String> command =
                new ArrayList<>(List.of(program.toString(), "--host", "127.0.0.1", "--port", String.valueOf(port)));
        command.addAll(arguments);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        ChildProcesses.endWithThisJvm(process);
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

    /**
     * Sends JSON.
     *
     * @return the answer, to be closed
     * @throws IOException if the server refuses, with its words
     */
    public InputStream post(String path, byte[] json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json))
                .build();
        HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            try (InputStream body = response.body()) {
                throw new IOException("llama-server answered " + response.statusCode() + ": "
                        + new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return response.body();
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
