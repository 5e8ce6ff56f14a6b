#include "thresholds.h"

#include "kernels.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

namespace llamapanama::kernels {

namespace {

// Many cores use up the memory's speed with the CPU backend, too, and then one more backend in the graph, which is one more meeting of
// all threads, only costs. Where that begins is measured (tuning.h); this is what holds where it was not.
constexpr long FEW_CORES = 8; // hardware threads

// 0: not set
std::atomic<int32_t> thresholds[GGML_TYPE_COUNT][SHAPES];

int32_t default_columns(ggml_type type, Shape shape) {
    static const bool few_cores = sysconf(_SC_NPROCESSORS_ONLN) <= FEW_CORES;
    const Kernels * kernels = best_kernels(type);
    const int32_t least = kernels == nullptr ? 0 : (int32_t) kernels->least_columns(type, few_cores);
    return least == 0 ? NEVER : shape == SMALL ? std::max(least, LEAST_SMALL) : least;
}

} // namespace

int32_t least_columns(ggml_type type, Shape shape) {
    const int32_t set = thresholds[type][shape].load(std::memory_order_relaxed);
    return set > 0 && best_kernels(type) != nullptr ? set : default_columns(type, shape);
}

void set_least_columns(ggml_type type, Shape shape, int32_t columns) {
    thresholds[type][shape].store(columns, std::memory_order_relaxed);
}

int32_t least_columns(const ggml_tensor * product) {
    const ggml_tensor * weights = product->src[0];
    return least_columns(weights->type,
        product->op == GGML_OP_MUL_MAT_ID ? EXPERTS : ggml_nbytes(weights) < SMALL_BYTES ? SMALL : LARGE);
}

} // namespace llamapanama::kernels
