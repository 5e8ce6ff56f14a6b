// Kernels for x86-64 CPUs with AVX2, FMA and F16C; kernels.cpp asks for these.
#include "vector_avx2.h"

#include "table.h"

namespace llamapanama::kernels {
extern const Kernels avx2_kernels;
const Kernels avx2_kernels = Table<AllTypes<Avx2>>::kernels("AVX2");
} // namespace llamapanama::kernels
