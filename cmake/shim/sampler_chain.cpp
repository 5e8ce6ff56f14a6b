// Builds sampler chains: each function makes a sampler and adds it to a chain.

#include "guard.h"
#include "sampler_ptr.h"

using llamapanama::guarded;
using llamapanama::sampler_ptr;

namespace {

template <typename Make>
void add(const char * call, llama_sampler * chain, llamapanama_error * error, Make && make) {
    guarded(call, error, [&] {
        sampler_ptr sampler(make());
        llama_sampler_chain_add(chain, sampler.get());
        (void) sampler.release(); // the chain's now
    });
}

} // namespace

llama_sampler * llamapanama_chain_init(llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llama_sampler *>(nullptr),
                   [] { return llama_sampler_chain_init(llama_sampler_chain_default_params()); });
}

void llamapanama_chain_add_greedy(llama_sampler * chain, llamapanama_error * error) {
    add(__func__, chain, error, [] { return llama_sampler_init_greedy(); });
}

void llamapanama_chain_add_dist(llama_sampler * chain, uint32_t seed, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_dist(seed); });
}

void llamapanama_chain_add_top_k(llama_sampler * chain, int32_t k, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_top_k(k); });
}

void llamapanama_chain_add_top_p(llama_sampler * chain, float p, size_t min_keep, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_top_p(p, min_keep); });
}

void llamapanama_chain_add_min_p(llama_sampler * chain, float p, size_t min_keep, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_min_p(p, min_keep); });
}

void llamapanama_chain_add_typical(llama_sampler * chain, float p, size_t min_keep, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_typical(p, min_keep); });
}

void llamapanama_chain_add_temp(llama_sampler * chain, float t, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_temp(t); });
}

void llamapanama_chain_add_temp_ext(
        llama_sampler * chain, float t, float delta, float exponent, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_temp_ext(t, delta, exponent); });
}

void llamapanama_chain_add_xtc(
        llama_sampler * chain, float p, float t, size_t min_keep, uint32_t seed, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_xtc(p, t, min_keep, seed); });
}

void llamapanama_chain_add_top_n_sigma(llama_sampler * chain, float n, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_top_n_sigma(n); });
}

void llamapanama_chain_add_mirostat(
        llama_sampler * chain, int32_t n_vocab, uint32_t seed, float tau, float eta, int32_t m,
        llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_mirostat(n_vocab, seed, tau, eta, m); });
}

void llamapanama_chain_add_mirostat_v2(
        llama_sampler * chain, uint32_t seed, float tau, float eta, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_mirostat_v2(seed, tau, eta); });
}

void llamapanama_chain_add_penalties(
        llama_sampler * chain, int32_t n_vocab, int32_t last_n, float repeat, float freq, float present,
        llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_penalties(n_vocab, last_n, repeat, freq, present); });
}

void llamapanama_chain_add_dry(
        llama_sampler * chain, const llama_vocab * vocab, float multiplier, float base, int32_t allowed_length,
        int32_t last_n, const char ** breakers, size_t n_breakers, llamapanama_error * error) {
    add(__func__, chain, error, [&] {
        return llama_sampler_init_dry(vocab, multiplier, base, allowed_length, last_n, breakers, n_breakers);
    });
}

void llamapanama_chain_add_adaptive_p(
        llama_sampler * chain, float target, float decay, uint32_t seed, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_adaptive_p(target, decay, seed); });
}

void llamapanama_chain_add_logit_bias(
        llama_sampler * chain, int32_t n_vocab, int32_t n_biases, const llama_logit_bias * biases,
        llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_logit_bias(n_vocab, n_biases, biases); });
}

void llamapanama_chain_add_infill(llama_sampler * chain, const llama_vocab * vocab, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init_infill(vocab); });
}

void llamapanama_chain_add_custom(llama_sampler * chain, llama_sampler_i * callbacks, llamapanama_error * error) {
    add(__func__, chain, error, [&] { return llama_sampler_init(callbacks, nullptr); });
}

llama_sampler * llamapanama_custom_init(llama_sampler_i * callbacks, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llama_sampler *>(nullptr),
                   [&] { return llama_sampler_init(callbacks, nullptr); });
}
