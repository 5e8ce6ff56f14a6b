package dev.llamapanama.examples.assistant;

import dev.llamapanama.chat.schema.Description;
import dev.llamapanama.chat.tool.Tool;
import dev.llamapanama.chat.tool.ToolFailure;
import dev.llamapanama.chat.tool.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** The assistant's three tools. */
final class AssistantTools {
    private AssistantTools() {}

    record Expression(
            @Description("for example (3 + 4) * 2.5 ^ 2") String expression) {}

    record Zone(
            @Description("for example Europe/Berlin; UTC if left out")
            Optional<String> zone) {}

    record Search(
            @Description("what a line must contain; upper and lower case are the same")
            String text,

            @Description("a folder below the one that is searched; left out for all of it")
            Optional<String> folder) {}

    static Tools of(Path folder, Clock clock) throws IOException {
        FolderSearch search = new FolderSearch(folder);
        return Tools.of(
                Tool.of(
                        "calculator",
                        "Computes with + - * / % ^ and parentheses.",
                        Expression.class,
                        value -> Calculator.evaluate(value.expression()).toPlainString()),
                Tool.of("clock", "Tells date and time.", Zone.class, zone -> time(clock, zone.zone())),
                Tool.of(
                        "search",
                        "Finds lines of text files that contain a text.",
                        Search.class,
                        value -> search.find(value.text(), value.folder().orElse(""))));
    }

    private static String time(Clock clock, Optional<String> zone) {
        try {
            return ZonedDateTime.now(clock)
                    .withZoneSameInstant(ZoneId.of(zone.orElse("UTC")))
                    .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
        } catch (DateTimeException thrown) {
            throw new ToolFailure("there is no such time zone; give one as Europe/Berlin");
        }
    }
}
