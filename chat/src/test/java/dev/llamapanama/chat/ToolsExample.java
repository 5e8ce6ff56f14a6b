package dev.llamapanama.chat;

import dev.llamapanama.chat.schema.Description;
import dev.llamapanama.chat.tool.Tool;
import dev.llamapanama.chat.tool.ToolApproval;
import dev.llamapanama.chat.tool.ToolExecutor;
import dev.llamapanama.chat.tool.ToolFailure;
import dev.llamapanama.chat.tool.ToolLoop;
import dev.llamapanama.chat.tool.ToolLoopResult;
import dev.llamapanama.chat.tool.Tools;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

// What docs/tools.md shows stands between the two marks, letter by letter; DocsTest compares.
// docs/tools.md begins
public class ToolsExample {
    enum Unit {
        CELSIUS,
        FAHRENHEIT
    }

    record WeatherQuery(@Description("name of a city") String city, Optional<Unit> unit) {}

    record Trip(String city, @Description("at most three") List<String> packingList) {}

    static final Map<String, Integer> CELSIUS = Map.of("Oslo", -4, "Lisbon", 17);

    static int temperature(WeatherQuery query) {
        Integer celsius = CELSIUS.get(query.city());
        if (celsius == null) {
            throw new ToolFailure("no weather of this city; known are " + CELSIUS.keySet()); // the model reads this
        }
        return query.unit().orElse(Unit.CELSIUS) == Unit.CELSIUS ? celsius : celsius * 9 / 5 + 32;
    }

    public static String advise(ChatModel model) throws InterruptedException {
        Tools tools = Tools.of(Tool.of(
                "temperature", "Tells the temperature in a city.", WeatherQuery.class, ToolsExample::temperature));
        ToolExecutor executor = ToolExecutor.builder(tools)
                .timeout(Duration.ofSeconds(10))
                .approval(call ->
                        call.arguments().length() < 1000 ? ToolApproval.approve() : ToolApproval.refuse("too long"))
                .build();
        ToolLoopResult result = new ToolLoop(model, executor, 5)
                .run(List.of(ChatMessage.user("Oslo or Lisbon: where is it warmer?")), ChatOptions.defaults());
        Trip trip = StructuredOutput.generate(
                model, "Plan a trip. What we know: " + result.answer(), Trip.class, ChatOptions.defaults());
        return trip.city() + " with " + String.join(", ", trip.packingList());
    }
}
// docs/tools.md ends
