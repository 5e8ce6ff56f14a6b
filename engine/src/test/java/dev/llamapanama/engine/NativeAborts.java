package dev.llamapanama.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The list of damages that end a process, in {@code docs/native-aborts.md}. */
final class NativeAborts {
    private static final Path PAGE = Path.of("..", "docs", "native-aborts.md");
    private static final String BEGIN = "<!-- mutations -->";
    private static final String END = "<!-- /mutations -->";

    private NativeAborts() {}

    /** Model and number of each, as "tiny-llama 17". */
    static List<String> listed() {
        List<String> lines;
        try {
            lines = Files.readAllLines(PAGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> listed = new ArrayList<>();
        // the table's first two lines are its head
        for (String line : lines.subList(lines.indexOf(BEGIN) + 3, lines.indexOf(END))) {
            List<String> cells = List.of(line.split("\\|", -1));
            listed.add(cells.get(1).strip() + " " + cells.get(2).strip());
        }
        return listed;
    }
}
