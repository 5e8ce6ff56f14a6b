// Products with few columns: rows as they lie in memory, no panel. With few columns unpacking 16 rows into one costs more than it
// saves, and with one column all that counts is how fast memory is read.
//
// One row after the other, while what lies behind is fetched: measured, four rows at a time, each a stream of its own, reached two
// thirds of what the memory gives where rows are short (900 bytes), one row nearly all of it. Up to six columns at once, the others
// when the row is in the first-level cache.
#pragma once

#include "block_rows.h"
#include "pair_rows.h"
#include "quad_rows.h"
#include "unit_rows.h"

namespace {

// The inner loop of a type.
template <class F, bool UNITS = F::BLOCKS == 8, bool WHOLE_BYTES = (F::LARGEST > 127)> struct Rows : BlockRows<F> {};
template <class F> struct Rows<F, true, false> : UnitRows<F> {};
template <class F> struct Rows<F, false, true> : QuadRows<F> {};
template <> struct Rows<Q4_0, false, false> : PairRows {};

// A row times COLUMNS columns from `column` on.
template <class F, int COLUMNS> void multiply_row(const llamapanama::kernels::Product & product, int64_t row, int64_t column) {
    using Column = typename Rows<F>::Column;
    const int64_t units = Rows<F>::units(product.length);
    const Column * columns[COLUMNS];
    float * results[COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
        columns[c] = (const Column *) product.columns + (column + c) * units;
        results[c] = product.results[column + c] + row;
    }
    Rows<F>::multiply(product.weights + (size_t) row * product.row_bytes, product.length, columns, results);
}

// Rows first to last - 1 of a product.
template <class F> void multiply_few(const llamapanama::kernels::Product & product, int64_t first, int64_t last) {
    constexpr int MOST = 6;
    const int64_t groups = (product.column_count + MOST - 1) / MOST;
    const int64_t together = (product.column_count + groups - 1) / groups;
    for (int64_t row = first; row < last; row++) {
        for (int64_t column = 0; column < product.column_count; column += together) {
            with_constant<MOST>(least(together, product.column_count - column),
                [&](auto columns) { multiply_row<F, columns>(product, row, column); });
        }
    }
}

template <class F> size_t few_columns_bytes(int64_t length, int64_t count) {
    return (size_t) (Rows<F>::units(length) * count) * sizeof(typename Rows<F>::Column);
}

// Columns first to first + count - 1.
template <class F> void lay_out_few(const float * const * sources, int64_t length, int64_t first, int64_t count, void * columns) {
    for (int64_t c = first; c < first + count; c++) {
        Rows<F>::quantize(
            sources[c], length, (typename Rows<F>::Column *) columns + c * Rows<F>::units(length));
    }
}

} // namespace
