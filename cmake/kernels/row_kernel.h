// The inner loop for few columns: rows as they lie in memory, no panel.
//
// With few columns unpacking 16 rows into a panel costs more than it saves. Here a block of a row and a block of a column are
// multiplied as they are: 32 bytes by 32 bytes give 8 integer sums, converted, scaled and added to 8 float totals; these are
// summed up at the row's end. Several rows at once, so that the additions of one do not wait for each other; and up to four
// columns, the next four when the rows are in the first-level cache.
// Registers: ROWS * COLUMNS totals, at most 8, beside unpacked weights, columns and scales.
#pragma once

#include "columns.h"
#include "formats.h"

namespace {

inline float sum_of(__m256 v) {
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

// 8 sums of the products of 4 neighbours; weights with a sign, or without one and at most 127.
template <bool SIGNED> inline __m256i dot_fours(__m256i weights, __m256i values) {
    const __m256i pairs = SIGNED
        ? _mm256_maddubs_epi16(_mm256_sign_epi8(weights, weights), _mm256_sign_epi8(values, weights))
        : _mm256_maddubs_epi16(weights, values);
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

// The scaled sums of the 8 blocks of a unit.
inline __m256 scaled_sums(const TileBlock<1> * blocks) {
    return _mm256_setr_ps(blocks[0].scaled_sum[0], blocks[1].scaled_sum[0], blocks[2].scaled_sum[0], blocks[3].scaled_sum[0],
        blocks[4].scaled_sum[0], blocks[5].scaled_sum[0], blocks[6].scaled_sum[0], blocks[7].scaled_sum[0]);
}

// `ahead` is what lies between these rows and those to be fetched meanwhile; 0 for none.
template <class F, int ROWS, int COLUMNS>
void multiply_rows(const char * const (&rows)[ROWS], int64_t units, const TileBlock<1> * const (&columns)[COLUMNS],
        float * const (&results)[COLUMNS], int64_t ahead) {
    constexpr bool SIGNED = F::LARGEST > 127;
    static_assert(!SIGNED || F::ZERO == 0, "whole bytes come with their sign here");
    const char * at[ROWS];
    __m256 total[ROWS][COLUMNS];
    for (int r = 0; r < ROWS; r++) {
        at[r] = rows[r];
        for (int c = 0; c < COLUMNS; c++) {
            total[r][c] = _mm256_setzero_ps();
        }
    }
    for (int64_t u = 0; u < units; u++) {
        float scales[ROWS][F::VECTORS][F::BLOCKS];
#pragma GCC unroll 4
        for (int r = 0; r < ROWS; r++) {
            F::scales(at[r], scales[r]);
        }
        if constexpr (F::MINS && F::BLOCKS == 8) {
            for (int c = 0; c < COLUMNS; c++) {
                const __m256 sums = scaled_sums(columns[c] + u * F::BLOCKS);
                for (int r = 0; r < ROWS; r++) {
                    total[r][c] = _mm256_fnmadd_ps(_mm256_loadu_ps(scales[r][1]), sums, total[r][c]);
                }
            }
        }
#pragma GCC unroll 8
        for (int b = 0; b < F::BLOCKS; b++) {
            __m256i values[COLUMNS], start[COLUMNS];
            __m256 scale[COLUMNS];
            for (int c = 0; c < COLUMNS; c++) {
                const TileBlock<1> & x = columns[c][u * F::BLOCKS + b];
                values[c] = _mm256_loadu_si256((const __m256i *) x.q);
                // in one lane, or in one of each half
                start[c] = _mm256_setr_epi32(x.start[0][0], 0, 0, 0, F::HALVES ? x.start[1][0] : 0, 0, 0, 0);
                scale[c] = _mm256_broadcast_ss(x.scale);
            }
#pragma GCC unroll 4
            for (int r = 0; r < ROWS; r++) {
                const __m256i w = F::unpack(at[r], b);
                __m256 weight_scale = _mm256_set1_ps(scales[r][0][b]);
                if constexpr (F::HALVES) {
                    weight_scale = _mm256_insertf128_ps(weight_scale, _mm_set1_ps(scales[r][1][b]), 1);
                }
#pragma GCC unroll 4
                for (int c = 0; c < COLUMNS; c++) {
                    __m256i sum = dot_fours<SIGNED>(w, values[c]);
                    if constexpr (F::ZERO != 0) {
                        sum = _mm256_add_epi32(sum, start[c]);
                    }
                    total[r][c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), _mm256_mul_ps(weight_scale, scale[c]), total[r][c]);
                    if constexpr (F::MINS && F::BLOCKS == 1) {
                        const __m128 part = _mm_mul_ss(_mm_set_ss(scales[r][1][0]),
                            _mm_load_ss(columns[c][u].scaled_sum));
                        total[r][c] = _mm256_sub_ps(total[r][c], _mm256_insertf128_ps(_mm256_setzero_ps(), part, 0));
                    }
                }
            }
        }
        for (int r = 0; r < ROWS; r++) {
            for (int line = 0; ahead != 0 && line < F::BYTES; line += 64) {
                _mm_prefetch(at[r] + ahead + line, _MM_HINT_T1);
            }
            at[r] += F::BYTES;
        }
    }
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) {
            results[c][r] = sum_of(total[r][c]);
        }
    }
}

// Q4_0 again, two rows in one register: unpacking and scaling would take longer than the products otherwise, and generation
// of text is waiting for this. A register holds 16 low nibbles of one row and of the next, another one the high nibbles; their
// sums of pairs are added before they are widened.
template <int COLUMNS>
void multiply_rows_of_q4_0(const char * const (&rows)[4], int64_t units, const TileBlock<1> * const (&columns)[COLUMNS],
        float * const (&results)[COLUMNS], int64_t ahead) {
    const __m256i nibble = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
    const __m256i first_two = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1), last_two = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
    __m256 total[2][COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
        total[0][c] = total[1][c] = _mm256_setzero_ps();
    }
    for (int64_t u = 0; u < units; u++) {
        const int64_t at = u * Q4_0::BYTES;
        const uint64_t d = (uint64_t) read<uint16_t>(rows[0] + at) | (uint64_t) read<uint16_t>(rows[1] + at) << 16
            | (uint64_t) read<uint16_t>(rows[2] + at) << 32 | (uint64_t) read<uint16_t>(rows[3] + at) << 48;
        const __m128 scales = _mm_cvtph_ps(_mm_cvtsi64_si128((long long) d));
        __m256i low[2], high[2];
        for (int pair = 0; pair < 2; pair++) {
            const __m256i both = _mm256_inserti128_si256(
                _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *) (rows[2 * pair] + at + 2))),
                _mm_loadu_si128((const __m128i *) (rows[2 * pair + 1] + at + 2)), 1);
            low[pair] = _mm256_and_si256(both, nibble);
            high[pair] = _mm256_and_si256(_mm256_srli_epi16(both, 4), nibble);
        }
        for (int c = 0; c < COLUMNS; c++) {
            const TileBlock<1> & x = columns[c][u];
            const __m256i begin = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *) x.q[0]));
            const __m256i end = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *) x.q[4]));
            const __m256i start = _mm256_broadcastsi128_si256(_mm_cvtsi32_si128(x.start[0][0]));
            const __m256 scale = _mm256_castps128_ps256(_mm_mul_ps(scales, _mm_set1_ps(x.scale[0])));
            for (int pair = 0; pair < 2; pair++) {
                const __m256i narrow = _mm256_add_epi16(
                    _mm256_maddubs_epi16(low[pair], begin), _mm256_maddubs_epi16(high[pair], end));
                const __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(narrow, ones), start);
                total[pair][c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum),
                    _mm256_permutevar8x32_ps(scale, pair == 0 ? first_two : last_two), total[pair][c]);
            }
        }
        for (int r = 0; ahead != 0 && r < 4; r++) {
            _mm_prefetch(rows[r] + at + ahead, _MM_HINT_T1);
        }
    }
    for (int c = 0; c < COLUMNS; c++) {
        for (int pair = 0; pair < 2; pair++) {
            const __m256 halves = _mm256_hadd_ps(total[pair][c], total[pair][c]);
            const __m256 sums = _mm256_hadd_ps(halves, halves);
            results[c][2 * pair] = _mm256_cvtss_f32(sums);
            results[c][2 * pair + 1] = _mm_cvtss_f32(_mm256_extractf128_ps(sums, 1));
        }
    }
}

// Some rows times COLUMNS columns from `column` on, each a tile of its own. `whole`: results may be written for all rows.
template <class F, int ROWS, int COLUMNS>
void multiply_rows(const llamapanama::kernels::Product & product, const char * const (&rows)[ROWS], int64_t row, int64_t last,
        int64_t column) {
    const int64_t blocks = product.length / BLOCK;
    const int64_t ahead = column == 0 ? (int64_t) (ROWS * product.row_bytes) : 0;
    const bool whole = row + ROWS <= last;
    const TileBlock<1> * columns[COLUMNS];
    float edge[COLUMNS][ROWS];
    float * results[COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
        columns[c] = (const TileBlock<1> *) product.columns + (column + c) * blocks;
        results[c] = whole ? product.results[column + c] + row : edge[c];
    }
    if constexpr (F::TYPE == GGML_TYPE_Q4_0) {
        multiply_rows_of_q4_0(rows, blocks / F::BLOCKS, columns, results, ahead);
    } else {
        multiply_rows<F, ROWS, COLUMNS>(rows, blocks / F::BLOCKS, columns, results, ahead);
    }
    for (int c = 0; !whole && c < COLUMNS; c++) {
        memcpy(product.results[column + c] + row, edge[c], (size_t) (last - row) * sizeof(float));
    }
}

// Rows first to last - 1 of a product, ROWS at a time, with up to MOST columns.
template <class F, int ROWS, int MOST> void multiply_few(const llamapanama::kernels::Product & product, int64_t first, int64_t last) {
    for (int64_t row = first; row < last; row += ROWS) {
        const char * rows[ROWS];
        for (int r = 0; r < ROWS; r++) {
            rows[r] = product.weights + (size_t) least(row + r, last - 1) * product.row_bytes;
        }
        for (int64_t column = 0; column < product.column_count; column += MOST) {
            with_constant<MOST>(least(MOST, product.column_count - column),
                [&](auto columns) { multiply_rows<F, ROWS, columns>(product, rows, row, last, column); });
        }
    }
}

// As many rows at a time as fit into the registers.
template <class F> void multiply_few(const llamapanama::kernels::Product & product, int64_t first, int64_t last) {
    if constexpr (F::TYPE == GGML_TYPE_Q4_0) {
        multiply_few<F, 4, 4>(product, first, last);
    } else if (product.column_count <= 2) {
        multiply_few<F, 4, 2>(product, first, last);
    } else {
        multiply_few<F, 2, 4>(product, first, last);
    }
}

} // namespace
