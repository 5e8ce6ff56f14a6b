package dev.llamapanama.gguf;

import dev.llamapanama.gguf.GgufModelCheck.Problem;
import java.util.ArrayList;
import java.util.List;

/** Collects problems, up to a number that a message can hold. */
final class Problems {
    private static final int MOST = 20;

    private final List<Problem> list = new ArrayList<>();

    void add(String subject, String fault, String reason) {
        if (list.size() < MOST) {
            list.add(new Problem(subject, fault, reason));
        }
    }

    List<Problem> list() {
        return List.copyOf(list);
    }
}
