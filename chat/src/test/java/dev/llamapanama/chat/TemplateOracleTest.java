package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.llamapanama.engine.ChatTemplate;
import dev.llamapanama.engine.ChatTemplateException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the shim makes of chats is what llama.cpp makes of them, for all templates: nothing is lost in JSON. */
@ExtendWith(NoLeaks.class)
class TemplateOracleTest {
    private static final JsonMapper JSON = new JsonMapper();

    private static final String TOOLS = """
            "tools": [
              {"type": "function", "function": {"name": "get_weather", "description": "Weather of a \\"place\\"\\nnow",
               "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "Stadt – 市"},
               "days": {"type": "integer"}, "units": {"enum": ["C", "F"]}}, "required": ["city"]}}},
              {"type": "function", "function": {"name": "stop", "description": "", "parameters":
               {"type": "object", "properties": {}}}}]""";
    private static final String ASKED = """
            {"role": "system", "content": "Be kind."}, {"role": "user", "content": "Weather in \\u00c5lesund? \\ud83d\\ude00 <b>\\t\\\\"}""";
    private static final String CALLED = ASKED + """
            , {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "id": "call00001",
               "function": {"name": "get_weather", "arguments": "{\\"city\\": \\"\\u00c5lesund \\\\\\"x\\\\\\"\\", \\"days\\": 2}"}}]},
              {"role": "tool", "name": "get_weather", "tool_call_id": "call00001", "content": "{\\"rain\\": true}"}""";

    /** Requests by name. */
    private static Map<String, String> requests() {
        Map<String, String> requests = new LinkedHashMap<>();
        requests.put("one question", "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\\nthere \"}]}");
        requests.put(
                "several turns",
                "{\"messages\": [" + ASKED
                        + ", {\"role\": \"assistant\", \"content\": \" Rain. \"}, {\"role\": \"user\", \"content\": \"Oh\"}]}");
        requests.put("no end", "{\"add_generation_prompt\": false, \"messages\": [" + ASKED + "]}");
        requests.put("no thinking", "{\"enable_thinking\": false, \"messages\": [" + ASKED + "]}");
        requests.put(
                "reasoning",
                "{\"messages\": [" + ASKED
                        + ", {\"role\": \"assistant\", \"reasoning_content\": \"Hm.\\nRain?\", \"content\": \"Rain.\"},"
                        + " {\"role\": \"user\", \"content\": \"Oh\"}]}");
        requests.put("tools", "{" + TOOLS + ", \"messages\": [" + ASKED + "]}");
        requests.put("tools required", "{\"tool_choice\": \"required\", " + TOOLS + ", \"messages\": [" + ASKED + "]}");
        requests.put(
                "tools in parallel", "{\"parallel_tool_calls\": true, " + TOOLS + ", \"messages\": [" + ASKED + "]}");
        requests.put(
                "tools not to be used", "{\"tool_choice\": \"none\", " + TOOLS + ", \"messages\": [" + ASKED + "]}");
        requests.put("a tool was called", "{" + TOOLS + ", \"messages\": [" + CALLED + "]}");
        requests.put(
                "thought, then called",
                "{" + TOOLS + ", \"messages\": ["
                        + CALLED.replace(
                                "\"content\": \"\", \"tool",
                                "\"content\": \"\", \"reasoning_content\": \"Hm.\", \"tool")
                        + "]}");
        requests.put(
                "schema",
                "{\"json_schema\": {\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integer\"}}},"
                        + " \"messages\": [" + ASKED + "]}");
        requests.put(
                "continued",
                "{\"continue_final_message\": true, \"add_generation_prompt\": false, \"messages\": [" + ASKED
                        + ", {\"role\": \"assistant\", \"content\": \"It is \"}]}");
        return requests;
    }

    @Test
    void rendersWhatLlamaCppRenders(@TempDir Path folder) throws Exception {
        Path oracle = oracle();
        List<String> names = new ArrayList<>();
        List<String> ours = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (Path file : Templates.all()) {
            try (ChatTemplate template = ChatTemplate.of(Templates.source(file), Templates.BOS, Templates.EOS)) {
                requests().forEach((name, request) -> {
                    names.add(Templates.name(file) + ": " + name);
                    ours.add(render(template, request));
                    ObjectNode line = JSON.createObjectNode();
                    line.put("template", file.toString());
                    line.put("bos", Templates.BOS);
                    line.put("eos", Templates.EOS);
                    line.set("request", JSON.readTree(request));
                    lines.add(JSON.writeValueAsString(line));
                });
            }
        }
        Files.write(folder.resolve("in"), lines);
        Process process = new ProcessBuilder(oracle.toString())
                .redirectInput(folder.resolve("in").toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        List<String> theirs = Files.readAllLines(folder.resolve("out"));
        assertThat(theirs).hasSameSizeAs(ours);
        int rendered = 0;
        for (int i = 0; i < ours.size(); i++) {
            JsonNode expected = JSON.readTree(theirs.get(i));
            if (expected.has("error")) {
                assertThat(ours.get(i)).as(names.get(i) + " -> " + expected).isEqualTo("refused");
            } else {
                assertThat(comparable(JSON.readTree(ours.get(i))))
                        .as(names.get(i))
                        .isEqualTo(expected.get("result"));
                rendered++;
            }
        }
        // most templates take most requests; some refuse system messages or tools
        assertThat(rendered).isGreaterThan(ours.size() * 9 / 10);
    }

    private static String render(ChatTemplate template, String request) {
        try {
            return template.render(request);
        } catch (ChatTemplateException e) {
            return "refused";
        }
    }

    /** The oracle's names. */
    private static JsonNode comparable(JsonNode ours) {
        List<String> types = List.of("token", "word", "pattern", "pattern_full");
        ObjectNode same = JSON.createObjectNode();
        for (String name : List.of(
                "prompt",
                "grammar",
                "grammar_lazy",
                "generation_prompt",
                "supports_thinking",
                "thinking_start_tag",
                "thinking_end_tags",
                "preserved_tokens",
                "additional_stops",
                "format",
                "parser")) {
            same.set(name, ours.get(name));
        }
        var triggers = same.putArray("triggers");
        ours.get("grammar_triggers")
                .forEach(trigger -> triggers.addArray()
                        .add(types.indexOf(trigger.get("type").stringValue()))
                        .add(trigger.get("value").stringValue()));
        return same;
    }

    private static Path oracle() throws Exception {
        Path file = Path.of("..", "bindings", "target", "oracle", "oracle.properties");
        String variable = System.getenv("LLAMAPANAMA_ORACLE");
        assumeTrue(
                variable != null || Files.exists(file),
                "the native tools are not built (-Poracle), and LLAMAPANAMA_ORACLE does not name their folder");
        if (variable != null) {
            return Path.of(variable, "llamapanama-chat-oracle");
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return Path.of(properties.getProperty("directory"), "llamapanama-chat-oracle");
    }
}
