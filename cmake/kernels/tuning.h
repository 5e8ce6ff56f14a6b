// Measures from how many columns on the kernels are faster than the CPU backend on this machine.
#pragma once

#include "ggml-backend.h"
#include "thresholds.h"

namespace llamapanama::kernels {

struct Machine {
    ggml_backend_dev_t kernels, cpu;
    int threads;
    size_t weight_bytes; // memory to measure with; more than caches hold
    int64_t (*operation_count)(); // of the kernels, so far
};

// The thresholds of a weight type, one for each shape: from 1 to 64 columns, or NEVER; takes half a second or, where the kernels
// are slow, up to three. Sets none. False, and what it wrote worth nothing, if there is no memory for it, no kernel for the type,
// or the scheduler gave the products to another device. No other thread may compute with this type meanwhile.
bool measure_least_columns(const Machine & machine, ggml_type type, int32_t * least);

} // namespace llamapanama::kernels
