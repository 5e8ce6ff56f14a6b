// Kernels for BF16 weights on x86-64 CPUs with AVX-512 F, BW, VL and BF16 (AMD since Zen 4, Intel Cooper Lake and since Sapphire
// Rapids); kernels.cpp asks for these.
#include "vector_avx512.h"

#include "table.h"

namespace llamapanama::kernels {
extern const Kernels avx512_bf16_kernels;
const Kernels avx512_bf16_kernels = Table<Bf16Only<Avx512Vnni>>::kernels("AVX-512 BF16");
} // namespace llamapanama::kernels
