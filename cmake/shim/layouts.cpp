// The ABI probe: sizes and offsets of every struct that Java fills in or reads, as this compiler laid them out.

#include "llamapanama.h"

#include <cstddef>

#define STRUCT(type)       {#type, 0, sizeof(struct type)}
#define FIELD(type, field) {#type "." #field, offsetof(struct type, field), sizeof(type::field)}

static const llamapanama_layout layouts[] = {
    STRUCT(llama_batch),
    FIELD(llama_batch, n_tokens),
    FIELD(llama_batch, token),
    FIELD(llama_batch, embd),
    FIELD(llama_batch, pos),
    FIELD(llama_batch, n_seq_id),
    FIELD(llama_batch, seq_id),
    FIELD(llama_batch, logits),

    STRUCT(llama_model_params),
    FIELD(llama_model_params, devices),
    FIELD(llama_model_params, tensor_buft_overrides),
    FIELD(llama_model_params, n_gpu_layers),
    FIELD(llama_model_params, split_mode),
    FIELD(llama_model_params, load_mode),
    FIELD(llama_model_params, lazy_mode),
    FIELD(llama_model_params, main_gpu),
    FIELD(llama_model_params, tensor_split),
    FIELD(llama_model_params, progress_callback),
    FIELD(llama_model_params, progress_callback_user_data),
    FIELD(llama_model_params, kv_overrides),
    FIELD(llama_model_params, vocab_only),
    FIELD(llama_model_params, check_tensors),
    FIELD(llama_model_params, use_extra_bufts),
    FIELD(llama_model_params, no_host),
    FIELD(llama_model_params, no_alloc),
    FIELD(llama_model_params, load_mtp),

    STRUCT(llama_model_kv_override),
    FIELD(llama_model_kv_override, tag),
    FIELD(llama_model_kv_override, key),
    FIELD(llama_model_kv_override, val_i64),
    FIELD(llama_model_kv_override, val_f64),
    FIELD(llama_model_kv_override, val_bool),
    FIELD(llama_model_kv_override, val_str),

    STRUCT(llama_context_params),
    FIELD(llama_context_params, n_ctx),
    FIELD(llama_context_params, n_batch),
    FIELD(llama_context_params, n_ubatch),
    FIELD(llama_context_params, n_seq_max),
    FIELD(llama_context_params, n_rs_seq),
    FIELD(llama_context_params, n_outputs_max),
    FIELD(llama_context_params, n_outputs_max_per_seq),
    FIELD(llama_context_params, n_threads),
    FIELD(llama_context_params, n_threads_batch),
    FIELD(llama_context_params, ctx_type),
    FIELD(llama_context_params, rope_scaling_type),
    FIELD(llama_context_params, pooling_type),
    FIELD(llama_context_params, attention_type),
    FIELD(llama_context_params, flash_attn_type),
    FIELD(llama_context_params, rope_freq_base),
    FIELD(llama_context_params, rope_freq_scale),
    FIELD(llama_context_params, yarn_ext_factor),
    FIELD(llama_context_params, yarn_attn_factor),
    FIELD(llama_context_params, yarn_beta_fast),
    FIELD(llama_context_params, yarn_beta_slow),
    FIELD(llama_context_params, yarn_orig_ctx),
    FIELD(llama_context_params, defrag_thold),
    FIELD(llama_context_params, cb_eval),
    FIELD(llama_context_params, cb_eval_user_data),
    FIELD(llama_context_params, type_k),
    FIELD(llama_context_params, type_v),
    FIELD(llama_context_params, abort_callback),
    FIELD(llama_context_params, abort_callback_data),
    FIELD(llama_context_params, embeddings),
    FIELD(llama_context_params, offload_kqv),
    FIELD(llama_context_params, no_perf),
    FIELD(llama_context_params, op_offload),
    FIELD(llama_context_params, swa_full),
    FIELD(llama_context_params, kv_unified),
    FIELD(llama_context_params, samplers),
    FIELD(llama_context_params, n_samplers),
    FIELD(llama_context_params, ctx_other),

    STRUCT(llama_sampler_i),
    FIELD(llama_sampler_i, name),
    FIELD(llama_sampler_i, accept),
    FIELD(llama_sampler_i, apply),
    FIELD(llama_sampler_i, reset),
    FIELD(llama_sampler_i, clone),
    FIELD(llama_sampler_i, free),
    FIELD(llama_sampler_i, backend_init),
    FIELD(llama_sampler_i, backend_accept),
    FIELD(llama_sampler_i, backend_apply),
    FIELD(llama_sampler_i, backend_set_input),
    FIELD(llama_sampler_i, backend_reset),
    FIELD(llama_sampler_i, copy_state),

    STRUCT(llama_token_data),
    FIELD(llama_token_data, id),
    FIELD(llama_token_data, logit),
    FIELD(llama_token_data, p),

    STRUCT(llama_token_data_array),
    FIELD(llama_token_data_array, data),
    FIELD(llama_token_data_array, size),
    FIELD(llama_token_data_array, selected),
    FIELD(llama_token_data_array, sorted),

    STRUCT(llama_logit_bias),
    FIELD(llama_logit_bias, token),
    FIELD(llama_logit_bias, bias),

    STRUCT(llamapanama_error),
    FIELD(llamapanama_error, kind),
    FIELD(llamapanama_error, message),

    STRUCT(llamapanama_layout),
    FIELD(llamapanama_layout, name),
    FIELD(llamapanama_layout, offset),
    FIELD(llamapanama_layout, size),
};

const llamapanama_layout * llamapanama_layouts(size_t * n_layouts) {
    *n_layouts = sizeof(layouts) / sizeof(layouts[0]);
    return layouts;
}
