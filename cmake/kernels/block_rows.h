// The inner loop for few columns where a block has a scale of its own: 32 bytes by 32 bytes give 8 integer sums, converted, scaled
// and added to 8 float totals, which are summed up at the row's end.
#pragma once

#include "columns.h"
#include "formats.h"

namespace {

template <class F> struct BlockRows {
    static_assert(F::BLOCKS == 1 && F::BYTES <= 64 && F::LARGEST <= 127, "a unit is a block; a pair's sum fits into 16 bits");
    using Column = TileBlock<1>;

    static constexpr int64_t units(int64_t length) { return length / BLOCK; }

    static void quantize(const float * values, int64_t length, Column * column) {
        quantize_column<F>(values, units(length), column, 0);
    }

    // 8 sums of the products of 4 neighbours.
    static __m256i dot_fours(__m256i weights, __m256i values) {
        return _mm256_madd_epi16(_mm256_maddubs_epi16(weights, values), _mm256_set1_epi16(1));
    }

    template <int COLUMNS>
    static void multiply(const char * row, int64_t length, const Column * const (&columns)[COLUMNS],
            float * const (&results)[COLUMNS]) {
        __m256 total[COLUMNS];
        for (__m256 & of : total) {
            of = _mm256_setzero_ps();
        }
        for (int64_t b = 0; b < units(length); b++, row += F::BYTES) {
            float scales[F::VECTORS][1];
            F::scales(row, scales);
            const __m256i w = F::unpack(row, 0);
            const __m256 scale = _mm256_set1_ps(scales[0][0]);
            for (int c = 0; c < COLUMNS; c++) {
                const Column & x = columns[c][b];
                __m256i sum = dot_fours(w, _mm256_loadu_si256((const __m256i *) x.q));
                if constexpr (F::ZERO != 0) { // in one lane
                    sum = _mm256_add_epi32(sum, _mm256_zextsi128_si256(_mm_cvtsi32_si128(x.start[0][0])));
                }
                total[c] = _mm256_fmadd_ps(
                    _mm256_cvtepi32_ps(sum), _mm256_mul_ps(scale, _mm256_broadcast_ss(x.scale)), total[c]);
                if constexpr (F::MINS) {
                    const __m128 part = _mm_mul_ss(_mm_set_ss(scales[1][0]), _mm_load_ss(x.scaled_sum));
                    total[c] = _mm256_sub_ps(total[c], _mm256_zextps128_ps256(part));
                }
            }
            _mm_prefetch(row + AHEAD, _MM_HINT_T1);
        }
        for (int c = 0; c < COLUMNS; c++) {
            *results[c] = sum_of(total[c]);
        }
    }
};

} // namespace
