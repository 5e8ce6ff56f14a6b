// The C shim of llamapanama: what the Foreign Function & Memory API cannot do safely by itself.
//
// Every function that can reach a C++ throw or a GGML_ASSERT/GGML_ABORT takes a `llamapanama_error *` as its last
// parameter. Inside such a call both end up there instead of ending the process: C++ exceptions are caught, and ggml's
// abort hook unwinds the calling thread back to the shim. What cannot be unwound (an assertion in a kernel that several
// threads compute, a signal) still ends the process, after a note on stderr that says what was loaded and running.
//
// Where a function returns a pointer, NULL means failure; where it returns a number, look at error->kind.
// Signatures follow llama.h; read the functions of the same name there for semantics and thread-safety.
//
// The bindings are generated from this header and refuse a library of another LLAMAPANAMA_INTERFACE_VERSION.

#ifndef LLAMAPANAMA_H
#define LLAMAPANAMA_H

#include "llama.h"

#include <stddef.h>
#include <stdint.h>

#define LLAMAPANAMA_API __attribute__((visibility("default")))

// Raise it with every change to what this header declares.
#define LLAMAPANAMA_INTERFACE_VERSION 7

#ifdef __cplusplus
extern "C" {
#endif

enum llamapanama_error_kind {
    LLAMAPANAMA_OK            = 0,
    LLAMAPANAMA_EXCEPTION     = 1, // a C++ exception; message is what()
    LLAMAPANAMA_OUT_OF_MEMORY = 2, // std::bad_alloc or std::length_error
    LLAMAPANAMA_ABORTED       = 3, // GGML_ASSERT or GGML_ABORT; what the call changes is in an unknown state
};

struct llamapanama_error {
    int32_t kind;          // enum llamapanama_error_kind
    char    message[1020]; // UTF-8, NUL-terminated, cut at a code point where it is too long
};

// --- Process ---------------------------------------------------------------------------------------------------------

// LLAMAPANAMA_INTERFACE_VERSION of the header that the library was compiled with.
LLAMAPANAMA_API int32_t llamapanama_interface_version(void);

// Size or offset of a struct that crosses the boundary, as the compiler laid it out.
struct llamapanama_layout {
    const char * name;   // "llama_batch" for a struct, "llama_batch.token" for a field
    int64_t      offset; // bytes from the struct's start; 0 for a struct
    int64_t      size;   // bytes
};

// The table of layouts; the Java side compares it with the layouts it was generated with. Static, never freed.
LLAMAPANAMA_API const struct llamapanama_layout * llamapanama_layouts(size_t * n_layouts);

// Git tree hash of the llama.cpp sources that these libraries were compiled from.
LLAMAPANAMA_API const char * llamapanama_llama_cpp_tree(void);

// Installs the abort hook, silences the log until llamapanama_log_set, loads the ggml backends found in `directory` (the best
// CPU variant for this machine among them) and the backend in the file `kernels`, unless that is NULL, and calls
// llama_backend_init. Call once. Returns the number of devices; 0 when no CPU backend fits this machine.
LLAMAPANAMA_API int32_t llamapanama_backend_init(
    const char * directory, const char * kernels, struct llamapanama_error * error);

// Describes backends, devices and CPU features, one "key<TAB>value" per line, into buf (NUL-terminated, cut at size).
// Returns the length of the whole text, as snprintf does. Keys: backend, library, device, feature; kernels, with the
// description of our own ones, and operations, how many of them they computed so far.
LLAMAPANAMA_API int32_t llamapanama_describe(char * buf, int32_t size);

// From how many columns on our own kernels take products with weights of a type (enum ggml_type): small matrices, large ones,
// experts; INT32_MAX for never. To be set before a model with the type is loaded. Types without kernels have none.
enum { LLAMAPANAMA_SHAPES = 3 };
LLAMAPANAMA_API bool llamapanama_kernels_thresholds(int32_t type, int32_t * thresholds); // false without kernels
LLAMAPANAMA_API void llamapanama_kernels_set_thresholds(int32_t type, const int32_t * thresholds);

// Measures them with so many threads and bytes of weights, more than caches hold, and sets none; takes up to three seconds. No
// other thread may compute with the type meanwhile. false where there are no kernels for it, or too little memory.
LLAMAPANAMA_API bool llamapanama_kernels_measure(
    int32_t type, int32_t n_threads, int64_t n_bytes, int32_t * thresholds, struct llamapanama_error * error);

// Ends the threads that OpenMP keeps for this one's next computation, which makes new ones. While they exist, and are more than the
// CPUs together with those of other threads, GCC's OpenMP lets none of them spin, and computing becomes slow. false where they
// cannot be ended, as with LLVM's OpenMP.
LLAMAPANAMA_API bool llamapanama_release_threads(void);

// Text (for example the models and contexts that are open) that the note names when the process has to die.
LLAMAPANAMA_API void llamapanama_set_activity(const char * text);

// Log routing. Messages below min_level (enum ggml_log_level; 5, CONT, follows the message before it) never reach the
// callback. The callback must not throw, and may be called from any thread. NULL drops all.
LLAMAPANAMA_API void llamapanama_log_set(int32_t min_level, ggml_log_callback callback);

// An abort callback for llama_context_params: data is an int32_t flag; anything but 0 stops the computation.
LLAMAPANAMA_API bool llamapanama_abort_requested(void * data);

// --- Model, context --------------------------------------------------------------------------------------------------

LLAMAPANAMA_API struct llama_model * llamapanama_model_load(
        const char ** paths, size_t n_paths, const struct llama_model_params * params, struct llamapanama_error * error);

LLAMAPANAMA_API struct llama_context * llamapanama_context_init(
        struct llama_model * model, const struct llama_context_params * params, struct llamapanama_error * error);

LLAMAPANAMA_API int32_t llamapanama_decode(
        struct llama_context * ctx, const struct llama_batch * batch, struct llamapanama_error * error);

LLAMAPANAMA_API int32_t llamapanama_encode(
        struct llama_context * ctx, const struct llama_batch * batch, struct llamapanama_error * error);

// --- Text ------------------------------------------------------------------------------------------------------------

LLAMAPANAMA_API int32_t llamapanama_tokenize(
        const struct llama_vocab * vocab, const char * text, int32_t text_len, llama_token * tokens, int32_t n_tokens_max,
        bool add_special, bool parse_special, struct llamapanama_error * error);

LLAMAPANAMA_API int32_t llamapanama_token_to_piece(
        const struct llama_vocab * vocab, llama_token token, char * buf, int32_t length, int32_t lstrip, bool special,
        struct llamapanama_error * error);

LLAMAPANAMA_API int32_t llamapanama_detokenize(
        const struct llama_vocab * vocab, const llama_token * tokens, int32_t n_tokens, char * text, int32_t text_len_max,
        bool remove_special, bool unparse_special, struct llamapanama_error * error);

// --- Sampling --------------------------------------------------------------------------------------------------------

// A sampler chain with an optional grammar beside it, sampled as llama.cpp's own tools do it: the chain picks, the
// grammar checks, and only a rejected token makes the grammar filter the whole vocabulary before the chain picks again.
struct llamapanama_sampler;

// Takes ownership of chain and grammar, on failure too. grammar may be NULL; it begins with the tokens of `prefix`, which stand
// in the prompt and belong to the text that it constrains. n_largest: so many largest logits decide what the chain does; 0 if all
// may. A chain that begins with top-k then need not look at the whole vocabulary.
LLAMAPANAMA_API struct llamapanama_sampler * llamapanama_sampler_init(
        struct llama_sampler * chain, struct llama_sampler * grammar, const llama_token * prefix, size_t n_prefix,
        int32_t n_largest, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_sampler_free(struct llamapanama_sampler * sampler);
LLAMAPANAMA_API struct llamapanama_sampler * llamapanama_sampler_clone(
        const struct llamapanama_sampler * sampler, struct llamapanama_error * error);

// Picks a token from output row `idx` of the last decode, without accepting it. LLAMA_TOKEN_NULL on failure.
LLAMAPANAMA_API llama_token llamapanama_sampler_sample(
        struct llamapanama_sampler * sampler, struct llama_context * ctx, int32_t idx, struct llamapanama_error * error);

// Picks a token from n_logits logits in the caller's memory, without accepting it.
LLAMAPANAMA_API llama_token llamapanama_sampler_sample_logits(
        struct llamapanama_sampler * sampler, const float * logits, int32_t n_logits, struct llamapanama_error * error);

// Tells chain (and grammar, when `generated`) that a token became part of the sequence. Returns whether that triggered a
// lazy grammar.
LLAMAPANAMA_API bool llamapanama_sampler_accept(
        struct llamapanama_sampler * sampler, llama_token token, bool generated, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_sampler_reset(struct llamapanama_sampler * sampler, struct llamapanama_error * error);

// A GBNF grammar; lazy when there is at least one trigger. NULL with an error when it does not parse.
LLAMAPANAMA_API struct llama_sampler * llamapanama_sampler_init_grammar(
        const struct llama_vocab * vocab, const char * grammar, const char * root,
        const char ** trigger_patterns, size_t n_trigger_patterns,
        const llama_token * trigger_tokens, size_t n_trigger_tokens, struct llamapanama_error * error);

// An empty chain with default parameters; llama_sampler_free frees it until llamapanama_sampler_init takes it.
LLAMAPANAMA_API struct llama_sampler * llamapanama_chain_init(struct llamapanama_error * error);

// Each makes a sampler as llama_sampler_init_* does and adds it to the chain. After a failure the chain is as before.
LLAMAPANAMA_API void llamapanama_chain_add_greedy(struct llama_sampler * chain, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_dist(
        struct llama_sampler * chain, uint32_t seed, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_top_k(
        struct llama_sampler * chain, int32_t k, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_top_p(
        struct llama_sampler * chain, float p, size_t min_keep, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_min_p(
        struct llama_sampler * chain, float p, size_t min_keep, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_typical(
        struct llama_sampler * chain, float p, size_t min_keep, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_temp(
        struct llama_sampler * chain, float t, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_temp_ext(
        struct llama_sampler * chain, float t, float delta, float exponent, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_xtc(
        struct llama_sampler * chain, float p, float t, size_t min_keep, uint32_t seed, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_top_n_sigma(
        struct llama_sampler * chain, float n, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_mirostat(
        struct llama_sampler * chain, int32_t n_vocab, uint32_t seed, float tau, float eta, int32_t m,
        struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_mirostat_v2(
        struct llama_sampler * chain, uint32_t seed, float tau, float eta, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_penalties(
        struct llama_sampler * chain, int32_t n_vocab, int32_t last_n, float repeat, float freq, float present,
        struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_dry(
        struct llama_sampler * chain, const struct llama_vocab * vocab, float multiplier, float base,
        int32_t allowed_length, int32_t last_n, const char ** breakers, size_t n_breakers,
        struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_adaptive_p(
        struct llama_sampler * chain, float target, float decay, uint32_t seed, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_logit_bias(
        struct llama_sampler * chain, int32_t n_vocab, int32_t n_biases, const struct llama_logit_bias * biases,
        struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chain_add_infill(
        struct llama_sampler * chain, const struct llama_vocab * vocab, struct llamapanama_error * error);

// A sampler of the caller's functions, which must outlive it; its ctx is NULL.
LLAMAPANAMA_API void llamapanama_chain_add_custom(
        struct llama_sampler * chain, struct llama_sampler_i * callbacks, struct llamapanama_error * error);
LLAMAPANAMA_API struct llama_sampler * llamapanama_custom_init(
        struct llama_sampler_i * callbacks, struct llamapanama_error * error);

// --- Memory, state, adapters -----------------------------------------------------------------------------------------

LLAMAPANAMA_API bool llamapanama_memory_seq_rm(
        llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_memory_seq_cp(
        llama_memory_t mem, llama_seq_id src, llama_seq_id dst, llama_pos p0, llama_pos p1, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_memory_seq_keep(
        llama_memory_t mem, llama_seq_id seq_id, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_memory_seq_add(
        llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1, llama_pos delta,
        struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_memory_seq_div(
        llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1, int32_t divisor,
        struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_memory_clear(llama_memory_t mem, bool data, struct llamapanama_error * error);

// seq_id < 0: the whole context (llama_state_*); else one sequence (llama_state_seq_*_ext with flags).
LLAMAPANAMA_API size_t llamapanama_state_get_size(
        struct llama_context * ctx, llama_seq_id seq_id, llama_state_seq_flags flags, struct llamapanama_error * error);
LLAMAPANAMA_API size_t llamapanama_state_get_data(
        struct llama_context * ctx, uint8_t * dst, size_t size, llama_seq_id seq_id, llama_state_seq_flags flags,
        struct llamapanama_error * error);
LLAMAPANAMA_API size_t llamapanama_state_set_data(
        struct llama_context * ctx, const uint8_t * src, size_t size, llama_seq_id seq_id, llama_state_seq_flags flags,
        struct llamapanama_error * error);

LLAMAPANAMA_API struct llama_adapter_lora * llamapanama_adapter_lora_load(
        struct llama_model * model, const char * path, struct llamapanama_error * error);
LLAMAPANAMA_API int32_t llamapanama_set_adapters_lora(
        struct llama_context * ctx, struct llama_adapter_lora ** adapters, size_t n_adapters, float * scales,
        struct llamapanama_error * error);
LLAMAPANAMA_API int32_t llamapanama_set_adapter_cvec(
        struct llama_context * ctx, const float * data, size_t len, int32_t n_embd, int32_t il_start, int32_t il_end,
        struct llamapanama_error * error);

// --- Memory in use ---------------------------------------------------------------------------------------------------

// Bytes that a context has of each kind of buffer, in all kinds of memory together (llama_get_memory_breakdown): bytes[0] the
// model's weights, bytes[1] what the context remembers, bytes[2] intermediate results.
LLAMAPANAMA_API bool llamapanama_context_bytes(
        const struct llama_context * ctx, uint64_t * bytes, struct llamapanama_error * error);

// --- Chat ------------------------------------------------------------------------------------------------------------

// llama.cpp's common/chat.h: UTF-8 with a length in, UTF-8 out. What a function returns as `char *` has *length bytes and is
// freed with llamapanama_text_free. Objects of JSON may nest 128 deep. A call that takes more than 10 seconds of CPU time, or
// the stack of its thread, ends in an exception. Nothing of what is passed in is logged.

// Templates of a model, or of a text; parsed. Thread-safe but for free.
struct llamapanama_chat_templates;

// From `source` (Jinja, or "chatml"), and from the model's metadata if there is no source (NULL); one of both must be given.
// The model's bos and eos are taken where there is a model, else these.
LLAMAPANAMA_API struct llamapanama_chat_templates * llamapanama_chat_templates_init(
        const struct llama_model * model, const char * source, size_t source_length, const char * bos, const char * eos,
        struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chat_templates_free(struct llamapanama_chat_templates * templates);

// JSON: source, tool_use_source (the model's template for chats with tools; maybe empty), explicit (false: the model has no
// template, and this is ChatML), caps (by name, whether the template can do it).
LLAMAPANAMA_API char * llamapanama_chat_templates_describe(
        const struct llamapanama_chat_templates * templates, size_t * length, struct llamapanama_error * error);

// common_chat_templates_apply. Request, a JSON object: messages and tools as OpenAI has them, tool_choice (auto, none,
// required), json_schema (an object), grammar (GBNF), parallel_tool_calls, add_generation_prompt (true), continue_final_message
// (true, "content", "reasoning_content"), enable_thinking (true), reasoning_format ("deepseek"), chat_template_kwargs (an
// object). Result, a JSON object: the fields of common_chat_params.
LLAMAPANAMA_API char * llamapanama_chat_apply(
        const struct llamapanama_chat_templates * templates, const char * request, size_t request_length, size_t * length,
        struct llamapanama_error * error);

// What reads the model's answers. Thread-safe but for free.
struct llamapanama_chat_parser;

// Of what llamapanama_chat_apply returned: format, generation_prompt and parser are looked at.
LLAMAPANAMA_API struct llamapanama_chat_parser * llamapanama_chat_parser_init(
        const char * applied, size_t applied_length, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_chat_parser_free(struct llamapanama_chat_parser * parser);

// common_chat_parse. Result, a JSON object: content, reasoning_content, tool_calls (each name, arguments, id; all strings).
LLAMAPANAMA_API char * llamapanama_chat_parse(
        const struct llamapanama_chat_parser * parser, const char * text, size_t text_length, bool is_partial, size_t * length,
        struct llamapanama_error * error);

// json_schema_to_grammar: GBNF whose root is "root".
LLAMAPANAMA_API char * llamapanama_json_schema_to_grammar(
        const char * schema, size_t schema_length, size_t * length, struct llamapanama_error * error);

LLAMAPANAMA_API void llamapanama_text_free(char * text);

// --- Limits of the machine -------------------------------------------------------------------------------------------

// Memory that is read at full speed; word i holds i times an odd number. n_words is at most SIZE_MAX / 8.
LLAMAPANAMA_API uint64_t * llamapanama_read_buffer_init(size_t n_words, struct llamapanama_error * error);
LLAMAPANAMA_API void llamapanama_read_buffer_free(uint64_t * buffer);

// Writes words for the first time: each page comes to the memory node of the thread that calls.
LLAMAPANAMA_API void llamapanama_read_buffer_fill(uint64_t * buffer, size_t first, size_t n_words);

// Reads words once, with the widest loads of this CPU. Returns their sum modulo 2^64.
LLAMAPANAMA_API uint64_t llamapanama_read_buffer_sum(const uint64_t * buffer, size_t first, size_t n_words);

enum llamapanama_format {
    LLAMAPANAMA_FORMAT_F32  = 0,
    LLAMAPANAMA_FORMAT_BF16 = 1,
    LLAMAPANAMA_FORMAT_INT8 = 2,
};

// The instruction with which this CPU multiplies numbers of a format fastest, in words; NULL if it has none. Static.
LLAMAPANAMA_API const char * llamapanama_multiply_instruction(int32_t format);

// Multiplies and adds in registers, as fast as the CPU can: n_iterations (at most 2^22) of a loop with 12 independent sums.
// Returns the multiply-adds done, as counted by the sums.
LLAMAPANAMA_API int64_t llamapanama_multiply(int32_t format, int64_t n_iterations, struct llamapanama_error * error);

#ifdef __cplusplus
}
#endif

#endif // LLAMAPANAMA_H
