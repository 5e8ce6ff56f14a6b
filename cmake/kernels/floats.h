// Weights and columns in floating point: how 16-bit weights become lanes, and how both are laid out for the inner loops.
//
// A lane is 4 bytes: what one lane of a vector multiplies and adds in one instruction. That is one float, or, with the dot
// product of AVX512-BF16, a pair of neighbours in BF16. A format says
//   TYPE     ggml's name of it
//   VALUES   of a row in a lane
//   lanes    of 8 rows, from a pair of neighbours of each: VALUES == 1 makes two, VALUES == 2 one
//   floats   8 weights of a row
//   pack     8 lanes of a column, from floats
//
// Weights: panels of 16 rows, lane by lane, in the scratch area; columns: tiles of a few, once per product, or, when they are
// few, one after another:
//     panel[lane][row]    tile[lane][column]    few[column][lane]
// Rows are padded with zeros to 16 values, and few columns to 8. No byte behind a row or a column is read.
#pragma once

#include "panels.h"

namespace {

constexpr size_t WEIGHT_BYTES = 2;
constexpr int LANES_AT_ONCE = 8;   // of a column
constexpr int VALUES_AT_ONCE = 16; // of a row

using FloatPanel = uint32_t[PANEL_ROWS];

inline void store_lanes(uint32_t * panel, __m256i lanes) { _mm256_store_si256((__m256i *) panel, lanes); }

struct F16 {
    static constexpr ggml_type TYPE = GGML_TYPE_F16;
    static constexpr int VALUES = 1;

    static void lanes(__m256i pairs, uint32_t * first, uint32_t * second) {
        const __m256i apart = _mm256_shuffle_epi8(pairs, _mm256_broadcastsi128_si256(
            _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15))); // fours of each
        const __m256i eights = _mm256_permute4x64_epi64(apart, 0xd8);
        store_lanes(first, _mm256_castps_si256(_mm256_cvtph_ps(_mm256_castsi256_si128(eights))));
        store_lanes(second, _mm256_castps_si256(_mm256_cvtph_ps(_mm256_extracti128_si256(eights, 1))));
    }
    static __m256 floats(const char * row) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) row)); }
    static __m256i pack(const float * column) { return _mm256_loadu_si256((const __m256i *) column); }
};

// The upper half of a float.
struct BF16 {
    static constexpr ggml_type TYPE = GGML_TYPE_BF16;
    static constexpr int VALUES = 1;

    static void lanes(__m256i pairs, uint32_t * first, uint32_t * second) {
        store_lanes(first, _mm256_slli_epi32(pairs, 16));
        store_lanes(second, _mm256_and_si256(pairs, _mm256_set1_epi32((int) 0xffff0000)));
    }
    static __m256 floats(const char * row) {
        return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *) row)), 16));
    }
    static __m256i pack(const float * column) { return _mm256_loadu_si256((const __m256i *) column); }
};

// 8 floats as BF16, in the low half of each lane: to the nearest, ties to even; a NaN stays one. As ggml_fp32_to_bf16.
inline __m256i rounded_to_bf16(__m256 floats) {
    const __m256i bits = _mm256_castps_si256(floats);
    const __m256i high = _mm256_srli_epi32(bits, 16);
    const __m256i odd = _mm256_and_si256(high, _mm256_set1_epi32(1));
    const __m256i nearest = _mm256_srli_epi32(
        _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff))), 16);
    const __m256i quiet = _mm256_or_si256(high, _mm256_set1_epi32(0x40));
    return _mm256_blendv_epi8(nearest, quiet, _mm256_castps_si256(_mm256_cmp_ps(floats, floats, _CMP_UNORD_Q)));
}

// As it is, for the dot product of pairs; columns are rounded too.
struct Bf16Pairs {
    static constexpr ggml_type TYPE = GGML_TYPE_BF16;
    static constexpr int VALUES = 2;

    static void lanes(__m256i pairs, uint32_t * only, uint32_t *) { store_lanes(only, pairs); }
    static __m256i pack(const float * column) {
        const __m256i words = _mm256_packus_epi32(
            rounded_to_bf16(_mm256_loadu_ps(column)), rounded_to_bf16(_mm256_loadu_ps(column + 8)));
        return _mm256_permute4x64_epi64(words, 0xd8); // packing works on 128-bit halves
    }
};

// Lanes of `length` values, and as many with padding.
template <class F> constexpr int64_t lanes_of(int64_t length) { return (length + F::VALUES - 1) / F::VALUES; }
template <class F> constexpr int64_t padded_lanes(int64_t length) {
    return (lanes_of<F>(length) + LANES_AT_ONCE - 1) / LANES_AT_ONCE * LANES_AT_ONCE;
}

// The first `count` of N values, and zeros.
template <class T, int N> struct Padded {
    Padded(const void * values, int64_t count) { memcpy(whole, values, (size_t) count * sizeof(T)); }
    alignas(32) T whole[N] = {};
};

template <class F> inline __m256i pack_end(const float * column, int64_t values) {
    return F::pack(Padded<float, LANES_AT_ONCE * F::VALUES>(column, values).whole);
}

// 16 values of 16 rows into panel[0] and on.
template <class F> inline void pack_panel(const char * const (&rows)[PANEL_ROWS], FloatPanel * panel) {
    constexpr int STEP = 2 / F::VALUES;
    for (int half = 0; half < 2; half++) {
        __m256i pairs[8];
        for (int i = 0; i < 8; i++) {
            pairs[i] = _mm256_loadu_si256((const __m256i *) rows[8 * half + i]);
        }
        transpose(pairs);
        for (int i = 0; i < 8; i++) {
            F::lanes(pairs[i], panel[i * STEP] + 8 * half, panel[i * STEP + STEP - 1] + 8 * half);
        }
    }
}

// The same where only `values` of each row are left.
template <class F> void pack_panel_end(const char * const (&rows)[PANEL_ROWS], int64_t values, FloatPanel * panel) {
    alignas(32) uint16_t padded[PANEL_ROWS][VALUES_AT_ONCE] = {};
    const char * addresses[PANEL_ROWS];
    for (int i = 0; i < PANEL_ROWS; i++) {
        memcpy(padded[i], rows[i], (size_t) values * WEIGHT_BYTES);
        addresses[i] = (const char *) padded[i];
    }
    pack_panel<F>(addresses, panel);
}

// The column's lanes one after another, padded.
template <class F> inline void pack_column(const float * column, int64_t length, uint32_t * lanes) {
    constexpr int STEP = LANES_AT_ONCE * F::VALUES;
    int64_t at = 0;
    for (; at + STEP <= length; at += STEP) {
        _mm256_storeu_si256((__m256i *) (lanes + at / F::VALUES), F::pack(column + at));
    }
    if (at < length) {
        _mm256_storeu_si256((__m256i *) (lanes + at / F::VALUES), pack_end<F>(column + at, length - at));
    }
}

// COLUMNS columns into a tile.
template <class F, int COLUMNS> inline void pack_tile(const float * const * columns, int64_t length, uint32_t * tile) {
    constexpr int STEP = LANES_AT_ONCE * F::VALUES;
    for (int64_t at = 0; at < length; at += STEP) {
        alignas(32) uint32_t lanes[COLUMNS][LANES_AT_ONCE];
        for (int c = 0; c < COLUMNS; c++) {
            _mm256_store_si256((__m256i *) lanes[c],
                at + STEP <= length ? F::pack(columns[c] + at) : pack_end<F>(columns[c] + at, length - at));
        }
        const int64_t end = lanes_of<F>(length) - at / F::VALUES;
        for (int lane = 0; lane < LANES_AT_ONCE && lane < end; lane++) {
            for (int c = 0; c < COLUMNS; c++) {
                *tile++ = lanes[c][lane];
            }
        }
    }
}

} // namespace
