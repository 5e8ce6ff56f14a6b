// Ownership of a llama_sampler.

#ifndef LLAMAPANAMA_SAMPLER_PTR_H
#define LLAMAPANAMA_SAMPLER_PTR_H

#include "llama.h"

#include <memory>

namespace llamapanama {

struct sampler_deleter {
    void operator()(llama_sampler * sampler) const { llama_sampler_free(sampler); }
};
using sampler_ptr = std::unique_ptr<llama_sampler, sampler_deleter>;

} // namespace llamapanama

#endif // LLAMAPANAMA_SAMPLER_PTR_H
