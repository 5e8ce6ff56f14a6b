// Weights as the micro-kernel reads them: panels of 16 rows.
//
// A block is 32 values of each of the 16 rows, one byte each, in 8 groups of 4 values:
//     q[group][row][4]
// so that one 512-bit register, or two of 256 bits, holds 4 neighbours of every row: what one dot-product instruction
// consumes. Beside them are the rows' scales. Weights stay in memory as the model file has them; blocks are made while
// they are used, in a scratch area that fits into the first-level cache.
#pragma once

#include "kernels.h"

#include <cstring>
#include <immintrin.h>

namespace {

using llamapanama::kernels::aligned;
using llamapanama::kernels::PANEL_ROWS;

// Templates of the standard library are no choice in files that are compiled for one instruction set: the linker keeps one
// copy of each for the whole library, and that may be the one with the newest instructions.
constexpr int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
constexpr int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// Columns of each tile but the last one: as even as tiles of one size can be.
constexpr int64_t even_tile(int64_t total, int64_t largest) {
    const int64_t tiles = (total + largest - 1) / largest;
    return (total + tiles - 1) / tiles;
}

template <int N> struct Constant {
    constexpr operator int() const { return N; }
};

// Calls `action` with a number from 1 to MOST as a constant.
template <int MOST, class Action> inline void with_constant(int64_t number, Action action) {
    if (number == MOST) {
        action(Constant<MOST>{});
    } else if constexpr (MOST > 1) {
        with_constant<MOST - 1>(number, action);
    }
}

inline float sum_of(__m256 v) {
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

inline float highest_of(__m256 v) {
    __m128 most = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    most = _mm_max_ps(most, _mm_movehl_ps(most, most));
    return _mm_cvtss_f32(_mm_max_ss(most, _mm_movehdup_ps(most)));
}

constexpr int BLOCK = 32; // values
constexpr int GROUPS = 8; // of 4 values in a block

// VECTORS is 1 for a scale, 2 for a scale and a minimum, or for a scale of each half of the block.
template <int VECTORS> struct alignas(64) PanelBlock {
    uint8_t q[GROUPS][PANEL_ROWS][4];
    float v[VECTORS][PANEL_ROWS];
};

// Rows become columns: 8 registers of 8 32-bit values.
inline void transpose(__m256i (&r)[8]) {
    __m256i a[8], b[8];
    for (int i = 0; i < 4; i++) { // pairs of rows: 0 of both, 1 of both, ...
        a[2 * i]     = _mm256_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        a[2 * i + 1] = _mm256_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 2; i++) { // fours of rows
        b[4 * i]     = _mm256_unpacklo_epi64(a[4 * i], a[4 * i + 2]);
        b[4 * i + 1] = _mm256_unpackhi_epi64(a[4 * i], a[4 * i + 2]);
        b[4 * i + 2] = _mm256_unpacklo_epi64(a[4 * i + 1], a[4 * i + 3]);
        b[4 * i + 3] = _mm256_unpackhi_epi64(a[4 * i + 1], a[4 * i + 3]);
    }
    for (int i = 0; i < 4; i++) { // low halves hold value i, high halves value i + 4
        r[i]     = _mm256_permute2x128_si256(b[i], b[i + 4], 0x20);
        r[i + 4] = _mm256_permute2x128_si256(b[i], b[i + 4], 0x31);
    }
}

// The low nibbles of 16 bytes, then the high ones.
inline __m256i nibbles(const uint8_t * bytes) {
    const __m128i both = _mm_loadu_si128((const __m128i *) bytes);
    const __m256i wide = _mm256_inserti128_si256(_mm256_castsi128_si256(both), _mm_srli_epi16(both, 4), 1);
    return _mm256_and_si256(wide, _mm256_set1_epi8(15));
}

// A unit is what a type scales together, F::BLOCKS blocks of each row. Row i's unit is at rows[i].
template <class F> inline void pack(const char * const (&rows)[PANEL_ROWS], PanelBlock<F::VECTORS> * blocks) {
    for (int b = 0; b < F::BLOCKS; b++) {
        for (int half = 0; half < 2; half++) {
            __m256i r[8];
            for (int i = 0; i < 8; i++) {
                r[i] = F::unpack(rows[8 * half + i], b);
            }
            transpose(r);
            for (int g = 0; g < GROUPS; g++) {
                _mm256_store_si256((__m256i *) blocks[b].q[g][8 * half], r[g]);
            }
        }
    }
    for (int i = 0; i < PANEL_ROWS; i++) {
        float v[F::VECTORS][F::BLOCKS];
        F::scales(rows[i], v);
        for (int b = 0; b < F::BLOCKS; b++) {
            for (int k = 0; k < F::VECTORS; k++) {
                blocks[b].v[k][i] = v[k][b];
            }
        }
    }
}

} // namespace
