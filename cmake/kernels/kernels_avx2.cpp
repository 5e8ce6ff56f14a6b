// Kernels for x86-64 CPUs with AVX2; compiled for these and nothing newer.
#include "vector_avx2.h"

#include "table.h"

namespace {

bool runs_here() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

int64_t least_columns(ggml_type type) { return Table<Avx2>::least_columns(type); }

} // namespace

namespace llamapanama::kernels {
extern const Kernels avx2_kernels;
const Kernels avx2_kernels = Table<Avx2>::kernels("AVX2", runs_here, least_columns);
} // namespace llamapanama::kernels
