package dev.llamapanama.bench.requests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.llamapanama.engine.ContextOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** {@code llama-server}, asked over HTTP, with its defaults but for what {@link Setup} says. */
final class ServerTarget implements Target {
    private static final JsonMapper JSON = new JsonMapper();

    private final LlamaServer server;

    ServerTarget(Path program, Setup setup) throws IOException, InterruptedException {
        ContextOptions context = setup.context();
        server = new LlamaServer(
                program,
                List.of(
                        "--model",
                        setup.model().toString(),
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
                        String.valueOf(context.threads())));
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
        byte[] json = JSON.writeValueAsBytes(body);
        LongStream.Builder times = LongStream.builder();
        long begin = System.nanoTime();
        int count = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(server.post("/completion", json), StandardCharsets.UTF_8))) {
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
        server.close();
    }
}
