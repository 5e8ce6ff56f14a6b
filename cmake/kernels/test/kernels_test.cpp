// Tests the kernels without ggml's graphs: every set of kernels that runs on this machine, and the 512-bit ones in plain C++,
// times every weight type, times sizes around the borders of blocks, panels and tiles. Ends with 0 if all hold; prints what
// does not.
//
// Bounds. Columns are quantized to 8 bits, one scale for 32 values, or for 256 where few columns meet a K-quant, so each value is
// off by at most half a step, magnitude / 254. Against float64 the error of a product, relative to the norms of its row and column,
// is then at most 1 / 254 * sqrt(32), or sqrt(256), in the worst case and about 1 / 254 / sqrt(3) times the largest of 32 or 256
// normal values, 2.1 or 2.8, for normal data: 0.005 to 0.007 of the results' RMS; bound 0.02.
// Against a float64 sum over the same quantized columns only float rounding is left: bound 2e-6 times the square root of the
// number of blocks.
// Weights in floating point: with columns in F32 the only error is that of adding up in float. It grows with the running sum,
// on random data to about 2^-24 * 0.41 * sqrt(length) of the results' RMS; bound 2^-23 * sqrt(length). With columns rounded to
// BF16, 8 bits of precision, a value is off by at most 2^-9 of itself; bound 2^-8 of the RMS, and the one above against columns
// that are rounded alike.
//
// All memory that kernels see ends, or begins, at a page that must not be touched.
#include "../kernels.h"

#include "../table.h"
#include "ggml-quants.h"
#include "guarded.h"
#include "harness.h"
#include "vector_plain.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

int failures = 0;

void fail(const std::string & what) {
    printf("FAILED: %s\n", what.c_str());
    failures++;
}

namespace {

using llamapanama::kernels::Candidate;
using llamapanama::kernels::Candidates;
using llamapanama::kernels::Kernels;
using llamapanama::kernels::Product;

const char * const PAIRS = "plain, pairs of BF16";
#ifdef WITHOUT_PLAIN_VECTORS
const std::vector<const Kernels *> plain_sets;
#else
const Kernels plain = Table<AllTypes<Plain>>::kernels("plain");
const Kernels plain_pairs = Table<Bf16Only<Plain>>::kernels(PAIRS);
const std::vector<const Kernels *> plain_sets{&plain, &plain_pairs};
#endif

const ggml_type types[] = {GGML_TYPE_Q8_0, GGML_TYPE_Q4_0, GGML_TYPE_Q5_0, GGML_TYPE_Q5_1, GGML_TYPE_IQ4_NL, GGML_TYPE_Q4_K,
    GGML_TYPE_Q5_K, GGML_TYPE_Q6_K, GGML_TYPE_F16, GGML_TYPE_BF16};

bool is_float(ggml_type type) { return type == GGML_TYPE_F16 || type == GGML_TYPE_BF16; }

bool has_half_scale(ggml_type type) {
    return type == GGML_TYPE_Q8_0 || type == GGML_TYPE_Q4_0 || type == GGML_TYPE_Q5_0 || type == GGML_TYPE_IQ4_NL;
}


struct Case {
    ggml_type type;
    int64_t rows, length, columns;

    std::string text(const Kernels & kernels) const {
        return std::string(kernels.name) + " " + ggml_type_name(type) + ", " + std::to_string(rows) + " rows of "
            + std::to_string(length) + ", " + std::to_string(columns) + " columns";
    }
};

struct Data {
    explicit Data(const Case & c) : rows((size_t) (c.rows * c.length)), columns((size_t) (c.columns * c.length)) {
        std::mt19937 random((unsigned) (c.rows * 31 + c.length * 7 + c.columns));
        std::normal_distribution<float> normal;
        std::vector<float> original(rows.size());
        for (float & value : original) {
            value = normal(random);
        }
        for (float & value : columns) {
            value = normal(random);
        }
        weights.resize(ggml_row_size(c.type, c.length) * (size_t) c.rows);
        ggml_quantize_chunk(c.type, original.data(), weights.data(), 0, c.rows, c.length, nullptr);
        ggml_get_type_traits(c.type)->to_float(weights.data(), rows.data(), c.rows * c.length);
    }
    std::vector<float> rows;    // as the quantized weights mean them
    std::vector<float> columns;
    std::vector<char> weights;
};

bool rounds_to_bf16(const Kernels & kernels, const Case & c) {
    const bool pairs = std::string(kernels.name) == PAIRS || std::string(kernels.name) == "AVX-512 BF16";
    return pairs && c.columns >= 4;
}

// The columns as the kernels lay them out: with a scale per 32 or 256 and 8 bits, rounded to BF16, or as they are.
std::vector<float> rounded(const Kernels & kernels, const Case & c, const std::vector<float> & columns) {
    std::vector<float> result(columns);
    if (is_float(c.type)) {
        for (float & value : result) {
            value = rounds_to_bf16(kernels, c) ? ggml_bf16_to_fp32(ggml_fp32_to_bf16(value)) : value;
        }
        return result;
    }
    const bool half = has_half_scale(c.type);
    const size_t block = kernels.tile_columns(c.type, c.columns) == 1 ? std::max<size_t>(32, (size_t) ggml_blck_size(c.type)) : 32;
    for (size_t begin = 0; begin < columns.size(); begin += block) {
        float most = 0;
        for (size_t i = begin; i < begin + block; i++) {
            most = std::max(most, std::fabs(columns[i]));
        }
        const float scale = half ? ggml_fp16_to_fp32(ggml_fp32_to_fp16(most / 127)) : most / 127;
        const float factor = most == 0 ? 0 : 127 / most;
        for (size_t i = begin; i < begin + block; i++) {
            result[i] = scale * std::nearbyintf(columns[i] * factor);
        }
    }
    return result;
}

// results[column][row]; rows in tasks of `task_rows`
std::vector<float> multiply(
        const Kernels & kernels, const Case & c, const Data & data, int64_t task_rows, Guard guard = Guard::BEHIND) {
    const float untouched = 12345;
    const Guarded weights(guard, data.weights.size(), 2), values(guard, data.columns.size() * sizeof(float), 4);
    std::copy(data.weights.begin(), data.weights.end(), weights.data);
    std::memcpy(values.data, data.columns.data(), data.columns.size() * sizeof(float));
    const int64_t stride = c.rows + 1; // between columns of results is one that nobody writes
    const Guarded results(guard, (size_t) (c.columns * stride - 1) * sizeof(float), 4);
    auto * const first_result = (float *) results.data;
    std::fill(first_result, first_result + c.columns * stride - 1, untouched);
    std::vector<const float *> sources;
    std::vector<float *> targets;
    for (int64_t i = 0; i < c.columns; i++) {
        sources.push_back((const float *) values.data + i * c.length);
        targets.push_back(first_result + i * stride);
    }
    const Guarded columns(guard, kernels.columns_bytes(c.type, c.length, c.columns), is_float(c.type) ? 4 : 64);
    const int64_t tile = kernels.tile_columns(c.type, c.columns);
    for (int64_t first = 0; first < c.columns; first += tile) {
        kernels.lay_out(c.type, sources.data(), c.length, first, std::min(tile, c.columns - first), c.columns, columns.data);
    }
    const Product product{c.type, weights.data, ggml_row_size(c.type, c.length), c.length, columns.data, c.columns,
        targets.data()};
    const Guarded scratch(guard, kernels.scratch_bytes(product), 64);
    for (int64_t row = 0; row < c.rows; row += task_rows) {
        kernels.multiply(product, row, std::min(c.rows, row + task_rows), scratch.data);
    }
    std::vector<float> packed;
    for (int64_t i = 0; i < c.columns; i++) {
        packed.insert(packed.end(), targets[(size_t) i], targets[(size_t) i] + c.rows);
        if (i + 1 < c.columns && targets[(size_t) i][c.rows] != untouched) {
            fail(c.text(kernels) + ": written behind a column of results");
        }
    }
    return packed;
}

// Root of the mean squared difference, relative to the root of the mean square of what is right.
double error(const Case & c, const Data & data, const std::vector<float> & columns, const std::vector<float> & results) {
    double differences = 0, squares = 0;
    for (int64_t i = 0; i < c.columns; i++) {
        for (int64_t r = 0; r < c.rows; r++) {
            double right = 0;
            for (int64_t k = 0; k < c.length; k++) {
                right += (double) data.rows[(size_t) (r * c.length + k)] * columns[(size_t) (i * c.length + k)];
            }
            const double difference = results[(size_t) (i * c.rows + r)] - right;
            differences += difference * difference;
            squares += right * right;
        }
    }
    return std::sqrt(differences / squares); // not a number, and so no pass, where a result is missing
}

// The bounds above.
double most_rounding(const Case & c) {
    return is_float(c.type) ? std::ldexp(1.0, -23) * std::sqrt((double) c.length) : 2e-6 * std::sqrt((double) c.length / 32 + 1);
}

double most_off(const Kernels & kernels, const Case & c) {
    return !is_float(c.type) ? 0.02 : rounds_to_bf16(kernels, c) ? std::ldexp(1.0, -8) : most_rounding(c);
}

void check(const Kernels & kernels, const Case & c) {
    const Data data(c);
    const std::vector<float> results = multiply(kernels, c, data, c.rows + 16);
    const double off = error(c, data, data.columns, results);
    if (!(off < most_off(kernels, c))) {
        fail(c.text(kernels) + ": off by " + std::to_string(off) + " of the RMS");
    }
    const double rounding = error(c, data, rounded(kernels, c, data.columns), results);
    if (!(rounding < most_rounding(c))) {
        fail(c.text(kernels) + ": rounding of " + std::to_string(rounding * 1e6) + "e-6 of the RMS");
    }
    if (multiply(kernels, c, data, 16, Guard::BEFORE) != results) {
        fail(c.text(kernels) + ": the result depends on how rows are shared out");
    }
}

// A column's result must not depend on what is computed beside it, as long as the same loops compute it: those for few columns,
// which are tiles of one, or those for more.
void check_beside(const Kernels & kernels, const Case & c) {
    const Data data(c);
    const std::vector<float> together = multiply(kernels, c, data, c.rows + 16);
    for (const int64_t count : {1, 2, 3, 4, 5, 6, 7, 8, 9, 12}) {
        Case part = c;
        part.columns = count;
        Data some(part);
        some.weights = data.weights;
        std::vector<float> first;
        for (int64_t i = 0; i + count <= c.columns; i++) {
            some.columns.assign(data.columns.begin() + i * c.length, data.columns.begin() + (i + count) * c.length);
            const std::vector<float> results = multiply(kernels, part, some, c.rows + 16);
            const bool few = kernels.tile_columns(c.type, count) == 1;
            if (few == (kernels.tile_columns(c.type, c.columns) == 1) && !std::equal(results.begin(), results.end(), together.begin() + i * c.rows)) {
                fail(c.text(kernels) + ": " + std::to_string(count) + " columns come out differently alone");
            }
            part.columns = 1;
            for (int64_t k = 0; few && k < count; k++) {
                some.columns.assign(
                    data.columns.begin() + (i + k) * c.length, data.columns.begin() + (i + k + 1) * c.length);
                if (!std::equal(results.begin() + k * c.rows, results.begin() + (k + 1) * c.rows,
                        multiply(kernels, part, some, c.rows + 16).begin())) {
                    fail(c.text(kernels) + ": one of " + std::to_string(count) + " columns comes out differently alone");
                }
            }
            part.columns = count;
        }
    }
}

// The largest sums: all weights and all values as large as they can be, with either sign.
void check_largest(const Kernels & kernels, ggml_type type) {
    for (const int64_t columns : {1, 5}) {
        for (const float sign : {1.0f, -1.0f}) {
            const Case c{type, 16, 512, columns};
            Data data(c);
            std::vector<float> original(data.rows.size(), -1.0f);
            for (size_t i = 0; i < original.size(); i += 256) {
                original[i] = 1.0f; // so that types with a minimum have a range
            }
            std::fill(data.columns.begin(), data.columns.end(), sign);
            ggml_quantize_chunk(type, original.data(), data.weights.data(), 0, c.rows, c.length, nullptr);
            ggml_get_type_traits(type)->to_float(data.weights.data(), data.rows.data(), c.rows * c.length);
            if (!(error(c, data, data.columns, multiply(kernels, c, data, 16)) < 0.002)) {
                fail(c.text(kernels) + ": the largest sums");
            }
        }
    }
}

// Small and large columns: where ggml keeps a float scale for them, so must these.
void check_range(const Kernels & kernels, ggml_type type) {
    for (const float factor : {1e-3f, 1e-6f, 1e8f}) {
        const Case c{type, 16, 512, 5};
        Data data(c);
        for (float & value : data.columns) {
            value *= factor;
        }
        const double off = error(c, data, data.columns, multiply(kernels, c, data, 16));
        if (!(off < 0.02) && !(has_half_scale(type) && factor != 1e-3f)) {
            fail(c.text(kernels) + ": off by " + std::to_string(off) + " with columns of " + std::to_string(factor));
        }
    }
}

// All bytes of weights alike, the smallest and the largest among them, with the largest scale that there is; columns that are as
// large as they get once they are quantized, with either sign.
void check_extremes(const Kernels & kernels, ggml_type type) {
    struct Scales {
        ggml_type type;
        std::vector<size_t> at; // of the half-precision numbers of a unit
    };
    const Scales scales[] = {{GGML_TYPE_Q8_0, {0}}, {GGML_TYPE_Q4_0, {0}}, {GGML_TYPE_Q5_0, {0}}, {GGML_TYPE_Q5_1, {0, 2}},
        {GGML_TYPE_IQ4_NL, {0}}, {GGML_TYPE_Q4_K, {0, 2}}, {GGML_TYPE_Q5_K, {0, 2}}, {GGML_TYPE_Q6_K, {208}}};
    const uint16_t largest = 0x7bff;
    for (const Scales & of : scales) {
        for (const int byte : {0x00, 0x7f, 0x80, 0xff}) {
            for (const int64_t columns : {1, 3, 5}) {
                if (of.type != type) {
                    continue;
                }
                const Case c{type, 17, 512, columns};
                Data data(c);
                std::fill(data.weights.begin(), data.weights.end(), (char) byte);
                for (size_t unit = 0; unit < data.weights.size(); unit += ggml_type_size(type)) {
                    for (const size_t at : of.at) {
                        std::memcpy(data.weights.data() + unit + at, &largest, sizeof largest);
                    }
                }
                for (float & value : data.columns) {
                    value = value < 0 ? -1.0f : 1.0f;
                }
                ggml_get_type_traits(type)->to_float(data.weights.data(), data.rows.data(), c.rows * c.length);
                const double off = error(c, data, rounded(kernels, c, data.columns), multiply(kernels, c, data, 16));
                const bool zeros = std::all_of(data.rows.begin(), data.rows.end(), [](float w) { return w == 0; });
                if (!zeros && !(off < 2 * most_rounding(c))) {
                    fail(c.text(kernels) + ": off by " + std::to_string(off) + " with bytes of " + std::to_string(byte));
                }
            }
        }
    }
}

// Columns with an infinity, and very small ones.
void check_special(const Kernels & kernels, ggml_type type) {
    const Case c{type, 16, 256, 4};
    Data data(c);
    const float infinity = std::numeric_limits<float>::infinity();
    for (int64_t k = 0; k < c.length; k++) {
        data.columns[(size_t) k] = 0;
        data.columns[(size_t) (c.length + k)] = 1e-40f;
    }
    data.columns[(size_t) (2 * c.length + 5)] = infinity;
    const std::vector<float> results = multiply(kernels, c, data, 16);
    for (int64_t r = 0; r < c.rows; r++) {
        if (results[(size_t) r] != 0) {
            fail(c.text(kernels) + ": a column of zeros");
        }
        if (!(std::fabs(results[(size_t) (c.rows + r)]) < 1e-30f)) {
            fail(c.text(kernels) + ": a column of denormal numbers");
        }
        if (std::isfinite(results[(size_t) (2 * c.rows + r)])) {
            fail(c.text(kernels) + ": an infinity got lost");
        }
    }
}

void test_kernels() {
    std::vector<const Kernels *> sets = plain_sets;
    for (const Candidate & candidate : Candidates()) {
        if (candidate.runs_here()) {
            sets.push_back(candidate.kernels);
        } else {
            printf("%s: not on this CPU\n", candidate.kernels->name);
        }
    }
    for (const Kernels * kernels : sets) {
        int cases = 0;
        const auto count = [&](int more) { cases += more; };
        for (const ggml_type type : types) {
            if (kernels->tile_columns(type, 1) == 0) {
                continue;
            }
            const int64_t unit = ggml_blck_size(type);
            for (const int64_t rows : {16, 17, 31, 32, 33, 47}) {
                for (const int64_t units : {1, 2, 3}) {
                    check(*kernels, {type, rows, unit * units, (rows + units) % 14 + 1});
                    count(1);
                }
            }
            for (const int64_t columns : {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 24, 25}) {
                check(*kernels, {type, 16, 256, columns});
                count(1);
            }
            for (const int64_t columns : {1, 2, 3, 4, 6, 7, 8}) { // rows as they lie
                for (const int64_t units : {2, 3, 5, 7}) {
                    check(*kernels, {type, 17, unit * units, columns});
                    count(1);
                }
            }
            for (const int64_t length : {992, 1024, 1056, 2048, 2080}) { // around what is kept of a panel at a time
                for (const int64_t columns : {5, 13}) {
                    if (length % unit == 0) {
                        check(*kernels, {type, 20, length, columns});
                        count(1);
                    }
                }
            }
            if (is_float(type)) {
                // around lanes, what is unpacked at once, and what is kept of a panel
                for (const int64_t length : {7, 8, 9, 15, 16, 17, 31, 32, 33, 255, 256, 257, 511, 512, 513, 769}) {
                    for (const int64_t columns : {1, 3, 4, 14}) {
                        check(*kernels, {type, 19, length, columns});
                        count(1);
                    }
                }
                for (const int64_t columns : {95, 96, 97, 192, 193}) { // around those that pass together
                    check(*kernels, {type, 18, 33, columns});
                    count(1);
                }
            } else {
                check_largest(*kernels, type);
                check_extremes(*kernels, type);
                count(2);
            }
            check(*kernels, {type, 16, 4096, 90}); // more columns than pass at a time
            check_beside(*kernels, {type, 19, 1280, 13});
            check_special(*kernels, type);
            check_range(*kernels, type);
            count(4);
        }
        printf("%s: %d cases\n", kernels->name, cases);
    }
}

} // namespace

int main() {
    ggml_quantize_init(GGML_TYPE_IQ4_NL);
    test_kernels();
    test_operations();
    for (const Candidate & candidate : Candidates()) {
        if (candidate.runs_here() && candidate.kernels->attend != nullptr) {
            test_attention(*candidate.kernels);
        }
    }
    for (const Kernels * kernels : plain_sets) {
        if (kernels->attend != nullptr) {
            test_attention(*kernels);
        }
    }
    printf(failures == 0 ? "all hold\n" : "%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
