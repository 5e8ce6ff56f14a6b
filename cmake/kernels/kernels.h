// What the backend asks of a set of kernels, one set per instruction set.
//
// All compute  result[c][r] = sum over k of weight[r][k] * column[c][k]  for weights in a ggml type and columns in F32.
#pragma once

#include "ggml.h"

#include <cstddef>
#include <cstdint>

namespace llamapanama::kernels {

// One product. The columns are laid out by Kernels::lay_out.
struct Product {
    ggml_type type;             // of the weights
    const char * weights;       // row r begins at weights + r * row_bytes
    size_t row_bytes;
    int64_t length;             // of a row, and of a column
    const void * columns;
    int64_t column_count;
    float * const * results;    // results[c] has an entry for each row
};

struct Kernels {
    const char * name;
    // Columns from which a product is faster here than on ggml's CPU backend; 0 where it never is, or the type is not known.
    int64_t (*least_columns)(ggml_type type);
    // Bytes of `count` columns, laid out.
    size_t (*columns_bytes)(ggml_type type, int64_t length, int64_t count);
    // Columns of `total` that are laid out together; `lay_out` may be called for parts that begin at multiples of it.
    // 0 where the type is not known.
    int64_t (*tile_columns)(ggml_type type, int64_t total);
    // Lays out columns first .. first + count - 1 of `total`, quantized where the weights are; column c begins at sources[c].
    void (*lay_out)(ggml_type type, const float * const * sources, int64_t length, int64_t first, int64_t count,
        int64_t total, void * columns);
    // Bytes that `multiply` needs for itself; aligned to 64.
    size_t (*scratch_bytes)(const Product & product);
    // Rows first .. last - 1; first is a multiple of PANEL_ROWS.
    void (*multiply)(const Product & product, int64_t first_row, int64_t last_row, void * scratch);
};

constexpr int PANEL_ROWS = 16;

// Kernels, and whether this CPU and its operating system have their instructions.
struct Candidate {
    bool (*runs_here)();
    const Kernels * kernels;
};

// All that were compiled in, best first, for a range-based for.
struct Candidates {};
const Candidate * begin(const Candidates &);
const Candidate * end(const Candidates &);

// The first of them that knows the type and runs here; null if there is none.
const Kernels * best_kernels(ggml_type type);

} // namespace llamapanama::kernels
