package dev.llamapanama.chat.agent;

import java.util.List;
import java.util.Optional;

/**
 * What a model's text says. Immutable. Either has actions or an answer, or neither; never both, as a model that acts has not
 * seen yet what its answer must stand on.
 *
 * @param thought what the model thought; may be empty
 * @param actions what it wants done, in order
 * @param answer its final answer
 * @param problems what could not be read, and how to write it; of a whole text never empty if there are neither actions nor an answer
 */
public record ReActTurn(String thought, List<ReActAction> actions, Optional<String> answer, List<String> problems) {
    /** Copies the lists. */
    public ReActTurn {
        actions = List.copyOf(actions);
        problems = List.copyOf(problems);
    }
}
