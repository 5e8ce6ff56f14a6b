// The inner loops for weights in floating point: a panel of 16 rows times a tile of columns, and rows times few columns.
//
//     panel:  total[row][c] += panel[lane][row] * tile[lane][c]     one multiply-add of 16 rows, a column's lane broadcast
//     few:    total[row][c] += row[lane] * column[c][lane]          one multiply-add of 8 lanes, summed up at the row's end
//
// Registers, panel: with AVX2 6 columns of 2 vectors are 12 totals, 2 vectors of weights and a column: 15 of 16; with AVX-512
// 12 totals and the weights: 13 of 32. Fewer than 8 totals would wait for each other, so columns are shared out evenly.
// Registers, few: 4 rows of 3 columns, or 3 of 4, are 12 totals, the columns' lanes and the weights: 16 of 16.
//
// A row is taken in parts of DEPTH lanes: a part of a panel (16 KB) and the totals of the columns that pass together (6 KB)
// stay in the first-level cache while tiles pass (6 or 12 KB each). Columns come from the second or third level, over and over:
// that is faster than to bring totals back from memory for each part (measured).
#pragma once

#include "floats.h"

namespace {

constexpr int64_t FLOAT_DEPTH = 256;   // lanes of a panel in the scratch area
constexpr int64_t FLOAT_TOGETHER = 192; // columns that pass a panel before the next one is unpacked, but for a tile more or less

using Totals = float[PANEL_ROWS];

// `lanes` of a panel times a tile. All loops over totals are unrolled whole: else GCC keeps them in memory.
template <class Isa, class F, int COLUMNS>
void multiply_float_tile(const FloatPanel * panel, const uint32_t * tile, int64_t lanes, Totals * totals, bool first) {
    constexpr int VECTORS = PANEL_ROWS / Isa::LANES;
    typename Isa::Float total[COLUMNS][VECTORS];
#pragma GCC unroll 12
    for (int c = 0; c < COLUMNS; c++) {
#pragma GCC unroll 2
        for (int v = 0; v < VECTORS; v++) {
            total[c][v] = first ? Isa::zero() : Isa::load(totals[c] + v * Isa::LANES);
        }
    }
#pragma GCC unroll 4
    for (int64_t lane = 0; lane < lanes; lane++) {
        typename Isa::Lanes weights[VECTORS];
#pragma GCC unroll 2
        for (int v = 0; v < VECTORS; v++) {
            weights[v] = Isa::load_lanes(panel[lane] + v * Isa::LANES);
        }
#pragma GCC unroll 12
        for (int c = 0; c < COLUMNS; c++) {
            const typename Isa::Lanes value = Isa::broadcast_lane(tile + lane * COLUMNS + c);
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) {
                total[c][v] = Isa::template add_products<F::VALUES>(weights[v], value, total[c][v]);
            }
        }
    }
#pragma GCC unroll 12
    for (int c = 0; c < COLUMNS; c++) {
#pragma GCC unroll 2
        for (int v = 0; v < VECTORS; v++) {
            Isa::store(totals[c] + v * Isa::LANES, total[c][v]);
        }
    }
}

// ROWS rows times COLUMNS columns whose lanes lie `stride` apart.
template <class F, int ROWS, int COLUMNS>
void multiply_float_rows(const char * const (&rows)[ROWS], int64_t length, const float * columns, int64_t stride,
        float (&results)[COLUMNS][ROWS], int64_t next_rows) {
    static_assert(F::VALUES == 1, "lanes are floats here");
    __m256 total[ROWS][COLUMNS];
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) {
            total[r][c] = _mm256_setzero_ps();
        }
    }
    const auto add = [&](int64_t at, auto weights_of) {
        __m256 values[COLUMNS];
        for (int c = 0; c < COLUMNS; c++) {
            values[c] = _mm256_loadu_ps(columns + c * stride + at);
        }
#pragma GCC unroll 4
        for (int r = 0; r < ROWS; r++) {
            const __m256 weights = weights_of(rows[r] + at * WEIGHT_BYTES);
            for (int c = 0; c < COLUMNS; c++) {
                total[r][c] = _mm256_fmadd_ps(weights, values[c], total[r][c]);
            }
        }
    };
    int64_t at = 0;
    for (; at + 32 <= length; at += 32) { // a cache line of each row
        for (int r = 0; r < ROWS; r++) {
            _mm_prefetch(rows[r] + at * WEIGHT_BYTES + next_rows, _MM_HINT_T1);
        }
#pragma GCC unroll 4
        for (int part = 0; part < 32; part += LANES_AT_ONCE) {
            add(at + part, F::floats);
        }
    }
    for (; at + LANES_AT_ONCE <= length; at += LANES_AT_ONCE) {
        add(at, F::floats);
    }
    if (at < length) {
        add(at, [&](const char * row) {
            return F::floats((const char *) Padded<uint16_t, LANES_AT_ONCE>(row, length - at).whole);
        });
    }
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) {
            results[c][r] = sum_of(total[r][c]);
        }
    }
}

// FEW is the format for few columns: floats, whatever the panels hold.
template <class Isa, class F, class FEW> struct FloatFormat {
    static constexpr int TILE = Isa::FLOAT_COLUMNS;
    static constexpr int64_t FEW_COLUMNS = F::VALUES == 1 ? Isa::FEW_FLOAT_COLUMNS : 4;

    static int64_t tile_columns(int64_t total) { return total < FEW_COLUMNS ? 1 : even_tile(total, TILE); }

    static size_t columns_bytes(int64_t length, int64_t count) {
        return (size_t) (count * padded_lanes<FEW>(length)) * sizeof(uint32_t);
    }

    static size_t scratch_bytes(int64_t) {
        return FLOAT_DEPTH * sizeof(FloatPanel) + (FLOAT_TOGETHER + TILE) * sizeof(Totals);
    }

    static uint32_t * lanes_at(void * columns, int64_t length, int64_t column) {
        return (uint32_t *) ((char *) columns + columns_bytes(length, column));
    }

    static void lay_out(const float * const * sources, int64_t length, int64_t first, int64_t count, int64_t total,
            void * columns) {
        if (total < FEW_COLUMNS) {
            for (int64_t c = first; c < first + count; c++) {
                pack_column<FEW>(sources[c], length, lanes_at(columns, length, c));
            }
            return;
        }
        const int64_t tile = tile_columns(total);
        for (int64_t c = first; c < first + count; c += tile) {
            with_constant<TILE>(least(tile, total - c), [&](auto n) {
                pack_tile<F, n>(sources + c, length, lanes_at(columns, length, c));
            });
        }
    }

    static void multiply(const llamapanama::kernels::Product & product, int64_t first_row, int64_t last_row, void * scratch) {
        if (product.column_count < FEW_COLUMNS) {
            multiply_few(product, first_row, last_row);
        } else {
            multiply_many(product, first_row, last_row, scratch);
        }
    }

    // In groups of up to 4 columns, as even as they can be.
    static void multiply_few(const llamapanama::kernels::Product & product, int64_t first_row, int64_t last_row) {
        const int64_t groups = (product.column_count + 3) / 4;
        const int64_t stride = padded_lanes<FEW>(product.length);
        for (int64_t row = first_row; row < last_row; row += 12) {
            const int64_t end = least(row + 12, last_row);
            for (int64_t g = 0; g < groups; g++) {
                const int64_t column = product.column_count * g / groups;
                with_constant<4>(product.column_count * (g + 1) / groups - column, [&](auto n) {
                    multiply_group<n>(product, row, end, (const float *) product.columns + column * stride, stride,
                        product.results + column);
                });
            }
        }
    }

    template <int COLUMNS>
    static void multiply_group(const llamapanama::kernels::Product & product, int64_t first_row, int64_t last_row,
            const float * columns, int64_t stride, float * const * results) {
        constexpr int ROWS = COLUMNS == 4 ? 3 : 4;
        for (int64_t row = first_row; row < last_row; row += ROWS) {
            const char * rows[ROWS];
            for (int r = 0; r < ROWS; r++) {
                rows[r] = product.weights + (size_t) least(row + r, last_row - 1) * product.row_bytes;
            }
            float sums[COLUMNS][ROWS];
            multiply_float_rows<FEW, ROWS, COLUMNS>(rows, product.length, columns, stride, sums,
                (int64_t) (12 * product.row_bytes));
            for (int c = 0; c < COLUMNS; c++) {
                memcpy(results[c] + row, sums[c], (size_t) least(ROWS, last_row - row) * sizeof(float));
            }
        }
    }

    // Groups of columns, panels, parts of a panel, tiles.
    static void multiply_many(
            const llamapanama::kernels::Product & product, int64_t first_row, int64_t last_row, void * scratch) {
        auto * panel = (FloatPanel *) scratch;
        auto * totals = (Totals *) (panel + FLOAT_DEPTH);
        const int64_t tile = tile_columns(product.column_count);
        const int64_t tiles = (product.column_count + tile - 1) / tile;
        const int64_t groups = (product.column_count + FLOAT_TOGETHER - 1) / FLOAT_TOGETHER;
        const int64_t together = (tiles + groups - 1) / groups * tile;
        for (int64_t column = 0; column < product.column_count; column += together) {
            const int64_t count = least(together, product.column_count - column);
            for (int64_t row = first_row; row < last_row; row += PANEL_ROWS) {
                const int64_t rows = least(PANEL_ROWS, last_row - row);
                multiply_panel(product, row, rows, column, count, panel, totals);
                for (int64_t c = 0; c < count; c++) {
                    memcpy(product.results[column + c] + row, totals[c], (size_t) rows * sizeof(float));
                }
            }
        }
    }

    // `values` of the rows, which are at their end then.
    static void pack_part(const char * (&rows)[PANEL_ROWS], int64_t values, size_t next_rows, FloatPanel * panel) {
        for (; values > 0; values -= VALUES_AT_ONCE, panel += VALUES_AT_ONCE / F::VALUES) {
            if (values >= VALUES_AT_ONCE) {
                pack_panel<F>(rows, panel);
            } else {
                pack_panel_end<F>(rows, values, panel);
            }
            for (const char *& row : rows) {
                _mm_prefetch(row + next_rows, _MM_HINT_T1); // the same place of the next panel, for the second-level cache
                row += VALUES_AT_ONCE * WEIGHT_BYTES;
            }
        }
    }

    // `count` rows from `row` on, filled up to 16 with the last one, times `columns` columns.
    static void multiply_panel(const llamapanama::kernels::Product & product, int64_t row, int64_t count, int64_t column,
            int64_t columns, FloatPanel * panel, Totals * totals) {
        const int64_t tile = tile_columns(product.column_count);
        const int64_t lanes = lanes_of<F>(product.length);
        const char * rows[PANEL_ROWS];
        for (int i = 0; i < PANEL_ROWS; i++) {
            rows[i] = product.weights + (size_t) (row + least(i, count - 1)) * product.row_bytes;
        }
        for (int64_t begin = 0; begin < lanes; begin += FLOAT_DEPTH) {
            const int64_t depth = least(FLOAT_DEPTH, lanes - begin);
            pack_part(rows, least(FLOAT_DEPTH * F::VALUES, product.length - begin * F::VALUES), PANEL_ROWS * product.row_bytes,
                panel);
            for (int64_t c = 0; c < columns; c += tile) {
                with_constant<TILE>(least(tile, columns - c), [&](auto n) {
                    multiply_float_tile<Isa, F, n>(panel,
                        lanes_at(const_cast<void *>(product.columns), product.length, column + c) + begin * n, depth,
                        totals + c, begin == 0);
                });
            }
        }
    }
};

} // namespace
