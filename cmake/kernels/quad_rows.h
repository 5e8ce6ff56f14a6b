// The inner loop for few columns of types with signed bytes and a scale for each block: four blocks at a time.
//
// 32 bytes by 32 bytes give 8 integer sums. Those of four blocks are added crosswise until a register holds, twice, a sum of
// each of the four; one conversion and one multiplication scale them all. With a conversion for each block it took 1.2 times
// as long.
#pragma once

#include "columns.h"
#include "formats.h"

namespace {

// Four blocks of a column.
struct alignas(32) QuadColumn {
    int8_t q[4][BLOCK];
    float scale[4];
    float unused[4]; // so that no load crosses a cache line
};

template <class F> struct QuadRows {
    static_assert(F::LARGEST > 127 && F::ZERO == 0 && F::BLOCKS == 1 && F::VECTORS == 1 && F::BYTES <= 64, "signed bytes, a scale");
    using Column = QuadColumn;

    // The last one may be partly empty.
    static constexpr int64_t units(int64_t length) { return (length / BLOCK + 3) / 4; }

    static void quantize(const float * values, int64_t length, Column * column) {
        const int64_t blocks = length / BLOCK;
        for (int64_t b = 0; b < blocks; b += 4) {
            Column & quad = column[b / 4];
            quad = {};
            for (int i = 0; i < 4 && b + i < blocks; i++) {
                const float * block = values + (b + i) * BLOCK;
                const float magnitude = largest_magnitude<BLOCK>(block);
                _mm256_store_si256((__m256i *) quad.q[i], ::quantize(block, quantizing_factor(magnitude)));
                quad.scale[i] = scale_of<F::HALF_SCALE>(magnitude);
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
        for (int64_t quad = 0; quad < blocks / 4; quad++, row += 4 * F::BYTES) {
            const char * const units[4] = {row, row + F::BYTES, row + 2 * F::BYTES, row + 3 * F::BYTES};
            add_quad(units, quad, columns, total);
            for (int line = 0; line < 4 * F::BYTES; line += 64) {
                _mm_prefetch(row + AHEAD + line, _MM_HINT_T1);
            }
        }
        if (const int rest = (int) (blocks % 4); rest > 0) {
            const char * units[4];
            for (int i = 0; i < 4; i++) {
                units[i] = row + (i < rest ? i : 0) * F::BYTES; // those behind the end are multiplied by zeros
            }
            add_quad(units, blocks / 4, columns, total);
        }
        for (int c = 0; c < COLUMNS; c++) {
            *results[c] = sum_of(total[c]);
        }
    }

private:
    // 8 sums of the products of 4 neighbours.
    static __m256i dot_fours(__m256i weights, __m256i magnitudes, __m256i values) {
        const __m256i pairs = _mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(values, weights));
        return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
    }

    static __m256i add_crosswise_32(__m256i a, __m256i b) {
        return _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    }

    static __m256i add_crosswise_64(__m256i a, __m256i b) {
        return _mm256_add_epi32(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    }

    template <int COLUMNS>
    static void add_quad(const char * const (&units)[4], int64_t quad, const Column * const (&columns)[COLUMNS],
            __m256 (&total)[COLUMNS]) {
        __m256i w[4], magnitudes[4];
        float scales[4][1][1];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            w[i] = F::unpack(units[i], 0);
            magnitudes[i] = _mm256_sign_epi8(w[i], w[i]);
            F::scales(units[i], scales[i]);
        }
        const __m128 four = _mm_setr_ps(scales[0][0][0], scales[1][0][0], scales[2][0][0], scales[3][0][0]);
        const __m256 scale = _mm256_set_m128(four, four);
        for (int c = 0; c < COLUMNS; c++) {
            const Column & x = columns[c][quad];
            __m256i sum[4];
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                sum[i] = dot_fours(w[i], magnitudes[i], _mm256_load_si256((const __m256i *) x.q[i]));
            }
            const __m256i sums = add_crosswise_64(add_crosswise_32(sum[0], sum[1]), add_crosswise_32(sum[2], sum[3]));
            const __m256 x_scale = _mm256_broadcast_ps((const __m128 *) x.scale);
            total[c] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), _mm256_mul_ps(scale, x_scale), total[c]);
        }
    }
};

} // namespace
