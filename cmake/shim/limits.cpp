// Kernels that show what this CPU can do at most: how fast it reads memory, and how fast it multiplies.
//
// Each kernel counts what it did in the registers that it computes with, so that the result is wrong, and not merely
// fast, where a compiler left work out. Kernels for instruction sets that the compiler may use nowhere else are marked
// with a target each, and picked by CPUID at run time.

#include "guard.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <stdexcept>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

using llamapanama::guarded;

namespace {

// A word of the buffer is its index times this odd number: no two words are equal, and sums follow from the indices.
constexpr uint64_t WORD_FACTOR = 0x9E3779B97F4A7C15u;

// Transparent huge pages, where the kernel has them, keep address translation from being the limit.
constexpr size_t BUFFER_ALIGNMENT = size_t{2} << 20;

// A float counts exactly up to 2^24, and one sum grows by at most 4 an iteration.
constexpr int64_t MAX_ITERATIONS = int64_t{1} << 22;

// The value of `x` is unknown to the compiler from here on, so that it neither hoists nor merges nor simplifies what uses it.
#if defined(__x86_64__)
#define OPAQUE(x) __asm__ volatile("" : "+v"(x))
#elif defined(__aarch64__)
#define OPAQUE(x) __asm__ volatile("" : "+w"(x))
#else
#define OPAQUE(x) __asm__ volatile("" : "+m"(x))
#endif

// Twelve independent sums, each a variable of its own so that it stays in a register: enough to hide a latency of 4 to 6
// cycles with two multiplications a cycle, and few enough for the 16 registers of AVX2.
#define EACH_SUM(STEP) STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9) STEP(10) STEP(11)
constexpr int N_SUMS = 12;

#define DECLARE_SUM(i) vector sum##i = {};
#define STORE_SUM(i) memcpy(lanes + i * sizeof(vector) / sizeof(lane), &sum##i, sizeof(vector));

// The body of a kernel: STEP(i) adds products of ones to sum i, and the sums of all lanes are the multiply-adds done.
#define COUNT_MULTIPLY_ADDS(STEP)                        \
    EACH_SUM(DECLARE_SUM)                                \
    for (int64_t i = 0; i < n_iterations; ++i) {         \
        EACH_SUM(STEP)                                   \
    }                                                    \
    lane lanes[N_SUMS * sizeof(vector) / sizeof(lane)];  \
    EACH_SUM(STORE_SUM)                                  \
    int64_t total = 0;                                   \
    for (lane value : lanes) {                           \
        total += int64_t(value);                         \
    }                                                    \
    return total;

struct multiply_kernel {
    const char * instruction;             // nullptr: this CPU has none
    int64_t (*run)(int64_t n_iterations); // returns multiply-adds
};

using read_kernel = uint64_t (*)(const uint64_t * words, size_t n_words);

// --- any CPU ---------------------------------------------------------------------------------------------------------

uint64_t read_plain(const uint64_t * words, size_t n_words) {
    uint64_t sum = 0;
    for (size_t i = 0; i < n_words; ++i) {
        sum += words[i];
    }
    return sum;
}

typedef float float4 __attribute__((vector_size(16)));

int64_t multiply_f32_plain(int64_t n_iterations) {
    typedef float4 vector;
    typedef float lane;
    vector a = {1, 1, 1, 1};
    vector b = a;
    OPAQUE(b);
#define STEP(i) OPAQUE(a); sum##i += a * b; OPAQUE(sum##i);
    COUNT_MULTIPLY_ADDS(STEP)
#undef STEP
}

#if defined(__x86_64__)

// --- AVX2, AVX-VNNI --------------------------------------------------------------------------------------------------

__attribute__((target("avx2"))) uint64_t read_avx2(const uint64_t * words, size_t n_words) {
    __m256i sums[4] = {};
    size_t i = 0;
    for (; i + 16 <= n_words; i += 16) {
        for (int s = 0; s < 4; ++s) {
            sums[s] = _mm256_add_epi64(sums[s], _mm256_loadu_si256((const __m256i *) (words + i + 4 * s)));
        }
    }
    uint64_t lanes[4];
    _mm256_storeu_si256((__m256i *) lanes,
            _mm256_add_epi64(_mm256_add_epi64(sums[0], sums[1]), _mm256_add_epi64(sums[2], sums[3])));
    return lanes[0] + lanes[1] + lanes[2] + lanes[3] + read_plain(words + i, n_words - i);
}

__attribute__((target("avx2,fma"))) int64_t multiply_f32_fma(int64_t n_iterations) {
    typedef __m256 vector;
    typedef float lane;
    vector one = _mm256_set1_ps(1);
    OPAQUE(one);
#define STEP(i) sum##i = _mm256_fmadd_ps(one, one, sum##i); OPAQUE(sum##i);
    COUNT_MULTIPLY_ADDS(STEP)
#undef STEP
}

// Products of bytes, then pairs of them to 32 bits, then the sum: what ggml does where there is no VNNI.
__attribute__((target("avx2"))) int64_t multiply_i8_avx2(int64_t n_iterations) {
    typedef __m256i vector;
    typedef int32_t lane;
    vector bytes = _mm256_set1_epi8(1);
    vector factors = bytes;
    vector ones = _mm256_set1_epi16(1);
    OPAQUE(factors);
    OPAQUE(ones);
#define STEP(i)                                                                                               \
    OPAQUE(bytes);                                                                                            \
    sum##i = _mm256_add_epi32(sum##i, _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, factors), ones));         \
    OPAQUE(sum##i);
    COUNT_MULTIPLY_ADDS(STEP)
#undef STEP
}

__attribute__((target("avx2,avxvnni"))) int64_t multiply_i8_avx_vnni(int64_t n_iterations) {
    typedef __m256i vector;
    typedef int32_t lane;
    vector ones = _mm256_set1_epi8(1);
    OPAQUE(ones);
#define STEP(i) sum##i = _mm256_dpbusd_avx_epi32(sum##i, ones, ones); OPAQUE(sum##i);
    COUNT_MULTIPLY_ADDS(STEP)
#undef STEP
}

// --- AVX-512 ---------------------------------------------------------------------------------------------------------

__attribute__((target("avx512f"))) uint64_t read_avx512(const uint64_t * words, size_t n_words) {
    __m512i sums[4] = {};
    size_t i = 0;
    for (; i + 32 <= n_words; i += 32) {
        for (int s = 0; s < 4; ++s) {
            sums[s] = _mm512_add_epi64(sums[s], _mm512_loadu_si512(words + i + 8 * s));
        }
    }
    alignas(64) uint64_t lanes[8];
    _mm512_store_si512(lanes,
            _mm512_add_epi64(_mm512_add_epi64(sums[0], sums[1]), _mm512_add_epi64(sums[2], sums[3])));
    uint64_t sum = read_plain(words + i, n_words - i);
    for (uint64_t lane : lanes) {
        sum += lane;
    }
    return sum;
}

__attribute__((target("avx512f"))) int64_t multiply_f32_avx512(int64_t n_iterations) {
    typedef __m512 vector;
    typedef float lane;
    vector one = _mm512_set1_ps(1);
    OPAQUE(one);
#define STEP(i) sum##i = _mm512_fmadd_ps(one, one, sum##i); OPAQUE(sum##i);
    COUNT_MULTIPLY_ADDS(STEP)
#undef STEP
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) int64_t multiply_bf16_avx512(int64_t n_iterations) {
    typedef __m512 vector;
    typedef float lane;
    __m512bh ones = _mm512_cvtne2ps_pbh(_mm512_set1_ps(1), _mm512_set1_ps(1));
    OPAQUE(ones);
#define STEP(i) sum##i = _mm512_dpbf16_ps(sum##i, ones, ones); OPAQUE(sum##i);
    COUNT_MULTIPLY_ADDS(STEP)
#undef STEP
}

__attribute__((target("avx512f,avx512vnni"))) int64_t multiply_i8_avx512_vnni(int64_t n_iterations) {
    typedef __m512i vector;
    typedef int32_t lane;
    vector ones = _mm512_set1_epi32(0x01010101);
    OPAQUE(ones);
#define STEP(i) sum##i = _mm512_dpbusd_epi32(sum##i, ones, ones); OPAQUE(sum##i);
    COUNT_MULTIPLY_ADDS(STEP)
#undef STEP
}

// --- what this CPU has -----------------------------------------------------------------------------------------------

struct x86_features {
    bool avx2_fma;
    bool avx512f;
    bool avx512_vnni;
    bool avx512_bf16;
    bool avx_vnni;

    x86_features() {
        // these two know whether the operating system keeps the registers, too
        avx2_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        avx512f = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                && __builtin_cpu_supports("avx512vl");
        unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
        avx512_vnni = avx512f && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ecx & (1u << 11)) != 0;
        const bool leaf_7_1 = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && eax >= 1
                && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0;
        avx_vnni = avx2_fma && leaf_7_1 && (eax & (1u << 4)) != 0;
        avx512_bf16 = avx512f && leaf_7_1 && (eax & (1u << 5)) != 0;
    }
};

const x86_features & features() {
    static const x86_features result;
    return result;
}

read_kernel best_read_kernel() {
    return features().avx512f ? read_avx512 : features().avx2_fma ? read_avx2 : read_plain;
}

multiply_kernel best_multiply_kernel(int32_t format) {
    switch (format) {
        case LLAMAPANAMA_FORMAT_F32:
            return features().avx512f    ? multiply_kernel{"vfmadd231ps zmm (AVX-512)", multiply_f32_avx512}
                    : features().avx2_fma ? multiply_kernel{"vfmadd231ps ymm (FMA)", multiply_f32_fma}
                                          : multiply_kernel{"mulps, addps xmm (SSE)", multiply_f32_plain};
        case LLAMAPANAMA_FORMAT_BF16:
            return features().avx512_bf16 ? multiply_kernel{"vdpbf16ps zmm (AVX-512 BF16)", multiply_bf16_avx512}
                                          : multiply_kernel{};
        case LLAMAPANAMA_FORMAT_INT8:
            return features().avx512_vnni ? multiply_kernel{"vpdpbusd zmm (AVX-512 VNNI)", multiply_i8_avx512_vnni}
                    : features().avx_vnni ? multiply_kernel{"vpdpbusd ymm (AVX-VNNI)", multiply_i8_avx_vnni}
                    : features().avx2_fma ? multiply_kernel{"vpmaddubsw, vpmaddwd ymm (AVX2)", multiply_i8_avx2}
                                          : multiply_kernel{};
        default:
            return {};
    }
}

#else

read_kernel best_read_kernel() {
    return read_plain;
}

multiply_kernel best_multiply_kernel(int32_t format) {
    return format == LLAMAPANAMA_FORMAT_F32 ? multiply_kernel{"C loop", multiply_f32_plain} : multiply_kernel{};
}

#endif

} // namespace

// --- memory ----------------------------------------------------------------------------------------------------------

uint64_t * llamapanama_read_buffer_init(size_t n_words, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<uint64_t *>(nullptr), [&] {
        void * buffer = nullptr;
        if (n_words > SIZE_MAX / sizeof(uint64_t)
                || posix_memalign(&buffer, BUFFER_ALIGNMENT, n_words * sizeof(uint64_t)) != 0) {
            throw std::bad_alloc();
        }
        madvise(buffer, n_words * sizeof(uint64_t), MADV_HUGEPAGE); // a wish: small pages do as well
        return static_cast<uint64_t *>(buffer);
    });
}

void llamapanama_read_buffer_free(uint64_t * buffer) {
    free(buffer);
}

void llamapanama_read_buffer_fill(uint64_t * buffer, size_t first, size_t n_words) {
    for (size_t i = first; i < first + n_words; ++i) {
        buffer[i] = i * WORD_FACTOR;
    }
}

uint64_t llamapanama_read_buffer_sum(const uint64_t * buffer, size_t first, size_t n_words) {
    static const read_kernel kernel = best_read_kernel();
    return kernel(buffer + first, n_words);
}

// --- multiplication --------------------------------------------------------------------------------------------------

const char * llamapanama_multiply_instruction(int32_t format) {
    return best_multiply_kernel(format).instruction;
}

int64_t llamapanama_multiply(int32_t format, int64_t n_iterations, llamapanama_error * error) {
    return guarded(__func__, error, int64_t{0}, [&] {
        const multiply_kernel kernel = best_multiply_kernel(format);
        if (kernel.run == nullptr) {
            throw std::invalid_argument("this CPU has no instruction that multiplies this format");
        }
        if (n_iterations < 0 || n_iterations > MAX_ITERATIONS) {
            throw std::invalid_argument("too many iterations for exact counting");
        }
        return kernel.run(n_iterations);
    });
}
