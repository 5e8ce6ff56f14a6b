// Which kernels there are, and where they run. Compiled for any x86-64: the files with the kernels themselves may hold, from
// their first instruction on, what a CPU does not have.
#include "kernels.h"

#include <iterator>

namespace llamapanama::kernels {

extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;

namespace {

bool has_avx2() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

bool has_avx512_vnni() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

constexpr Candidate candidates[] = {{has_avx512_vnni, &avx512_kernels}, {has_avx2, &avx2_kernels}};

} // namespace

const Candidate * begin(const Candidates &) { return std::begin(candidates); }

const Candidate * end(const Candidates &) { return std::end(candidates); }

} // namespace llamapanama::kernels
