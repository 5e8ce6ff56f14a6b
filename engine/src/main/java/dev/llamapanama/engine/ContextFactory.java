package dev.llamapanama.engine;

import dev.llamapanama.bindings.ContextParams;
import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.CpuTopology;
import dev.llamapanama.engine.internal.LogRouter;
import dev.llamapanama.engine.internal.MemoryBudget;
import dev.llamapanama.engine.internal.NativeResource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Checks options against a model and creates the context. */
final class ContextFactory {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final Model model;
    private final ModelInfo info;
    private final ContextOptions options;
    private final String name;

    ContextFactory(Model model, ContextOptions options) {
        model.resource().requireUsable();
        this.model = model;
        this.info = model.info();
        this.options = options;
        this.name = "Context " + COUNTER.incrementAndGet() + " of " + model;
    }

    NativeContext create() {
        check();
        Flag flag = new Flag();
        NativeResource resource =
                NativeResource.open(name, List.of(model.resource()), new Object(), (handleArena, memory) -> {
                    flag.segment = memory.allocate(ValueLayout.JAVA_INT);
                    return createNative(handleArena, flag.segment);
                });
        return new NativeContext(model, options, resource, flag.segment);
    }

    /** Carries the flag out of the creation. */
    private static final class Flag {
        MemorySegment segment = MemorySegment.NULL;
    }

    private void check() {
        if (model.options().vocabularyOnly()) {
            throw new IllegalStateException(
                    model + " was loaded with its vocabulary only; load it whole to make contexts");
        }
        if (options.contextLength() == 0 && info.contextLengthTrained() == 0) {
            throw new IllegalArgumentException(model + " does not say its context length; choose a contextLength");
        }
        if (options.maxSequences() > Llama.maxParallelSequences()) {
            throw new IllegalArgumentException(
                    "maxSequences is " + options.maxSequences() + "; llama.cpp allows " + Llama.maxParallelSequences());
        }
        if (options.ubatchSize() <= options.rollbackSnapshots()) {
            throw new IllegalArgumentException("ubatchSize must be more than rollbackSnapshots");
        }
        options.keyType().requireWholeBlocks("keyType", headLength("key_length"), model);
        options.valueType().requireWholeBlocks("valueType", headLength("value_length"), model);
        checkMemory();
    }

    private int headLength(String key) {
        String value = model.metadata().get(info.architecture() + ".attention." + key);
        if (value != null) {
            try {
                return Integer.parseInt(value);
            } catch (NumberFormatException e) {
                return 0; // one per layer
            }
        }
        return info.heads() == 0 ? 0 : info.embeddingLength() / info.heads();
    }

    /** The kernel gives more memory than there is and ends the process when it is used, so ask before. */
    private void checkMemory() {
        if ((info.slidingWindow() > 0 && !options.fullSwa()) || info.recurrent() || info.hybrid()) {
            return; // only a part of the layers, or none, has an entry per token
        }
        long tokens = options.contextLength() == 0 ? info.contextLengthTrained() : options.contextLength();
        double bytesPerToken = info.layers()
                * (double) info.kvHeads()
                * (headLength("key_length") * options.keyType().bitsPerValue()
                        + headLength("value_length") * options.valueType().bitsPerValue())
                / 8;
        double bytes = tokens * bytesPerToken;
        long total = MemoryBudget.totalBytes();
        if (bytes > total) {
            throw new ContextCreationException(
                    ("a context of %d tokens for %s takes about %.1f GiB, but this machine has %.1f "
                                    + "GiB; choose a smaller contextLength or a smaller kvType")
                            .formatted(tokens, model, bytes / (1 << 30), total / (double) (1 << 30)));
        }
    }

    private MemorySegment createNative(Arena handleArena, MemorySegment abortFlag) {
        long mark = LogRouter.mark();
        try (Arena call = Arena.ofConfined()) {
            ContextParams params = params(call);
            params.abortFlag(abortFlag);
            MemorySegment handle = Llama.contextInit(model.handle(), params, handleArena, new NativeError(call));
            if (handle.equals(MemorySegment.NULL)) {
                throw refused(LogRouter.reasonSince(mark), null);
            }
            return handle;
        } catch (NativeCallException e) {
            throw refused(": " + e.getMessage() + LogRouter.reasonSince(mark), e);
        }
    }

    private ContextCreationException refused(String why, @Nullable Throwable cause) {
        String message = "llama.cpp refused to make " + name + why + ". The options were " + options;
        return cause == null ? new ContextCreationException(message) : new ContextCreationException(message, cause);
    }

    private ContextParams params(Arena call) {
        ContextParams params = new ContextParams(call);
        int threads = options.threads() == 0 ? CpuTopology.physicalCores() : options.threads();
        params.nCtx(options.contextLength());
        params.nBatch(options.batchSize());
        params.nUbatch(options.ubatchSize());
        params.nSeqMax(options.maxSequences());
        params.nRsSeq(options.rollbackSnapshots());
        params.nThreads(threads);
        params.nThreadsBatch(options.batchThreads() == 0 ? threads : options.batchThreads());
        params.typeK(options.keyType().value());
        params.typeV(options.valueType().value());
        params.flashAttnType(options.flashAttention().value());
        params.kvUnified(options.unifiedKv());
        params.swaFull(options.fullSwa());
        params.embeddings(options.embeddings());
        params.poolingType(options.pooling().value());
        params.attentionType(options.attention().value());
        params.offloadKqv(options.offloadKv());
        params.noPerf(true);
        RopeOptions rope = options.rope();
        params.ropeScalingType(rope.scaling().value());
        params.ropeFreqBase(rope.base());
        params.ropeFreqScale(rope.scale());
        params.yarnExtFactor(rope.yarnExtrapolationFactor());
        params.yarnAttnFactor(rope.yarnAttentionFactor());
        params.yarnBetaFast(rope.yarnBetaFast());
        params.yarnBetaSlow(rope.yarnBetaSlow());
        params.yarnOrigCtx(rope.yarnOriginalContext());
        return params;
    }
}
