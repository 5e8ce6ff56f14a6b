// Which kernels there are, and where they run. Compiled for any x86-64: the files with the kernels themselves may hold, from
// their first instruction on, what a CPU does not have.
#include "kernels.h"

#include <iterator>

namespace llamapanama::kernels {

extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;
extern const Kernels avx512_bf16_kernels;

namespace {

bool has_avx2() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

// Each of these is true only where the operating system keeps the registers too (XCR0).
bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl");
}

bool has_avx512_vnni() { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

bool has_avx512_bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

constexpr Candidate candidates[] = {
    {has_avx512_bf16, &avx512_bf16_kernels}, {has_avx512_vnni, &avx512_kernels}, {has_avx2, &avx2_kernels}};

} // namespace

const Candidate * begin(const Candidates &) { return std::begin(candidates); }

const Candidate * end(const Candidates &) { return std::end(candidates); }

const Kernels * best_kernels(ggml_type type) {
    for (const Candidate & candidate : Candidates()) {
        if (candidate.kernels->tile_columns(type, 1) > 0 && candidate.runs_here()) {
            return candidate.kernels;
        }
    }
    return nullptr;
}

const Kernels * attention_kernels() {
    for (const Candidate & candidate : Candidates()) {
        if (candidate.kernels->attend != nullptr && candidate.runs_here()) {
            return candidate.kernels;
        }
    }
    return nullptr;
}

} // namespace llamapanama::kernels
