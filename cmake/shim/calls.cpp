// Guarded forms of the llama.h functions that can throw or assert.

#include "guard.h"

#include "llama-ext.h" // for llama_get_memory_breakdown alone: llama.cpp promises nothing of this header

#include <algorithm>

using llamapanama::guarded;

namespace {

int32_t compute_threads(llama_context * ctx) { return std::max(llama_n_threads(ctx), llama_n_threads_batch(ctx)); }

} // namespace

llama_model * llamapanama_model_load(
        const char ** paths, size_t n_paths, const llama_model_params * params, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llama_model *>(nullptr), [&] {
        return n_paths == 1 ? llama_model_load_from_file(paths[0], *params)
                            : llama_model_load_from_splits(paths, n_paths, *params);
    });
}

llama_context * llamapanama_context_init(
        llama_model * model, const llama_context_params * params, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llama_context *>(nullptr),
                   [&] { return llama_init_from_model(model, *params); });
}

int32_t llamapanama_decode(llama_context * ctx, const llama_batch * batch, llamapanama_error * error) {
    return guarded(__func__, error, int32_t{-4}, [&] {
        llamapanama::set_compute_threads(compute_threads(ctx));
        return llama_decode(ctx, *batch);
    });
}

int32_t llamapanama_encode(llama_context * ctx, const llama_batch * batch, llamapanama_error * error) {
    return guarded(__func__, error, int32_t{-4}, [&] {
        llamapanama::set_compute_threads(compute_threads(ctx));
        return llama_encode(ctx, *batch);
    });
}

bool llamapanama_context_bytes(const llama_context * ctx, uint64_t * bytes, llamapanama_error * error) {
    return guarded(__func__, error, false, [&] {
        std::fill_n(bytes, 3, 0);
        for (const auto & [_, data] : llama_get_memory_breakdown(ctx)) {
            bytes[0] += data.model;
            bytes[1] += data.context;
            bytes[2] += data.compute;
        }
        return true;
    });
}

int32_t llamapanama_tokenize(
        const llama_vocab * vocab, const char * text, int32_t text_len, llama_token * tokens, int32_t n_tokens_max,
        bool add_special, bool parse_special, llamapanama_error * error) {
    return guarded(__func__, error, int32_t{0}, [&] {
        return llama_tokenize(vocab, text, text_len, tokens, n_tokens_max, add_special, parse_special);
    });
}

int32_t llamapanama_token_to_piece(
        const llama_vocab * vocab, llama_token token, char * buf, int32_t length, int32_t lstrip, bool special,
        llamapanama_error * error) {
    return guarded(__func__, error, int32_t{0},
                   [&] { return llama_token_to_piece(vocab, token, buf, length, lstrip, special); });
}

int32_t llamapanama_detokenize(
        const llama_vocab * vocab, const llama_token * tokens, int32_t n_tokens, char * text, int32_t text_len_max,
        bool remove_special, bool unparse_special, llamapanama_error * error) {
    return guarded(__func__, error, int32_t{0}, [&] {
        return llama_detokenize(vocab, tokens, n_tokens, text, text_len_max, remove_special, unparse_special);
    });
}

bool llamapanama_memory_seq_rm(
        llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1, llamapanama_error * error) {
    return guarded(__func__, error, false, [&] { return llama_memory_seq_rm(mem, seq_id, p0, p1); });
}

void llamapanama_memory_seq_cp(
        llama_memory_t mem, llama_seq_id src, llama_seq_id dst, llama_pos p0, llama_pos p1, llamapanama_error * error) {
    guarded(__func__, error, [&] { llama_memory_seq_cp(mem, src, dst, p0, p1); });
}

void llamapanama_memory_seq_keep(llama_memory_t mem, llama_seq_id seq_id, llamapanama_error * error) {
    guarded(__func__, error, [&] { llama_memory_seq_keep(mem, seq_id); });
}

void llamapanama_memory_seq_add(
        llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1, llama_pos delta, llamapanama_error * error) {
    guarded(__func__, error, [&] { llama_memory_seq_add(mem, seq_id, p0, p1, delta); });
}

void llamapanama_memory_seq_div(
        llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1, int32_t divisor, llamapanama_error * error) {
    guarded(__func__, error, [&] { llama_memory_seq_div(mem, seq_id, p0, p1, divisor); });
}

void llamapanama_memory_clear(llama_memory_t mem, bool data, llamapanama_error * error) {
    guarded(__func__, error, [&] { llama_memory_clear(mem, data); });
}

size_t llamapanama_state_get_size(
        llama_context * ctx, llama_seq_id seq_id, llama_state_seq_flags flags, llamapanama_error * error) {
    return guarded(__func__, error, size_t{0}, [&] {
        return seq_id < 0 ? llama_state_get_size(ctx) : llama_state_seq_get_size_ext(ctx, seq_id, flags);
    });
}

size_t llamapanama_state_get_data(
        llama_context * ctx, uint8_t * dst, size_t size, llama_seq_id seq_id, llama_state_seq_flags flags,
        llamapanama_error * error) {
    return guarded(__func__, error, size_t{0}, [&] {
        return seq_id < 0 ? llama_state_get_data(ctx, dst, size)
                          : llama_state_seq_get_data_ext(ctx, dst, size, seq_id, flags);
    });
}

size_t llamapanama_state_set_data(
        llama_context * ctx, const uint8_t * src, size_t size, llama_seq_id seq_id, llama_state_seq_flags flags,
        llamapanama_error * error) {
    return guarded(__func__, error, size_t{0}, [&] {
        return seq_id < 0 ? llama_state_set_data(ctx, src, size)
                          : llama_state_seq_set_data_ext(ctx, src, size, seq_id, flags);
    });
}

llama_adapter_lora * llamapanama_adapter_lora_load(llama_model * model, const char * path, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llama_adapter_lora *>(nullptr),
                   [&] { return llama_adapter_lora_init(model, path); });
}

int32_t llamapanama_set_adapters_lora(
        llama_context * ctx, llama_adapter_lora ** adapters, size_t n_adapters, float * scales, llamapanama_error * error) {
    return guarded(__func__, error, int32_t{-1},
                   [&] { return llama_set_adapters_lora(ctx, adapters, n_adapters, scales); });
}

int32_t llamapanama_set_adapter_cvec(
        llama_context * ctx, const float * data, size_t len, int32_t n_embd, int32_t il_start, int32_t il_end,
        llamapanama_error * error) {
    return guarded(__func__, error, int32_t{-1},
                   [&] { return llama_set_adapter_cvec(ctx, data, len, n_embd, il_start, il_end); });
}
