// Tests attention.cpp and a set of kernels with ggml's tensors, against float64 and against the CPU backend: number formats, sizes
// around groups of cells, panels and tiles, heads that share keys, what tokens may see, any number of threads.
//
// Bounds. All is computed in float from exact keys, values and queries, so that errors are those of sums: a score is off by about
// 2^-24 * sqrt(length) of the sum of its products' magnitudes, and a weight by as much. Against float64, relative to the largest
// value: measured 1.4e-6 at most, bound 1e-5. The CPU backend rounds queries and sums of values to F16 for caches in F16, and
// queries to 8 bits for those in Q8_0: bound 0.02 of the RMS.
//
// Cells that no token sees hold what is no number; reading them would show in the results.
#include "../attention.h"

#include "graph.h"

#include <cmath>
#include <limits>

namespace {

using namespace llamapanama::kernels;

enum class Sight { ALL, CAUSAL, SEQUENCES, NOTHING_FOR_SOME };

struct Case {
    ggml_type key_type, value_type;
    int64_t key_length, value_length, heads, groups, tokens, cells, streams;
    Sight sight;
    float max_bias = 0, softcap = 0;
    bool sinks = false;

    std::string text(const Kernels & kernels) const {
        return std::string(kernels.name) + " attention " + ggml_type_name(key_type) + " " + std::to_string(key_length) + ", "
            + ggml_type_name(value_type) + " " + std::to_string(value_length) + ", heads " + std::to_string(heads) + " / "
            + std::to_string(groups) + ", tokens " + std::to_string(tokens) + ", cells " + std::to_string(cells) + ", streams "
            + std::to_string(streams) + ", sight " + std::to_string((int) sight) + ", bias " + std::to_string(max_bias)
            + ", cap " + std::to_string(softcap) + (sinks ? ", sinks" : "");
    }

    bool sees(int64_t token, int64_t cell) const {
        switch (sight) {
            case Sight::CAUSAL:           return cell <= cells - tokens + token;
            case Sight::SEQUENCES:        return cell < cells / 4 || (cell % 5 == token % 5 && cell % 7 != 3); // one prefix
            case Sight::NOTHING_FOR_SOME: return token % 3 != 1 && cell % 2 == 0;
            default:                      return true;
        }
    }
};

bool is_float(ggml_type type) { return type != GGML_TYPE_Q8_0; }

// A tensor's rows as floats.
std::vector<float> floats(const ggml_tensor * tensor) {
    std::vector<float> values((size_t) ggml_nelements(tensor));
    if (tensor->type == GGML_TYPE_F32) {
        std::memcpy(values.data(), tensor->data, values.size() * sizeof(float));
    } else {
        ggml_get_type_traits(tensor->type)->to_float(tensor->data, values.data(), (int64_t) values.size());
    }
    return values;
}

struct Tensors {
    explicit Tensors(const Case & c) : c(c) {
        ggml_context * context = graph.get();
        q = ggml_new_tensor_4d(context, GGML_TYPE_F32, c.key_length, c.heads, c.tokens, c.streams);
        k = ggml_new_tensor_4d(context, c.key_type, c.key_length, c.groups, c.cells, c.streams);
        v = ggml_new_tensor_4d(context, c.value_type, c.value_length, c.groups, c.cells, c.streams);
        Random random;
        for (ggml_tensor * tensor : {q, k, v}) {
            graph.allocate(tensor);
            random.fill(tensor);
        }
        if (c.sight != Sight::ALL) {
            mask = ggml_new_tensor_4d(context, GGML_TYPE_F16, c.cells, c.tokens, 1, c.streams);
            graph.allocate(mask);
            auto * half = (ggml_fp16_t *) mask->data;
            for (int64_t row = 0; row < c.tokens * c.streams; row++) {
                for (int64_t cell = 0; cell < c.cells; cell++) {
                    *half++ = ggml_fp32_to_fp16(c.sees(row % c.tokens, cell)
                        ? (c.max_bias > 0 ? -(float) (c.cells - cell) : 0.0f) : -std::numeric_limits<float>::infinity());
                }
            }
            hide();
        }
        op = ggml_flash_attn_ext(context, ggml_permute(context, q, 0, 2, 1, 3), ggml_permute(context, k, 0, 2, 1, 3),
            ggml_permute(context, v, 0, 2, 1, 3), mask, scale(), c.max_bias, c.softcap);
        if (c.sinks) {
            sinks = ggml_new_tensor_1d(context, GGML_TYPE_F32, c.heads);
            graph.allocate(sinks);
            random.fill(sinks);
            ggml_flash_attn_ext_add_sinks(op, sinks);
        }
        graph.allocate(op);
    }

    float scale() const { return 1 / std::sqrt((float) c.key_length); }

    // What nobody sees becomes no number.
    void hide() {
        for (int64_t cell = 0; cell < c.cells; cell++) {
            bool seen = false;
            for (int64_t t = 0; t < c.tokens; t++) {
                seen = seen || c.sees(t, cell);
            }
            for (int64_t s = 0; !seen && s < c.streams; s++) {
                for (ggml_tensor * tensor : {k, v}) {
                    if (is_float(tensor->type)) { // all bits set
                        std::memset((char *) tensor->data + cell * (int64_t) tensor->nb[2] + s * (int64_t) tensor->nb[3], 0xff,
                            tensor->nb[2]);
                    }
                }
            }
        }
    }

    // In float64.
    std::vector<double> expected() const {
        const std::vector<float> queries = floats(q), keys = floats(k), values = floats(v);
        std::vector<double> results((size_t) ggml_nelements(op));
        std::vector<double> weights((size_t) c.cells);
        for (int64_t s = 0; s < c.streams; s++) {
            for (int64_t t = 0; t < c.tokens; t++) {
                for (int64_t h = 0; h < c.heads; h++) {
                    const int64_t group = h / (c.heads / c.groups);
                    double highest = sinks == nullptr ? -1e300 : ((const float *) sinks->data)[h];
                    for (int64_t cell = 0; cell < c.cells; cell++) {
                        if (!c.sees(t, cell)) {
                            continue;
                        }
                        double score = 0;
                        for (int64_t i = 0; i < c.key_length; i++) {
                            score += (double) queries[(size_t) (((s * c.tokens + t) * c.heads + h) * c.key_length + i)]
                                * keys[(size_t) (((s * c.cells + cell) * c.groups + group) * c.key_length + i)];
                        }
                        score *= scale();
                        score = c.softcap == 0 ? score : c.softcap * std::tanh(score / c.softcap);
                        score += c.max_bias > 0 ? -(double) (c.cells - cell) * slope(h) : 0;
                        weights[(size_t) cell] = score;
                        highest = std::max(highest, score);
                    }
                    double sum = sinks == nullptr ? 0 : std::exp(((const float *) sinks->data)[h] - highest);
                    double * result = &results[(size_t) (((s * c.tokens + t) * c.heads + h) * c.value_length)];
                    for (int64_t cell = 0; cell < c.cells; cell++) {
                        if (!c.sees(t, cell)) {
                            continue;
                        }
                        const double weight = std::exp(weights[(size_t) cell] - highest);
                        sum += weight;
                        for (int64_t i = 0; i < c.value_length; i++) {
                            result[i] += weight * values[(size_t) (((s * c.cells + cell) * c.groups + group) * c.value_length + i)];
                        }
                    }
                    for (int64_t i = 0; i < c.value_length; i++) {
                        result[i] = sum == 0 ? 0 : result[i] / sum;
                    }
                }
            }
        }
        return results;
    }

    // For numbers of heads that are a power of 2.
    double slope(int64_t head) const { return std::pow(2.0, -c.max_bias * (double) (head + 1) / (double) c.heads); }

    const Case & c;
    Graph graph;
    ggml_tensor * q, * k, * v, * mask = nullptr, * sinks = nullptr, * op;
};

std::vector<float> ours(const Kernels & kernels, ggml_tensor * op, int threads, Workspace & workspace) {
    const auto count = (size_t) ggml_nelements(op);
    std::fill_n((float *) op->data, count, std::nanf(""));
    if (!can_attend(kernels, op) || !attend(kernels, Team(threads), workspace, op)) {
        fail("attention is not taken");
    }
    return {(float *) op->data, (float *) op->data + count};
}

void check(const Kernels & kernels, const Case & c, Workspace & workspace) {
    Tensors tensors(c);
    const std::vector<float> one = ours(kernels, tensors.op, 1, workspace);
    for (const int threads : {2, 3, 7}) {
        if (ours(kernels, tensors.op, threads, workspace) != one) {
            fail(c.text(kernels) + ": differs with " + std::to_string(threads) + " threads");
        }
    }
    const std::vector<double> expected = tensors.expected();
    double most = 0, off = 0;
    for (size_t i = 0; i < one.size(); i++) {
        most = std::max(most, std::fabs(expected[i]));
        off = std::isnan(one[i]) ? INFINITY : std::max(off, std::fabs(one[i] - expected[i]));
    }
    if (!(off <= 1e-5 * most)) {
        fail(c.text(kernels) + ": " + std::to_string(off) + " from float64, values are up to " + std::to_string(most));
    }
    const std::vector<float> there = theirs(tensors.graph, tensors.op);
    double differences = 0, squares = 0;
    for (size_t i = 0; i < one.size(); i++) {
        differences += ((double) one[i] - there[i]) * ((double) one[i] - there[i]);
        squares += (double) there[i] * there[i];
    }
    if (!(differences <= 0.02 * 0.02 * squares)) {
        fail(c.text(kernels) + ": " + std::to_string(std::sqrt(differences / squares)) + " of the RMS from the CPU backend's");
    }
}

// A query, a key or a value that is no finite number makes results so that it does in the CPU backend, and no others.
void check_special_values(const Kernels & kernels, Workspace & workspace) {
    const Case c{GGML_TYPE_F32, GGML_TYPE_F32, 64, 64, 4, 2, 5, 70, 1, Sight::CAUSAL};
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float special : {std::nanf(""), infinity, -infinity, 1e-40f}) {
        for (int which = 0; which < 3; which++) {
            Tensors tensors(c);
            ggml_tensor * tensor = which == 0 ? tensors.q : which == 1 ? tensors.k : tensors.v;
            ((float *) tensor->data)[2 * tensor->nb[2] / sizeof(float) + 3] = special; // of the third token or cell
            const std::vector<float> here = ours(kernels, tensors.op, 1, workspace), there = theirs(tensors.graph, tensors.op);
            for (size_t i = 0; i < here.size(); i++) {
                // an infinite score has all the weight there, and is no number here
                const bool infinite_score = std::isinf(special) && which < 2;
                if (std::isfinite(here[i]) != std::isfinite(there[i]) && !(infinite_score && !std::isfinite(here[i]))) {
                    fail(std::string(kernels.name) + " attention with " + std::to_string(special) + " in tensor "
                        + std::to_string(which) + ", result " + std::to_string(i) + ": " + std::to_string(here[i]) + " here, "
                        + std::to_string(there[i]) + " there");
                    break;
                }
            }
        }
    }
}

} // namespace

void test_attention(const Kernels & kernels) {
    Workspace workspace;
    int cases = 0;
    const auto run = [&](const Case & c) {
        check(kernels, c, workspace);
        cases++;
    };
    const ggml_type F16 = GGML_TYPE_F16;
    for (const ggml_type type : {GGML_TYPE_F32, GGML_TYPE_F16, GGML_TYPE_BF16, GGML_TYPE_Q8_0}) {
        for (const Sight sight : {Sight::ALL, Sight::CAUSAL, Sight::SEQUENCES, Sight::NOTHING_FOR_SOME}) {
            run({type, type, 64, 64, 14, 2, 11, 300, 1, sight});
            run({type, type, 128, 96, 4, 4, 2, 65, 2, sight});
        }
    }
    run({GGML_TYPE_Q8_0, F16, 64, 64, 8, 2, 3, 130, 1, Sight::CAUSAL});
    run({GGML_TYPE_BF16, GGML_TYPE_Q8_0, 64, 64, 8, 2, 3, 130, 1, Sight::CAUSAL});
    run({F16, F16, 576, 512, 16, 1, 4, 100, 1, Sight::CAUSAL}); // one head of keys for all
    run({F16, F16, 16, 16, 71, 1, 2, 90, 1, Sight::SEQUENCES});
    for (const int64_t cells : {1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 511, 513}) {
        for (const int64_t tokens : {1, 2, 7}) {
            run({F16, F16, 64, 64, 6, 2, tokens, cells, 1, tokens > cells ? Sight::ALL : Sight::CAUSAL});
        }
    }
    for (const int64_t heads : {1, 2, 3, 5, 6, 7, 12, 13}) { // rows around a tile's
        run({F16, F16, 32, 32, heads, 1, 1, 200, 1, Sight::CAUSAL});
    }
    for (const int64_t cells : {1023, 1024, 1300, 5000}) { // the cells are shared out
        run({F16, F16, 64, 64, 14, 2, 1, cells, 1, Sight::CAUSAL});
        run({F16, F16, 64, 64, 14, 2, 3, cells, 1, Sight::SEQUENCES});
    }
    run({F16, F16, 64, 64, 8, 4, 150, 400, 1, Sight::CAUSAL}); // many blocks
    run({F16, F16, 64, 64, 8, 4, 40, 900, 1, Sight::SEQUENCES});
    run({F16, F16, 64, 64, 8, 2, 5, 1500, 1, Sight::CAUSAL, 8.0f});
    run({F16, F16, 64, 64, 8, 2, 5, 150, 1, Sight::CAUSAL, 0, 3.0f});
    run({F16, F16, 64, 64, 8, 2, 5, 1500, 1, Sight::NOTHING_FOR_SOME, 0, 0, true});
    check_special_values(kernels, workspace);
    printf("%s, attention: %d cases\n", kernels.name, cases + 12);
}
