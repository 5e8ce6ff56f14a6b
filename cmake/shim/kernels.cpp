// Our own kernels, as far as the engine decides about them: from how many columns on they take products.

#include "guard.h"

#include "ggml-backend.h"

using llamapanama::guarded;

namespace {

template <class Function> Function kernels_function(const char * name) {
    for (size_t r = 0; r < ggml_backend_reg_count(); ++r) {
        ggml_backend_reg_t reg = ggml_backend_reg_get(r);
        void * found = ggml_backend_reg_get_proc_address(reg, name);
        if (found != nullptr && ggml_backend_reg_dev_count(reg) > 0) {
            return reinterpret_cast<Function>(found);
        }
    }
    return nullptr;
}

} // namespace

bool llamapanama_kernels_measure(
        int32_t type, int32_t n_threads, int64_t n_bytes, int32_t * thresholds, llamapanama_error * error) {
    return guarded(__func__, error, false, [&] {
        const auto measure =
                kernels_function<bool (*)(ggml_backend_dev_t, int32_t, int32_t, int64_t, int32_t *)>("llamapanama_kernels_measure");
        llamapanama::set_compute_threads(n_threads);
        return measure != nullptr
                && measure(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU), type, n_threads, n_bytes, thresholds);
    });
}

bool llamapanama_kernels_thresholds(int32_t type, int32_t * thresholds) {
    static const auto threshold = kernels_function<int32_t (*)(int32_t, int32_t)>("llamapanama_kernels_threshold");
    for (int32_t shape = 0; threshold != nullptr && shape < LLAMAPANAMA_SHAPES; ++shape) {
        thresholds[shape] = threshold(type, shape);
    }
    return threshold != nullptr;
}

void llamapanama_kernels_set_thresholds(int32_t type, const int32_t * thresholds) {
    static const auto set = kernels_function<void (*)(int32_t, int32_t, int32_t)>("llamapanama_kernels_set_threshold");
    for (int32_t shape = 0; set != nullptr && shape < LLAMAPANAMA_SHAPES; ++shape) {
        set(type, shape, thresholds[shape]);
    }
}
