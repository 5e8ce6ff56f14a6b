package dev.llamapanama.chat.agent;

/** Collects the pieces of a thought: each without white space around it, on lines of their own. */
final class Thought {
    private final StringBuilder text = new StringBuilder();

    void add(CharSequence piece) {
        String stripped = piece.toString().strip();
        if (!stripped.isEmpty()) {
            text.append(text.isEmpty() ? "" : "\n").append(stripped);
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
