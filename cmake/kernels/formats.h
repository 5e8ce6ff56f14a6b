// One structure per weight type: how a unit of a row becomes bytes and scales.
//
//   TYPE      ggml's name of it
//   BYTES     of a unit in memory
//   BLOCKS    blocks of 32 in a unit
//   VECTORS   of 16 floats in a block: the scale; then, with MINS, what is subtracted, or, with HALVES, the scale of the
//             block's second half
//   ZERO      what the byte of the value 0 is
//   LARGEST   byte; small ones allow 16-bit sums where there is no 8-bit dot-product instruction
//   HALF_SCALE  whether ggml rounds the scales of the columns to half precision for this type
//   unpack    32 values as bytes
//   scales    of the unit's blocks: the scale, and then the minimum or the scale of the second half
//   unit_scales  the same of K-quants: integers and what they are multiplied by; where bytes have an offset, the integers times ZERO
//             are the minimums
//
// Types that need the whole byte (Wide) are stored with a sign, or with an offset of 128 where the dot-product instruction
// takes unsigned weights: SIGNED tells which.
//
// The layouts are those of ggml-common.h; d is a half-precision number.
#pragma once

#include "panels.h"

namespace {

// While a row is multiplied as it lies in memory, what is so many bytes behind is fetched.
constexpr int64_t AHEAD = 4096;

template <class T> inline T read(const char * address) {
    T value;
    memcpy(&value, address, sizeof value);
    return value;
}

inline float half(const char * address) { return _cvtsh_ss(read<uint16_t>(address)); }

// d, 32 signed bytes
template <bool SIGNED> struct Q8_0 {
    static constexpr ggml_type TYPE = GGML_TYPE_Q8_0;
    static constexpr int BYTES = 34, BLOCKS = 1, VECTORS = 1, ZERO = SIGNED ? 0 : 128, LARGEST = 255;
    static constexpr bool MINS = false, HALVES = false, HALF_SCALE = true;

    static __m256i unpack(const char * unit, int) {
        const __m256i values = _mm256_loadu_si256((const __m256i *) (unit + 2));
        return SIGNED ? values : _mm256_xor_si256(values, _mm256_set1_epi8(-128));
    }
    static void scales(const char * unit, float (&v)[VECTORS][BLOCKS]) { v[0][0] = half(unit); }
};

// d, 16 bytes of two nibbles: value i and value i + 16
struct Q4_0 {
    static constexpr ggml_type TYPE = GGML_TYPE_Q4_0;
    static constexpr int BYTES = 18, BLOCKS = 1, VECTORS = 1, ZERO = 8, LARGEST = 15;
    static constexpr bool MINS = false, HALVES = false, HALF_SCALE = true;

    static __m256i unpack(const char * unit, int) { return nibbles((const uint8_t *) unit + 2); }
    static void scales(const char * unit, float (&v)[VECTORS][BLOCKS]) { v[0][0] = half(unit); }
};

// d, 16 bytes of two nibbles, each an index into ggml's table of values
template <bool SIGNED> struct IQ4_NL {
    static constexpr ggml_type TYPE = GGML_TYPE_IQ4_NL;
    static constexpr int BYTES = 18, BLOCKS = 1, VECTORS = 1, ZERO = SIGNED ? 0 : 128, LARGEST = 255;
    static constexpr bool MINS = false, HALVES = false, HALF_SCALE = true;

    static __m256i unpack(const char * unit, int) {
        const __m256i table = _mm256_broadcastsi128_si256(
            _mm_setr_epi8(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113));
        const __m256i values = _mm256_shuffle_epi8(table, nibbles((const uint8_t *) unit + 2));
        return SIGNED ? values : _mm256_xor_si256(values, _mm256_set1_epi8(-128));
    }
    static void scales(const char * unit, float (&v)[VECTORS][BLOCKS]) { v[0][0] = half(unit); }
};

// 16 in each byte whose bit of the 32 is set.
inline __m256i fifth_bits(uint32_t bits) {
    const __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32((int) bits), _mm256_setr_epi8(
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3));
    const __m256i bit = _mm256_set1_epi64x((long long) 0x8040201008040201ULL);
    const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(spread, bit), bit);
    return _mm256_and_si256(set, _mm256_set1_epi8(16));
}

// d, 32 fifth bits, 16 bytes of two nibbles
struct Q5_0 {
    static constexpr ggml_type TYPE = GGML_TYPE_Q5_0;
    static constexpr int BYTES = 22, BLOCKS = 1, VECTORS = 1, ZERO = 16, LARGEST = 31;
    static constexpr bool MINS = false, HALVES = false, HALF_SCALE = true;

    static __m256i unpack(const char * unit, int) {
        return _mm256_or_si256(nibbles((const uint8_t *) unit + 6), fifth_bits(read<uint32_t>(unit + 2)));
    }
    static void scales(const char * unit, float (&v)[VECTORS][BLOCKS]) { v[0][0] = half(unit); }
};

// d, m, 32 fifth bits, 16 bytes of two nibbles; a value is d q + m
struct Q5_1 {
    static constexpr ggml_type TYPE = GGML_TYPE_Q5_1;
    static constexpr int BYTES = 24, BLOCKS = 1, VECTORS = 2, ZERO = 0, LARGEST = 31;
    static constexpr bool MINS = true, HALVES = false, HALF_SCALE = false;

    static __m256i unpack(const char * unit, int) {
        return _mm256_or_si256(nibbles((const uint8_t *) unit + 8), fifth_bits(read<uint32_t>(unit + 4)));
    }
    static void scales(const char * unit, float (&v)[VECTORS][BLOCKS]) {
        v[0][0] = half(unit);
        v[1][0] = -half(unit + 2); // it is added, and a minimum is subtracted
    }
};

// Of a unit: a value is factor * scale * q - minimum_factor * minimum, or with an offset factor * (scale * q - minimum). The low
// half of a register holds 16-bit integers for the first 16 values of each of the 8 blocks, the high half for the last 16.
struct UnitScales {
    __m256i scales, minimums;
    float factor, minimum_factor;
};

// The 6-bit scales and minimums of Q4_K and Q5_K, 8 of each in 12 bytes, as bytes: the scales, then the minimums.
inline __m128i six_bits(const char * bytes) {
    const __m128i words = _mm_loadu_si128((const __m128i *) bytes); // three, and one that is not looked at
    const __m128i last = _mm_srlv_epi32(_mm_shuffle_epi32(words, 0xaa), _mm_setr_epi32(0, 4, 0, 0));
    const __m128i first_four = _mm_and_si128(words, _mm_set1_epi8(0x3f));
    const __m128i top = _mm_slli_epi32(_mm_and_si128(_mm_srli_epi32(words, 6), _mm_set1_epi8(3)), 4);
    const __m128i last_four = _mm_or_si128(_mm_and_si128(last, _mm_set1_epi8(15)), top);
    return _mm_unpacklo_epi32(first_four, last_four);
}

inline UnitScales six_bit_scales(const char * unit) {
    const __m256i both = _mm256_cvtepu8_epi16(six_bits(unit + 4));
    return {_mm256_permute2x128_si256(both, both, 0x00), _mm256_permute2x128_si256(both, both, 0x11), half(unit),
        half(unit + 2)};
}

inline __m256 eight_floats(__m128i bytes) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)); }

// d and dmin times the unit's 6-bit scales and minimums
inline void six_bit_scales(const char * unit, float (&v)[2][8]) {
    const __m128i integers = six_bits(unit + 4);
    _mm256_storeu_ps(v[0], _mm256_mul_ps(_mm256_set1_ps(half(unit)), eight_floats(integers)));
    _mm256_storeu_ps(v[1], _mm256_mul_ps(_mm256_set1_ps(half(unit + 2)), eight_floats(_mm_srli_si128(integers, 8))));
}

// Block b of 4 x 32 bytes with two nibbles: the low ones of 32 bytes, or the high ones.
inline __m256i nibbles_of_pair(const char * bytes, int b) {
    const __m256i both = _mm256_loadu_si256((const __m256i *) (bytes + 32 * (b / 2)));
    return _mm256_and_si256(b % 2 == 0 ? both : _mm256_srli_epi16(both, 4), _mm256_set1_epi8(15));
}

// d, dmin, 12 bytes of scales and minimums, 128 bytes of two nibbles
struct Q4_K {
    static constexpr ggml_type TYPE = GGML_TYPE_Q4_K;
    static constexpr int BYTES = 144, BLOCKS = 8, VECTORS = 2, ZERO = 0, LARGEST = 15;
    static constexpr bool MINS = true, HALVES = false, HALF_SCALE = false;

    static __m256i unpack(const char * unit, int b) { return nibbles_of_pair(unit + 16, b); }
    static void scales(const char * unit, float (&v)[VECTORS][BLOCKS]) { six_bit_scales(unit, v); }
    static UnitScales unit_scales(const char * unit) { return six_bit_scales(unit); }
};

// d, dmin, 12 bytes of scales and minimums, 32 bytes whose bit b is block b's fifth one, 128 bytes of two nibbles
struct Q5_K {
    static constexpr ggml_type TYPE = GGML_TYPE_Q5_K;
    static constexpr int BYTES = 176, BLOCKS = 8, VECTORS = 2, ZERO = 0, LARGEST = 31;
    static constexpr bool MINS = true, HALVES = false, HALF_SCALE = false;

    static __m256i unpack(const char * unit, int b) {
        const __m256i high = _mm256_loadu_si256((const __m256i *) (unit + 16));
        const __m256i moved = b < 4 ? _mm256_slli_epi16(high, 4 - b) : _mm256_srli_epi16(high, b - 4); // bit b is the fifth now
        return _mm256_or_si256(nibbles_of_pair(unit + 48, b), _mm256_and_si256(moved, _mm256_set1_epi8(16)));
    }
    static void scales(const char * unit, float (&v)[VECTORS][BLOCKS]) { six_bit_scales(unit, v); }
    static UnitScales unit_scales(const char * unit) { return six_bit_scales(unit); }
};

// 128 bytes of two nibbles, 64 bytes of four pairs of bits, 16 signed scales, d; halves of 128 values
struct Q6_K {
    static constexpr ggml_type TYPE = GGML_TYPE_Q6_K;
    static constexpr int BYTES = 210, BLOCKS = 8, VECTORS = 2, ZERO = 32, LARGEST = 63;
    static constexpr bool MINS = false, HALVES = true, HALF_SCALE = false;

    static __m256i unpack(const char * unit, int b) {
        const int half = b / 4, part = b % 4;
        const __m256i both = _mm256_loadu_si256((const __m256i *) (unit + 64 * half + 32 * (part % 2)));
        const __m256i low = _mm256_and_si256(part < 2 ? both : _mm256_srli_epi16(both, 4), _mm256_set1_epi8(15));
        const __m256i pairs = _mm256_loadu_si256((const __m256i *) (unit + 128 + 32 * half));
        const __m256i moved = part < 2 ? _mm256_slli_epi16(pairs, 4 - 2 * part) : _mm256_srli_epi16(pairs, 2 * part - 4);
        return _mm256_or_si256(low, _mm256_and_si256(moved, _mm256_set1_epi8(0x30)));
    }
    static void scales(const char * unit, float (&v)[VECTORS][BLOCKS]) {
        const __m256 d = _mm256_set1_ps(half(unit + 208));
        const __m128i bytes = _mm_loadu_si128((const __m128i *) (unit + 192));
        float products[16];
        _mm256_storeu_ps(products, _mm256_mul_ps(d, _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes))));
        _mm256_storeu_ps(products + 8, _mm256_mul_ps(d, _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8)))));
        for (int b = 0; b < BLOCKS; b++) {
            v[0][b] = products[2 * b];
            v[1][b] = products[2 * b + 1];
        }
    }
    static UnitScales unit_scales(const char * unit) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *) (unit + 192));
        const __m256i scales = _mm256_cvtepi8_epi16(
            _mm_shuffle_epi8(bytes, _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15)));
        return {scales, _mm256_slli_epi16(scales, 5), half(unit + 208), 0};
    }
};

} // namespace
