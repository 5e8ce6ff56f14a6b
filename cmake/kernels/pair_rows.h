// The inner loop for few columns of Q4_0: two blocks of a row in one register, one in each half. Unpacking and scaling would take
// longer than the products otherwise.
//
// A register holds the low nibbles, which are the first 16 values of each block, another one the high nibbles, the last 16; their
// sums of pairs are added before they are widened.
#pragma once

#include "columns.h"
#include "formats.h"

namespace {

// Two blocks of a column.
struct PairColumn {
    int8_t begin[2][16], end[2][16]; // the first 16 values of each block, the last 16
    float scale[4];                  // of the first block and of the second; the rest is 0
    int32_t start[4];                // -8 times the sum of a block's values, likewise
};

struct PairRows {
    using Column = PairColumn;

    // The last one may be half empty.
    static constexpr int64_t units(int64_t length) { return (length / BLOCK + 1) / 2; }

    static void quantize(const float * values, int64_t length, Column * column) {
        const int64_t blocks = length / BLOCK;
        for (int64_t b = 0; b < blocks; b += 2) {
            Column & pair = column[b / 2];
            pair = {};
            for (int i = 0; i < 2 && b + i < blocks; i++) {
                TileBlock<1> block;
                quantize_column<Q4_0>(values + (b + i) * BLOCK, 1, &block, 0);
                memcpy(pair.begin[i], block.q[0], 16);
                memcpy(pair.end[i], block.q[4], 16);
                pair.scale[i] = block.scale[0];
                pair.start[i] = block.start[0][0];
            }
        }
    }

    template <int COLUMNS>
    static void multiply(const char * row, int64_t length, const Column * const (&columns)[COLUMNS],
            float * const (&results)[COLUMNS]) {
        __m256 total[COLUMNS];
        for (__m256 & of : total) {
            of = _mm256_setzero_ps();
        }
        const int64_t blocks = length / BLOCK;
        for (int64_t pair = 0; pair < blocks / 2; pair++, row += 2 * Q4_0::BYTES) {
            add_pair(row, row + Q4_0::BYTES, pair, columns, total);
            _mm_prefetch(row + AHEAD, _MM_HINT_T1);
        }
        if (blocks % 2 != 0) {
            add_pair(row, row, blocks / 2, columns, total); // the second time it is multiplied by zeros
        }
        for (int c = 0; c < COLUMNS; c++) {
            *results[c] = sum_of(total[c]);
        }
    }

private:
    template <int COLUMNS>
    static void add_pair(const char * first, const char * second, int64_t pair, const Column * const (&columns)[COLUMNS],
            __m256 (&total)[COLUMNS]) {
        const __m256i nibble = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
        const __m256i first_and_second = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
        const __m256i a_lane_of_each = _mm256_setr_epi32(-1, 0, 0, 0, 0, -1, 0, 0);
        const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *) (first + 2))),
            _mm_loadu_si128((const __m128i *) (second + 2)), 1);
        const __m256i low = _mm256_and_si256(both, nibble), high = _mm256_and_si256(_mm256_srli_epi16(both, 4), nibble);
        const __m256 scale = _mm256_insertf128_ps(_mm256_set1_ps(half(first)), _mm_set1_ps(half(second)), 1);
        for (int c = 0; c < COLUMNS; c++) {
            const Column & x = columns[c][pair];
            const __m256i narrow = _mm256_add_epi16(_mm256_maddubs_epi16(low, _mm256_loadu_si256((const __m256i *) x.begin)),
                _mm256_maddubs_epi16(high, _mm256_loadu_si256((const __m256i *) x.end)));
            const __m256i start = _mm256_and_si256(
                _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *) x.start)), a_lane_of_each);
            const __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(narrow, ones), start);
            const __m256 x_scale = _mm256_permutevar_ps(_mm256_broadcast_ps((const __m128 *) x.scale), first_and_second);
            total[c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), _mm256_mul_ps(scale, x_scale), total[c]);
        }
    }
};

} // namespace
