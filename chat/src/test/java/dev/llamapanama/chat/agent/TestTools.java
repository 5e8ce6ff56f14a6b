package dev.llamapanama.chat.agent;

import dev.llamapanama.chat.tool.Tool;
import dev.llamapanama.chat.tool.ToolFailure;
import dev.llamapanama.chat.tool.Tools;
import java.util.Optional;

/** The tools that the transcripts are about. */
final class TestTools {
    record Query(String query, Optional<Integer> k, Optional<Boolean> exact, Optional<String> site) {}

    record Value(long value) {}

    record Move(String from, String to) {}

    static final Tools ALL = Tools.of(
            Tool.of("search", "finds text", Query.class, query -> "found " + query.query()),
            Tool.of("clock", "the time", () -> "12:00"),
            Tool.of("square", "squares", Value.class, value -> value.value() * value.value()),
            Tool.of("move", "moves", Move.class, move -> {
                throw new ToolFailure("nothing is at " + move.from());
            }));

    private TestTools() {}
}
