package dev.llamapanama.chat.tool;

import dev.llamapanama.chat.ToolDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tools by name. Immutable. */
public final class Tools {
    private final Map<String, Tool> byName = new LinkedHashMap<>();

    private Tools(List<Tool> tools) {
        for (Tool tool : tools) {
            if (byName.put(tool.definition().name(), tool) != null) {
                throw new IllegalArgumentException(
                        "two tools are called " + tool.definition().name() + "; rename one");
            }
        }
    }

    /**
     * These tools, in this order.
     *
     * @throws IllegalArgumentException if two have the same name
     */
    public static Tools of(Tool... tools) {
        return new Tools(List.of(tools));
    }

    /**
     * These tools, in this order.
     *
     * @throws IllegalArgumentException if two have the same name
     */
    public static Tools of(List<Tool> tools) {
        return new Tools(tools);
    }

    /** These and others. */
    public Tools and(Tool... others) {
        List<Tool> all = new ArrayList<>(byName.values());
        all.addAll(List.of(others));
        return new Tools(all);
    }

    /** The tool of this name. */
    public Optional<Tool> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The names, in order. */
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** What a model is told, in order. */
    public List<ToolDefinition> definitions() {
        return byName.values().stream().map(Tool::definition).toList();
    }
}
