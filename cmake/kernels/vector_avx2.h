// 256-bit vectors without an 8-bit dot-product instruction (AVX2, FMA, F16C).
//
// maddubs multiplies unsigned by signed bytes and adds neighbours, in 16 bits with saturation.
// - Bytes up to LARGEST: a pair's sum is at most 2 * LARGEST * 127, so that 32767 / (254 * LARGEST) of them fit into 16
//   bits: all 8 groups of 4-bit weights (30480), 4 of 5-bit, 2 of 6-bit ones; then one instruction widens. That is 1.1
//   to 2 instructions for 32 products.
// - Whole bytes: the weight's magnitude times the value with the weight's sign: at most 2 * 128 * 127 = 32512. Each is
//   widened by itself: 4 instructions for 32 products. Panels and columns in 16 bits, where two multiplications and two
//   additions do, were 1.1 times as fast in a loop of their own and slower in a model: they are twice as long.
// The loops must be unrolled whole: 1.5 times the speed.
// Registers, whole bytes, 6 columns: 6 sums, 6 totals, weights, magnitudes, value or product, ones: 16 of 16; measured, 1.1 times
// as fast as 4 columns. Others, 4 columns: 4 sums in 16 and 4 in 32 bits, 4 totals, weights, value or product, ones: 15.
#pragma once

#include "ggml.h"

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace {

struct Avx2 {
    static constexpr int LANES = 8;
    static constexpr bool SIGNED_BYTES = true;
    using Int = __m256i;
    using Float = __m256;

    using Lanes = __m256;

    template <class F> static constexpr int columns() { return F::LARGEST > 127 ? 6 : 4; }
    // Measured: K-quants take longer to unpack into a panel, others longer to scale for each row.
    template <class F> static constexpr int few_columns() {
        return F::BLOCKS == 8 ? 8 : F::TYPE == GGML_TYPE_Q8_0 ? 5 : F::TYPE == GGML_TYPE_Q4_0 ? 4 : 3;
    }
    static constexpr bool ONE_COLUMN = true; // faster than the CPU backend with few cores
    static constexpr int FLOAT_COLUMNS = 6, FEW_FLOAT_COLUMNS = 13;
    // None: the CPU backend, which converts with one instruction, is as fast (0.8 to 1.4 of its speed, 1.0 with many columns).
    static constexpr int LEAST_F16_COLUMNS = 0;

    static Float zero() { return _mm256_setzero_ps(); }
    static Int none() { return _mm256_setzero_si256(); }
    static Float load(const float * p) { return _mm256_loadu_ps(p); }
    static void store(float * p, Float v) { _mm256_storeu_ps(p, v); }
    static Float broadcast(const float * p) { return _mm256_broadcast_ss(p); }
    static Int broadcast(const int32_t * p) { return _mm256_set1_epi32(*p); }
    static Float to_float(Int v) { return _mm256_cvtepi32_ps(v); }
    static Float multiply(Float a, Float b) { return _mm256_mul_ps(a, b); }
    static Float multiply_add(Float a, Float b, Float c) { return _mm256_fmadd_ps(a, b, c); }
    static Float subtract_product(Float a, Float b, Float c) { return _mm256_fnmadd_ps(b, c, a); }

    static Lanes load_lanes(const uint32_t * p) { return _mm256_load_ps((const float *) p); }
    static Lanes broadcast_lane(const uint32_t * p) { return _mm256_broadcast_ss((const float *) p); }
    template <int VALUES> static Float add_products(Lanes a, Lanes b, Float sum) {
        static_assert(VALUES == 1);
        return _mm256_fmadd_ps(a, b, sum);
    }

    static __m256i four_bytes(const int8_t * p) {
        int32_t bytes;
        memcpy(&bytes, p, sizeof bytes);
        return _mm256_set1_epi32(bytes);
    }

    // Ends the expression here. Without it GCC computes all products of a block first and adds them later, which takes
    // four times the registers that there are.
    static void settle(Int & v) { asm("" : "+x"(v)); }

    // sum[c] += dot products of 4, of STEPS groups. Weights of a group are 64 bytes after those of the one before.
    template <int LARGEST, int STEPS, int COLUMNS>
    static void dot(const uint8_t * weights, const int8_t * values, Int (&sum)[COLUMNS]) {
        const __m256i ones = _mm256_set1_epi16(1);
        if constexpr (LARGEST > 127) {
#pragma GCC unroll 8
            for (int g = 0; g < STEPS; g++) {
                const __m256i w = _mm256_load_si256((const __m256i *) (weights + 64 * g));
                const __m256i magnitude = _mm256_sign_epi8(w, w);
                for (int c = 0; c < COLUMNS; c++) {
                    const __m256i value = _mm256_sign_epi8(four_bytes(values + 4 * (g * COLUMNS + c)), w);
                    const __m256i pairs = _mm256_maddubs_epi16(magnitude, value);
                    sum[c] = _mm256_add_epi32(sum[c], _mm256_madd_epi16(pairs, ones));
                    settle(sum[c]);
                }
            }
        } else {
            constexpr int FIT = 32767 / (2 * LARGEST * 127) < STEPS ? 32767 / (2 * LARGEST * 127) : STEPS;
            static_assert(FIT >= 1 && STEPS % FIT == 0, "sums of whole parts");
#pragma GCC unroll 8
            for (int begin = 0; begin < STEPS; begin += FIT) {
                __m256i narrow[COLUMNS];
#pragma GCC unroll 8
                for (int g = begin; g < begin + FIT; g++) {
                    const __m256i w = _mm256_load_si256((const __m256i *) (weights + 64 * g));
                    for (int c = 0; c < COLUMNS; c++) {
                        const __m256i pairs = _mm256_maddubs_epi16(w, four_bytes(values + 4 * (g * COLUMNS + c)));
                        narrow[c] = g == begin ? pairs : _mm256_add_epi16(narrow[c], pairs);
                        settle(narrow[c]);
                    }
                }
                for (int c = 0; c < COLUMNS; c++) {
                    sum[c] = _mm256_add_epi32(sum[c], _mm256_madd_epi16(narrow[c], ones));
                }
            }
        }
    }
};

} // namespace
