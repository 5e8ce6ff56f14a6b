package dev.llamapanama.chat.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.llamapanama.chat.ToolCall;
import dev.llamapanama.chat.schema.Description;
import dev.llamapanama.chat.schema.JsonSchema;
import dev.llamapanama.chat.schema.SchemaCheck;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ToolTest {
    record Sum(@Description("the first") int a, Optional<Integer> b) {}

    record Answer(int sum) {}

    public static final class Methods {
        @ToolMethod
        @Description("adds numbers")
        public Answer add(Sum sum) {
            return new Answer(sum.a() + sum.b().orElse(0));
        }

        @ToolMethod("time-now")
        @Description("the time")
        public void time() {}

        @ToolMethod
        @Description("fails")
        public String fail() {
            throw new ToolFailure("out of order; try tomorrow");
        }
    }

    public static final class TwoParameters {
        @ToolMethod
        @Description("adds")
        public int add(int a, int b) {
            return a + b;
        }
    }

    @Test
    void ofALambda() throws Exception {
        Tool tool = Tool.of(
                "add", "adds", Sum.class, sum -> new Answer(sum.a() + sum.b().orElse(1)));

        assertThat(tool.definition().name()).isEqualTo("add");
        assertThat(tool.definition().parameters())
                .isEqualTo(JsonSchema.of(Sum.class).text())
                .contains("\"required\":[\"a\"]", "\"additionalProperties\":false", "\"description\":\"the first\"");
        assertThat(tool.call("{\"a\":1}")).isEqualTo("{\"sum\":2}");
        Tool hello = Tool.of("hello", "", () -> "hello");
        assertThat(hello.call("")).isEqualTo("hello");
        SchemaCheck.requireSupported(hello.definition().parameters());
        assertThat(Tool.of("raw", "", JsonSchema.of(Sum.class), json -> json).call("{\"a\":1}"))
                .isEqualTo("{\"a\":1}");
    }

    @Test
    void ofMethods() throws Exception {
        Tools tools = Tools.of(Tool.ofMethods(new Methods()));

        assertThat(tools.names()).containsExactly("add", "fail", "time-now");
        assertThat(tools.find("add").orElseThrow().call("{\"a\":1,\"b\":2}")).isEqualTo("{\"sum\":3}");
        assertThat(tools.find("time-now").orElseThrow().call("{}")).isEqualTo("done");
        List<ToolResult> results =
                ToolExecutor.builder(tools).build().execute(List.of(new ToolCall("1", "fail", "{}")));
        assertThat(results.getFirst().content()).isEqualTo("Error: out of order; try tomorrow");
    }

    @Test
    void badDefinitionsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Tool.of("two words", "", () -> ""));
        assertThatIllegalArgumentException().isThrownBy(() -> Tool.ofMethods("no methods"));
        assertThatIllegalArgumentException().isThrownBy(() -> Tool.ofMethods(new TwoParameters()));
        Tool tool = Tool.of("a", "", () -> "");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tools.of(tool, tool))
                .withMessageContaining("called a");
    }
}
