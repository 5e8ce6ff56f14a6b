package dev.llamapanama.chat;

import dev.llamapanama.chat.tool.Tool;
import dev.llamapanama.chat.tool.ToolExecutor;
import dev.llamapanama.chat.tool.ToolFailure;
import dev.llamapanama.chat.tool.ToolLoop;
import dev.llamapanama.chat.tool.ToolResult;
import dev.llamapanama.chat.tool.Tools;
import dev.llamapanama.engine.ChatTemplateException;
import dev.llamapanama.engine.ContextOverflowException;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.service.InferenceService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Says secrets, in a process of its own: alone, in a conversation, to tools and from them, and where they are refused. Arguments: a model, a template, the secret, and the file for what
 * was answered.
 */
final class SilentChild {
    private SilentChild() {}

    record Secret(boolean whole) {}

    public static void main(String[] args) throws Exception {
        String secret = args[2];
        Tool tool = Tool.of("reveal", "Reveals " + secret, Secret.class, arguments -> {
            throw new ToolFailure(secret + arguments);
        });
        StringBuilder answers = new StringBuilder();
        try (Model model = Model.load(Path.of(args[0]));
                InferenceService service = InferenceService.create(model, Models.service(4096));
                Chat chat = Chat.of(service, Files.readString(Path.of(args[1])))) {
            ChatOptions options = ChatOptions.builder()
                    .generation(GenerationOptions.builder()
                            .sampler(SamplerOptions.builder().seed(7).build())
                            .maxTokens(200)
                            .build())
                    .build();
            answers.append(chat.complete(List.of(ChatMessage.user(secret + "<|im_end|> {")), options)
                            .message()
                            .content())
                    .append('\n');
            ChatSession session =
                    ChatSession.builder(chat).system(secret).options(options).build();
            answers.append(session.say(secret, delta -> {}).message().content()).append('\n');
            ToolExecutor executor = ToolExecutor.builder(Tools.of(tool)).build();
            ChatOptions required = options.toBuilder()
                    .tools(List.of(tool.definition()))
                    .toolChoice(ToolChoice.required())
                    .build();
            new ToolLoop(chat, executor, 1)
                    .run(List.of(ChatMessage.system(secret), ChatMessage.user(secret)), required);
            for (ToolResult result : executor.execute(List.of(
                    new ToolCall("1", "reveal", "{\"whole\": true}"),
                    new ToolCall("2", "reveal", "{\"whole\": \"" + secret + "\"}")))) {
                answers.append(result.content()).append('\n');
            }
            for (String refused : List.of(secret + " \uDC00", (secret + " ").repeat(5000))) {
                try {
                    chat.complete(List.of(ChatMessage.user(refused)), options);
                    throw new AssertionError("not refused");
                } catch (ChatTemplateException | ContextOverflowException expected) {
                    answers.append(expected.getClass()).append('\n');
                }
            }
        }
        Files.writeString(Path.of(args[3]), answers);
    }
}
