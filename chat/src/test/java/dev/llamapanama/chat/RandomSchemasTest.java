package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.llamapanama.chat.schema.InvalidOutputException;
import dev.llamapanama.chat.schema.JsonSchema;
import dev.llamapanama.chat.schema.TruncatedOutputException;
import dev.llamapanama.chat.schema.UnsupportedSchemaException;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.service.InferenceService;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A model with random weights writes anything that its grammar lets it: what it completes must follow the schema. */
@ExtendWith(NoLeaks.class)
class RandomSchemasTest {
    private static final int SCHEMAS = 500;
    private static final int AT_ONCE = 8;
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("Write"));

    /** Seeded: schemas of what {@link dev.llamapanama.chat.schema.SchemaCheck} takes. */
    private record Schemas(SplittableRandom random) {
        ObjectNode document() {
            ObjectNode root = object(2);
            if (random.nextInt(4) == 0) {
                root.putObject("$defs").set("part", object(1));
                ((ObjectNode) root.get("properties")).putObject("shared").put("$ref", "#/$defs/part");
                ((ArrayNode) root.get("required")).add("shared");
            }
            return root;
        }

        private ObjectNode any(int depth) {
            return switch (random.nextInt(depth > 0 ? 11 : 8)) {
                case 0 -> string();
                case 1 -> integer();
                case 2 -> type("number");
                case 3 -> type("boolean");
                case 4 -> type("null");
                case 5 -> strings("enum", "red", "green", "a \"b\"\\c", "ü");
                case 6 -> JSON.createObjectNode().put("const", random.nextInt(100));
                case 7 ->
                    JSON.createObjectNode()
                            .set("type", JSON.createArrayNode().add("boolean").add("null"));
                case 8 -> object(depth - 1);
                case 9 -> array(depth - 1);
                default -> {
                    ObjectNode either = JSON.createObjectNode();
                    either.putArray("anyOf").add(any(depth - 1)).add(any(depth - 1));
                    yield either;
                }
            };
        }

        private static ObjectNode type(String name) {
            return JSON.createObjectNode().put("type", name);
        }

        private static ObjectNode strings(String keyword, String... values) {
            ObjectNode node = JSON.createObjectNode();
            ArrayNode array = node.putArray(keyword);
            for (String value : values) {
                array.add(value);
            }
            return node;
        }

        private ObjectNode string() {
            return switch (random.nextInt(4)) {
                case 0 -> type("string").put("pattern", "^[a-c]{1,4}(-[0-9]+)?$");
                case 1 ->
                    type("string")
                            .put(
                                    "format",
                                    List.of("date", "time", "date-time", "uuid").get(random.nextInt(4)));
                default -> {
                    int least = random.nextInt(4);
                    yield type("string").put("minLength", least).put("maxLength", least + random.nextInt(6));
                }
            };
        }

        private ObjectNode integer() {
            int least = random.nextInt(-1200, 1200);
            return type("integer").put("minimum", least).put("maximum", least + random.nextInt(5000));
        }

        private ObjectNode array(int depth) {
            ObjectNode node = type("array");
            if (random.nextInt(4) == 0) {
                node.putArray("prefixItems").add(any(depth)).add(any(depth));
                return node.put("minItems", 2).put("maxItems", 2);
            }
            int least = random.nextInt(3);
            node.set("items", any(depth));
            return node.put("minItems", least).put("maxItems", least + 1 + random.nextInt(3));
        }

        private ObjectNode object(int depth) {
            ObjectNode node = type("object");
            ObjectNode properties = node.putObject("properties");
            ArrayNode required = node.putArray("required");
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                String name = List.of("a", "name with spaces", "größe").get(i);
                properties.set(name, any(depth));
                if (random.nextBoolean()) {
                    required.add(name);
                }
            }
            return node.put("additionalProperties", false);
        }
    }

    private static String answer(Chat chat, String schema, int seed) throws InterruptedException {
        ChatOptions options = ChatOptions.builder()
                .generation(GenerationOptions.builder()
                        .maxTokens(400)
                        .sampler(SamplerOptions.builder()
                                .temperature(1.5f)
                                .seed(seed)
                                .build())
                        .build())
                .build();
        try {
            return StructuredOutput.json(chat, QUESTION, schema, options);
        } catch (TruncatedOutputException e) {
            return ""; // it went on until the limit
        } catch (InvalidOutputException e) {
            throw new AssertionError(schema + "\n" + e.text() + "\n" + e.problems(), e);
        }
    }

    @Test
    void whatIsCompletedFollowsTheSchema() throws Exception {
        Schemas schemas = new Schemas(new SplittableRandom(42));
        List<String> documents = Stream.generate(() -> schemas.document().toString())
                .distinct()
                .limit(SCHEMAS)
                .toList();
        int completed = 0;
        Semaphore places = new Semaphore(AT_ONCE);
        try (Model model = Models.tiny();
                InferenceService service = InferenceService.create(
                        model,
                        Models.service(8192).toBuilder().parallel(AT_ONCE).build());
                Chat chat = Chat.of(service);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < SCHEMAS; i++) {
                int seed = i;
                answers.add(threads.submit(() -> {
                    places.acquire();
                    try {
                        return answer(chat, documents.get(seed), seed);
                    } finally {
                        places.release();
                    }
                }));
            }
            for (int i = 0; i < SCHEMAS; i++) {
                String json = answers.get(i).get(); // throws where an answer does not follow its schema
                if (!json.isEmpty()) {
                    assertThat(JsonSchema.parse(documents.get(i)).problems(json))
                            .as(documents.get(i))
                            .isEmpty();
                    completed++;
                }
            }
        }
        assertThat(completed).isGreaterThan(SCHEMAS / 2);
    }

    /** Whatever else a schema has, one keyword that no grammar enforces is enough. */
    @Test
    void whatCannotBeEnforcedIsRefused() {
        Schemas schemas = new Schemas(new SplittableRandom(7));
        String[] unsupported = {
            "{\"type\": \"integer\", \"multipleOf\": 3}",
            "{\"type\": \"array\", \"items\": {\"type\": \"null\"}, \"uniqueItems\": true}",
            "{\"not\": {\"type\": \"null\"}}",
            "{\"type\": \"object\", \"patternProperties\": {\"^a\": {\"type\": \"null\"}}}",
            "{\"if\": {\"type\": \"null\"}, \"then\": {\"type\": \"null\"}}",
            "{\"type\": \"string\", \"format\": \"email\"}",
            "{\"type\": \"string\", \"pattern\": \"a\"}",
            "{\"type\": \"number\", \"minimum\": 1}",
            "{\"$ref\": \"https://example.com/schema\"}",
            "{\"type\": \"array\", \"contains\": {\"type\": \"null\"}}",
        };
        for (int i = 0; i < 50 * unsupported.length; i++) {
            ObjectNode schema = schemas.document();
            ((ObjectNode) schema.get("properties")).set("bad", JSON.readTree(unsupported[i % unsupported.length]));
            assertThatExceptionOfType(UnsupportedSchemaException.class)
                    .as(schema.toString())
                    .isThrownBy(() -> StructuredOutput.json(
                            (_, _, _) -> {
                                throw new AssertionError("the model was asked");
                            },
                            QUESTION,
                            schema.toString(),
                            ChatOptions.defaults()))
                    .satisfies(thrown -> assertThat(thrown.place()).contains("bad"));
        }
    }
}
