package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.engine.internal.LogRouter;

/** Runs the batch of a context: checks what llama.cpp would assert on, calls it, and turns its answer into an exception. */
final class Computation {
    private static final int NO_SLOT = 1;
    private static final int ABORTED = 2;

    private final NativeContext context;
    private final Batch batch;
    private final ContextMemory memory;
    private final Outputs outputs;
    private final ModelInfo info;
    private final int ubatchSize;
    private final boolean wholeBatchAtOnce;
    private boolean encoded; // an encoder-decoder's decoder reads what the encoder left

    Computation(NativeContext context, Batch batch, ContextMemory memory, Outputs outputs, int ubatchSize) {
        this.context = context;
        this.batch = batch;
        this.memory = memory;
        this.outputs = outputs;
        this.info = context.model().info();
        this.ubatchSize = ubatchSize;
        this.wholeBatchAtOnce = !context.hasMemory() || !isCausal(context);
    }

    private static boolean isCausal(NativeContext context) {
        return switch (context.options().attention()) {
            case CAUSAL -> true;
            case NON_CAUSAL -> false;
            case FROM_MODEL -> {
                ModelInfo info = context.model().info();
                String causal = context.model().metadata().get(info.architecture() + ".attention.causal");
                yield !"false".equals(causal) && !info.diffusion();
            }
        };
    }

    void decode() {
        if (!info.hasDecoder()) {
            throw new IllegalStateException(
                    "the model of " + context + " is an encoder without a decoder; use encode()");
        }
        if (info.hasEncoder() && !encoded) {
            throw new IllegalStateException(
                    "the model of " + context + " is an encoder-decoder: encode() its input before decode()");
        }
        prepare(wholeBatchAtOnce);
        boolean updatePending = memory.takeUpdatePending();
        long mark = LogRouter.beginStoppable(context);
        int status;
        try {
            status = Llama.decode(context.handle(), batch.struct(), context.error());
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            LogRouter.endStoppable();
        }
        if (status != 0) {
            throw failure("decode", status, updatePending, mark);
        }
        boolean embeddings = context.options().embeddings();
        boolean encoder = !context.hasMemory(); // llama_decode has called llama_encode
        outputs.take(batch, encoder || embeddings, !encoder || info.diffusion(), encoder || embeddings);
    }

    void encode() {
        if (!info.hasEncoder() && context.hasMemory()) {
            throw new IllegalStateException("the model of " + context + " has no encoder; use decode()");
        }
        prepare(true);
        encoded = false;
        long mark = LogRouter.beginStoppable(context);
        int status;
        try {
            status = Llama.encode(context.handle(), batch.struct(), context.error());
        } catch (NativeCallException e) {
            throw context.failure(e);
        } finally {
            LogRouter.endStoppable();
        }
        if (status != 0) {
            throw failure("encode", status, false, mark);
        }
        encoded = true;
        outputs.take(
                batch,
                true,
                info.diffusion(),
                info.hasEncoder() || context.options().embeddings());
    }

    private void prepare(boolean atOnce) {
        outputs.invalidate();
        int size = batch.size();
        if (size == 0) {
            throw new IllegalStateException("the batch of " + context + " is empty; add tokens first");
        }
        if (atOnce && size > ubatchSize) {
            throw new ContextOverflowException(
                    ("the batch has %d tokens, but %s computes all of a text at once and at most %d "
                                    + "tokens (ubatchSize): make it with a larger ubatchSize and batchSize, or shorten the text")
                            .formatted(size, context, ubatchSize),
                    size,
                    ubatchSize);
        }
        checkPositions();
        if (context.clearAbort()) {
            throw cancelled(false);
        }
    }

    private void checkPositions() {
        for (int i = 0; i < batch.presentCount(); i++) {
            int sequence = batch.present(i);
            int last = memory.nativeMaxPosition(sequence);
            int next = batch.first(sequence);
            boolean follows = batch.positionsMayJump() ? next > last : next == last + 1;
            if (last >= 0 && !follows) {
                throw new IllegalStateException(
                        ("sequence %d starts at position %d in the batch, but %s has its positions up to "
                                        + "%d: go on at %d, or remove what is in the way")
                                .formatted(sequence, next, context, last, last + 1));
            }
        }
    }

    private LlamaException failure(String operation, int status, boolean updatePending, long mark) {
        return switch (status) {
            case NO_SLOT ->
                new KvCacheFullException(("%s has no room for %d more tokens in its memory of %d; remove sequences or "
                                + "positions, or make it with a larger contextLength")
                        .formatted(context, batch.size(), Llama.nCtx(context.handle())));
            case ABORTED -> {
                context.clearAbort();
                boolean halfMoved =
                        updatePending && LogRouter.since(mark).stream().anyMatch(line -> line.contains("K-shift"));
                if (halfMoved) {
                    memory.nativeClearAll(); // some layers are shifted and some are not
                }
                yield cancelled(halfMoved);
            }
            default ->
                new DecodeException(
                        operation + " on " + context + " failed with code " + status + LogRouter.reasonSince(mark),
                        status);
        };
    }

    private CancelledException cancelled(boolean memoryLost) {
        return new CancelledException(context + " was cancelled"
                + (memoryLost ? "; it was moving positions, so its memory had to be emptied" : ""));
    }
}
