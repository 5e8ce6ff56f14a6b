// Kernels for x86-64 CPUs with AVX-512 F, BW, VL and VNNI (AMD since Zen 4, Intel since Cascade Lake); kernels.cpp asks for these.
#include "vector_avx512.h"

#include "table.h"

namespace llamapanama::kernels {
extern const Kernels avx512_kernels;
const Kernels avx512_kernels = Table<AllTypes<Avx512Vnni>>::kernels("AVX-512 VNNI");
} // namespace llamapanama::kernels
