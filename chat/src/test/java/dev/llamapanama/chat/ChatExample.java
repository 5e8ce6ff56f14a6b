package dev.llamapanama.chat;

import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.service.InferenceService;
import dev.llamapanama.engine.service.ServiceOptions;
import java.nio.file.Path;

/** The example in docs/chat.md, which a test compares with this one. */
final class ChatExample {
    private ChatExample() {}

    static void run(String... args) throws InterruptedException {
        // docs/chat.md begins
        try (Model model = Model.load(Path.of(args[0]));
                InferenceService service = InferenceService.create(model, ServiceOptions.defaults());
                Chat chat = Chat.of(service)) {
            ChatSession session = ChatSession.builder(chat)
                    .system("You answer in one sentence.")
                    .options(ChatOptions.builder()
                            .generation(
                                    GenerationOptions.builder().maxTokens(200).build())
                            .build())
                    .build();
            session.say("What is a fjord?", delta -> {
                if (delta instanceof ChatDelta.Content(String text)) {
                    System.out.print(text);
                }
            });
            ChatResponse response = session.say("And how deep is it?");
            System.out.println(response.message().content());
        }
        // docs/chat.md ends
    }
}
