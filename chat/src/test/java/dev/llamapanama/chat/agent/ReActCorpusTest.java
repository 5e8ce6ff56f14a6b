package dev.llamapanama.chat.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.chat.ToolDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Transcripts in {@code src/test/resources/react}: NAME.txt is what a model wrote, NAME.json what it means. */
class ReActCorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/react");
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final List<ToolDefinition> TOOLS = TestTools.ALL.definitions();

    static Stream<Path> transcripts() throws IOException {
        try (Stream<Path> files = Files.walk(CORPUS)) {
            return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList().stream();
        }
    }

    private static ReActProtocol protocol(Path file) {
        return file.getParent().endsWith("tags") ? ReActProtocol.tags() : ReActProtocol.text();
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void isReadAsExpected(Path file) throws IOException {
        JsonNode expected =
                MAPPER.readTree(Files.readString(Path.of(file.toString().replace(".txt", ".json"))));

        ReActTurn turn = protocol(file).parse(Files.readString(file), TOOLS);

        assertThat(turn.actions())
                .extracting(ReActAction::name)
                .isEqualTo(expected.get("actions").values().stream()
                        .map(action -> action.get("name").stringValue())
                        .toList());
        for (int i = 0; i < turn.actions().size(); i++) {
            assertThat(MAPPER.readTree(turn.actions().get(i).arguments()))
                    .isEqualTo(expected.get("actions").get(i).get("arguments"));
        }
        assertThat(turn.thought()).isEqualTo(expected.get("thought").stringValue());
        assertThat(turn.answer()).isEqualTo(expected.get("answer").stringValueOpt());
        assertThat(turn.problems()).hasSize(expected.get("problems").intValue());
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void isReadTheSameWhenCutAtEachByte(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length <= bytes.length; length++) {
            if (length == bytes.length || (bytes[length] & 0xC0) != 0x80) { // else within a character
                String prefix = new String(bytes, 0, length, StandardCharsets.UTF_8);
                requireStable(protocol(file), prefix, Files.readString(file));
            }
        }
    }

    /** What is read of the beginning is the beginning of what is read of all. */
    private static void requireStable(ReActProtocol protocol, String prefix, String text) {
        ReActTurn all = protocol.parse(text, TOOLS);
        ReActTurn part = protocol.parsePartial(prefix, TOOLS);

        assertThat(all.thought()).as("thought of <%s>", prefix).startsWith(part.thought());
        int common = Math.min(part.actions().size(), all.actions().size());
        assertThat(part.actions())
                .as("actions of <%s> of <%s>", prefix, text)
                .isEqualTo(all.actions().subList(0, common));
        if (part.answer().isPresent() && all.actions().isEmpty()) {
            assertThat(all.answer().orElse("none"))
                    .as("answer of <%s>", prefix)
                    .startsWith(part.answer().get());
        }
        protocol.parse(prefix, TOOLS); // must not throw
    }

    @Provide
    Arbitrary<String> transcriptsOfPieces() {
        Arbitrary<String> pieces = Arbitraries.of(
                "Thought:",
                "Action:",
                "Action Input:",
                "Observation:",
                "Final Answer:",
                "\n",
                "\n",
                "\n",
                " ",
                "search",
                "clock",
                "(",
                ")",
                "[",
                "]",
                "{",
                "}",
                "\"",
                "'",
                ":",
                ",",
                "=",
                "\\",
                "\\u00",
                "12",
                "-",
                "1e5",
                "True",
                "null",
                "query",
                "k",
                "```json\n",
                "```",
                "**",
                "{\"query\": \"a\"}",
                "{\"name\": \"clock\", \"arguments\": {}}",
                "search(\"a\")",
                "<think>",
                "</think>",
                "<tool_call>",
                "</tool_call>",
                "<tool_response>",
                "<answer>",
                "</answer>",
                "<code>",
                "</code>",
                "<",
                "é🗻");
        return pieces.list().ofMaxSize(40).map(list -> String.join("", list));
    }

    @Property(tries = 3000, seed = "1")
    void pieces(@ForAll("transcriptsOfPieces") String text) {
        stableAtEachCharacter(text);
    }

    @Property(tries = 500, seed = "2")
    void anything(@ForAll String text) {
        stableAtEachCharacter(text);
    }

    private static void stableAtEachCharacter(String text) {
        for (ReActProtocol protocol : List.of(ReActProtocol.text(), ReActProtocol.tags())) {
            for (int length = 0; length <= text.length(); length++) {
                requireStable(protocol, text.substring(0, length), text);
            }
        }
    }

    @Property(tries = 300, seed = "3")
    void deepNestingIsNoOverflow(@ForAll int seed) {
        String open = List.of("[", "{\"a\":", "((", "<think>")
                .get(Math.floorMod(seed, 4))
                .repeat(20_000);
        for (ReActProtocol protocol : List.of(ReActProtocol.text(), ReActProtocol.tags())) {
            assertThat(protocol.parse("Action: " + open, TOOLS).answer().or(() -> Optional.of("")))
                    .isPresent();
            assertThat(protocol.parse("<tool_call>" + open, TOOLS).actions()).isEmpty();
        }
    }
}
