// Tests the kernels without ggml's graphs: every set of kernels that runs on this machine, and the 512-bit ones in plain C++,
// times every weight type, times sizes around the borders of blocks, panels and tiles. Ends with 0 if all hold; prints what
// does not.
//
// Bounds. Columns are quantized to 8 bits, one scale for 32 values, so each value is off by at most half a step, magnitude /
// 254. Against float64 the error of a product, relative to the norms of its row and column, is then at most 1 / 254 * sqrt(32)
// in the worst case and about 1 / 254 / sqrt(3) for normal data; measured 0.0045 to 0.007 of the results' RMS, bound 0.02.
// Against a float64 sum over the same quantized columns only float rounding is left: bound 2e-6 times the square root of the
// number of blocks.
#include "../kernels.h"

#include "../table.h"
#include "ggml-quants.h"
#include "vector_plain.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using llamapanama::kernels::Candidate;
using llamapanama::kernels::Candidates;
using llamapanama::kernels::Kernels;
using llamapanama::kernels::Product;

const Kernels plain = Table<AllTypes<Plain>>::kernels("plain");

const ggml_type types[] = {GGML_TYPE_Q8_0, GGML_TYPE_Q4_0, GGML_TYPE_Q5_0, GGML_TYPE_Q5_1, GGML_TYPE_IQ4_NL, GGML_TYPE_Q4_K,
    GGML_TYPE_Q5_K, GGML_TYPE_Q6_K};

int failures = 0;

void fail(const std::string & what) {
    printf("FAILED: %s\n", what.c_str());
    failures++;
}

// Memory as the kernels want it.
struct Bytes {
    explicit Bytes(size_t size) : data((char *) std::aligned_alloc(64, (size + 63) / 64 * 64)) {}
    ~Bytes() { std::free(data); }
    char * data;
};

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

// The columns as a scale per 32 and 8 bits leave them.
std::vector<float> rounded(ggml_type type, const std::vector<float> & columns) {
    const bool half = type == GGML_TYPE_Q8_0 || type == GGML_TYPE_Q4_0 || type == GGML_TYPE_Q5_0 || type == GGML_TYPE_IQ4_NL;
    std::vector<float> result(columns.size());
    for (size_t begin = 0; begin < columns.size(); begin += 32) {
        float most = 0;
        for (size_t i = begin; i < begin + 32; i++) {
            most = std::max(most, std::fabs(columns[i]));
        }
        const float scale = half ? ggml_fp16_to_fp32(ggml_fp32_to_fp16(most / 127)) : most / 127;
        const float factor = most == 0 ? 0 : 127 / most;
        for (size_t i = begin; i < begin + 32; i++) {
            result[i] = scale * std::nearbyintf(columns[i] * factor);
        }
    }
    return result;
}

// results[column][row]; rows in tasks of `task_rows`
std::vector<float> multiply(const Kernels & kernels, const Case & c, const Data & data, int64_t task_rows) {
    std::vector<float> results((size_t) (c.columns * c.rows), std::nanf(""));
    std::vector<const float *> sources;
    std::vector<float *> targets;
    for (int64_t i = 0; i < c.columns; i++) {
        sources.push_back(data.columns.data() + i * c.length);
        targets.push_back(results.data() + i * c.rows);
    }
    const Bytes columns(kernels.columns_bytes(c.type, c.length, c.columns));
    const int64_t tile = kernels.tile_columns(c.type, c.columns);
    for (int64_t first = 0; first < c.columns; first += tile) {
        kernels.lay_out(c.type, sources.data(), c.length, first, std::min(tile, c.columns - first), c.columns, columns.data);
    }
    const Product product{c.type, data.weights.data(), ggml_row_size(c.type, c.length), c.length, columns.data, c.columns,
        targets.data()};
    const Bytes scratch(kernels.scratch_bytes(product));
    for (int64_t row = 0; row < c.rows; row += task_rows) {
        kernels.multiply(product, row, std::min(c.rows, row + task_rows), scratch.data);
    }
    return results;
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

void check(const Kernels & kernels, const Case & c) {
    const Data data(c);
    const std::vector<float> results = multiply(kernels, c, data, c.rows + 16);
    const double quantization = error(c, data, data.columns, results);
    if (!(quantization < 0.02)) {
        fail(c.text(kernels) + ": off by " + std::to_string(quantization) + " of the RMS");
    }
    const double rounding = error(c, data, rounded(c.type, data.columns), results);
    if (!(rounding < 2e-6 * std::sqrt((double) c.length / 32 + 1))) {
        fail(c.text(kernels) + ": rounding of " + std::to_string(rounding * 1e6) + "e-6 of the RMS");
    }
    if (multiply(kernels, c, data, 16) != results) {
        fail(c.text(kernels) + ": the result depends on how rows are shared out");
    }
}

// A column's result must not depend on what is computed beside it, as long as the same loops compute it: those for up to three
// columns, or those for more.
void check_beside(const Kernels & kernels, const Case & c) {
    const Data data(c);
    const std::vector<float> together = multiply(kernels, c, data, c.rows + 16);
    for (const int64_t count : {1, 2, 3, 4, 5, 12}) {
        Case part = c;
        part.columns = count;
        Data some(part);
        some.weights = data.weights;
        std::vector<float> first;
        for (int64_t i = 0; i + count <= c.columns; i++) {
            some.columns.assign(data.columns.begin() + i * c.length, data.columns.begin() + (i + count) * c.length);
            const std::vector<float> results = multiply(kernels, part, some, c.rows + 16);
            if (count >= 4 && !std::equal(results.begin(), results.end(), together.begin() + i * c.rows)) {
                fail(c.text(kernels) + ": " + std::to_string(count) + " columns come out differently alone");
            }
            part.columns = 1;
            some.columns.resize((size_t) c.length);
            if (count < 4 && !std::equal(results.begin(), results.begin() + c.rows,
                    multiply(kernels, part, some, c.rows + 16).begin())) {
                fail(c.text(kernels) + ": one of " + std::to_string(count) + " columns comes out differently alone");
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
        const bool half = type == GGML_TYPE_Q8_0 || type == GGML_TYPE_Q4_0 || type == GGML_TYPE_Q5_0 || type == GGML_TYPE_IQ4_NL;
        const double off = error(c, data, data.columns, multiply(kernels, c, data, 16));
        if (!(off < 0.02) && !(half && factor != 1e-3f)) {
            fail(c.text(kernels) + ": off by " + std::to_string(off) + " with columns of " + std::to_string(factor));
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
        if (std::fabs(results[(size_t) (c.rows + r)]) > 1e-30f) {
            fail(c.text(kernels) + ": a column of denormal numbers");
        }
        if (std::isfinite(results[(size_t) (2 * c.rows + r)])) {
            fail(c.text(kernels) + ": an infinity got lost");
        }
    }
}

} // namespace

int main() {
    ggml_quantize_init(GGML_TYPE_IQ4_NL);
    std::vector<const Kernels *> sets{&plain};
    for (const Candidate & candidate : Candidates()) {
        if (candidate.runs_here()) {
            sets.push_back(candidate.kernels);
        } else {
            printf("%s: not on this CPU\n", candidate.kernels->name);
        }
    }
    for (const Kernels * kernels : sets) {
        int cases = 0;
        for (const ggml_type type : types) {
            const int64_t unit = ggml_blck_size(type);
            for (const int64_t rows : {16, 17, 31, 32, 33, 47}) {
                for (const int64_t units : {1, 2, 3}) {
                    check(*kernels, {type, rows, unit * units, (rows + units) % 14 + 1});
                    cases++;
                }
            }
            for (const int64_t columns : {1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 24, 25}) {
                check(*kernels, {type, 16, 256, columns});
                cases++;
            }
            for (const int64_t length : {992, 1024, 1056, 2048, 2080}) { // around what is kept of a panel at a time
                if (length % unit == 0) {
                    check(*kernels, {type, 20, length, 5});
                    cases++;
                }
            }
            check(*kernels, {type, 16, 4096, 90}); // more columns than pass at a time
            check_beside(*kernels, {type, 19, 1280, 13});
            check_special(*kernels, type);
            check_largest(*kernels, type);
            check_range(*kernels, type);
            cases += 5;
        }
        printf("%s: %d cases\n", kernels->name, cases);
    }
    printf(failures == 0 ? "all hold\n" : "%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
