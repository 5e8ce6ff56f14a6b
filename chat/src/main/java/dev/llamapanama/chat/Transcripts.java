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

    /**
     * A prompt and the answer to it.
     *
     * @param marked as it was rendered, with {@link TextMarks}; which characters these stand for is another matter in each chat
     * @param text without marks
     */
    record Transcript(String marked, String text, int[] tokens) {
        int characters() {
            return marked.length() + text.length();
        }
    }

    synchronized void add(Transcript transcript) {
        newestFirst.addFirst(transcript);
        characters += transcript.characters();
        while (newestFirst.size() > MAX_CHATS || characters > MAX_CHARACTERS) {
            characters -= newestFirst.removeLast().characters();
        }
    }

    /** The longest that a rendered prompt begins with, both with marks and without. */
    synchronized Optional<Transcript> find(String marked, String text) {
        @Nullable Transcript longest = null;
        for (Transcript transcript : newestFirst) {
            if ((longest == null || transcript.marked.length() > longest.marked.length())
                    && marked.startsWith(transcript.marked)
                    && text.startsWith(transcript.text)) {
                longest = transcript;
            }
        }
        return Optional.ofNullable(longest);
    }
}
