#include "kernels.h"

namespace llamapanama::kernels {

extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;

const Kernels * const all_kernels[] = {&avx512_kernels, &avx2_kernels, nullptr};

} // namespace llamapanama::kernels
