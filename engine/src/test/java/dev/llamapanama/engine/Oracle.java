package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** {@code llama-completion}, built from the same sources: what it generates is right. */
@SuppressWarnings("exports") // public for the tests of other packages
public final class Oracle {
    private static final String SAVING = "\nllama_completion: saving final output to session file";
    private static final int MAX_RETRIES = 5;
    private static final String END_OF_TEXT = " [end of text]\n";

    private final Path tool;

    private Oracle(Path tool) {
        this.tool = tool;
    }

    /**
     * What came out.
     *
     * @param text generated text; where it ended by itself, without the tool's remark
     * @param tokens prompt and generated tokens
     */
    record Output(String text, int[] tokens, boolean ended) {}

    /** The tool, or the test is skipped. */
    static Oracle find() {
        Path directory = directory();
        assumeTrue(
                directory != null,
                "the native tools are not built (-Poracle), and LLAMAPANAMA_ORACLE does not name their folder");
        Path tool = directory.resolve("llama-completion");
        assertThat(tool).isExecutable();
        return new Oracle(tool);
    }

    /** The tools' folder, if there is one. */
    public static @Nullable Path directory() {
        String variable = System.getenv("LLAMAPANAMA_ORACLE");
        if (variable != null) {
            return Path.of(variable);
        }
        Path file = Path.of(System.getProperty("llamapanama.oracle.properties", "oracle.properties"));
        if (!Files.exists(file)) {
            return null;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
        return Path.of(properties.getProperty("directory"));
    }

    /** Runs the tool with one thread and a fixed seed, unless the flags say otherwise. */
    Output complete(Path model, String prompt, Path scratch, List<String> flags)
            throws IOException, InterruptedException {
        Path session = scratch.resolve("session.bin");
        Path out = scratch.resolve("out.txt");
        List<String> command =
                new ArrayList<>(List.of(tool.toString(), "--model", model.toString(), "--prompt", prompt));
        command.addAll(
                List.of("-no-cnv", "--no-warmup", "--fit", "off", "--threads", "1", "--simple-io", "--no-escape"));
        command.addAll(List.of("--no-display-prompt", "--seed", "1", "--verbosity", "0"));
        command.addAll(List.of("--prompt-cache", session.toString(), "--prompt-cache-all"));
        command.addAll(flags);
        Path log = scratch.resolve("log.txt");
        String text = run(command, out, log);
        for (int i = 0; i < MAX_RETRIES && !text.contains(SAVING); i++) {
            text = run(command, out, log); // the tool writes by another thread, which its end sometimes overtakes
        }
        int end = text.lastIndexOf(SAVING);
        assertThat(end).as("the tool's output:%n%s", text).isNotNegative();
        text = text.substring(0, end);
        boolean ended = text.endsWith(END_OF_TEXT);
        return new Output(
                ended ? text.substring(0, text.length() - END_OF_TEXT.length()) : text, sessionTokens(session), ended);
    }

    private static String run(List<String> command, Path out, Path log) throws IOException, InterruptedException {
        Files.deleteIfExists(Path.of(command.get(command.indexOf("--prompt-cache") + 1)));
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(log.toFile())
                .start();
        assertThat(process.waitFor())
                .as("%s%n%s", String.join(" ", command), Files.readString(log))
                .isZero();
        return new String(Files.readAllBytes(out), StandardCharsets.UTF_8);
    }

    /** The tokens at the beginning of a session file: magic, version, number of tokens, tokens. */
    private static int[] sessionTokens(Path session) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(session)).order(ByteOrder.LITTLE_ENDIAN);
        int[] tokens = new int[bytes.getInt(8)];
        bytes.slice(12, 4 * tokens.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer()
                .get(tokens);
        return tokens;
    }

    /** Generated tokens that the tool's session must end with. */
    static int[] generated(Output output, int promptTokens) {
        int end = output.ended() ? output.tokens().length - 1 : output.tokens().length;
        return Arrays.copyOfRange(output.tokens(), promptTokens, end);
    }
}
