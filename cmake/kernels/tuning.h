// Measures from how many columns on the kernels are faster than the CPU backend on this machine.
#pragma once

#include "ggml-backend.h"
#include "thresholds.h"

namespace llamapanama::kernels {

// The thresholds of a weight type with so many threads, by shape; takes some tenths of a second. Sets none. False if there is no
// memory for it, no kernel for the type, or the scheduler gave the products to another device. No other thread may compute
// with this type meanwhile.
bool measure_least_columns(ggml_backend_dev_t kernels, ggml_backend_dev_t cpu, ggml_type type, int threads,
    int32_t (&least)[SHAPES]);

} // namespace llamapanama::kernels
