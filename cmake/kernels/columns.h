// Columns as the micro-kernel reads them: tiles of a few columns, quantized once per product.
//
// A block is 32 values of each of the tile's columns, as signed bytes with one scale per column, in groups of 4 values:
//     q[group][column][4]
// The scale is the largest magnitude divided by 127. Where ggml rounds it to half precision (its Q8_0), so is it here: the
// products then equal those of ggml's CPU backend up to the order of float additions.
//
// With weights w = scale * (byte - ZERO) - minimum and values x = x_scale * q, a block contributes
//     scale * x_scale * (sum of byte * q  -  ZERO * sum of q)  -  minimum * x_scale * sum of q.
// The part with ZERO is where the integer sum starts, the last one costs one multiply-add; both sums are made here.
#pragma once

#include "panels.h"

namespace {

template <int COLUMNS> struct TileBlock {
    int8_t q[GROUPS][COLUMNS][4];
    float scale[COLUMNS];
    int32_t start[2][COLUMNS];  // -ZERO times the sum of q; of each half where a type has HALVES
    float scaled_sum[COLUMNS];  // x_scale times the sum of q
};

// Sum of 16 bytes in each half of the register.
inline void sums_of_halves(__m256i bytes, int32_t (&sums)[2]) {
    const __m256i offset = _mm256_xor_si256(bytes, _mm256_set1_epi8(-128)); // unsigned, 128 too much each
    const __m256i eights = _mm256_sad_epu8(offset, _mm256_setzero_si256());
    sums[0] = (int32_t) (_mm256_extract_epi64(eights, 0) + _mm256_extract_epi64(eights, 1)) - 16 * 128;
    sums[1] = (int32_t) (_mm256_extract_epi64(eights, 2) + _mm256_extract_epi64(eights, 3)) - 16 * 128;
}

// COUNT is a multiple of 32.
template <int COUNT> inline float largest_magnitude(const float * values) {
    __m256 largest = _mm256_setzero_ps();
    for (int i = 0; i < COUNT; i += 8) {
        const __m256 magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_loadu_ps(values + i));
        largest = _mm256_max_ps(magnitude, largest); // which keeps what was there if there is no number
    }
    return highest_of(largest);
}

inline __m256 quantizing_factor(float magnitude) { return _mm256_set1_ps(magnitude != 0.0f ? 127.0f / magnitude : 0.0f); }

// 32 floats times `factor` as signed bytes, in their order.
inline __m256i quantize(const float * values, __m256 factor) {
    __m256i rounded[4];
    for (int i = 0; i < 4; i++) {
        rounded[i] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(values + 8 * i), factor)); // to the nearest, ties to even
    }
    // packing works on 128-bit halves; the permutation puts fours of bytes back into order
    const __m256i words = _mm256_packs_epi32(rounded[0], rounded[1]);
    const __m256i more = _mm256_packs_epi32(rounded[2], rounded[3]);
    const __m256i bytes = _mm256_packs_epi16(words, more);
    return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

// The scale of a block: what one step of its bytes is worth.
template <bool HALF_SCALE> inline float scale_of(float magnitude) {
    const float scale = magnitude / 127.0f;
    return HALF_SCALE ? _cvtsh_ss(_cvtss_sh(scale, _MM_FROUND_TO_NEAREST_INT)) : scale;
}

// Column `at` of a tile.
template <class F, int COLUMNS> void quantize_column(const float * values, int64_t blocks, TileBlock<COLUMNS> * tile, int at) {
    for (int64_t b = 0; b < blocks; b++) {
        TileBlock<COLUMNS> & block = tile[b];
        const float magnitude = largest_magnitude<BLOCK>(values + b * BLOCK);
        const float scale = scale_of<F::HALF_SCALE>(magnitude);
        const __m256i bytes = quantize(values + b * BLOCK, quantizing_factor(magnitude));
        alignas(32) int8_t ordered[BLOCK];
        _mm256_store_si256((__m256i *) ordered, bytes);
        for (int g = 0; g < GROUPS; g++) {
            memcpy(block.q[g][at], ordered + 4 * g, 4);
        }
        int32_t sums[2];
        sums_of_halves(bytes, sums);
        block.scale[at] = scale;
        block.scaled_sum[at] = scale * (float) (sums[0] + sums[1]);
        block.start[0][at] = -F::ZERO * (F::HALVES ? sums[0] : sums[0] + sums[1]);
        block.start[1][at] = -F::ZERO * sums[1];
    }
}

} // namespace
