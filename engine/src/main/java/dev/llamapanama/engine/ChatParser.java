package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.DeepCall;
import dev.llamapanama.engine.internal.NativeResource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads a model's answers: content, reasoning, tool calls ({@code common_chat_parse}).
 *
 * <p>Thread-safe. Whoever made it closes it.
 */
public final class ChatParser implements AutoCloseable {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final long STACK_PER_LEVEL = 16_384; // where that is too little, the shim refuses the answer
    private static final long DIRECT_LEVELS = 24;
    private static final long MAX_LEVELS = 16_384;

    private final NativeResource resource;

    private ChatParser(NativeResource resource) {
        this.resource = resource;
        resource.watch(this);
    }

    /**
     * A parser of the answers to a rendered chat.
     *
     * @param rendered what {@link ChatTemplate#render} returned
     * @throws ChatTemplateException if it is something else
     */
    public static ChatParser of(String rendered) {
        ChatTemplate.check("the rendered chat", rendered);
        Backend.load();
        String name = "ChatParser " + COUNTER.incrementAndGet();
        try {
            return new ChatParser(NativeResource.open(name, List.of(), new Object(), (handleArena, _) -> {
                try (Arena call = Arena.ofConfined()) {
                    return Llama.chatParserInit(rendered, handleArena, new NativeError(call));
                }
            }));
        } catch (NativeCallException failure) {
            throw ChatTemplate.failure("no rendered chat", failure);
        }
    }

    /**
     * Reads an answer.
     *
     * @param text as generated
     * @param partial whether there may be more of it
     * @return JSON object: content, reasoning_content, tool_calls (each id, name, arguments)
     * @throws ChatTemplateException if it is not what the model's family writes
     */
    public String parse(String text, boolean partial) {
        ChatTemplate.check("the answer", text);
        MemorySegment handle = resource.enterShared();
        try {
            long levels = levels(text); // it calls itself for each
            if (levels <= DIRECT_LEVELS) {
                return Llama.chatParse(handle, text, partial);
            }
            long stackBytes = DeepCall.SPARE_STACK + Math.min(levels, MAX_LEVELS) * STACK_PER_LEVEL;
            return ChatTemplate.call(
                    "the answer cannot be read", stackBytes, () -> Llama.chatParse(handle, text, partial));
        } catch (NativeCallException failure) {
            throw ChatTemplate.failure("the answer cannot be read", failure);
        } finally {
            resource.exitShared();
        }
    }

    /** How deep brackets nest, as far as that can be told without knowing which of them are text. */
    private static long levels(String text) {
        long depth = 0;
        long deepest = 0;
        for (int i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '{', '[' -> deepest = Math.max(deepest, ++depth);
                case '}', ']' -> depth = Math.max(0, depth - 1);
                default -> {}
            }
        }
        return deepest;
    }

    /** Frees it, after native calls with it that other threads are in. Does nothing the second time. */
    @Override
    public void close() {
        resource.close();
    }

    @Override
    public String toString() {
        return resource.name();
    }
}
