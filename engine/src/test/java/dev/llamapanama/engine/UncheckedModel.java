package dev.llamapanama.engine;

import dev.llamapanama.bindings.BatchStruct;
import dev.llamapanama.bindings.ContextParams;
import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.ModelParams;
import dev.llamapanama.bindings.NativeError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** Uses a model without the engine and its checks, so that what is wrong with it reaches native code. May end the process. */
final class UncheckedModel {
    private static final int CONTEXT = 256;
    private static final int TOKENS = 8;

    private UncheckedModel() {}

    /**
     * Loads the file and decodes some tokens.
     *
     * @return "decoded", or which step llama.cpp refused
     * @throws dev.llamapanama.bindings.NativeCallException if the shim's guard caught something; nothing is freed then,
     *     because ggml's other threads may still be computing
     */
    static String decode(Path file, int threads) {
        Arena modelArena = Arena.ofConfined();
        Arena contextArena = Arena.ofConfined();
        String outcome = decode(file, threads, modelArena, contextArena);
        contextArena.close();
        modelArena.close();
        return outcome;
    }

    private static String decode(Path file, int threads, Arena modelArena, Arena contextArena) {
        NativeError error = new NativeError(modelArena);
        MemorySegment model = Llama.modelLoad(List.of(file), new ModelParams(modelArena), modelArena, error);
        if (model.equals(MemorySegment.NULL)) {
            return "the model was refused";
        }
        ContextParams params = new ContextParams(contextArena);
        params.nCtx(CONTEXT);
        params.nThreads(threads);
        params.nThreadsBatch(threads);
        MemorySegment context = Llama.contextInit(model, params, contextArena, error);
        if (context.equals(MemorySegment.NULL)) {
            return "the context was refused";
        }
        BatchStruct batch = new BatchStruct(contextArena, TOKENS, 1);
        for (int i = 0; i < TOKENS; i++) {
            batch.set(i, i + 3, i, 0, true);
        }
        batch.setSize(TOKENS);
        return Llama.decode(context, batch, error) == 0 ? "decoded" : "the batch was refused";
    }
}
