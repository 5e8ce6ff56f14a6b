// The inner loops: a panel of 16 rows times a tile of columns.
//
// For each block of 32 values an integer sum per row and column, converted and scaled once, then added in float:
//
//     sum[c]    = start[c] + sum over groups g of dot4(panel.q[g], tile.q[g][c])      8 dot products of 4
//     total[c] += float(sum[c]) * (panel scale * tile scale[c])                       1 conversion, 2 multiplications
//
// The vectors run over rows. Registers, for C columns: C integer sums, C float totals, the weights of a group and their
// scales; C is chosen so that all stay in registers (16 of 256 bits with AVX2, 32 of 512 with AVX-512).
//
// A row is taken in parts of DEPTH blocks: a part of a panel (18 to 20 KB) stays in the first-level cache while tiles pass.
#pragma once

#include "fetch.h"
#include "row_kernel.h"

namespace {

// Blocks of a panel in the scratch area: 32 times 640 bytes or less.
constexpr int DEPTH = 32;
// Bytes of columns that should stay in the second-level cache while rows pass; more where a column is long, since unpacking
// rows for fewer than 4 tiles would not pay.
constexpr size_t COLUMN_BYTES = 320 * 1024;

template <class Isa, class F, int COLUMNS>
void multiply_tile(const PanelBlock<F::VECTORS> * panel, const TileBlock<COLUMNS> * tile, int blocks, float * const * results,
        bool first, Fetch & fetch) {
    for (int part = 0; part < PANEL_ROWS; part += Isa::LANES) {
        typename Isa::Float total[COLUMNS];
        for (int c = 0; c < COLUMNS; c++) {
            total[c] = first ? Isa::zero() : Isa::load(results[c] + part);
        }
        for (int b = 0; b < blocks; b++) {
            fetch.some();
            const PanelBlock<F::VECTORS> & w = panel[b];
            const TileBlock<COLUMNS> & x = tile[b];
            constexpr int HALVES = F::HALVES ? 2 : 1;
            for (int half = 0; half < HALVES; half++) {
                typename Isa::Int sum[COLUMNS];
                for (int c = 0; c < COLUMNS; c++) {
                    sum[c] = F::ZERO == 0 ? Isa::none() : Isa::broadcast(x.start[half] + c);
                }
                constexpr int STEPS = GROUPS / HALVES;
                Isa::template dot<F::LARGEST, STEPS, COLUMNS>(w.q[half * STEPS][part], x.q[half * STEPS][0], sum);
                const typename Isa::Float scale = Isa::load(w.v[half] + part);
                for (int c = 0; c < COLUMNS; c++) {
                    total[c] = Isa::multiply_add(Isa::to_float(sum[c]), Isa::multiply(scale, Isa::broadcast(x.scale + c)),
                        total[c]);
                }
            }
            if constexpr (F::MINS) {
                const typename Isa::Float minimum = Isa::load(w.v[1] + part);
                for (int c = 0; c < COLUMNS; c++) {
                    total[c] = Isa::subtract_product(total[c], minimum, Isa::broadcast(x.scaled_sum + c));
                }
            }
        }
        for (int c = 0; c < COLUMNS; c++) {
            Isa::store(results[c] + part, total[c]);
        }
    }
}

constexpr size_t tile_bytes(int64_t length, int64_t columns) {
    return (size_t) (length / BLOCK * columns) * sizeof(TileBlock<1>);
}

// Kept parts of panels are whole units.
static_assert(DEPTH % 8 == 0 && sizeof(TileBlock<7>) == 7 * sizeof(TileBlock<1>));

// FEW is the type for few columns: with signed bytes where whole bytes are needed.
template <class Isa, class F, class FEW = F> struct Format {
    static constexpr int TILE = Isa::template columns<F>();
    static constexpr int FEW_COLUMNS = Isa::template few_columns<F>(); // from this number on columns go through panels

    static int64_t tile_columns(int64_t total) { return total < FEW_COLUMNS ? 1 : even_tile(total, TILE); }

    // Whole cache lines for each column, so that those of an expert begin at one, whatever the experts before it have.
    static size_t columns_bytes(int64_t length, int64_t count) {
        const int64_t column = most((int64_t) tile_bytes(length, 1), (int64_t) few_columns_bytes<FEW>(length, 1));
        return aligned((size_t) column) * (size_t) count;
    }

    static size_t scratch_bytes(int64_t columns) {
        return DEPTH * sizeof(PanelBlock<F::VECTORS>) + (size_t) columns * (PANEL_ROWS * sizeof(float) + sizeof(float *));
    }

    // Columns `first` to `first + count - 1` of `total`, tile by tile.
    static void lay_out(const float * const * sources, int64_t length, int64_t first, int64_t count, int64_t total,
            void * columns) {
        if (total < FEW_COLUMNS) {
            lay_out_few<FEW>(sources, length, first, count, columns);
            return;
        }
        const int64_t most_columns = tile_columns(total);
        for (int64_t c = first; c < first + count; c++) {
            const int64_t begin = c / most_columns * most_columns;
            char * tile = (char *) columns + tile_bytes(length, begin);
            with_constant<TILE>(least(most_columns, total - begin), [&](auto n) {
                quantize_column<F>(sources[c], length / BLOCK, (TileBlock<n> *) tile, (int) (c - begin));
            });
        }
    }

    static void multiply(const llamapanama::kernels::Product & product, int64_t first_row, int64_t last_row, void * scratch) {
        if (product.column_count < FEW_COLUMNS) {
            multiply_few<FEW>(product, first_row, last_row);
        } else {
            multiply_many(product, first_row, last_row, scratch);
        }
    }

    static void multiply_many(
            const llamapanama::kernels::Product & product, int64_t first_row, int64_t last_row, void * scratch) {
        auto * panel = (PanelBlock<F::VECTORS> *) scratch;
        auto * edge = (float *) (panel + DEPTH);               // results of a panel with fewer than 16 rows
        auto ** targets = (float **) (edge + product.column_count * PANEL_ROWS);
        const int64_t tile = tile_columns(product.column_count), per_tile = (int64_t) tile_bytes(product.length, tile);
        const int64_t together = most(4, (int64_t) COLUMN_BYTES / per_tile) * tile;
        for (int64_t column = 0; column < product.column_count; column += together) {
            const int64_t end = least(product.column_count, column + together);
            for (int64_t row = first_row; row < last_row; row += PANEL_ROWS) {
                const bool whole = row + PANEL_ROWS <= last_row;
                for (int64_t c = column; c < end; c++) {
                    targets[c] = whole ? product.results[c] + row : edge + c * PANEL_ROWS;
                }
                multiply_panel(product, row, last_row, column, end, panel, targets);
                if (!whole) {
                    for (int64_t c = column; c < end; c++) {
                        memcpy(product.results[c] + row, targets[c], (size_t) (last_row - row) * sizeof(float));
                    }
                }
            }
        }
    }

    // Rows `row` to `row + 15` times columns `column` to `end - 1`; rows from `last_row` on are only filled up with.
    static void multiply_panel(const llamapanama::kernels::Product & product, int64_t row, int64_t last_row, int64_t column,
            int64_t end, PanelBlock<F::VECTORS> * panel, float * const * targets) {
        const char * rows[PANEL_ROWS];
        for (int i = 0; i < PANEL_ROWS; i++) {
            rows[i] = product.weights + (size_t) least(row + i, last_row - 1) * product.row_bytes;
        }
        const int64_t tile = tile_columns(product.column_count), tiles = (end - column + tile - 1) / tile;
        const int64_t blocks = product.length / BLOCK;
        // of this matrix or, behind its last rows, most often of the next one
        Fetch next_panel(product.weights + (size_t) (row + PANEL_ROWS) * product.row_bytes,
            PANEL_ROWS * (int64_t) product.row_bytes, blocks * tiles * (PANEL_ROWS / Isa::LANES));
        for (int64_t begin = 0; begin < blocks; begin += DEPTH) {
            const int depth = (int) least(DEPTH, blocks - begin);
            for (int b = 0; b < depth; b += F::BLOCKS) {
                pack<F>(rows, panel + b);
                for (const char *& address : rows) {
                    address += F::BYTES;
                }
            }
            for (int64_t c = column; c < end; c += tile) {
                const char * columns = (const char *) product.columns + tile_bytes(product.length, c);
                with_constant<TILE>(least(tile, product.column_count - c), [&](auto n) {
                    multiply_tile<Isa, F, n>(
                        panel, (const TileBlock<n> *) columns + begin, depth, targets + c, begin == 0, next_panel);
                });
            }
        }
    }
};

} // namespace
