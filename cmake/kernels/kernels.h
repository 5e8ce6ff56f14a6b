// What the backend asks of a set of kernels, one set per instruction set.
//
// Products:  result[c][r] = sum over k of weight[r][k] * column[c][k]  for weights in a ggml type and columns in F32.
// Attention: result[q] = sum over cells of weight * value[cell], with weight = exp(score) / sum of exp(scores) and
//            score = scale * dot(query[q], key[cell]) + slope * mask[cell]
#pragma once

#include "ggml.h"

#include <cstddef>
#include <cstdint>

namespace llamapanama::kernels {

namespace { // so that files for different instruction sets share no copy

constexpr size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

} // namespace

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

// Attention, what is the same for all of an operation. Strides are in bytes from one cell of the KV cache to the next.
struct Attention {
    ggml_type key_type, value_type;
    int64_t key_length, value_length; // of a head
    size_t key_stride, value_stride;
    float scale;
    float softcap; // scores are softcap * tanh(scale * dot); 0 for none
};

// Some tokens' queries of the heads that share keys and values, over some cells. Row = token * heads + head.
struct AttentionTask {
    const float * const * queries;   // of each row
    int64_t tokens, heads;
    const char * keys, * values;     // of cell 0
    const uint64_t * visible;        // a bit for each cell that some token sees
    int64_t first_word, last_word;   // of `visible`; the last one is not in
    const uint16_t * const * masks;  // of each token: an F16 for each cell; null for none
    const float * slopes;            // of each head
    float * highest, * sums;         // of each row: highest score, and sum of exp(score - highest)
    float * totals;                  // of each row: sum of exp(score - highest) * value
};

struct Kernels {
    const char * name;
    // Columns from which a product is faster here than on ggml's CPU backend; 0 where it never is, or the type is not known.
    // `few_cores`: so few that the CPU backend, which does not fetch ahead, leaves memory idle.
    int64_t (*least_columns)(ggml_type type, bool few_cores);
    // Bytes of `count` columns, laid out: so many times those of one. Where weights are quantized, the columns of a product
    // begin at a multiple of 64.
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

    // Whether keys or values may have this type and length.
    bool (*attends)(ggml_type type, int64_t length);
    // Bytes that `attend` needs for itself; aligned to 64.
    size_t (*attention_scratch_bytes)(const Attention & attention, int64_t rows);
    void (*attend)(const Attention & attention, const AttentionTask & task, void * scratch);
    // A bit for each cell whose mask is not -infinity; the bits behind the last one are 0.
    void (*visible_cells)(const uint16_t * mask, int64_t cells, uint64_t * visible);
    // Cells in one set or the other.
    int64_t (*union_size)(const uint64_t * a, const uint64_t * b, int64_t words);
};

// Of a row that has seen nothing yet; low enough for all scores, and finite, so that differences are numbers.
constexpr float LOWEST_SCORE = -1e30f;
constexpr int64_t CELLS_OF_WORD = 64;

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
// The first of them that computes attention and runs here; null if there is none.
const Kernels * attention_kernels();

} // namespace llamapanama::kernels
