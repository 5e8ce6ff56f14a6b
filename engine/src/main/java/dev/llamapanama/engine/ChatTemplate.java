package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.DeepCall;
import dev.llamapanama.engine.internal.NativeResource;
import dev.llamapanama.engine.internal.Utf8;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What makes a prompt of a chat, as a model's author wants it: a Jinja template, and llama.cpp's knowledge of how the model's
 * family calls tools and thinks ({@code common/chat.h}). Requests and results are JSON, as {@code cmake/shim/llamapanama.h}
 * describes it; the module {@code dev.llamapanama.chat} has types for them.
 *
 * <p>Thread-safe. Whoever made it closes it, before its model. A template or a text may be hostile: what takes more than ten
 * seconds of CPU time or nests too deeply is refused with a {@link ChatTemplateException}.
 */
public final class ChatTemplate implements AutoCloseable {
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final int MAX_LENGTH = 1 << 16;
    private static final long STACK_PER_CHARACTER = 8_192; // measured: 2,100 for a parenthesis

    private final NativeResource resource;
    private final long stackBytes;

    private ChatTemplate(NativeResource resource, long stackBytes) {
        this.resource = resource;
        this.stackBytes = stackBytes;
        resource.watch(this);
    }

    /**
     * The template of a model, or ChatML if it has none; {@link #describe} says which.
     *
     * @throws ChatTemplateException if it is broken
     */
    public static ChatTemplate of(Model model) {
        int length = model.chatTemplate().orElse("").length()
                + model.chatTemplate("tool_use").orElse("").length();
        return open(Optional.of(model), Optional.empty(), length, "", "");
    }

    /**
     * Another template for a model, which gives the tokens for begin and end.
     *
     * @throws ChatTemplateException if it is broken
     */
    public static ChatTemplate of(Model model, String source) {
        return open(Optional.of(model), Optional.of(source), source.length(), "", "");
    }

    /**
     * A template without a model.
     *
     * @param source Jinja, or "chatml"
     * @param bos text of the token for the beginning, {@code bos_token} in the template
     * @param eos text of the token for the end
     * @throws ChatTemplateException if it is broken
     */
    public static ChatTemplate of(String source, String bos, String eos) {
        return open(Optional.empty(), Optional.of(source), source.length(), bos, eos);
    }

    private static ChatTemplate open(
            Optional<Model> model, Optional<String> source, int length, String bos, String eos) {
        source.ifPresent(text -> check("the template", text));
        SamplerChecks.text("bos", bos);
        SamplerChecks.text("eos", eos);
        if (length > MAX_LENGTH) {
            throw new ChatTemplateException("the template has " + length + " characters, and may have " + MAX_LENGTH);
        }
        if (source.isPresent() && source.get().isEmpty()) {
            throw new ChatTemplateException("the template is empty");
        }
        Backend.load();
        String name = "ChatTemplate " + COUNTER.incrementAndGet()
                + model.map(it -> " of " + it).orElse("");
        List<NativeResource> parents = model.map(Model::resource).stream().toList();
        long stackBytes = DeepCall.SPARE_STACK + length * STACK_PER_CHARACTER;
        NativeResource resource = call(
                "the template is broken",
                stackBytes,
                () -> NativeResource.open(name, parents, new Object(), (handleArena, _) -> {
                    try (Arena call = Arena.ofConfined()) {
                        MemorySegment pointer = model.map(Model::handle).orElse(MemorySegment.NULL);
                        return Llama.chatTemplatesInit(pointer, source, bos, eos, handleArena, new NativeError(call));
                    }
                }));
        return new ChatTemplate(resource, stackBytes);
    }

    /** JSON: the template's source, the one for tools, whether there is one at all, and what it can do. */
    public String describe() {
        return shared("the template", Llama::chatTemplatesDescribe);
    }

    /**
     * Makes the prompt for a chat, and what else an answer to it needs ({@code common_chat_templates_apply}).
     *
     * @param request JSON object: messages, tools, tool_choice, json_schema, ...
     * @return JSON object: prompt, grammar, grammar_triggers, additional_stops, parser, ...
     * @throws ChatTemplateException if the request is malformed or the template refuses it
     */
    public String render(String request) {
        check("the request", request);
        return shared("the chat cannot be rendered", handle -> Llama.chatApply(handle, request));
    }

    private interface SharedCall {
        String run(MemorySegment handle);
    }

    private String shared(String what, SharedCall call) {
        MemorySegment handle = resource.enterShared();
        try {
            return call(what, stackBytes, () -> call.run(handle));
        } finally {
            resource.exitShared();
        }
    }

    /** Refuses what is no Unicode. */
    static void check(String what, String text) {
        int lone = Utf8.firstLoneSurrogate(text);
        if (lone >= 0) {
            throw new ChatTemplateException(
                    what + " holds half a surrogate pair at index " + lone + "; it is no valid Unicode");
        }
    }

    /** Calls native code with a deep stack: templates, JSON and grammars are trees, and it calls itself for each level. */
    static <T> T call(String what, long stackBytes, Supplier<T> call) {
        try {
            return DeepCall.run(stackBytes, call);
        } catch (NativeCallException failure) {
            throw failure(what, failure);
        } catch (OutOfMemoryError e) {
            throw new ChatTemplateException(what + ": there is no memory for a stack of " + stackBytes + " bytes", e);
        }
    }

    static LlamaException failure(String what, NativeCallException failure) {
        return failure.kind() == NativeCallException.Kind.OUT_OF_MEMORY
                ? new NativeFailureException(what, failure)
                : new ChatTemplateException(
                        what + ": " + failure.nativeMessage().strip(), failure);
    }

    /** Frees it, after native calls with it that other threads are in. Does nothing the second time. */
    @Override
    public void close() {
        call("the template", stackBytes, resource::close);
    }

    @Override
    public String toString() {
        return resource.name();
    }
}
