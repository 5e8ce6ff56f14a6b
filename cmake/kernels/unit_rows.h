// The inner loop for few columns of K-quants.
//
// A unit of 256 values has two floats; the scales of its blocks are integers of 6 or 8 bits. With one scale for 256 values of a
// column, too, as in ggml's Q8_K, all of a unit is summed up in integers and converted once:
//
//     total += factor * x_scale * (sum over blocks of scale * dot(block, x))  -  minimum_factor * x_scale * sum of minimum * sum(x)
//
// or, where bytes have an offset, with the second sum taken off the first: at most 33 and 17 million.
//
// A pair's sum is at most 2 * 63 * 127 = 16002 and fits into 16 bits, one instruction multiplies it by the block's scale and
// widens: 3 instructions for 32 products.
// Registers: a sum and a total for each of up to 6 columns, unpacked weights, their scale, a product.
#pragma once

#include "columns.h"
#include "formats.h"

namespace {

constexpr int UNIT = 256;

// A unit of a column; whole cache lines, where columns begin at one.
struct UnitColumn {
    int8_t q[UNIT];
    int16_t sums[UNIT / 16]; // of the first 16 values of each block, then of the last ones
    float scale;
    int32_t unused[7];
};
static_assert(sizeof(UnitColumn) == 320, "five cache lines");

template <class F> struct UnitRows {
    using Column = UnitColumn;

    static constexpr int64_t units(int64_t length) { return length / UNIT; }

    static void quantize(const float * values, int64_t length, Column * column) {
        for (int64_t u = 0; u < units(length); u++, values += UNIT) {
            Column & unit = column[u];
            const float magnitude = largest_magnitude<UNIT>(values);
            const __m256 factor = quantizing_factor(magnitude);
            unit.scale = magnitude / 127.0f;
            for (int b = 0; b < F::BLOCKS; b++) {
                const __m256i bytes = ::quantize(values + b * BLOCK, factor);
                _mm256_storeu_si256((__m256i *) (unit.q + b * BLOCK), bytes);
                int32_t sums[2];
                sums_of_halves(bytes, sums);
                unit.sums[b] = (int16_t) sums[0];
                unit.sums[F::BLOCKS + b] = (int16_t) sums[1];
            }
        }
    }

    // What scales the sums of pairs of block b: its two integers, each in 8 places.
    static __m256i scale_of_block(__m256i scales, int b) {
        return _mm256_shuffle_epi8(scales, _mm256_set1_epi16((short) (0x0100 + 0x0202 * b)));
    }

    template <int COLUMNS>
    static void multiply(const char * row, int64_t length, const Column * const (&columns)[COLUMNS],
            float * const (&results)[COLUMNS]) {
        static_assert(F::BLOCKS * BLOCK == UNIT && 2 * F::LARGEST * 127 <= 32767, "a pair's sum");
        __m256 total[COLUMNS];
        for (__m256 & of : total) {
            of = _mm256_setzero_ps();
        }
        for (int64_t u = 0; u < units(length); u++, row += F::BYTES) {
            const UnitScales scales = F::unit_scales(row);
            __m256i sum[COLUMNS];
            for (__m256i & of : sum) {
                of = _mm256_setzero_si256();
            }
#pragma GCC unroll 8
            for (int b = 0; b < F::BLOCKS; b++) {
                const __m256i w = F::unpack(row, b), scale = scale_of_block(scales.scales, b);
#pragma GCC unroll 6
                for (int c = 0; c < COLUMNS; c++) {
                    const __m256i x = _mm256_loadu_si256((const __m256i *) (columns[c][u].q + b * BLOCK));
                    sum[c] = _mm256_add_epi32(sum[c], _mm256_madd_epi16(_mm256_maddubs_epi16(w, x), scale));
                }
            }
            for (int c = 0; c < COLUMNS; c++) {
                const Column & x = columns[c][u];
                const __m256i minimum = _mm256_madd_epi16(scales.minimums, _mm256_loadu_si256((const __m256i *) x.sums));
                if constexpr (F::ZERO != 0) {
                    sum[c] = _mm256_sub_epi32(sum[c], minimum);
                }
                total[c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum[c]), _mm256_set1_ps(scales.factor * x.scale), total[c]);
                if constexpr (F::MINS) {
                    total[c] = _mm256_fnmadd_ps(
                        _mm256_cvtepi32_ps(minimum), _mm256_set1_ps(scales.minimum_factor * x.scale), total[c]);
                }
            }
            for (int line = 0; line < F::BYTES; line += 64) {
                _mm_prefetch(row + AHEAD + line, _MM_HINT_T1);
            }
        }
        for (int c = 0; c < COLUMNS; c++) {
            *results[c] = sum_of(total[c]);
        }
    }
};

} // namespace
