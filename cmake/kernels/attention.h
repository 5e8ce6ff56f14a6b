// ggml's operation FLASH_ATTN_EXT in terms of tasks.
#pragma once

#include "kernels.h"
#include "team.h"
#include "workspace.h"

namespace llamapanama::kernels {

// Whether the operation is one that `attend` computes: types, shapes and strides.
bool can_attend(const Kernels & kernels, const ggml_tensor * op);

// Products of a query's and a key's values, masked ones too.
int64_t attention_work(const ggml_tensor * op);

// Computes. Returns false, with the result untouched, if there is no memory for it.
bool attend(const Kernels & kernels, const Team & team, Workspace & workspace, ggml_tensor * op);

} // namespace llamapanama::kernels
