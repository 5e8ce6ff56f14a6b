package dev.llamapanama.chat.agent;

import dev.llamapanama.chat.ChatMessage;
import dev.llamapanama.chat.ToolDefinition;
import dev.llamapanama.chat.tool.ToolResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Thought, Action, Action Input, Observation, Final Answer. */
final class TextProtocol implements ReActProtocol {
    private static final Pattern LABEL = Pattern.compile(
            "^[ \\t]*(?:[*#>_-]{1,4}[ \\t]*)?(Thought|Action Input|Action|Observation|Final Answer)[ \\t]*[0-9]{0,4}[*_]{0,3}[ \\t]*:[*_]{0,3}",
            Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);
    private static final String MISSING =
            "there is neither an action nor a final answer; write \"Action:\" and \"Action Input:\", or \"Final Answer:\"";

    @Override
    public String instructions(List<ToolDefinition> tools) {
        return """
                Answer the question as well as you can. You may use these tools:

                %s

                Write in this form:

                Thought: what to do next
                Action: the name of one tool
                Action Input: its arguments as a JSON object

                Then stop. You will be told the result as

                Observation: what the tool has found

                You may do so several times. When you know the answer, write

                Thought: I know the answer
                Final Answer: the answer to the question
                """.formatted(tools.stream()
                .map(tool -> "- " + tool.name() + ": " + tool.description() + " Arguments: " + tool.parameters())
                .collect(Collectors.joining("\n")));
    }

    @Override
    public List<String> stopStrings() {
        return List.of("Observation:");
    }

    @Override
    public ReActTurn parse(String text, List<ToolDefinition> tools) {
        return new Reading(text, tools, true).turn();
    }

    /** Whole lines only: the last one may become a label yet. */
    @Override
    public ReActTurn parsePartial(String text, List<ToolDefinition> tools) {
        return new Reading(text.substring(0, text.lastIndexOf('\n') + 1), tools, false).turn();
    }

    @Override
    public ChatMessage observation(List<ToolResult> results, List<String> problems) {
        List<String> lines = new ArrayList<>();
        for (ToolResult result : results) {
            String which = results.size() > 1 ? result.call().name() + ": " : "";
            lines.add("Observation: " + which + result.content());
        }
        problems.forEach(problem -> lines.add("Observation: Error: " + problem));
        return ChatMessage.user(String.join("\n", lines));
    }

    /** One pass over a text. */
    private static final class Reading {
        private final String text;
        private final List<ToolDefinition> tools;
        private final boolean whole;
        private final Matcher labels;
        private final Thought thought = new Thought();
        private final List<ReActAction> actions = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private Optional<String> answer = Optional.empty();
        private Optional<String> name = Optional.empty(); // of an action whose input is still to come

        Reading(String text, List<ToolDefinition> tools, boolean whole) {
            this.text = text;
            this.tools = tools;
            this.whole = whole;
            labels = LABEL.matcher(text);
        }

        ReActTurn turn() {
            String label = "thought";
            int position = 0;
            while (position >= 0) {
                boolean another = labels.find(position);
                int limit = another ? labels.start() : text.length();
                String nextLabel = another ? labels.group(1).toLowerCase(Locale.ROOT) : "";
                int bodyEnd = section(label, position, limit, another);
                if (bodyEnd < 0) {
                    position = -1;
                } else if (bodyEnd > limit) { // it went on over what looked like a label
                    label = "";
                    position = bodyEnd;
                } else {
                    label = nextLabel;
                    position = another ? labels.end() : -1;
                }
            }
            nameWithoutInput(!whole);
            if (whole && actions.isEmpty() && answer.isEmpty() && problems.isEmpty()) {
                problems.add(MISSING);
            }
            return new ReActTurn(thought.toString(), actions, actions.isEmpty() ? answer : Optional.empty(), problems);
        }

        /** Reads what a label stands before; returns where it ends, or -1 if nothing after it counts. */
        private int section(String label, int begin, int limit, boolean another) {
            return switch (label) {
                case "thought" -> {
                    nameWithoutInput(false);
                    thought.add(text.substring(begin, limit));
                    yield limit;
                }
                case "action" -> {
                    nameWithoutInput(false);
                    yield action(begin, limit, another);
                }
                case "action input" -> input(begin, limit, another);
                case "final answer" -> {
                    nameWithoutInput(false);
                    answer(begin);
                    yield -1;
                }
                case "observation" -> -1; // only the tools may say what they have found
                default -> limit; // after an action: nothing that counts
            };
        }

        private int action(int begin, int limit, boolean another) {
            ActionReader reader = new ActionReader(text, begin, tools, whole);
            if (reader.readActions()) {
                take(reader);
                return reader.isCutOff() ? -1 : reader.problems().isEmpty() ? Math.max(reader.end(), limit) : limit;
            }
            name = reader.readName().filter(read -> reader.end() <= limit);
            if (name.isEmpty() && (whole || another)) {
                problems.add("there is no tool's name after \"Action:\"");
            }
            return limit;
        }

        private int input(int begin, int limit, boolean another) {
            if (name.isEmpty()) {
                if (actions.isEmpty() && problems.isEmpty()) {
                    problems.add("\"Action Input:\" needs \"Action:\" with a tool's name before it");
                }
                return limit;
            }
            ActionReader reader = new ActionReader(text, begin, tools, whole);
            reader.readInput(name.get(), limit, another);
            name = Optional.empty();
            take(reader);
            return reader.isCutOff() ? -1 : reader.problems().isEmpty() ? Math.max(reader.end(), limit) : limit;
        }

        private void take(ActionReader reader) {
            actions.addAll(reader.actions());
            problems.addAll(reader.problems());
        }

        /** Up to a result that the model invents; that stop string may have been left out. */
        private void answer(int begin) {
            Matcher next = LABEL.matcher(text);
            int end = text.length();
            for (int from = begin; next.find(from); from = next.end()) {
                if (next.group(1).equalsIgnoreCase("Observation")) {
                    end = next.start();
                    break;
                }
            }
            answer = Optional.of(text.substring(begin, end).strip());
        }

        private void nameWithoutInput(boolean mayComeYet) {
            if (name.isEmpty() || mayComeYet) {
                return;
            }
            String tool = name.get();
            name = Optional.empty();
            if (Parameters.of(tool, tools).map(Parameters::needsNone).orElse(true)) {
                actions.add(new ReActAction(tool, "{}"));
            } else {
                problems.add("the input of " + tool
                        + " is missing; write \"Action Input:\" and a JSON object after \"Action:\"");
            }
        }
    }
}
