package dev.llamapanama.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.ChatParser;
import dev.llamapanama.engine.ChatTemplate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class AnswerReaderTest {
    private long now;
    private boolean slow;

    /** Each look at the clock is one nanosecond later, or a thousand while reading is slow. */
    private long tick() {
        return now += slow ? 1000 : 1;
    }

    @Test
    void whatIsSlowToReadIsReadSeldomAndToldWhole() {
        String request = new TemplateRequest(text -> text)
                .of(List.of(ChatMessage.user("Q")), ChatOptions.defaults(), List.of(), "none");
        List<ChatDelta> deltas = new ArrayList<>();
        try (ChatTemplate template = ChatTemplate.of("chatml", "", "");
                ChatParser parser = ChatParser.of(template.render(request))) {
            AnswerReader reader = new AnswerReader(parser, false, deltas::add, this::tick);
            reader.accept("one ");
            assertThat(deltas).containsExactly(new ChatDelta.Content("one"));
            now += 1000;
            slow = true;
            reader.accept("two ");
            assertThat(deltas).hasSize(2);
            slow = false;
            reader.accept("three ");
            assertThat(deltas).as("too early").hasSize(2);
            now += 50_000;
            reader.accept("four ");
            assertThat(deltas).hasSize(3).last().isEqualTo(new ChatDelta.Content(" three four"));
            slow = true;
            now += 250_000_000; // longer it never waits
            reader.accept("five ");
            reader.accept("six");
            assertThat(reader.finish(true).content()).isEqualTo("one two three four five six");
            assertThat(deltas).last().isEqualTo(new ChatDelta.Content(" six"));
        }
    }
}
