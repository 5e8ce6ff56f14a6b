package dev.llamapanama.chat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of chats that were answered. A model may write a text with other tokens than the tokenizer would; the next prompt of
 * that chat takes those it wrote, so that the prefix cache has them. Thread-safe.
 */
final class Transcripts {
    private static final int MAX_CHATS = 64;
    private static final int MAX_CHARACTERS = 1 << 22;

    private final Deque<Transcript> newestFirst = new ArrayDeque<>(); // guarded by this
    private int characters; // guarded by this

    /** @param marked a prompt as it was rendered, with {@link TextMarks}, and the answer to it */
    record Transcript(String marked, int[] tokens) {}

    synchronized void add(String marked, int[] tokens) {
        newestFirst.addFirst(new Transcript(marked, tokens));
        characters += marked.length();
        while (newestFirst.size() > MAX_CHATS || characters > MAX_CHARACTERS) {
            characters -= newestFirst.removeLast().marked.length();
        }
    }

    /** The longest that a rendered prompt begins with. */
    synchronized Optional<Transcript> find(String marked) {
        @Nullable Transcript longest = null;
        for (Transcript transcript : newestFirst) {
            if ((longest == null || transcript.marked.length() > longest.marked.length())
                    && marked.startsWith(transcript.marked)) {
                longest = transcript;
            }
        }
        return Optional.ofNullable(longest);
    }
}
