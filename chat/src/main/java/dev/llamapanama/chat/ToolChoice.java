package dev.llamapanama.chat;

/**
 * Whether the model calls tools. Immutable.
 *
 * @param mode how
 * @param name of the one tool that may be called, for {@link Mode#NAMED}; else empty
 */
public record ToolChoice(Mode mode, String name) {
    /** How a model chooses. */
    public enum Mode {
        /** It answers or calls, as it likes. */
        AUTO,
        /** It answers. */
        NONE,
        /** It calls one tool at least. */
        REQUIRED,
        /** It calls the named tool. */
        NAMED
    }

    /** @throws IllegalArgumentException if there is a name where there should be none, or the other way round */
    public ToolChoice {
        if (name.isEmpty() == (mode == Mode.NAMED)) {
            throw new IllegalArgumentException("a tool's name goes with NAMED, and with nothing else");
        }
    }

    /** {@link Mode#AUTO}. */
    public static ToolChoice auto() {
        return new ToolChoice(Mode.AUTO, "");
    }

    /** {@link Mode#NONE}. */
    public static ToolChoice none() {
        return new ToolChoice(Mode.NONE, "");
    }

    /** {@link Mode#REQUIRED}. */
    public static ToolChoice required() {
        return new ToolChoice(Mode.REQUIRED, "");
    }

    /** {@link Mode#NAMED}. */
    public static ToolChoice named(String name) {
        return new ToolChoice(Mode.NAMED, name);
    }
}
