package dev.llamapanama.chat.agent;

import dev.llamapanama.chat.ToolDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads actions where they begin in a text: as JSON, <code>{"name": …, "arguments": …}</code>, or as calls, {@code search("x",
 * k=3)} or {@code search[x]}; one or several, in a code fence or not.
 */
final class ActionReader {
    private static final List<String> NAME_KEYS = List.of("name", "tool", "action", "tool_name", "function");
    private static final List<String> ARGUMENT_KEYS =
            List.of("arguments", "args", "parameters", "params", "input", "action_input", "tool_input");
    private static final Pattern FENCE = Pattern.compile("\\s*```[A-Za-z_]*[ \\t]*\\R?");
    private static final Pattern NAME =
            Pattern.compile("[\\s`'\"*_]*([A-Za-z][A-Za-z0-9_.-]*|_[A-Za-z0-9_.-]+)[`'\"*]*");
    private static final Pattern CALL = Pattern.compile("[\\s,;`*-]*([A-Za-z_][A-Za-z0-9_.-]*)[`*]*[ \\t]*\\(");
    private static final Pattern BRACKETS =
            Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_.-]*)[ \\t]*\\[([^\\]\\r\\n]*)\\]");
    private static final Pattern KEYWORD = Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*(?:=(?!=)|:)");
    private static final Pattern TO_END_OF_LINE = Pattern.compile("([^\\r\\n]*)\\)[ \\t.;`]*(?=\\R|\\z)");

    private final String text;
    private final List<ToolDefinition> tools;
    private final boolean whole;
    private final List<ReActAction> actions = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private boolean cutOff;
    private int end;

    /**
     * A reader.
     *
     * @param whole whether the text is complete
     */
    ActionReader(String text, int position, List<ToolDefinition> tools, boolean whole) {
        this.text = text;
        this.tools = tools;
        this.whole = whole;
        end = position;
    }

    List<ReActAction> actions() {
        return actions;
    }

    List<String> problems() {
        return problems;
    }

    /** Whether the text ended within an action. */
    boolean isCutOff() {
        return cutOff;
    }

    /** Where the text goes on. */
    int end() {
        return end;
    }

    /** Reads actions in JSON or as calls; false if there is neither here. */
    boolean readActions() {
        skip(FENCE);
        skipSpace();
        if (startsWith('{') || startsWith('[')) {
            readJson();
        } else if (!readBrackets() && !readCalls()) {
            return false;
        }
        skip(FENCE);
        return true;
    }

    /** Reads a name alone. */
    Optional<String> readName() {
        skip(FENCE);
        Matcher matcher = NAME.matcher(text).region(end, text.length());
        if (!matcher.lookingAt()) {
            return Optional.empty();
        }
        end = matcher.end();
        return Optional.of(matcher.group(1));
    }

    /**
     * Reads the arguments of a name that was read before.
     *
     * @param limit where they end at the latest if they are no JSON; the end of the text if that is not known yet
     */
    void readInput(String name, int limit, boolean limitIsKnown) {
        skip(FENCE);
        skipSpace();
        if (startsWith('{')) {
            switch (LenientJson.read(text, end, whole)) {
                case LenientJson.Result.Value(JsonNode node, int after) -> {
                    end = after;
                    add(name, node);
                    skip(FENCE);
                }
                case LenientJson.Result.CutOff cut -> cutOff();
                case LenientJson.Result.Wrong(String why) -> wrong(name, why);
            }
            return;
        }
        if (!whole && !limitIsKnown) {
            cutOff = true;
            return;
        }
        String plain = text.substring(Math.min(end, limit), limit)
                .replaceAll("\\s*```\\s*$", "")
                .strip();
        end = limit;
        add(name, JsonNodeFactory.instance.stringNode(plain));
    }

    private void readJson() {
        switch (LenientJson.read(text, end, whole)) {
            case LenientJson.Result.Value(JsonNode node, int after) -> {
                end = after;
                for (JsonNode each : node.isArray() ? node.values() : List.of(node)) {
                    addFromJson(each);
                }
            }
            case LenientJson.Result.CutOff cut -> cutOff();
            case LenientJson.Result.Wrong(String why) -> wrong("the action", why);
        }
    }

    private void addFromJson(JsonNode node) {
        JsonNode object = node.path("function").isObject() ? node.get("function") : node;
        Optional<String> nameKey =
                NAME_KEYS.stream().filter(key -> object.path(key).isString()).findFirst();
        if (nameKey.isEmpty()) {
            problems.add("the JSON of an action has no \"name\"; write {\"name\": …, \"arguments\": {…}}");
            return;
        }
        String name = object.get(nameKey.get()).stringValue();
        Optional<String> argumentKey =
                ARGUMENT_KEYS.stream().filter(object::has).findFirst();
        if (argumentKey.isPresent()) {
            add(name, object.get(argumentKey.get()));
            return;
        }
        ObjectNode rest = JsonNodeFactory.instance.objectNode();
        object.properties().forEach(property -> {
            if (!property.getKey().equals(nameKey.get())
                    && !property.getKey().equals("id")
                    && !property.getKey().equals("type")) {
                rest.set(property.getKey(), property.getValue());
            }
        });
        add(name, rest);
    }

    /** {@code Search[text]}. */
    private boolean readBrackets() {
        Matcher matcher = BRACKETS.matcher(text).region(end, text.length());
        if (!matcher.lookingAt()) {
            return false;
        }
        end = matcher.end();
        add(
                matcher.group(1),
                JsonNodeFactory.instance.stringNode(matcher.group(2).strip()));
        return true;
    }

    private boolean readCalls() {
        Matcher matcher = CALL.matcher(text).region(end, text.length());
        if (!matcher.lookingAt()) {
            return false;
        }
        do {
            end = matcher.end();
            readCall(matcher.group(1));
            matcher.region(end, text.length());
        } while (!cutOff && problems.isEmpty() && matcher.lookingAt() && isTool(matcher.group(1)));
        return true;
    }

    private boolean isTool(String name) {
        return tools.stream().anyMatch(tool -> tool.name().equals(name));
    }

    /** From behind the opening parenthesis to behind the closing one. */
    private void readCall(String name) {
        int begin = end;
        List<JsonNode> positional = new ArrayList<>();
        ObjectNode named = JsonNodeFactory.instance.objectNode();
        skipSpace();
        while (!startsWith(')')) {
            Matcher keyword = KEYWORD.matcher(text).region(end, text.length());
            Optional<String> key = keyword.lookingAt() ? Optional.of(keyword.group(1)) : Optional.empty();
            int valueBegin = key.isPresent() ? keyword.end() : end;
            switch (LenientJson.read(text, valueBegin, whole)) {
                case LenientJson.Result.Value(JsonNode node, int after) -> {
                    end = after;
                    key.ifPresentOrElse(present -> named.set(present, node), () -> positional.add(node));
                }
                case LenientJson.Result.CutOff cut -> {
                    cutOff();
                    return;
                }
                case LenientJson.Result.Wrong(String why) -> {
                    readUnquoted(name, begin, why);
                    return;
                }
            }
            skipSpace();
            if (startsWith(',')) {
                end++;
                skipSpace();
            } else if (end == text.length()) {
                cutOff();
                return;
            } else if (!startsWith(')')) {
                readUnquoted(name, begin, "a comma or ) is missing");
                return;
            }
        }
        end++;
        add(name, positional, named);
    }

    /** {@code search(what is it)}: all up to the last parenthesis of the line is a text, if the tool takes one. */
    private void readUnquoted(String name, int begin, String why) {
        Matcher line = TO_END_OF_LINE.matcher(text).region(begin, text.length());
        Optional<ObjectNode> arguments = line.lookingAt()
                ? Parameters.of(name, tools)
                        .flatMap(parameters -> parameters.single(line.group(1).strip()))
                : Optional.empty();
        if (arguments.isEmpty()) {
            wrong(name, why);
            return;
        }
        end = line.end();
        actions.add(new ReActAction(name, arguments.get().toString()));
    }

    private void add(String name, List<JsonNode> positional, ObjectNode named) {
        Optional<Parameters> parameters = Parameters.of(name, tools);
        if (positional.size() == 1 && named.isEmpty() && positional.getFirst().isObject()) {
            JsonNode only = positional.getFirst();
            if (parameters.isEmpty() || only.propertyNames().stream().allMatch(parameters.get()::has)) {
                add(name, only);
                return;
            }
        }
        // of an unknown tool it does not matter, as the model will be told that there is none
        Optional<ObjectNode> arguments = parameters.isEmpty()
                ? Optional.of(JsonNodeFactory.instance.objectNode())
                : parameters.get().named(positional);
        if (arguments.isEmpty()) {
            problems.add(name + " has fewer parameters than arguments; give them by name, as JSON");
            return;
        }
        arguments.get().setAll(named);
        actions.add(new ReActAction(name, arguments.get().toString()));
    }

    /** Arguments as an object, or whatever the model wrote instead. */
    private void add(String name, JsonNode arguments) {
        if (arguments.isObject()) {
            actions.add(new ReActAction(name, arguments.toString()));
            return;
        }
        String plain = arguments.isString() ? arguments.stringValue().strip() : arguments.toString();
        if (LenientJson.read(plain, 0, true) instanceof LenientJson.Result.Value(JsonNode node, int after)
                && after == plain.length()) {
            if (node.isObject()) {
                actions.add(new ReActAction(name, node.toString()));
                return;
            }
            if (node.isString()) {
                plain = node.stringValue(); // it was in quotes
            }
        }
        Optional<Parameters> parameters = Parameters.of(name, tools);
        boolean nothing = plain.isEmpty() || arguments.isNull() || plain.equalsIgnoreCase("none");
        if (parameters.isEmpty() || nothing && parameters.get().needsNone()) {
            actions.add(new ReActAction(name, "{}"));
            return;
        }
        String text = plain;
        parameters
                .flatMap(present -> present.single(text))
                .ifPresentOrElse(
                        object -> actions.add(new ReActAction(name, object.toString())),
                        () -> problems.add(
                                "the input of " + name + " must be a JSON object with its parameters by name"));
    }

    private void cutOff() {
        cutOff = true;
        if (whole) {
            problems.add("an action is cut off; write it again, complete");
        }
    }

    private void wrong(String what, String why) {
        problems.add("the JSON of " + what + " cannot be read: " + why + "; write it again as valid JSON");
    }

    private boolean startsWith(char character) {
        return end < text.length() && text.charAt(end) == character;
    }

    private void skipSpace() {
        while (end < text.length() && Character.isWhitespace(text.charAt(end))) {
            end++;
        }
    }

    private void skip(Pattern pattern) {
        Matcher matcher = pattern.matcher(text).region(end, text.length());
        if (matcher.lookingAt()) {
            end = matcher.end();
        }
    }
}
