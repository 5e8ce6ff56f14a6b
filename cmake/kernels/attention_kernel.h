// The inner loops of attention: groups of 64 cells of the KV cache pass by, with the softmax taken as they come (Milakov and
// Gimelshein 2018; Dao et al. 2022).
//
// For each group, cells that no token sees being left out:
//   1. keys of 16 cells each become panels of floats               panel[k][cell]
//   2. scores = panels times tiles of queries, the product of float_kernel.h: 16 cells and up to 6 (12) rows at once
//   3. the mask is added, the highest score of each row is updated, scores become exp(score - highest)
//   4. values become floats, and are added to the totals of up to 6 (12) rows, 16 values wide
// Heads that share keys and values, and tokens that see the same cells, are rows of one task: what is unpacked in 1 and 4 serves
// all of them.
//
// Registers of 4: as in 2, 12 totals, 2 vectors of values and a weight with AVX2: 15 of 16.
// Scratch: the group's keys and values, at 128 a head 32 KB each; scores, queries and totals of up to 128 rows, 64 KB each and 32:
// the second-level cache.
#pragma once

#include "float_kernel.h"

#include <cmath>

namespace {

using llamapanama::kernels::Attention;
using llamapanama::kernels::AttentionTask;
using llamapanama::kernels::CELLS_OF_WORD;
using llamapanama::kernels::LOWEST_SCORE;

constexpr int GROUP_CELLS = 64;
constexpr int GROUP_PANELS = GROUP_CELLS / PANEL_ROWS;

// --- cells as floats: 8 values of a row, from `at` on --------------------------------------------------------------------

struct CellsF32 {
    static __m256 floats(const char * row, int64_t at) { return _mm256_loadu_ps((const float *) row + at); }
};

struct CellsF16 {
    static __m256 floats(const char * row, int64_t at) { return F16::floats(row + 2 * at); }
};

struct CellsBF16 {
    static __m256 floats(const char * row, int64_t at) { return BF16::floats(row + 2 * at); }
};

// Blocks of a scale in F16 and 32 signed bytes.
struct CellsQ8_0 {
    static constexpr int64_t BLOCK_BYTES = 34;

    static __m256 floats(const char * row, int64_t at) {
        const char * block = row + at / BLOCK * BLOCK_BYTES;
        uint16_t scale;
        memcpy(&scale, block, sizeof scale);
        const __m256i bytes = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *) (block + 2 + at % BLOCK)));
        return _mm256_mul_ps(_mm256_cvtepi32_ps(bytes), _mm256_set1_ps(_cvtsh_ss(scale)));
    }
};

template <class Result, class Action> Result with_cells(ggml_type type, Result otherwise, Action action) {
    switch (type) {
        case GGML_TYPE_F32:  return action(CellsF32{});
        case GGML_TYPE_F16:  return action(CellsF16{});
        case GGML_TYPE_BF16: return action(CellsBF16{});
        case GGML_TYPE_Q8_0: return action(CellsQ8_0{});
        default:             return otherwise;
    }
}

// Values are taken 16 at a time, and blocks of Q8_0 whole.
inline bool attends(ggml_type type, int64_t length) {
    return length > 0 && length % (type == GGML_TYPE_Q8_0 ? BLOCK : PANEL_ROWS) == 0
        && with_cells(type, false, [](auto) { return true; });
}

// --- sets of cells ---------------------------------------------------------------------------------------------------

inline void visible_cells(const uint16_t * mask, int64_t cells, uint64_t * visible) {
    constexpr uint16_t NEGATIVE_INFINITY = 0xfc00;
    const __m256i hidden = _mm256_set1_epi16((short) NEGATIVE_INFINITY);
    int64_t at = 0;
    for (; at + CELLS_OF_WORD <= cells; at += CELLS_OF_WORD) {
        uint64_t word = 0;
        for (int half = 0; half < 2; half++) {
            const auto * pairs = (const __m256i *) (mask + at + 32 * half);
            const __m256i both = _mm256_packs_epi16(_mm256_cmpeq_epi16(_mm256_loadu_si256(pairs), hidden),
                _mm256_cmpeq_epi16(_mm256_loadu_si256(pairs + 1), hidden));
            const auto bits = (uint32_t) _mm256_movemask_epi8(_mm256_permute4x64_epi64(both, 0xd8));
            word |= (uint64_t) ~bits << (32 * half);
        }
        *visible++ = word;
    }
    if (at < cells) {
        uint64_t word = 0;
        for (int64_t i = at; i < cells; i++) {
            word |= (uint64_t) (mask[i] != NEGATIVE_INFINITY) << (i - at);
        }
        *visible = word;
    }
}

inline int64_t union_size(const uint64_t * a, const uint64_t * b, int64_t words) {
    int64_t size = 0;
    for (int64_t i = 0; i < words; i++) {
        size += __builtin_popcountll(a[i] | b[i]);
    }
    return size;
}

// --- softmax ---------------------------------------------------------------------------------------------------------

// exp of numbers up to 0: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2], off by 2e-7 of the result at most; 0 below -87.
inline __m256 exp_of(__m256 x) {
    const __m256 least = _mm256_set1_ps(-87.0f);
    const __m256 bounded = _mm256_max_ps(least, x); // x, where it is no number
    const __m256 n = _mm256_round_ps(
        _mm256_mul_ps(bounded, _mm256_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), bounded); // ln 2 in two parts
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4f), r);
    __m256 p = _mm256_set1_ps(1.0f / 720);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 120));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 24));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 6));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(0.5f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
    const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    const __m256 result = _mm256_mul_ps(p, _mm256_castsi256_ps(power));
    return _mm256_and_ps(result, _mm256_cmp_ps(x, least, _CMP_NLT_UQ));
}

inline float exp_of(float x) { return _mm256_cvtss_f32(exp_of(_mm256_set1_ps(x))); }

// One row's scores of a group become weights. `stride` is from a panel's scores to the next one's.
inline void weigh(float * scores, int64_t stride, int panels, const float * mask, float slope, float & highest, float & sum,
        float * totals, int64_t value_length) {
    const __m256 slopes = _mm256_set1_ps(slope);
    __m256 s[2 * GROUP_PANELS];
    __m256 most = _mm256_set1_ps(highest);
    for (int p = 0; p < panels; p++) {
        for (int half = 0; half < 2; half++) {
            const __m256 score = _mm256_fmadd_ps(slopes, _mm256_loadu_ps(mask + PANEL_ROWS * p + 8 * half),
                _mm256_loadu_ps(scores + stride * p + 8 * half));
            s[2 * p + half] = score;
            most = _mm256_max_ps(most, score);
        }
    }
    const float now = highest_of(most);
    if (now > highest) {
        const float factor = exp_of(highest - now);
        sum *= factor;
        for (int64_t d = 0; d < value_length; d += 8) {
            _mm256_storeu_ps(totals + d, _mm256_mul_ps(_mm256_loadu_ps(totals + d), _mm256_set1_ps(factor)));
        }
        highest = now;
    }
    const __m256 highests = _mm256_set1_ps(highest);
    __m256 sums = _mm256_setzero_ps();
    for (int p = 0; p < panels; p++) {
        for (int half = 0; half < 2; half++) {
            const __m256 weight = exp_of(_mm256_sub_ps(s[2 * p + half], highests));
            _mm256_storeu_ps(scores + stride * p + 8 * half, weight);
            sums = _mm256_add_ps(sums, weight);
        }
    }
    sum += sum_of(sums);
}

// --- groups of cells -------------------------------------------------------------------------------------------------

// Keys of 16 cells, 8 values at a time.
template <class Cells> void pack_keys(const char * const (&rows)[PANEL_ROWS], int64_t length, FloatPanel * panel) {
    for (int64_t at = 0; at < length; at += 8) {
        for (int half = 0; half < 2; half++) {
            __m256i values[8];
            for (int i = 0; i < 8; i++) {
                values[i] = _mm256_castps_si256(Cells::floats(rows[8 * half + i], at));
            }
            transpose(values);
            for (int i = 0; i < 8; i++) {
                store_lanes(panel[at + i] + 8 * half, values[i]);
            }
        }
    }
}

// Adds the group's values to the totals of ROWS rows. `stride` is from a panel's weights to the next one's.
template <class Isa, int ROWS>
void add_values(const float * values, int64_t length, const float * weights, int64_t stride, int cells, float * totals) {
    constexpr int VECTORS = PANEL_ROWS / Isa::LANES;
    for (int64_t d = 0; d < length; d += PANEL_ROWS) {
        typename Isa::Float total[ROWS][VECTORS];
#pragma GCC unroll 12
        for (int r = 0; r < ROWS; r++) {
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) {
                total[r][v] = Isa::load(totals + r * length + d + v * Isa::LANES);
            }
        }
        for (int cell = 0; cell < cells; cell++) {
            const float * weight = weights + cell / PANEL_ROWS * stride + cell % PANEL_ROWS;
            typename Isa::Float value[VECTORS];
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) {
                value[v] = Isa::load(values + cell * length + d + v * Isa::LANES);
            }
#pragma GCC unroll 12
            for (int r = 0; r < ROWS; r++) {
                const typename Isa::Float w = Isa::broadcast(weight + r * PANEL_ROWS);
#pragma GCC unroll 2
                for (int v = 0; v < VECTORS; v++) {
                    total[r][v] = Isa::multiply_add(w, value[v], total[r][v]);
                }
            }
        }
#pragma GCC unroll 12
        for (int r = 0; r < ROWS; r++) {
#pragma GCC unroll 2
            for (int v = 0; v < VECTORS; v++) {
                Isa::store(totals + r * length + d + v * Isa::LANES, total[r][v]);
            }
        }
    }
}

template <class Isa> struct AttentionKernel {
    static constexpr int64_t TILE = Isa::FLOAT_COLUMNS;

    static size_t scratch_bytes(const Attention & attention, int64_t rows) {
        return aligned((size_t) (GROUP_PANELS * attention.key_length) * sizeof(FloatPanel))
            + aligned((size_t) (GROUP_CELLS * attention.value_length) * sizeof(float))
            + aligned((size_t) (rows * attention.key_length) * sizeof(float))
            + aligned((size_t) (rows * GROUP_CELLS) * sizeof(float)) + GROUP_CELLS * sizeof(float);
    }

    const Attention & attention;
    const AttentionTask & task;
    const int64_t rows;
    const int64_t tile;
    FloatPanel * keys;
    float * values;
    float * queries; // tiles
    Totals * scores; // [panel][row][cell]
    float * mask;    // of a token

    AttentionKernel(const Attention & attention, const AttentionTask & task, void * scratch)
        : attention(attention), task(task), rows(task.tokens * task.heads), tile(even_tile(rows, TILE)) {
        char * memory = (char *) scratch;
        keys = (FloatPanel *) memory;
        memory += aligned((size_t) (GROUP_PANELS * attention.key_length) * sizeof(FloatPanel));
        values = (float *) memory;
        memory += aligned((size_t) (GROUP_CELLS * attention.value_length) * sizeof(float));
        queries = (float *) memory;
        memory += aligned((size_t) (rows * attention.key_length) * sizeof(float));
        scores = (Totals *) memory;
        memory += aligned((size_t) (rows * GROUP_CELLS) * sizeof(float));
        mask = (float *) memory;
    }

    static void attend(const Attention & attention, const AttentionTask & task, void * scratch) {
        AttentionKernel(attention, task, scratch).run();
    }

    void run() {
        for (int64_t row = 0; row < rows; row++) {
            task.highest[row] = LOWEST_SCORE;
            task.sums[row] = 0;
        }
        memset(task.totals, 0, (size_t) (rows * attention.value_length) * sizeof(float));
        pack_queries();
        int32_t cells[GROUP_CELLS];
        int count = 0;
        for (int64_t w = task.first_word; w < task.last_word; w++) {
            for (uint64_t word = task.visible[w]; word != 0; word &= word - 1) {
                cells[count++] = (int32_t) (w * CELLS_OF_WORD + __builtin_ctzll(word));
                if (count == GROUP_CELLS) {
                    take_group(cells, count);
                    count = 0;
                }
            }
        }
        if (count > 0) {
            take_group(cells, count);
        }
    }

    void pack_queries() {
        const int64_t length = attention.key_length;
        for (int64_t first = 0; first < rows; first += tile) {
            const int64_t count = least(tile, rows - first);
            float * packed = queries + first * length;
            for (int64_t r = 0; r < count; r++) {
                const float * query = task.queries[first + r];
                for (int64_t k = 0; k < length; k++) {
                    packed[k * count + r] = query[k] * attention.scale;
                }
            }
        }
    }

    void take_group(const int32_t * cells, int count) {
        const int panels = (count + PANEL_ROWS - 1) / PANEL_ROWS;
        with_cells(attention.key_type, 0, [&](auto type) {
            for (int p = 0; p < panels; p++) {
                const char * addresses[PANEL_ROWS];
                for (int i = 0; i < PANEL_ROWS; i++) { // the last cell again, where there are fewer
                    addresses[i] = task.keys + (size_t) cells[least(PANEL_ROWS * p + i, count - 1)] * attention.key_stride;
                }
                pack_keys<decltype(type)>(addresses, attention.key_length, keys + p * attention.key_length);
            }
            return 0;
        });
        for (int64_t first = 0; first < rows; first += tile) {
            with_constant<TILE>(least(tile, rows - first), [&](auto n) {
                for (int p = 0; p < panels; p++) {
                    multiply_float_tile<Isa, F16, n>(keys + p * attention.key_length,
                        (const uint32_t *) (queries + first * attention.key_length), attention.key_length,
                        scores + p * rows + first, true);
                }
            });
        }
        if (attention.softcap != 0) {
            for (int64_t i = 0; i < panels * rows; i++) {
                for (float & score : scores[i]) {
                    score = attention.softcap * tanhf(score);
                }
            }
        }
        for (int64_t token = 0; token < task.tokens; token++) {
            read_mask(token, cells, count);
            for (int64_t head = 0; head < task.heads; head++) {
                const int64_t row = token * task.heads + head;
                weigh(scores[row], rows * PANEL_ROWS, panels, mask, task.slopes[head], task.highest[row], task.sums[row],
                    task.totals + row * attention.value_length, attention.value_length);
            }
        }
        with_cells(attention.value_type, 0, [&](auto type) {
            for (int i = 0; i < count; i++) {
                const char * value = task.values + (size_t) cells[i] * attention.value_stride;
                for (int64_t d = 0; d < attention.value_length; d += 8) {
                    _mm256_storeu_ps(values + i * attention.value_length + d, decltype(type)::floats(value, d));
                }
            }
            return 0;
        });
        for (int64_t first = 0; first < rows; first += tile) {
            with_constant<TILE>(least(tile, rows - first), [&](auto n) {
                add_values<Isa, n>(values, attention.value_length, scores[first], rows * PANEL_ROWS, count,
                    task.totals + first * attention.value_length);
            });
        }
    }

    // The mask of the group's cells, and -infinity where the last panel has none.
    void read_mask(int64_t token, const int32_t * cells, int count) {
        const uint16_t * halves = task.masks == nullptr ? nullptr : task.masks[token];
        int i = 0;
        if (halves == nullptr) {
            for (; i < count; i++) {
                mask[i] = 0;
            }
        } else if (cells[count - 1] - cells[0] == count - 1) {
            for (; i + 8 <= count; i += 8) {
                _mm256_storeu_ps(mask + i, F16::floats((const char *) (halves + cells[i])));
            }
        }
        for (; i < count; i++) {
            mask[i] = _cvtsh_ss(halves[cells[i]]);
        }
        for (; i < GROUP_CELLS; i++) {
            mask[i] = -INFINITY;
        }
    }
};

} // namespace
