package dev.llamapanama.engine;

import dev.llamapanama.bindings.BatchStruct;
import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeError;
import dev.llamapanama.engine.internal.NativeResource;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model remembers while it reads and writes, and the threads that compute it ({@code llama_context}).
 *
 * <p>One call at a time: while one thread is in a method, another one gets an {@link IllegalStateException} that names the
 * first, except from {@link #cancel()}, {@link #isOpen()} and {@link #close()}, which any thread may call. Contexts of one
 * model are independent of each other. Owns native memory of the size that its options ask for; {@link #close()} frees it.
 *
 * <p>To use it: fill {@link #batch()}, {@link #decode()}, then read {@link #logits} or give the context to a sampler.
 */
public final class Context implements AutoCloseable {
    private final NativeContext context;
    private final int contextLength;
    private final int contextLengthPerSequence;
    private final int batchSize;
    private final int ubatchSize;
    private final int maxSequences;
    private final Pooling pooling;
    private final Batch batch;
    private final Outputs outputs;
    private final ContextMemory memory;
    private final ContextState state;
    private final ContextAdapters adapters;
    private final Computation computation;
    private final @Nullable Sequence[] sequences;

    Context(NativeContext context) {
        this.context = context;
        try {
            MemorySegment handle = context.handle();
            contextLength = Llama.nCtx(handle);
            contextLengthPerSequence = Llama.nCtxSeq(handle);
            batchSize = Llama.nBatch(handle);
            ubatchSize = Llama.nUbatch(handle);
            maxSequences = Llama.nSeqMax(handle);
            pooling = Pooling.of(Llama.poolingType(handle));
            boolean sharedTokens =
                    context.options().unifiedKv() && !context.model().info().recurrent();
            BatchStruct struct =
                    new BatchStruct(context.resource().memory(), batchSize, sharedTokens ? maxSequences : 1);
            batch = new Batch(context, struct, maxSequences, sharedTokens);
            outputs = new Outputs(context, batchSize, maxSequences, pooling);
            memory = new ContextMemory(context, maxSequences);
            state = new ContextState(context, memory, outputs);
            adapters = new ContextAdapters(context);
            computation = new Computation(context, batch, memory, outputs, ubatchSize);
            sequences = new Sequence[maxSequences];
        } catch (Throwable thrown) {
            context.close();
            throw thrown;
        }
    }

    /** The model. */
    public Model model() {
        return context.model();
    }

    /** What the context was made with; the numbers in use may differ, see the methods of their names. */
    public ContextOptions options() {
        return context.options();
    }

    /** Tokens that the memory holds, for all sequences together ({@code llama_n_ctx}). */
    public int contextLength() {
        return contextLength;
    }

    /** Tokens that the memory holds for one sequence ({@code llama_n_ctx_seq}). */
    public int contextLengthPerSequence() {
        return contextLengthPerSequence;
    }

    /** The most tokens that one decode takes ({@code llama_n_batch}). */
    public int batchSize() {
        return batchSize;
    }

    /** The most tokens that are computed at once ({@code llama_n_ubatch}). */
    public int ubatchSize() {
        return ubatchSize;
    }

    /** The most sequences ({@code llama_n_seq_max}). */
    public int maxSequences() {
        return maxSequences;
    }

    /** How embeddings are pooled ({@code llama_pooling_type}); never {@link Pooling#FROM_MODEL}. */
    public Pooling pooling() {
        return pooling;
    }

    /** The one batch of this context. */
    public Batch batch() {
        return batch;
    }

    /**
     * Computes the batch ({@code llama_decode}), and adds its tokens to the memory. The batch stays as it is; clear it
     * before the next one. Models without a memory (BERT and the like) read it as {@link #encode()} does.
     *
     * <p>Outputs of the computation before become stale, whether this one succeeds or not. Allocates nothing.
     *
     * @throws KvCacheFullException if there is no room; the memory is as before
     * @throws CancelledException if it was stopped; the memory has what was computed, in steps of {@link #ubatchSize()}
     *     tokens: see {@link Sequence#maxPosition()}
     * @throws ContextOverflowException if a model that reads a text at once gets more than {@link #ubatchSize()} tokens
     * @throws DecodeException if llama.cpp refused it or failed
     * @throws NativeFailureException if native code threw. Unless the context is broken, its memory may then hold positions of
     *     the batch that were not computed: remove them, or {@link #clearMemory()}
     * @throws IllegalStateException if the batch is empty, does not go on where the memory ends, the context is closed or
     *     another thread is using it
     */
    public void decode() {
        context.begin("decode");
        try {
            computation.decode();
        } finally {
            context.end();
        }
    }

    /**
     * Runs the batch through the encoder ({@code llama_encode}), without memory.
     *
     * @throws CancelledException if it was stopped
     * @throws ContextOverflowException if there are more than {@link #ubatchSize()} tokens
     * @throws DecodeException if llama.cpp refused it or failed
     * @throws NativeFailureException if native code threw
     * @throws IllegalStateException as {@link #decode()}, and if the model has no encoder
     */
    public void encode() {
        context.begin("encode");
        try {
            computation.encode();
        } finally {
            context.end();
        }
    }

    /** The handle to a sequence's part of the memory; always the same object for a number. */
    public Sequence sequence(int id) {
        if (id < 0 || id >= maxSequences) {
            throw new IllegalArgumentException("sequence " + id + " is not in 0 to " + (maxSequences - 1)
                    + "; maxSequences of the context sets how many there are");
        }
        Sequence sequence = sequences[id];
        if (sequence == null) {
            sequence = new Sequence(memory, state, id);
            sequences[id] = sequence;
        }
        return sequence;
    }

    /**
     * Stops the computation under way, in the middle of a prompt too; if there is none, the next one does not start. From
     * any thread, any number of times. The computation ends in one {@link CancelledException}; after that the context goes
     * on as usual. Use {@link #clearCancel()} where a cancellation may have come too late to be wanted any more.
     */
    public void cancel() {
        context.requestAbort();
    }

    /** Takes back a {@link #cancel()} that has stopped nothing yet; whether there was one. */
    public boolean clearCancel() {
        boolean entered = context.beginReading("clearCancel");
        try {
            return context.clearAbort();
        } finally {
            outputs.endReading(entered);
        }
    }

    /**
     * The logits of an entry of the last batch, as a view that cannot be read when it is stale. The view is a small new
     * object; {@link #logitsInto} makes none.
     *
     * @param batchIndex number of the entry in the batch, or -1 for the last one with output
     * @throws IllegalArgumentException if that entry was added without output
     * @throws IllegalStateException if there are none: nothing was decoded, or the model computes only embeddings
     */
    public Logits logits(int batchIndex) {
        return outputs.logits(batchIndex);
    }

    /**
     * Copies the logits of an entry of the last batch.
     *
     * @param target at least as long as the vocabulary
     */
    public void logitsInto(int batchIndex, float[] target) {
        outputs.logitsInto(batchIndex, target);
    }

    /** The embedding of an entry of the last batch; needs {@link Pooling#NONE}. See {@link #logits} for the arguments. */
    public Embedding embedding(int batchIndex) {
        return outputs.embedding(batchIndex);
    }

    /** The embedding of a sequence of the last batch (for {@link Pooling#RANK} its scores); needs another pooling than NONE. */
    public Embedding sequenceEmbedding(int sequence) {
        return outputs.sequenceEmbedding(sequence);
    }

    /** A copy of {@link #embedding}. */
    public float[] embeddings(int batchIndex) {
        return outputs.embedding(batchIndex).toArray();
    }

    /** A copy of {@link #sequenceEmbedding}. */
    public float[] sequenceEmbeddings(int sequence) {
        return outputs.sequenceEmbedding(sequence).toArray();
    }

    /**
     * Sets the number of threads ({@code llama_set_n_threads}).
     *
     * @param decode for one token, 1 or more
     * @param batchThreads for several, 1 or more
     */
    public void threads(int decode, int batchThreads) {
        if (decode < 1 || batchThreads < 1 || decode > 512 || batchThreads > 512) {
            throw new IllegalArgumentException(decode + " and " + batchThreads + " threads; 1 to 512 are possible");
        }
        context.begin("threads");
        try {
            Llama.setNThreads(context.handle(), decode, batchThreads);
        } finally {
            context.end();
        }
    }

    /** Threads for decoding one token ({@code llama_n_threads}). */
    public int threads() {
        boolean entered = context.beginReading("threads");
        try {
            return Llama.nThreads(context.handle());
        } finally {
            outputs.endReading(entered);
        }
    }

    /** Threads for decoding several tokens ({@code llama_n_threads_batch}). */
    public int batchThreads() {
        boolean entered = context.beginReading("batchThreads");
        try {
            return Llama.nThreadsBatch(context.handle());
        } finally {
            outputs.endReading(entered);
        }
    }

    /** See {@link NativeContext#memoryChanged()}. */
    long memoryChanged() {
        return context.memoryChanged();
    }

    /** See {@link NativeContext#memoryChanged()}. */
    long memoryEpoch() {
        return context.memoryEpoch();
    }

    /** Forgets all sequences ({@code llama_memory_clear}). */
    public void clearMemory() {
        memory.clearAll();
    }

    /** Native memory that is reserved for this context and its model. It grows at most when larger batches come. */
    public MemoryUse memoryUse() {
        boolean entered = context.beginReading("memoryUse");
        try {
            long[] bytes = Llama.contextBytes(context.handle());
            return new MemoryUse(bytes[0], bytes[1], bytes[2]);
        } finally {
            outputs.endReading(entered);
        }
    }

    /** Whether positions can be shifted and divided ({@code llama_memory_can_shift}). */
    public boolean canShift() {
        return memory.canShift();
    }

    /**
     * What the memory holds of all sequences, for {@link #restoreState(byte[])} ({@code llama_state_get_data}). Outputs are
     * not part of it: after restoring, decode a token to have logits.
     *
     * @throws StateException if it cannot be had, or is too large for an array
     * @throws IllegalStateException if positions were shifted and nothing decoded since
     */
    public byte[] saveState() {
        return state.save(ContextState.WHOLE);
    }

    /**
     * Replaces the memory by a saved one, of this context or another one of the same model and options
     * ({@code llama_state_set_data}).
     *
     * @throws StateException if it is damaged, of another model, or does not fit. Then the context is as before if the
     *     message says so, and else empty
     */
    public void restoreState(byte[] saved) {
        state.restore(saved, ContextState.WHOLE);
    }

    /**
     * Saves to a file, as {@link #saveState()}. An old file of that name stays until the new one is complete and on the
     * disk; when that fails, because the disk is full for example, the old one is untouched.
     *
     * @throws StateException if it cannot be written
     */
    public void saveState(Path file) {
        state.save(file);
    }

    /**
     * Restores from a file, as {@link #restoreState(byte[])}.
     *
     * @throws StateException as there, and if the file cannot be read
     */
    public void restoreState(Path file) {
        state.restore(file);
    }

    /**
     * Replaces the LoRA adapters in use ({@code llama_set_adapters_lora}); none for an empty list. What is in memory was
     * computed with the old ones: most often clear it.
     *
     * @throws AdapterException if llama.cpp refuses them; those before stay
     */
    public void adapters(List<AdapterScale> wanted) {
        adapters.set(wanted);
    }

    /** The LoRA adapters in use. */
    public List<AdapterScale> adapters() {
        return adapters.current();
    }

    /**
     * Sets the control vector, in place of the one before ({@code llama_set_adapter_cvec}).
     *
     * @throws AdapterException if it does not fit the model
     */
    public void controlVector(ControlVector vector) {
        adapters.controlVector(vector);
    }

    /** Takes the control vector away. */
    public void clearControlVector() {
        adapters.clearControlVector();
    }

    /** Whether the context can be used. */
    public boolean isOpen() {
        return context.isOpen();
    }

    /**
     * Stops the computation under way, which ends in a {@link CancelledException}, waits until its thread has left, and
     * frees the context ({@code llama_free}). Does nothing when it is closed. From any thread.
     *
     * @throws IllegalStateException if called from within a call on this context
     */
    @Override
    public void close() {
        context.close();
    }

    // --- for samplers ------------------------------------------------------------------------------------------------

    /** Enters, as every method that uses native code must; {@link #end} in a finally block. */
    void begin(String operation) {
        context.begin(operation);
    }

    /** Leaves. */
    void end() {
        context.end();
    }

    /** For a native call, between {@link #begin} and {@link #end}. */
    MemorySegment handle() {
        return context.handle();
    }

    /** Where a native call on this context may report a failure, between {@link #begin} and {@link #end}. */
    NativeError error() {
        return context.error();
    }

    /** The index to give to native code for the logits of an entry (-1: the last one), or the exception that says why not. */
    int logitsRow(int batchIndex) {
        return outputs.logitsRow(batchIndex);
    }

    NativeResource resource() {
        return context.resource();
    }

    /** The context's name, as "Context 1 of Model qwen2.gguf". */
    @Override
    public String toString() {
        return context.toString();
    }
}
