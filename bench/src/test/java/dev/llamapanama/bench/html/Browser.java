package dev.llamapanama.bench.html;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A page in a real Chromium without a network, through the Chrome DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
    private static final long PATIENCE_S = 60;

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
    private final List<String> problems = new ArrayList<>();
    private final String session;
    private int lastId;

    /** Starts a browser; the test that asks is skipped where there is none. */
    Browser(Path profile) throws IOException, InterruptedException {
        process = new ProcessBuilder(
                        executable().toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader errors = process.errorReader();
        socket = http.newWebSocketBuilder()
                .buildAsync(address(errors), new Listener())
                .join();
        Thread drain = new Thread(() -> errors.lines().forEach(line -> {}), "browser-errors");
        drain.setDaemon(true);
        drain.start();
        String target = command("Target.createTarget", "url", "about:blank")
                .get("targetId")
                .asText();
        session = command("Target.attachToTarget", "targetId", target, "flatten", true)
                .get("sessionId")
                .asText();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            command(domain + ".enable");
        }
        command(
                "Network.emulateNetworkConditions",
                "offline",
                true,
                "latency",
                0,
                "downloadThroughput",
                0,
                "uploadThroughput",
                0);
    }

    private static Path executable() {
        return Stream.concat(
                        Stream.ofNullable(System.getenv("CHROME")).map(Path::of),
                        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name))))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> abort("no chromium or chrome on the path; CHROME may name one"));
    }

    private static URI address(BufferedReader errors) throws IOException {
        for (String line = errors.readLine(); line != null; line = errors.readLine()) {
            if (line.startsWith("DevTools listening on ")) {
                return URI.create(line.substring("DevTools listening on ".length()));
            }
        }
        throw new IOException("the browser ended");
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    received.add(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    /** Sends a command and waits for its answer. */
    private JsonNode command(String method, Object... parameters) throws InterruptedException {
        ObjectNode message = JSON.createObjectNode().put("id", ++lastId).put("method", method);
        if (session != null) {
            message.put("sessionId", session);
        }
        ObjectNode params = message.putObject("params");
        for (int i = 0; i < parameters.length; i += 2) {
            params.set((String) parameters[i], JSON.valueToTree(parameters[i + 1]));
        }
        socket.sendText(message.toString(), true).join();
        while (true) {
            JsonNode answer = next();
            if (answer.path("id").asInt() == lastId) {
                if (answer.has("error")) {
                    throw new AssertionError(method + ": " + answer.get("error"));
                }
                return answer.get("result");
            }
        }
    }

    private JsonNode next() throws InterruptedException {
        JsonNode message = received.poll(PATIENCE_S, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("the browser does not answer");
        }
        note(message);
        return message;
    }

    private void note(JsonNode message) {
        JsonNode params = message.path("params");
        switch (message.path("method").asText()) {
            case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" ->
                problems.add(params.toString());
            case "Network.requestWillBeSent" -> {
                String url = params.path("request").path("url").asText();
                if (!url.startsWith("file:") || !params.path("type").asText().equals("Document")) {
                    problems.add("request: " + url);
                }
            }
            default -> {}
        }
    }

    /** Opens a file in a window of that size. */
    void open(Path file, int width, int height, boolean dark) throws InterruptedException {
        command(
                "Emulation.setDeviceMetricsOverride",
                "width",
                width,
                "height",
                height,
                "deviceScaleFactor",
                2,
                "mobile",
                width < 600);
        command(
                "Emulation.setEmulatedMedia",
                "features",
                List.of(JSON.createObjectNode()
                        .put("name", "prefers-color-scheme")
                        .put("value", dark ? "dark" : "light")));
        command("Page.navigate", "url", file.toUri().toString());
        while (!next().path("method").asText().equals("Page.loadEventFired")) {
            // other messages
        }
        // the plots fit themselves to the window in the next frame
        evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");
    }

    /** The value of an expression in the page. */
    JsonNode evaluate(String expression) throws InterruptedException {
        JsonNode result =
                command("Runtime.evaluate", "expression", expression, "returnByValue", true, "awaitPromise", true);
        if (result.has("exceptionDetails")) {
            throw new AssertionError(result.get("exceptionDetails").toString());
        }
        return result.get("result").path("value");
    }

    /** The whole page as a picture, for people. */
    void screenshot(Path file) throws IOException, InterruptedException {
        String data = command("Page.captureScreenshot", "captureBeyondViewport", true)
                .get("data")
                .asText();
        Files.write(file, Base64.getDecoder().decode(data));
    }

    /** What the page wrote to the console, its errors, and what it asked of the network. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** Waits until all its processes are gone, so that none writes into its profile any more. */
    @Override
    public void close() {
        List<ProcessHandle> helpers = process.descendants().toList();
        socket.abort();
        http.close();
        process.destroy();
        end(process.toHandle());
        helpers.forEach(Browser::end);
    }

    private static void end(ProcessHandle handle) {
        try {
            handle.onExit().get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            handle.destroyForcibly();
        }
    }
}
