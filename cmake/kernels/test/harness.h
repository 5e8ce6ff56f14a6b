// What the parts of the test share.
#pragma once

#include <string>

// Prints what does not hold, and counts it.
void fail(const std::string & what);
extern int failures;

// Operations on ggml's tensors, beside the CPU backend; mul_mat_test.cpp.
void test_operations();

// Attention with a set of kernels; attention_test.cpp.
namespace llamapanama::kernels {
struct Kernels;
}
void test_attention(const llamapanama::kernels::Kernels & kernels);
