// ggml's operations MUL_MAT and MUL_MAT_ID in terms of products.
#pragma once

#include "kernels.h"
#include "team.h"
#include "workspace.h"

namespace llamapanama::kernels {

// Whether the operation is one that these functions compute: shapes, strides and the columns' type; which kernels the weights'
// type has, and how many columns there are, does not matter here.
bool can_multiply(const ggml_tensor * op);

// Columns of the operation: those of src1; for MUL_MAT_ID as many as an expert gets on average if all that can be are used.
int64_t columns_of(const ggml_tensor * op);

// Computes. Returns false, with the result untouched, if there is no memory for it.
bool mul_mat(const Kernels & kernels, const Team & team, Workspace & workspace, ggml_tensor * op);
bool mul_mat_id(const Kernels & kernels, const Team & team, Workspace & workspace, ggml_tensor * op);

} // namespace llamapanama::kernels
