package dev.llamapanama.chat.agent;

import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ToolDefinition;
import dev.llamapanama.chat.tool.ToolResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Think, tool_call, tool_response, answer, as tags. */
final class TagProtocol implements ReActProtocol {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final Pattern TAG = Pattern.compile("</?(?:think|tool_call|answer)>|<tool_response>");
    private static final Pattern ACTS = Pattern.compile("<(?:tool_call|answer)>");
    private static final Pattern CODE = Pattern.compile("\\s*<code>\\R?(.*?)\\R?\\s*</code>", Pattern.DOTALL);
    private static final int LONGEST_TAG = "<tool_response>".length();
    private static final String MISSING =
            "there is neither a call nor an answer; write <tool_call>{\"name\": …, \"arguments\": {…}}"
                    + "</tool_call>, or <answer>…</answer>";

    @Override
    public String instructions(List<ToolDefinition> tools) {
        return """
                Answer the question as well as you can. You may call functions; these are their signatures:
                <tools>
                %s
                </tools>

                For each call write a JSON object with name and arguments within tags:
                <tool_call>
                {"name": <function's name>, "arguments": <object with its arguments>}
                </tool_call>

                Then stop. The results come within <tool_response></tool_response>. When you know the answer, write it within
                <answer></answer>.
                """.formatted(tools.stream().map(TagProtocol::signature).collect(Collectors.joining("\n")));
    }

    private static String signature(ToolDefinition tool) {
        ObjectNode signature = MAPPER.createObjectNode();
        signature.put("type", "function");
        ObjectNode function = signature.putObject("function");
        function.put("name", tool.name());
        function.put("description", tool.description());
        function.set("parameters", MAPPER.readTree(tool.parameters()));
        return signature.toString();
    }

    @Override
    public List<String> stopStrings() {
        return List.of("<tool_response>");
    }

    @Override
    public ReActTurn parse(String text, List<ToolDefinition> tools) {
        return new Reading(text, tools, true).turn();
    }

    @Override
    public ReActTurn parsePartial(String text, List<ToolDefinition> tools) {
        int lastTag = text.lastIndexOf('<');
        boolean mayBecomeTag = lastTag >= 0 && text.indexOf('>', lastTag) < 0 && text.length() - lastTag < LONGEST_TAG;
        return new Reading(mayBecomeTag ? text.substring(0, lastTag) : text, tools, false).turn();
    }

    @Override
    public ChatMessage observation(List<ToolResult> results, List<String> problems) {
        List<String> responses = new ArrayList<>();
        results.forEach(result -> responses.add(response(result.content())));
        problems.forEach(problem -> responses.add(response("Error: " + problem)));
        return ChatMessage.user(String.join("\n", responses));
    }

    // what a tool has found must not look like the end of it, nor like what the model does
    private static String response(String content) {
        String harmless = content.replaceAll("<(/?(?:think|tool_call|tool_response|answer))>", "&lt;$1&gt;");
        return "<tool_response>\n" + harmless + "\n</tool_response>";
    }

    /** One pass over a text. */
    private static final class Reading {
        private final String text;
        private final List<ToolDefinition> tools;
        private final boolean whole;
        private final Thought thought = new Thought();
        private final StringBuilder outside = new StringBuilder();
        private final List<ReActAction> actions = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private Optional<String> answer = Optional.empty();

        Reading(String text, List<ToolDefinition> tools, boolean whole) {
            this.text = text;
            this.tools = tools;
            this.whole = whole;
        }

        ReActTurn turn() {
            Matcher tags = TAG.matcher(text);
            int position = 0;
            while (position >= 0 && tags.find(position)) {
                outside.append(text, position, tags.start());
                position = switch (tags.group()) {
                    case "<think>" -> think(tags.end());
                    case "</think>" -> endOfThought(tags.end());
                    case "<tool_call>" -> call(tags.end());
                    case "<answer>" -> answer(tags.end());
                    case "<tool_response>" -> -1; // only the tools may say what they have found
                    default -> tags.end();
                };
            }
            if (position >= 0) {
                outside.append(text, position, text.length());
            }
            if (whole && actions.isEmpty() && problems.isEmpty()) {
                withoutTags();
            }
            return new ReActTurn(thought.toString(), actions, actions.isEmpty() ? answer : Optional.empty(), problems);
        }

        /** Models that are not trained on answer tags answer outside of all. */
        private void withoutTags() {
            String plain = outside.toString().strip();
            if (answer.isEmpty() && !plain.isEmpty()) {
                answer = Optional.of(plain);
            } else if (answer.isEmpty()) {
                problems.add(MISSING);
            }
        }

        private int think(int begin) {
            int close = text.indexOf("</think>", begin);
            if (close >= 0) {
                thought.add(text.substring(begin, close));
                return close + "</think>".length();
            }
            // it forgot to end the thought, perhaps
            Matcher acts = ACTS.matcher(text);
            int end = acts.find(begin) ? acts.start() : text.length();
            thought.add(text.substring(begin, end));
            return whole && end < text.length() ? end : -1;
        }

        /** The beginning was in the prompt. */
        private int endOfThought(int after) {
            thought.add(outside);
            outside.setLength(0);
            return after;
        }

        private int call(int begin) {
            int close = text.indexOf("</tool_call>", begin);
            ActionReader reader = new ActionReader(text, begin, tools, whole);
            boolean found = reader.readActions();
            int closeAfter = found && !reader.isCutOff() ? text.indexOf("</tool_call>", reader.end()) : close;
            if (!whole && closeAfter < 0) {
                return -1; // code may follow
            }
            if (found) {
                problems.addAll(reader.problems());
                actions.addAll(withCode(reader));
            } else {
                problems.add(
                        "a call is no JSON object; write <tool_call>{\"name\": …, \"arguments\": {…}}</tool_call>");
            }
            return closeAfter >= 0
                    ? closeAfter + "</tool_call>".length()
                    : found && !reader.isCutOff() ? reader.end() : -1;
        }

        /** Tongyi-DeepResearch writes the program for its interpreter behind the JSON. */
        private List<ReActAction> withCode(ActionReader reader) {
            Matcher code = CODE.matcher(text).region(reader.end(), text.length());
            if (reader.actions().size() != 1 || !code.lookingAt()) {
                return reader.actions();
            }
            ReActAction action = reader.actions().getFirst();
            ObjectNode arguments = (ObjectNode) MAPPER.readTree(action.arguments());
            arguments.put("code", code.group(1));
            return List.of(new ReActAction(action.name(), arguments.toString()));
        }

        private int answer(int begin) {
            int close = text.indexOf("</answer>", begin);
            int end = close >= 0 ? close : text.length();
            answer = Optional.of(text.substring(begin, end).strip());
            return -1;
        }
    }
}
