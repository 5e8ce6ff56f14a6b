package dev.llamapanama.examples.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.chat.ChatOptions;
import dev.llamapanama.chat.schema.InvalidOutputException;
import dev.llamapanama.chat.testing.ScriptedModel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CoordinatorTest {
    private static final String SUBTASK = "{\"title\": \"t\", \"instructions\": \"i\", \"role\": \"CODER\"}";

    @Test
    void runsOnItsScript() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        int code = CoordinatorMain.run(
                new String[] {"--scripted", "Add a --version option"},
                new PrintStream(out, true, StandardCharsets.UTF_8),
                System.err);

        assertThat(code).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("- RESEARCHER: Find the convention", "- REVIEWER: Review it", "PARTLY_DONE", "open: mention");
    }

    @Test
    void eachRoleIsToldItsPartAndWhatWasDone() throws Exception {
        ScriptedModel model = ScriptedModel.saying(
                "{\"reasoning\": \"r\", \"subtasks\": [" + SUBTASK + ", " + SUBTASK.replace("CODER", "TESTER") + "]}",
                "the code",
                "the test",
                "{\"verdict\": \"DONE\", \"summary\": \"s\", \"openPoints\": []}");

        Coordinator.Result result = new Coordinator(model, ChatOptions.defaults(), 2).run("the task");

        assertThat(result.report().verdict()).isEqualTo(Report.Verdict.DONE);
        assertThat(result.work()).extracting(Coordinator.Work::result).containsExactly("the code", "the test");
        ScriptedModel.Request tester = model.requests().get(2);
        assertThat(tester.messages().getFirst().content()).isEqualTo(Role.TESTER.instructions());
        assertThat(tester.lastText()).contains("the task", "The coder has done", "the code");
    }

    @Test
    void aBadPlanIsRefused() {
        Coordinator tooMany = new Coordinator(
                ScriptedModel.saying("{\"reasoning\": \"r\", \"subtasks\": [" + SUBTASK + "," + SUBTASK + "]}"),
                ChatOptions.defaults(),
                1);
        assertThatIllegalStateException().isThrownBy(() -> tooMany.run("the task"));

        Coordinator unknownRole = new Coordinator(
                ScriptedModel.saying(
                        "{\"reasoning\": \"r\", \"subtasks\": [" + SUBTASK.replace("CODER", "MANAGER") + "]}"),
                ChatOptions.defaults(),
                1);
        assertThatExceptionOfType(InvalidOutputException.class).isThrownBy(() -> unknownRole.run("the task"));
    }

    @Test
    void wrongArgumentsAreOneLine() throws Exception {
        for (String[] wrong : new String[][] {{}, {"--model", "task"}}) {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int code = CoordinatorMain.run(wrong, System.out, new PrintStream(err, true, StandardCharsets.UTF_8));
            assertThat(code).isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
        }
    }
}
