package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.engine.internal.ModelFingerprint;
import dev.llamapanama.engine.internal.NativeResource;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The weights, the vocabulary and the metadata of a model ({@code llama_model}).
 *
 * <p>Immutable and thread-safe: any number of contexts may use one model at the same time. Owns its native memory, which
 * for a mapped file is mostly the page cache; {@link #close()} frees it. Contexts, adapters and samplers made from a model
 * must be closed before it.
 */
public final class Model implements AutoCloseable {
    private final NativeResource resource;
    private final ModelOptions options;
    private final ModelInfo info;
    private final Map<String, String> metadata;
    private final Vocabulary vocabulary;
    private final CompletableFuture<ModelFingerprint> fingerprint;
    private final Object adapterLock = new Object();

    Model(
            NativeResource resource,
            ModelOptions options,
            CompletableFuture<ModelFingerprint> fingerprint,
            Map<String, String> overriddenMetadata) {
        MemorySegment handle = resource.handle();
        this.resource = resource;
        this.options = options;
        this.fingerprint = fingerprint;
        this.metadata = ModelReader.metadata(handle, overriddenMetadata);
        this.info = ModelReader.info(handle, metadata, options.vocabularyOnly());
        this.vocabulary = new Vocabulary(this);
        resource.watch(this);
    }

    /** Loads a model with default options; see {@link #load(Path, ModelOptions)}. */
    public static Model load(Path path) {
        return load(path, ModelOptions.defaults());
    }

    /**
     * Loads a model ({@code llama_model_load_from_file}). The file is checked first, so that a damaged one ends in an
     * exception and not in native code.
     *
     * @param path a GGUF file; of a split model the first part, the others are found by their names
     * @throws ModelLoadException if the file is missing, damaged, or not what llama.cpp can load
     * @throws CancelledException if the listener stopped the load
     * @throws NativeLibraryException if the native libraries cannot be used
     */
    public static Model load(Path path, ModelOptions options) {
        return ModelLoader.load(path, options);
    }

    /**
     * Loads a split model whose parts have names of their own ({@code llama_model_load_from_splits}).
     *
     * @param parts all parts, in order
     * @throws ModelLoadException as {@link #load(Path, ModelOptions)}
     */
    public static Model loadParts(List<Path> parts, ModelOptions options) {
        return ModelLoader.loadParts(List.copyOf(parts), options);
    }

    /** The vocabulary. */
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** Sizes and kind of the network. */
    public ModelInfo info() {
        return info;
    }

    /** What the model was loaded with. */
    public ModelOptions options() {
        return options;
    }

    /** The file's metadata as text, overrides included, arrays left out; in no order. Unmodifiable. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The default chat template, in Jinja ({@code llama_model_chat_template}). */
    public Optional<String> chatTemplate() {
        return chatTemplateOrDefault(null);
    }

    /** The chat template of a name, as "tool_use". */
    public Optional<String> chatTemplate(String name) {
        return chatTemplateOrDefault(name);
    }

    private Optional<String> chatTemplateOrDefault(@Nullable String name) {
        MemorySegment handle = resource.enterShared();
        try {
            return Llama.modelChatTemplate(handle, name);
        } finally {
            resource.exitShared();
        }
    }

    /** A context with default options; see {@link #newContext(ContextOptions)}. */
    public Context newContext() {
        return newContext(ContextOptions.defaults());
    }

    /**
     * Makes a context ({@code llama_init_from_model}).
     *
     * @throws ContextCreationException if llama.cpp refuses it, or the memory would not fit into this machine
     * @throws IllegalArgumentException if the options do not fit the model
     */
    public Context newContext(ContextOptions contextOptions) {
        return new Context(NativeContext.create(this, contextOptions));
    }

    /**
     * Loads a LoRA adapter for this model ({@code llama_adapter_lora_init}); {@link Context#adapters} puts it to use.
     *
     * @param path a GGUF file
     * @throws AdapterException if the file is missing or damaged, or made for another model
     */
    public LoraAdapter loadAdapter(Path path) {
        return LoraAdapter.load(this, path);
    }

    /** Whether the model can be used. */
    public boolean isOpen() {
        return resource.isUsable();
    }

    /**
     * Frees the model ({@code llama_model_free}), after native calls with it that other threads are in. Does nothing when
     * it is closed.
     *
     * @throws IllegalStateException if contexts, adapters or samplers of this model are open; it names them, and the model
     *     stays open
     */
    @Override
    public void close() {
        resource.close();
    }

    /** For native calls. */
    MemorySegment handle() {
        return resource.handle();
    }

    /** The vocabulary, tied to this model's lifetime. */
    MemorySegment vocabularyPointer() {
        return Llama.modelGetVocab(handle(), resource.handleArena());
    }

    /** What objects that point into this model must depend on. */
    NativeResource resource() {
        return resource;
    }

    /** What tells this model from others; waits until it is computed. */
    ModelFingerprint fingerprint() {
        try {
            return fingerprint.join();
        } catch (CompletionException e) {
            throw new StateException(this + " could not be read for its fingerprint: " + e.getCause(), e);
        }
    }

    /** Held while adapters are loaded and freed: llama.cpp keeps a list of them in the model, without a lock. */
    Object adapterLock() {
        return adapterLock;
    }

    /** The model's name, as "Model qwen2.gguf". */
    @Override
    public String toString() {
        return resource.name();
    }
}
