package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.chat.tool.Tool;
import dev.llamapanama.chat.tool.ToolExecutor;
import dev.llamapanama.chat.tool.ToolLoop;
import dev.llamapanama.chat.tool.ToolLoopResult;
import dev.llamapanama.chat.tool.ToolResult;
import dev.llamapanama.chat.tool.Tools;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.SamplerOptions;
import dev.llamapanama.engine.service.InferenceService;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tools called by a model with random weights, which only its grammar holds to the format. */
@ExtendWith(NoLeaks.class)
class ForgedToolLoopTest {
    private static final int ROUNDS = 3;
    private static final int TRIES = 200;

    record Sum(int a, int b) {}

    record Pause(boolean soon) {}

    /**
     * Requires calls in the first rounds and an answer then. A random model calls one tool or several; here it is asked, with other
     * seeds, until it calls two.
     */
    private static ChatModel insisting(Chat chat) {
        AtomicInteger rounds = new AtomicInteger();
        return (messages, options, deltas) -> {
            boolean last = rounds.getAndIncrement() == ROUNDS;
            for (int seed = 0; seed < TRIES; seed++) {
                ChatOptions insistent = options.toBuilder()
                        .toolChoice(last ? ToolChoice.none() : ToolChoice.required())
                        .parallelToolCalls(true)
                        .generation(GenerationOptions.builder()
                                .maxTokens(last ? 10 : 300)
                                .sampler(SamplerOptions.builder()
                                        .temperature(1)
                                        .seed(1000L * rounds.get() + seed)
                                        .build())
                                .ignoreEndOfGeneration(false)
                                .build())
                        .build();
                ChatResponse response = chat.complete(messages, insistent, deltas);
                if (last) {
                    return new ChatResponse(response.message(), FinishReason.END_OF_GENERATION, response.usage());
                }
                if (response.message().toolCalls().size() == 2
                        && response.finishReason() == FinishReason.END_OF_GENERATION) {
                    return response;
                }
            }
            throw new AssertionError("no two calls in " + TRIES + " answers");
        };
    }

    @Test
    void threeRoundsOfTwoCallsAndAnAnswer() throws Exception {
        String template = Templates.source(Templates.all().stream()
                .filter(file -> Templates.name(file).equals("Qwen-Qwen2.5-7B-Instruct"))
                .findFirst()
                .orElseThrow());
        Tools tools = Tools.of(
                Tool.of("sum", "Adds", Sum.class, (Sum sum) -> (long) sum.a() + sum.b()),
                Tool.of("pause", "Waits", Pause.class, (Pause pause) -> pause.soon() ? "soon" : "later"));
        try (Model model = Models.tiny();
                InferenceService service = InferenceService.create(model, Models.service(8192));
                Chat chat = Chat.of(service, template)) {
            ToolLoopResult result = new ToolLoop(
                            insisting(chat), ToolExecutor.builder(tools).build(), ROUNDS)
                    .run(List.of(ChatMessage.user("Add")), ChatOptions.defaults());
            assertThat(result.outcome()).isEqualTo(ToolLoopResult.Outcome.ANSWERED);
            assertThat(result.rounds()).isEqualTo(ROUNDS);
            assertThat(result.toolResults()).hasSize(2 * ROUNDS).allSatisfy(each -> {
                assertThat(each.status()).isEqualTo(ToolResult.Status.OK);
                if (each.call().name().equals("pause")) {
                    assertThat(each.content()).isIn("soon", "later");
                } else {
                    assertThat(Long.parseLong(each.content())).isBetween(-1L << 32, 1L << 32);
                }
            });
            assertThat(result.toolResults().stream().map(each -> each.call().id()))
                    .doesNotHaveDuplicates();
        }
    }
}
