package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.engine.ContextOverflowException;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.service.GenerationRequest;
import dev.llamapanama.engine.service.InferenceService;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class ChatSessionTest {
    private static final int TURNS = 200;
    private static final int ANSWER = 12;
    private static final int CHECKED = 20; // turns after which an answer is compared

    private Model model;
    private InferenceService service;

    @BeforeEach
    void open() {
        model = Models.tiny();
        service = InferenceService.create(model, Models.service(4096));
    }

    @AfterEach
    void close() {
        service.close();
        model.close();
    }

    @Test
    void twoHundredTurnsPrefillOnlyWhatIsNew() throws Exception {
        try (Chat chat = Chat.of(service)) {
            ChatSession session = ChatSession.builder(chat)
                    .system("You count.")
                    .options(Models.greedy(ANSWER))
                    .build();
            long computed = 0;
            int cuts = 0;
            for (int turn = 0; turn < TURNS; turn++) {
                String said = "This is what I say in turn " + turn + ".";
                ChatResponse response = session.say(said);
                List<ChatMessage> asked =
                        session.messages().subList(0, session.messages().size() - 1);
                int[] prompt = chat.prepare(asked, Models.greedy(ANSWER)).prompt();
                assertThat(model.vocabulary().detokenize(prompt, false, true)).isEqualTo(chatMl(asked));
                if (turn % CHECKED == 0) {
                    assertThat(response.message().content()).as("turn " + turn).isEqualTo(answerOfItsOwn(prompt));
                }
                long now = service.statistics().computedTokens();
                int news = model.vocabulary()
                        .tokenize(
                                "<|im_end|>\n<|im_start|>user\n" + said + "<|im_end|>\n<|im_start|>assistant\n",
                                true,
                                true)
                        .length;
                if (turn > 0 && session.cuts() == cuts) {
                    // the last token of the answer was sampled and not computed, and the last of the prompt gives
                    // logits
                    assertThat(now - computed).as("turn " + turn).isLessThanOrEqualTo(news + 2L);
                    assertThat(response.usage().cachedTokens()).isGreaterThan(0);
                }
                computed = now;
                cuts = session.cuts();
                assertThat(session.messages().getFirst()).isEqualTo(ChatMessage.system("You count."));
                assertThat(session.messages().getLast()).isEqualTo(response.message());
                assertThat(session.messages().get(session.messages().size() - 2))
                        .isEqualTo(ChatMessage.user(said));
            }
            assertThat(session.cuts()).isBetween(1, TURNS / 10);
        }
    }

    private static String chatMl(List<ChatMessage> messages) {
        StringBuilder text = new StringBuilder("<|begin_of_text|>");
        for (ChatMessage message : messages) {
            text.append("<|im_start|>")
                    .append(message.role().name().toLowerCase(Locale.ROOT))
                    .append('\n')
                    .append(message.content())
                    .append("<|im_end|>\n");
        }
        return text + "<|im_start|>assistant\n";
    }

    /** What a service says that has nothing in its cache. */
    private String answerOfItsOwn(int[] prompt) throws Exception {
        try (InferenceService fresh = InferenceService.create(model, Models.service(4096))) {
            return fresh.submit(GenerationRequest.builder(prompt)
                            .options(Models.greedy(ANSWER).generation())
                            .build())
                    .await()
                    .getFirst()
                    .text();
        }
    }

    @Test
    void theOldestTurnsAreForgottenWhole() throws Exception {
        List<ChatMessage> forgotten = new ArrayList<>();
        try (Chat chat = Chat.of(service)) {
            ChatSession session = ChatSession.builder(chat)
                    .system("S")
                    .options(Models.greedy(5))
                    .onForgotten(dropped -> {
                        forgotten.addAll(dropped);
                        return List.of(
                                ChatMessage.user("Before?"), ChatMessage.assistant(dropped.size() + " messages"));
                    })
                    .build();
            String text = "word ".repeat(300);
            for (int turn = 0; forgotten.isEmpty(); turn++) {
                assertThat(turn).isLessThan(20);
                session.say(turn + text);
            }
            assertThat(forgotten.getFirst()).isEqualTo(ChatMessage.user("0" + text));
            assertThat(forgotten.getLast().role()).isEqualTo(ChatRole.ASSISTANT);
            assertThat(session.messages().get(0)).isEqualTo(ChatMessage.system("S"));
            assertThat(session.messages().get(1)).isEqualTo(ChatMessage.user("Before?"));
            assertThat(session.messages().get(3).role()).isEqualTo(ChatRole.USER);
        }
    }

    @Test
    void nothingIsForgottenWhereTheSummaryFails() throws Exception {
        try (Chat chat = Chat.of(service)) {
            ChatSession session = ChatSession.builder(chat)
                    .options(Models.greedy(5))
                    .onForgotten(dropped -> {
                        throw new IllegalStateException("no summary");
                    })
                    .build();
            String text = "word ".repeat(300);
            assertThatThrownBy(() -> {
                        for (int turn = 0; turn < 20; turn++) {
                            session.say(turn + text);
                        }
                    })
                    .hasMessage("no summary");
            assertThat(session.messages().getFirst()).isEqualTo(ChatMessage.user("0" + text));
            assertThat(session.messages().getLast().role()).isEqualTo(ChatRole.ASSISTANT);
        }
    }

    @Test
    void aTurnThatIsTooLongIsRefusedAndForgotten() throws Exception {
        try (Chat chat = Chat.of(service)) {
            ChatSession session =
                    ChatSession.builder(chat).options(Models.greedy(5)).build();
            session.say("Hi");
            List<ChatMessage> before = session.messages();
            assertThatThrownBy(() -> session.say("x ".repeat(5000))).isInstanceOf(ContextOverflowException.class);
            assertThat(session.messages()).isEqualTo(before);
            assertThat(session.cuts()).isZero();
            assertThat(session.say("Hi again").message().content()).isNotNull();
        }
    }
}
