package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.chat.schema.RegularExpression;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.service.InferenceService;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A model with random weights says what it may say, whatever its family. */
@ExtendWith(NoLeaks.class)
class StructuredOutputModelTest {
    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("Which?"));

    enum Size {
        SMALL,
        LARGE
    }

    sealed interface Shape {}

    record Circle(Size size) implements Shape {}

    record Square(boolean filled, Size size) implements Shape {}

    private static ChatOptions options(int seed) {
        return ChatOptions.builder()
                .generation(GenerationOptions.builder()
                        .sampler(SamplerOptions.builder().seed(seed).build())
                        .maxTokens(300)
                        .build())
                .build();
    }

    private static Chat chat(InferenceService service, String family) {
        return Templates.all().stream()
                .filter(file -> Templates.name(file).equals(family))
                .findFirst()
                .map(file -> Chat.of(service, Templates.source(file)))
                .orElseThrow();
    }

    @Test
    void recordsAndExpressions() throws Exception {
        RegularExpression expression = new RegularExpression("^[a-c]{3}-[0-9]{2}$");
        try (Model model = Models.tiny();
                InferenceService service = InferenceService.create(model, Models.service(8192))) {
            // of the second llama.cpp makes no grammar for schemas
            for (String family : List.of("Qwen-Qwen2.5-7B-Instruct", "GigaChat3-10B-A1.8B")) {
                try (Chat chat = chat(service, family)) {
                    for (int seed = 0; seed < 5; seed++) {
                        Shape shape = StructuredOutput.generate(chat, "Which?", Shape.class, options(seed));
                        assertThat(shape).isInstanceOfAny(Circle.class, Square.class);
                        assertThat(StructuredOutput.matching(chat, QUESTION, expression, options(seed)))
                                .matches("[a-c]{3}-[0-9]{2}");
                    }
                }
            }
        }
    }
}
