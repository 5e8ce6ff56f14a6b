package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.LogRouter;
import dev.llamapanama.engine.internal.NativeResource;
import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufFormatException;
import dev.llamapanama.gguf.GgufValue;
import dev.llamapanama.gguf.GgufValueType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A LoRA adapter in memory ({@code llama_adapter_lora}). Belongs to one model, and may be used by many of its contexts at
 * the same time. Thread-safe and immutable. Close it after the contexts that use it, or take it out of them, and before
 * its model.
 */
public final class LoraAdapter implements AutoCloseable {
    private final Model model;
    private final NativeResource resource;
    private final Map<String, String> metadata;
    private final int[] invocationTokens;

    private LoraAdapter(Model model, NativeResource resource) {
        this.model = model;
        this.resource = resource;
        MemorySegment handle = resource.handle();
        Map<String, String> entries = new LinkedHashMap<>();
        int count = Llama.adapterMetaCount(handle);
        for (int i = 0; i < count; i++) {
            entries.put(
                    Llama.adapterMetaKeyByIndex(handle, i).orElse(""),
                    Llama.adapterMetaValStrByIndex(handle, i).orElse(""));
        }
        this.metadata = Collections.unmodifiableMap(entries);
        this.invocationTokens = Llama.adapterGetAloraInvocationTokens(handle);
        resource.watch(this);
    }

    static LoraAdapter load(Model model, Path path) {
        model.resource().requireUsable();
        check(path);
        NativeResource resource = NativeResource.open(
                "LoRA adapter " + path.getFileName(),
                List.of(model.resource()),
                model.adapterLock(),
                (handleArena, memory) -> loadNative(model, path, handleArena));
        try {
            return new LoraAdapter(model, resource);
        } catch (Throwable thrown) {
            resource.close();
            throw thrown;
        }
    }

    private static MemorySegment loadNative(Model model, Path path, Arena handleArena) {
        long mark = LogRouter.mark();
        try (Arena call = Arena.ofConfined()) {
            MemorySegment handle;
            synchronized (model.adapterLock()) {
                handle = Llama.adapterLoraLoad(model.handle(), path, handleArena, new NativeError(call));
            }
            if (handle.equals(MemorySegment.NULL)) {
                throw new AdapterException(path + " was refused by llama.cpp" + LogRouter.reasonSince(mark));
            }
            return handle;
        } catch (NativeCallException e) {
            throw new AdapterException(path + " cannot be loaded: " + e.getMessage() + LogRouter.reasonSince(mark), e);
        }
    }

    /** llama.cpp asserts on the types of these keys. */
    private static void check(Path path) {
        try {
            GgufFile file = GgufFile.open(path);
            requireText(file, "general.type", "adapter");
            requireText(file, "adapter.type", "lora");
            if (file.architecture().isEmpty()) {
                throw new AdapterException(path + " does not say for which architecture it is; convert it again");
            }
            GgufValue alpha = file.metadata().get("adapter.lora.alpha");
            if (alpha != null && alpha.type() != GgufValueType.FLOAT32) {
                throw new AdapterException(path + ": adapter.lora.alpha is " + alpha.type() + ", not FLOAT32");
            }
        } catch (GgufFormatException e) {
            throw new AdapterException(String.valueOf(e.getMessage()), e);
        } catch (NoSuchFileException e) {
            throw new AdapterException(path + " does not exist; check the path", e);
        } catch (IOException e) {
            throw new AdapterException(path + " cannot be read: " + e, e);
        }
    }

    private static void requireText(GgufFile file, String key, String expected) {
        String value = file.text(key).orElse("missing");
        if (!value.equals(expected)) {
            throw new AdapterException(file.path() + " is no LoRA adapter: " + key + " is " + value + ", not "
                    + expected + "; convert adapters with llama.cpp's convert_lora_to_gguf.py");
        }
    }

    /** The model that this adapter was loaded for. */
    public Model model() {
        return model;
    }

    /** The file's metadata as text, arrays left out. Unmodifiable. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** Tokens that switch an activated LoRA (aLoRA) on; empty for a plain one. */
    public int[] invocationTokens() {
        return invocationTokens.clone();
    }

    /** Whether the adapter can be used. */
    public boolean isOpen() {
        return resource.isUsable();
    }

    /**
     * Frees the adapter ({@code llama_adapter_lora_free}). Does nothing when it is closed.
     *
     * @throws IllegalStateException if a context uses it; the message names the context, and the adapter stays open
     */
    @Override
    public void close() {
        resource.close();
    }

    NativeResource resource() {
        return resource;
    }

    /** The adapter's name, as "LoRA adapter style.gguf". */
    @Override
    public String toString() {
        return resource.name();
    }
}
