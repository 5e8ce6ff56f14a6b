// 512-bit vectors with the 8-bit dot-product instruction (AVX-512 F, BW, VL, VNNI).
//
// dpbusd multiplies 4 unsigned by 4 signed bytes and adds them to a 32-bit sum: 64 products in one instruction, the value
// broadcast from memory in the same one. Registers for 12 columns: 12 sums, 12 totals, weights, scales: 26 of 32.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace {

struct Avx512Vnni {
    static constexpr int LANES = 16;
    static constexpr bool SIGNED_BYTES = false;
    using Int = __m512i;
    using Float = __m512;

    using Lanes = __m512i;

    template <class F> static constexpr int columns() { return 12; }
    template <class F> static constexpr int few_columns() { return 4; } // not measured
    static constexpr bool ONE_COLUMN = false; // not measured
    static constexpr int FLOAT_COLUMNS = 12, FEW_FLOAT_COLUMNS = 4;
    static constexpr int LEAST_F16_COLUMNS = 4; // where panels begin; not measured

    static Float zero() { return _mm512_setzero_ps(); }
    static Int none() { return _mm512_setzero_si512(); }
    static Float load(const float * p) { return _mm512_loadu_ps(p); }
    static void store(float * p, Float v) { _mm512_storeu_ps(p, v); }
    static Float broadcast(const float * p) { return _mm512_set1_ps(*p); }
    static Int broadcast(const int32_t * p) { return _mm512_set1_epi32(*p); }
    static Float to_float(Int v) { return _mm512_cvtepi32_ps(v); }
    static Float multiply(Float a, Float b) { return _mm512_mul_ps(a, b); }
    static Float multiply_add(Float a, Float b, Float c) { return _mm512_fmadd_ps(a, b, c); }
    static Float subtract_product(Float a, Float b, Float c) { return _mm512_fnmadd_ps(b, c, a); }

    static Lanes load_lanes(const uint32_t * p) { return _mm512_load_si512(p); }
    static Lanes broadcast_lane(const uint32_t * p) { return _mm512_set1_epi32((int) *p); }
    template <int VALUES> static Float add_products(Lanes a, Lanes b, Float sum) {
        if constexpr (VALUES == 1) {
            return _mm512_fmadd_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b), sum);
        } else {
#ifdef __AVX512BF16__
            return _mm512_dpbf16_ps(sum, (__m512bh) a, (__m512bh) b);
#else
            static_assert(VALUES == 1, "the dot product of pairs in BF16 is compiled with AVX512-BF16 only");
#endif
        }
    }

    template <int LARGEST, int STEPS, int COLUMNS>
    static void dot(const uint8_t * weights, const int8_t * values, Int (&sum)[COLUMNS]) {
#pragma GCC unroll 8
        for (int g = 0; g < STEPS; g++) {
            const __m512i w = _mm512_load_si512(weights + 64 * g);
            for (int c = 0; c < COLUMNS; c++) {
                int32_t four;
                memcpy(&four, values + 4 * (g * COLUMNS + c), sizeof four);
                sum[c] = _mm512_dpbusd_epi32(sum[c], w, _mm512_set1_epi32(four));
            }
        }
    }
};

} // namespace
