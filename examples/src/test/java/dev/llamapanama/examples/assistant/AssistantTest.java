package dev.llamapanama.examples.assistant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.llamapanama.chat.ToolCall;
import dev.llamapanama.chat.tool.ToolExecutor;
import dev.llamapanama.chat.tool.ToolFailure;
import dev.llamapanama.chat.tool.ToolResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AssistantTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2024-02-29T12:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path directory;

    private Path folder;

    @BeforeEach
    void files() throws IOException {
        folder = Files.createDirectories(directory.resolve("notes/sub")).getParent();
        Files.writeString(folder.resolve("a.txt"), "first\nTODO: buy milk\n");
        Files.writeString(folder.resolve("sub/b.txt"), "todo later\n");
        Files.write(folder.resolve("c.bin"), new byte[] {(byte) 0xFF, 't', 'o', 'd', 'o'});
        Files.writeString(directory.resolve("secret.txt"), "todo secret\n");
        Files.createSymbolicLink(folder.resolve("link.txt"), directory.resolve("secret.txt"));
        Files.createSymbolicLink(folder.resolve("up"), directory);
    }

    private ToolResult call(String name, String arguments) throws Exception {
        return ToolExecutor.builder(AssistantTools.of(folder, CLOCK))
                .build()
                .execute(List.of(new ToolCall("1", name, arguments)))
                .getFirst();
    }

    @Test
    void runsOnItsScript() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        int code = AssistantMain.run(
                new String[] {"--scripted", folder.toString(), "What is 12.5% of 80?"},
                CLOCK,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                System.err);

        assertThat(code).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("reads: 10", "reads: 2024-02-29T12:00:00Z", "buy milk", "12.5% of 80 is 10")
                .doesNotContain("secret");
    }

    @Test
    void wrongArgumentsAreOneLine() throws Exception {
        for (String[] wrong : new String[][] {{}, {"--scripted", "no/such/folder", "?"}, {"--model", ".", "?"}}) {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int code = AssistantMain.run(wrong, CLOCK, System.out, new PrintStream(err, true, StandardCharsets.UTF_8));
            assertThat(code).isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1 + 2 * 3, 7",
        "(1 + 2) * 3, 9",
        "-2 ^ 2, -4",
        "2 ^ -1, 0.5",
        "2 ^ 3 ^ 2, 512",
        "10 / 4, 2.5",
        "7 % 4, 3",
        "0.1 + 0.2, 0.3",
        "--5, 5",
        "1 - 1, 0",
        "100 * 10, 1000"
    })
    void calculates(String expression, String value) throws Exception {
        assertThat(call("calculator", "{\"expression\": \"" + expression + "\"}")
                        .content())
                .isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1 +", "(1", "1)", "1 2", "1/0", "1..2", "2^0.5", "2^100000", "Runtime.exec()", "9^9^9"})
    void refusesWhatIsNoExpression(String expression) {
        assertThatExceptionOfType(ToolFailure.class).isThrownBy(() -> Calculator.evaluate(expression));
        assertThatExceptionOfType(ToolFailure.class).isThrownBy(() -> Calculator.evaluate("(".repeat(900)));
    }

    @Test
    void tellsTheTime() throws Exception {
        assertThat(call("clock", "{}").content()).isEqualTo("2024-02-29T12:00:00Z");
        assertThat(call("clock", "{\"zone\": \"Europe/Berlin\"}").content()).isEqualTo("2024-02-29T13:00:00+01:00");
        assertThat(call("clock", "{\"zone\": \"Mars\"}").status()).isEqualTo(ToolResult.Status.FAILED);
    }

    @Test
    void searchesTheFolderAndNothingElse() throws Exception {
        assertThat(call("search", "{\"text\": \"todo\"}").content())
                .isEqualTo("[{\"file\":\"a.txt\",\"line\":2,\"text\":\"TODO: buy milk\"},"
                        + "{\"file\":\"sub/b.txt\",\"line\":1,\"text\":\"todo later\"}]");
        assertThat(call("search", "{\"text\": \"todo\", \"folder\": \"sub\"}").content())
                .contains("b.txt")
                .doesNotContain("a.txt");
        for (String outside : List.of("..", "../", "sub/../..", "up", directory.toString(), "/", "no", "\\u0000")) {
            ToolResult result = call("search", "{\"text\": \"todo\", \"folder\": \"" + outside + "\"}");
            assertThat(result.status()).as(outside).isEqualTo(ToolResult.Status.FAILED);
            assertThat(result.content()).doesNotContain("secret", directory.toString());
        }
    }
}
