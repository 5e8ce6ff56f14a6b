package dev.llamapanama.chat;

import dev.llamapanama.engine.ChatParser;
import dev.llamapanama.engine.ChatTemplateException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;

/**
 * Reads an answer while it comes, and tells what is new of it. What was told is never taken back: where llama.cpp's parser
 * changes its mind, nothing is told until the answer goes on from what was. That parser reads the whole answer each time; so that
 * this takes a small share of the time, the longer it takes, the longer it waits. Not thread-safe.
 */
final class AnswerReader {
    private static final int WAITING = 50; // times as long as reading
    private static final long MOST_WAITING = 250_000_000; // nanoseconds, as reading may have been interrupted
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ID_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int ID_LENGTH = 9; // what Mistral's templates insist on

    private final ChatParser parser;
    private final Consumer<? super ChatDelta> deltas;
    private final LongSupplier clock; // nanoseconds
    private final Parsed prefilled;
    private final StringBuilder text = new StringBuilder();
    private final List<String> ids = new ArrayList<>(); // of tool calls
    private final StringBuilder toldContent = new StringBuilder();
    private final StringBuilder toldReasoning = new StringBuilder();
    private final List<StringBuilder> toldArguments = new ArrayList<>(); // of the calls that were told
    private long nextReading; // by the clock
    private int read; // characters

    /** An answer as llama.cpp reads it. */
    private record Parsed(String content, String reasoning, List<ToolCall> calls) {
        static final Parsed NOTHING = new Parsed("", "", List.of());

        static Parsed of(String json) {
            JsonNode node = TemplateRequest.JSON.readTree(json);
            return new Parsed(
                    node.get("content").stringValue(),
                    node.get("reasoning_content").stringValue(),
                    node.get("tool_calls")
                            .valueStream()
                            .map(call -> new ToolCall(
                                    call.get("id").stringValue(),
                                    call.get("name").stringValue(),
                                    call.get("arguments").stringValue()))
                            .toList());
        }

        /** Without what the prompt held already. */
        Parsed after(Parsed before) {
            return new Parsed(rest(content, before.content), rest(reasoning, before.reasoning), calls);
        }

        private static String rest(String all, String before) {
            return all.startsWith(before) ? all.substring(before.length()) : all;
        }
    }

    /** @param continued whether the prompt ends with the beginning of the answer, which is not told */
    AnswerReader(ChatParser parser, boolean continued, Consumer<? super ChatDelta> deltas) {
        this(parser, continued, deltas, System::nanoTime);
    }

    AnswerReader(ChatParser parser, boolean continued, Consumer<? super ChatDelta> deltas, LongSupplier clock) {
        this.parser = parser;
        this.deltas = deltas;
        this.clock = clock;
        this.nextReading = clock.getAsLong();
        this.prefilled = continued ? parse("", true) : Parsed.NOTHING;
    }

    /** The answer so far, as generated. */
    String text() {
        return text.toString();
    }

    /** Takes more of the answer, and tells what is new, unless it is too early to read it again. */
    void accept(String more) {
        text.append(more);
        long begin = clock.getAsLong();
        if (read == text.length() || begin - nextReading < 0) {
            return;
        }
        read = text.length();
        Parsed answer = Parsed.NOTHING;
        try {
            answer = parse(text.toString(), true).after(prefilled);
        } catch (ChatTemplateException _) {
            // more of the text may make sense of it
        }
        long end = clock.getAsLong();
        nextReading = end + Math.min(WAITING * (end - begin), MOST_WAITING);
        tell(answer, false);
    }

    /**
     * The whole answer; tells what is left of it.
     *
     * @param complete whether the model has ended it by itself
     * @throws ChatTemplateException if it is not what the model's family writes
     */
    ChatMessage finish(boolean complete) {
        Parsed parsed = complete ? parseComplete() : parse(text.toString(), true);
        Parsed answer = parsed.after(prefilled);
        tell(answer, true);
        List<ToolCall> calls = new ArrayList<>();
        for (int i = 0; i < answer.calls.size(); i++) {
            ToolCall call = answer.calls.get(i);
            calls.add(new ToolCall(id(i, call), call.name(), call.arguments()));
        }
        return new ChatMessage(ChatRole.ASSISTANT, answer.content, answer.reasoning, calls, "", "");
    }

    /** Models do not always write what their family does; as much as can be read is better than nothing. */
    private Parsed parseComplete() {
        try {
            return parse(text.toString(), false);
        } catch (ChatTemplateException complete) {
            try {
                return parse(text.toString(), true);
            } catch (ChatTemplateException partial) {
                complete.addSuppressed(partial);
                throw complete;
            }
        }
    }

    private Parsed parse(String answer, boolean partial) {
        return Parsed.of(parser.parse(answer, partial));
    }

    private void tell(Parsed answer, boolean whole) {
        String reasoning = news(answer.reasoning, toldReasoning, whole);
        if (!reasoning.isEmpty()) {
            deltas.accept(new ChatDelta.Reasoning(reasoning));
        }
        String content = news(answer.content, toldContent, whole);
        if (!content.isEmpty()) {
            deltas.accept(new ChatDelta.Content(content));
        }
        for (int i = 0; i < answer.calls.size(); i++) {
            ToolCall call = answer.calls.get(i);
            // the name may grow until there are arguments
            if (whole || !call.arguments().isEmpty() || i + 1 < answer.calls.size()) {
                tell(i, call);
            }
        }
    }

    private void tell(int index, ToolCall call) {
        boolean first = index == toldArguments.size();
        if (first) {
            toldArguments.add(new StringBuilder());
        }
        String arguments = news(call.arguments(), toldArguments.get(index), true);
        if (first || !arguments.isEmpty()) {
            deltas.accept(new ChatDelta.ToolCallPart(index, id(index, call), first ? call.name() : "", arguments));
        }
    }

    /** Blanks at the end wait: the parser cuts them off if nothing follows. */
    private static String news(String now, StringBuilder told, boolean whole) {
        String stable = whole ? now : now.stripTrailing();
        if (stable.length() <= told.length() || !stable.startsWith(told.toString())) {
            return "";
        }
        String news = stable.substring(told.length());
        told.append(news);
        return news;
    }

    /** The model's, if it was known when the call was told first. */
    private String id(int index, ToolCall call) {
        while (ids.size() <= index) {
            ids.add(ids.size() == index && !call.id().isEmpty() ? call.id() : newId());
        }
        return ids.get(index);
    }

    private static String newId() {
        StringBuilder id = new StringBuilder();
        RANDOM.ints(ID_LENGTH, 0, ID_CHARACTERS.length()).forEach(i -> id.append(ID_CHARACTERS.charAt(i)));
        return id.toString();
    }
}
