package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;

/**
 * Links the functions that every generation of text calls, on a thread of its own, while the caller is still busy with
 * the model. The first call of each function would link it anyway; with some ninety functions of three dozen kinds that is
 * the largest part of the way from the JVM's start to the first token of a small model.
 */
final class LinkAhead {
    private LinkAhead() {}

    /** Begins, and returns at once; the libraries are loaded. */
    static void start() {
        Thread thread = new Thread(LinkAhead::link, "llamapanama-link");
        thread.setDaemon(true);
        thread.start();
    }

    private static void link() {
        try {
            linkContext();
            linkSamplers();
            linkModel();
        } catch (LinkageError e) {
            // whoever calls the function hears of it
        }
    }

    /** A context, a prompt's way into it, and the way of a token back. */
    private static void linkContext() {
        LlamaH.llama_context_default_params$handle();
        LlamaH.llama_max_parallel_sequences$handle();
        LlamaH.llamapanama_context_init$handle();
        LlamaH.llama_get_memory$handle();
        LlamaH.llamapanama_memory_seq_rm$handle();
        LlamaH.llama_memory_seq_pos_max$handle();
        LlamaH.llamapanama_tokenize$handle();
        LlamaH.llamapanama_decode$handle();
        LlamaH.llamapanama_abort_requested$handle();
        LlamaH.llamapanama_sampler_sample$handle();
        LlamaH.llamapanama_sampler_accept$handle();
        LlamaH.llama_vocab_is_eog$handle();
        LlamaH.llamapanama_token_to_piece$handle();
    }

    /** The default chain. */
    private static void linkSamplers() {
        LlamaH.llamapanama_chain_init$handle();
        LlamaH.llamapanama_chain_add_penalties$handle();
        LlamaH.llamapanama_chain_add_dry$handle();
        LlamaH.llamapanama_chain_add_top_n_sigma$handle();
        LlamaH.llamapanama_chain_add_top_k$handle();
        LlamaH.llamapanama_chain_add_typical$handle();
        LlamaH.llamapanama_chain_add_top_p$handle();
        LlamaH.llamapanama_chain_add_min_p$handle();
        LlamaH.llamapanama_chain_add_xtc$handle();
        LlamaH.llamapanama_chain_add_temp_ext$handle();
        LlamaH.llamapanama_chain_add_dist$handle();
        LlamaH.llamapanama_sampler_init$handle();
        LlamaH.llamapanama_sampler_free$handle();
    }

    /** What a model says of itself: one function of each kind, since a kind's first one takes nearly all the time. */
    private static void linkModel() {
        LlamaH.llama_model_n_layer$handle();
        LlamaH.llama_model_n_params$handle();
        LlamaH.llama_model_meta_key_by_index$handle();
        LlamaH.llama_model_desc$handle();
        LlamaH.llama_ftype_name$handle();
        LlamaH.llama_model_rope_freq_scale_train$handle();
        LlamaH.llama_model_has_encoder$handle();
        LlamaH.llama_model_cls_label$handle();
        LlamaH.llama_vocab_get_suppress_tokens$handle();
    }
}
