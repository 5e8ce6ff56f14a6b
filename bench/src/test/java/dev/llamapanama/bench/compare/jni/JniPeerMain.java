package dev.llamapanama.bench.compare.jni;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.CacheType;
import de.kherud.llama.args.Sampler;
import dev.llamapanama.bench.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the JNI binding {@code de.kherud:llama} in this JVM and writes an object with llama-bench's field names.
 *
 * <p>A prompt's speed is its tokens divided by the time from the request to the first token; that of generation is the
 * tokens after the first divided by the time between the first and the last. Decoding is greedy; a bias makes each token
 * the same whole letter, because the binding holds back bytes that are no whole character. The prompt cache is off, and
 * the peer's own log must say that each request evaluated as many tokens as asked.
 */
@Command(name = "jni-peer")
final class JniPeerMain implements Callable<Integer> {
    private static final float CERTAIN = 1000;
    private static final String LETTER = "a";
    private static final int SLACK = 16; // a context that is full ends the request

    @Option(names = "--model", required = true)
    private Path model;

    @Option(names = "--prompt")
    private int prompt;

    @Option(names = "--gen")
    private int gen;

    @Option(names = "--depth")
    private int depth;

    @Option(names = "--threads", required = true)
    private int threads;

    @Option(names = "--batch", required = true)
    private int batch;

    @Option(names = "--ubatch", required = true)
    private int ubatch;

    @Option(names = "--kv-type", required = true)
    private String kvType;

    @Option(names = "--flash-attention", required = true)
    private String flashAttention;

    @Option(names = "--repetitions", required = true)
    private int repetitions;

    /** Measures, and ends the JVM, which the peer's threads would keep alive. */
    public static void main(String[] args) {
        int code = new CommandLine(new JniPeerMain())
                .setExecutionExceptionHandler((e, command, result) -> {
                    System.err.println(String.valueOf(e.getMessage()));
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(args);
        System.exit(code);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("jni-peer");
        folder.toFile().deleteOnExit(); // after the library in it, which the peer registers later
        System.setProperty("de.kherud.llama.tmpdir", folder.toString()); // else all processes share one file
        Path logFile = folder.resolve("log");
        try (LlamaModel loaded = new LlamaModel(parameters().setLogFile(logFile.toString()))) {
            PeerLog log = new PeerLog(logFile);
            int[] letter = loaded.encode(LETTER);
            int token = letter[letter.length - 1];
            int added = addedTokens(loaded, log, token);
            int promptTokens = Math.max(prompt > 0 ? prompt : depth, 1 + added);
            String text = PromptText.of(promptTokens - added, part -> loaded.encode(part).length);
            run(loaded, log, text, promptTokens, token);
            List<Double> speeds = new ArrayList<>();
            for (int i = 0; i < repetitions; i++) {
                speeds.add(run(loaded, log, text, promptTokens, token));
            }
            System.out.println();
            System.out.print(Report.jsonl(List.of(row(speeds))));
        } finally {
            Files.deleteIfExists(logFile);
        }
        return 0;
    }

    private ModelParameters parameters() {
        CacheType cacheType = CacheType.valueOf(kvType.toUpperCase(Locale.ROOT));
        ModelParameters parameters = new ModelParameters()
                .setModel(model.toString())
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setCtxSize(prompt + depth + gen + SLACK)
                .setBatchSize(batch)
                .setUbatchSize(ubatch)
                .setCacheTypeK(cacheType)
                .setCacheTypeV(cacheType)
                .setParallel(1)
                .disableContextShift();
        return flashAttention.equals("on") ? parameters.enableFlashAttn() : parameters;
    }

    /** Tokens that a request puts before its text, such as one that begins it: the log tells. */
    private int addedTokens(LlamaModel loaded, PeerLog log, int token) throws IOException, InterruptedException {
        loaded.complete(request(LETTER, 1, token));
        return log.next().prompt() - loaded.encode(LETTER).length;
    }

    private static InferenceParameters request(String text, int tokens, int certainToken) {
        return new InferenceParameters(text)
                .setCachePrompt(false)
                .setNPredict(tokens)
                .setIgnoreEos(true)
                .setTemperature(0)
                .setTopK(1)
                .setSamplers(Sampler.TOP_K)
                .setTokenIdBias(Map.of(certainToken, CERTAIN));
    }

    /** One request; tokens per second of its prompt, or of its generation. */
    private double run(LlamaModel loaded, PeerLog log, String text, int promptTokens, int certainToken)
            throws IOException, InterruptedException {
        int tokens = gen + 1; // the first one belongs to the prompt
        int received = 0;
        long begin = System.nanoTime();
        long first = begin;
        long last = begin;
        for (LlamaOutput output : loaded.generate(request(text, tokens, certainToken))) {
            if (!output.text.isEmpty()) { // the end of the request is an output too
                last = System.nanoTime();
                first = received == 0 ? last : first;
                received++;
            }
        }
        PeerLog.Tokens evaluated = log.next();
        if (received != tokens || !evaluated.equals(new PeerLog.Tokens(promptTokens, tokens))) {
            throw new IllegalStateException("asked for " + promptTokens + " and " + tokens
                    + " tokens, but the peer gave " + received + " and its log says " + evaluated);
        }
        return prompt > 0 ? 1e9 * prompt / (first - begin) : 1e9 * gen / (last - first);
    }

    private Map<String, Object> row(List<Double> speeds) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("model_filename", model.toString());
        row.put("n_batch", batch);
        row.put("n_ubatch", ubatch);
        row.put("n_threads", threads);
        row.put("type_k", kvType);
        row.put("type_v", kvType);
        row.put("n_prompt", prompt);
        row.put("n_gen", gen);
        row.put("n_depth", depth);
        row.put("samples_ts", speeds);
        return row;
    }
}
