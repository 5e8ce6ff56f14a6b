// Kernels for x86-64 CPUs with AVX-512 VNNI (AMD since Zen 4, Intel since Ice Lake); compiled for these.
#include "vector_avx512.h"

#include "table.h"

namespace {

bool runs_here() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx2")
        && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

int64_t least_columns(ggml_type type) { return Table<Avx512Vnni>::least_columns(type); }

} // namespace

namespace llamapanama::kernels {
extern const Kernels avx512_kernels;
const Kernels avx512_kernels = Table<Avx512Vnni>::kernels("AVX-512 VNNI", runs_here, least_columns);
} // namespace llamapanama::kernels
