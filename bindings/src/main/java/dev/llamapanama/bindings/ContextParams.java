package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;
import dev.llamapanama.bindings.ffi.llama_context_params;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * {@code struct llama_context_params}, filled field by field. Not kept by native code after the context is created.
 */
public final class ContextParams {
    private final MemorySegment segment;

    /** llama.cpp's defaults ({@code llama_context_default_params}), in memory of {@code allocator}. */
    public ContextParams(SegmentAllocator allocator) {
        this.segment = LlamaH.llama_context_default_params(allocator);
    }

    MemorySegment segment() {
        return segment;
    }

    /** Context length in tokens; 0: from the model. */
    public void nCtx(int value) {
        llama_context_params.n_ctx(segment, value);
    }

    /** Most tokens that one decode takes. */
    public void nBatch(int value) {
        llama_context_params.n_batch(segment, value);
    }

    /** Most tokens that are computed at once. */
    public void nUbatch(int value) {
        llama_context_params.n_ubatch(segment, value);
    }

    /** Most sequences. */
    public void nSeqMax(int value) {
        llama_context_params.n_seq_max(segment, value);
    }

    /** Recurrent-state snapshots per sequence for rollback; 0: none. */
    public void nRsSeq(int value) {
        llama_context_params.n_rs_seq(segment, value);
    }

    /** Threads for single tokens. */
    public void nThreads(int value) {
        llama_context_params.n_threads(segment, value);
    }

    /** Threads for batches. */
    public void nThreadsBatch(int value) {
        llama_context_params.n_threads_batch(segment, value);
    }

    /** {@code llama_rope_scaling_type}. */
    public void ropeScalingType(int value) {
        llama_context_params.rope_scaling_type(segment, value);
    }

    /** {@code llama_pooling_type}. */
    public void poolingType(int value) {
        llama_context_params.pooling_type(segment, value);
    }

    /** {@code llama_attention_type}. */
    public void attentionType(int value) {
        llama_context_params.attention_type(segment, value);
    }

    /** {@code llama_flash_attn_type}. */
    public void flashAttnType(int value) {
        llama_context_params.flash_attn_type(segment, value);
    }

    /** RoPE base frequency; 0: from the model. */
    public void ropeFreqBase(float value) {
        llama_context_params.rope_freq_base(segment, value);
    }

    /** RoPE frequency scale; 0: from the model. */
    public void ropeFreqScale(float value) {
        llama_context_params.rope_freq_scale(segment, value);
    }

    /** YaRN extrapolation mix; negative: from the model. */
    public void yarnExtFactor(float value) {
        llama_context_params.yarn_ext_factor(segment, value);
    }

    /** YaRN magnitude scale. */
    public void yarnAttnFactor(float value) {
        llama_context_params.yarn_attn_factor(segment, value);
    }

    /** YaRN low correction dimension. */
    public void yarnBetaFast(float value) {
        llama_context_params.yarn_beta_fast(segment, value);
    }

    /** YaRN high correction dimension. */
    public void yarnBetaSlow(float value) {
        llama_context_params.yarn_beta_slow(segment, value);
    }

    /** YaRN original context length. */
    public void yarnOrigCtx(int value) {
        llama_context_params.yarn_orig_ctx(segment, value);
    }

    /** {@code ggml_type} of the K cache. */
    public void typeK(int value) {
        llama_context_params.type_k(segment, value);
    }

    /** {@code ggml_type} of the V cache. */
    public void typeV(int value) {
        llama_context_params.type_v(segment, value);
    }

    /** Whether embeddings are output. */
    public void embeddings(boolean value) {
        llama_context_params.embeddings(segment, value);
    }

    /** Whether attention runs on a GPU, if there is one. */
    public void offloadKqv(boolean value) {
        llama_context_params.offload_kqv(segment, value);
    }

    /** Whether llama.cpp leaves its own timings out. */
    public void noPerf(boolean value) {
        llama_context_params.no_perf(segment, value);
    }

    /** Full-size sliding-window cache. */
    public void swaFull(boolean value) {
        llama_context_params.swa_full(segment, value);
    }

    /** One KV buffer for all sequences. */
    public void kvUnified(boolean value) {
        llama_context_params.kv_unified(segment, value);
    }

    /**
     * The flag that stops a computation: anything but 0 in {@code flag} (one int) aborts the decode under way. It must
     * live as long as the context.
     */
    public void abortFlag(MemorySegment flag) {
        llama_context_params.abort_callback(segment, LlamaH.llamapanama_abort_requested$address());
        llama_context_params.abort_callback_data(segment, flag);
    }
}
