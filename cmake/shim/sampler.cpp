// A sampler chain and a grammar, sampled in one call.

#include "grammar_trigger.h"
#include "guard.h"
#include "sampler_ptr.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

using llamapanama::guarded;
using llamapanama::sampler_ptr;

namespace {

// Searching for the largest logits pays only where they are few of all.
constexpr int32_t LEAST_PER_LARGEST = 64;

// Logits that are looked at together. Hardly any block has one of the largest.
constexpr int32_t BLOCK = 256;

// Without a branch in the loop, so that the compiler makes vectors of it.
bool any_above(const float * block, float limit) {
    int32_t above = 0;
    for (int32_t i = 0; i < BLOCK; ++i) {
        above += block[i] > limit;
    }
    return above > 0;
}

bool is_larger(const llama_token_data & a, const llama_token_data & b) { return a.logit > b.logit; }

sampler_ptr clone(const sampler_ptr & sampler) {
    return sampler_ptr(sampler ? llama_sampler_clone(sampler.get()) : nullptr);
}

} // namespace

struct llamapanama_sampler {
    sampler_ptr                   chain;
    sampler_ptr                   grammar;
    std::vector<llama_token_data> candidates; // grows to n_vocab once, then stays
    llama_token_data_array        view = {};
    std::vector<llama_token>      prefix; // what the grammar begins with
    int32_t                       n_largest = 0; // logits that the chain looks at; 0 for all

    void accept_prefix() {
        for (const llama_token token : prefix) {
            llama_sampler_accept(grammar.get(), token);
        }
    }

    void set_logits(const float * logits, int32_t n_logits) {
        candidates.resize(static_cast<size_t>(n_logits));
        for (int32_t token = 0; token < n_logits; ++token) {
            candidates[static_cast<size_t>(token)] = llama_token_data{token, logits[token], 0.0f};
        }
        view = llama_token_data_array{candidates.data(), candidates.size(), -1, false};
    }

    // The candidates that the chain needs, in the order of their ids, as it would see them among all. How a top-k orders equal
    // logits depends on how many candidates it gets.
    void set_largest_logits(const float * logits, int32_t n_logits) {
        if (n_largest == 0 || n_largest > n_logits / LEAST_PER_LARGEST) {
            set_logits(logits, n_logits);
            return;
        }
        candidates.clear();
        int32_t token = 0;
        for (; token < n_logits && candidates.size() < static_cast<size_t>(n_largest); ++token) {
            if (!std::isnan(logits[token])) {
                candidates.push_back(llama_token_data{token, logits[token], 0.0f});
            }
        }
        if (candidates.size() < static_cast<size_t>(n_largest)) {
            set_logits(logits, n_logits); // hardly any number: the chain sees what there is
            return;
        }
        std::make_heap(candidates.begin(), candidates.end(), is_larger); // whose front is the smallest
        float smallest = candidates.front().logit;
        while (token < n_logits) {
            if (token + BLOCK <= n_logits && !any_above(logits + token, smallest)) {
                token += BLOCK;
                continue;
            }
            for (const int32_t end = std::min(token + BLOCK, n_logits); token < end; ++token) {
                if (logits[token] > smallest) {
                    std::pop_heap(candidates.begin(), candidates.end(), is_larger);
                    candidates.back() = llama_token_data{token, logits[token], 0.0f};
                    std::push_heap(candidates.begin(), candidates.end(), is_larger);
                    smallest = candidates.front().logit;
                }
            }
        }
        std::sort(candidates.begin(), candidates.end(), [](const auto & a, const auto & b) { return a.id < b.id; });
        view = llama_token_data_array{candidates.data(), candidates.size(), -1, false};
    }

    llama_token selected() const {
        if (view.selected < 0 || static_cast<size_t>(view.selected) >= view.size) {
            throw std::runtime_error("the sampler chain selected no token; end it with dist, greedy, mirostat or adaptive-p");
        }
        return view.data[view.selected].id;
    }

    bool grammar_allows(llama_token token) const {
        llama_token_data       single = {token, 1.0f, 0.0f};
        llama_token_data_array array  = {&single, 1, -1, false};
        llama_sampler_apply(grammar.get(), &array);
        return !std::isinf(single.logit);
    }

    llama_token sample(const float * logits, int32_t n_logits) {
        set_largest_logits(logits, n_logits);
        llama_sampler_apply(chain.get(), &view);
        const llama_token first = selected();
        if (!grammar || grammar_allows(first)) {
            return first;
        }
        set_logits(logits, n_logits);
        llama_sampler_apply(grammar.get(), &view);
        bool any = false;
        for (size_t i = 0; i < view.size && !any; ++i) {
            any = !std::isinf(view.data[i].logit);
        }
        if (!any) {
            throw std::runtime_error("the grammar allows no token of the vocabulary here");
        }
        llama_sampler_apply(chain.get(), &view);
        const llama_token second = selected();
        if (!grammar_allows(second)) {
            throw std::runtime_error("the sampler chain selected a token that the grammar forbids");
        }
        return second;
    }
};

bool & llamapanama::grammar_triggered() {
    thread_local bool triggered = false;
    return triggered;
}

llamapanama_sampler * llamapanama_sampler_init(
        llama_sampler * chain, llama_sampler * grammar, const llama_token * prefix, size_t n_prefix, int32_t n_largest,
        llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llamapanama_sampler *>(nullptr), [&] {
        sampler_ptr owned_chain(chain);
        sampler_ptr owned_grammar(grammar);
        auto sampler = std::unique_ptr<llamapanama_sampler>(new llamapanama_sampler{
                std::move(owned_chain), std::move(owned_grammar), {}, {}, {prefix, prefix + n_prefix}, n_largest});
        sampler->accept_prefix();
        return sampler.release();
    });
}

void llamapanama_sampler_free(llamapanama_sampler * sampler) { delete sampler; }

llamapanama_sampler * llamapanama_sampler_clone(const llamapanama_sampler * sampler, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llamapanama_sampler *>(nullptr), [&] {
        sampler_ptr chain   = clone(sampler->chain);
        sampler_ptr grammar = clone(sampler->grammar);
        return new llamapanama_sampler{std::move(chain), std::move(grammar), {}, {}, sampler->prefix, sampler->n_largest};
    });
}

llama_token llamapanama_sampler_sample(
        llamapanama_sampler * sampler, llama_context * ctx, int32_t idx, llamapanama_error * error) {
    return guarded(__func__, error, llama_token{LLAMA_TOKEN_NULL}, [&] {
        const float * logits = llama_get_logits_ith(ctx, idx);
        if (logits == nullptr) {
            throw std::runtime_error("the last decode left no logits in this row; mark the token as output in the batch");
        }
        return sampler->sample(logits, llama_vocab_n_tokens(llama_model_get_vocab(llama_get_model(ctx))));
    });
}

llama_token llamapanama_sampler_sample_logits(
        llamapanama_sampler * sampler, const float * logits, int32_t n_logits, llamapanama_error * error) {
    return guarded(__func__, error, llama_token{LLAMA_TOKEN_NULL}, [&] { return sampler->sample(logits, n_logits); });
}

bool llamapanama_sampler_accept(
        llamapanama_sampler * sampler, llama_token token, bool generated, llamapanama_error * error) {
    return guarded(__func__, error, false, [&] {
        llamapanama::grammar_triggered() = false;
        if (sampler->grammar && generated) {
            llama_sampler_accept(sampler->grammar.get(), token);
        }
        const bool triggered = llamapanama::grammar_triggered();
        llama_sampler_accept(sampler->chain.get(), token);
        return triggered;
    });
}

void llamapanama_sampler_reset(llamapanama_sampler * sampler, llamapanama_error * error) {
    guarded(__func__, error, [&] {
        if (sampler->grammar) {
            llama_sampler_reset(sampler->grammar.get());
            sampler->accept_prefix();
        }
        llama_sampler_reset(sampler->chain.get());
    });
}

llama_sampler * llamapanama_sampler_init_grammar(
        const llama_vocab * vocab, const char * grammar, const char * root,
        const char ** trigger_patterns, size_t n_trigger_patterns,
        const llama_token * trigger_tokens, size_t n_trigger_tokens, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llama_sampler *>(nullptr), [&] {
        llama_sampler * sampler =
                n_trigger_patterns + n_trigger_tokens == 0
                        ? llama_sampler_init_grammar(vocab, grammar, root)
                        : llama_sampler_init_grammar_lazy_patterns(vocab, grammar, root, trigger_patterns,
                                                                   n_trigger_patterns, trigger_tokens, n_trigger_tokens);
        if (sampler == nullptr) {
            throw std::runtime_error("the grammar does not parse; the log has the line");
        }
        return sampler;
    });
}
