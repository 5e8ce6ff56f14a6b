package dev.llamapanama.chat.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A text is not JSON, does not follow its schema or regular expression, or has values that the Java type refuses. */
public final class InvalidOutputException extends StructuredOutputException {
    private static final long serialVersionUID = 1L;

    private final String text;
    private final transient List<String> problems;

    /** Says what is wrong, and keeps the text. */
    public InvalidOutputException(String text, List<String> problems) {
        this(text, problems, null);
    }

    InvalidOutputException(String text, List<String> problems, @Nullable Throwable cause) {
        super("the text does not follow what was asked for in " + problems.size()
                + (problems.size() == 1 ? " place" : " places")
                + "; problems() says where, text() has it; ask again, or take a model that follows schemas");
        initCause(cause);
        this.text = text;
        this.problems = List.copyOf(problems);
    }

    /** The text. */
    public String text() {
        return text;
    }

    /** What is wrong, each with its place; may quote the text. */
    public List<String> problems() {
        return problems == null ? List.of() : problems;
    }
}
