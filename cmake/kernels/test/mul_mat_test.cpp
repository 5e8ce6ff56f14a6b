// Tests mul_mat.cpp with ggml's tensors: any number of threads gives the same bits, strides and several dimensions of columns
// are followed, experts get their columns, and special values come out as they do from ggml's CPU backend, which is loaded from
// the program's own folder.
//
// Special values. Of each result it must be the same on both sides whether it is finite; and for weights in floating point also
// whether it is an infinity or no number. Types whose columns are quantized turn an infinity into a scale, and what comes of
// infinity times a sum of integers depends on how the sum is split: an infinity on one side may be no number on the other.
//
// Where the CPU backend overflows and the kernels do not, since it rounds more (may_overflow_there; that it does is asserted, and
// that the kernels' results are finite at least wherever its are):
// - weights in F16: it rounds columns to F16, and 1e5 does not fit
// - weights in BF16: it rounds columns to BF16, and the largest float becomes an infinity
// - Q5_1: it keeps the scaled sum of a block's values in F16
// - Q6_K: sums on the way, of 256 values with the scale of the largest float, do not fit
#include "../mul_mat.h"

#include "graph.h"
#include "harness.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace {

using namespace llamapanama::kernels;

const ggml_type types[] = {GGML_TYPE_Q8_0, GGML_TYPE_Q4_0, GGML_TYPE_Q5_0, GGML_TYPE_Q5_1, GGML_TYPE_IQ4_NL, GGML_TYPE_Q4_K,
    GGML_TYPE_Q5_K, GGML_TYPE_Q6_K, GGML_TYPE_F16, GGML_TYPE_BF16};

std::string text(const ggml_tensor * op) {
    return std::string(ggml_op_desc(op)) + " " + ggml_type_name(op->src[0]->type) + ", " + std::to_string(op->src[0]->ne[1])
        + " rows of " + std::to_string(op->src[0]->ne[0]) + ", columns " + std::to_string(op->src[1]->ne[1]) + " x "
        + std::to_string(op->src[1]->ne[2]) + " x " + std::to_string(op->src[1]->ne[3]);
}

std::vector<float> ours(ggml_tensor * op, int threads, Workspace & workspace) {
    const auto count = (size_t) ggml_nelements(op);
    std::fill((float *) op->data, (float *) op->data + count, std::nanf(""));
    const Kernels & kernels = *best_kernels(op->src[0]->type);
    const bool done = op->op == GGML_OP_MUL_MAT ? mul_mat(kernels, Team(threads), workspace, op)
                                                : mul_mat_id(kernels, Team(threads), workspace, op);
    if (!can_multiply(op) || !done) {
        fail(text(op) + ": not taken");
    }
    return {(float *) op->data, (float *) op->data + count};
}

// Root of the mean squared difference, relative to the root of the mean square.
double difference(const std::vector<float> & a, const std::vector<float> & b) {
    double differences = 0, squares = 0;
    for (size_t i = 0; i < a.size(); i++) {
        differences += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        squares += (double) b[i] * b[i];
    }
    return std::sqrt(differences / squares);
}

// The same with any number of threads, and what the CPU backend computes, but for how columns are rounded: by up to 1/254 of
// the largest of 32 or 256 values, not always as many there as here.
void check_operation(Graph & graph, ggml_tensor * op, Workspace & workspace) {
    const std::vector<float> one = ours(op, 1, workspace);
    for (const int threads : {2, 3, 4, 7}) {
        if (ours(op, threads, workspace) != one) {
            fail(text(op) + ": differs with " + std::to_string(threads) + " threads");
        }
    }
    const double off = difference(one, theirs(graph, op));
    if (!(off < 0.03)) {
        fail(text(op) + ": " + std::to_string(off) + " of the RMS from the CPU backend's");
    }
}

void check_mul_mat(ggml_type type, int64_t rows, int64_t length, int64_t n1, int64_t n2, int64_t n3, Workspace & workspace) {
    Graph graph;
    ggml_tensor * weights = ggml_new_tensor_2d(graph.get(), type, length, rows);
    ggml_tensor * wide = ggml_new_tensor_4d(graph.get(), GGML_TYPE_F32, length + 3, n2, n1, n3);
    graph.allocate(weights);
    graph.allocate(wide);
    Random random;
    random.fill(weights);
    random.fill(wide);
    // columns with a stride, and their first two dimensions the other way round
    ggml_tensor * part = ggml_view_4d(graph.get(), wide, length, n2, n1, n3, wide->nb[1], wide->nb[2], wide->nb[3],
        3 * sizeof(float));
    ggml_tensor * op = ggml_mul_mat(graph.get(), weights, ggml_permute(graph.get(), part, 0, 2, 1, 3));
    part->data = op->src[1]->data = (char *) wide->data + 3 * sizeof(float);
    graph.allocate(op);
    check_operation(graph, op, workspace);
}

void check_mul_mat_id(
        ggml_type type, int64_t length, int64_t experts, int64_t used, int64_t tokens, bool broadcast, Workspace & workspace) {
    Graph graph;
    ggml_tensor * weights = ggml_new_tensor_3d(graph.get(), type, length, 33, experts);
    ggml_tensor * columns = ggml_new_tensor_3d(graph.get(), GGML_TYPE_F32, length, broadcast ? 1 : used, tokens);
    ggml_tensor * ids = ggml_new_tensor_2d(graph.get(), GGML_TYPE_I32, used, tokens);
    ggml_tensor * op = ggml_mul_mat_id(graph.get(), weights, columns, ids);
    for (ggml_tensor * tensor : {weights, columns, ids, op}) {
        graph.allocate(tensor);
    }
    Random random;
    random.fill(weights);
    random.fill(columns);
    for (int64_t token = 0; token < tokens; token++) {
        for (int64_t slot = 0; slot < used; slot++) { // different ones for a token; the last expert has none
            ((int32_t *) ids->data)[token * used + slot] = (int32_t) ((token * token + slot) % (experts - 1));
        }
    }
    check_operation(graph, op, workspace);
}

struct Special {
    const char * name;
    float a, b; // at two places of a column
};

bool may_overflow_there(ggml_type type, const Special & special) {
    switch (type) {
        case GGML_TYPE_F16:  return std::isfinite(special.a) && special.a >= 1e5f;
        case GGML_TYPE_BF16: return special.a == std::numeric_limits<float>::max();
        case GGML_TYPE_Q5_1: return std::isnan(special.a) || special.a == 1e5f;
        case GGML_TYPE_Q6_K: return special.a == std::numeric_limits<float>::max();
        default:             return false;
    }
}

// How many results are finite here only.
int compare_special_values(ggml_type type, const Special & special, int64_t columns, Workspace & workspace) {
    Graph graph;
    ggml_tensor * weights = ggml_new_tensor_2d(graph.get(), type, 512, 16);
    ggml_tensor * values = ggml_new_tensor_2d(graph.get(), GGML_TYPE_F32, 512, columns);
    ggml_tensor * op = ggml_mul_mat(graph.get(), weights, values);
    for (ggml_tensor * tensor : {weights, values, op}) {
        graph.allocate(tensor);
    }
    Random random;
    random.fill(weights);
    random.fill(values);
    ((float *) values->data)[5] = special.a; // of the first column; the others stay as they are
    ((float *) values->data)[300] = special.b;
    const std::vector<float> here = ours(op, 1, workspace), there = theirs(graph, op);
    int only_here = 0;
    for (size_t i = 0; i < here.size(); i++) {
        const bool floats = type == GGML_TYPE_F16 || type == GGML_TYPE_BF16, first_column = i < 16;
        if (std::isfinite(here[i]) && !std::isfinite(there[i]) && first_column && may_overflow_there(type, special)) {
            only_here++;
        } else if (std::isfinite(here[i]) != std::isfinite(there[i])
                || (floats && std::isnan(here[i]) != std::isnan(there[i]))) {
            fail(text(op) + ", " + special.name + ", result " + std::to_string(i) + ": " + std::to_string(here[i]) + " here, "
                + std::to_string(there[i]) + " there");
        }
    }
    return only_here;
}

void check_special_values(ggml_type type, Workspace & workspace) {
    const float infinity = std::numeric_limits<float>::infinity(), none = std::nanf("");
    for (const Special & special : {Special{"an infinity", infinity, 1}, {"a negative infinity", -infinity, 1},
            {"two infinities", infinity, -infinity}, {"no number", none, 1}, {"denormal numbers", 1e-40f, -1e-42f},
            {"a large number", 1e5f, 1}, {"the largest number", std::numeric_limits<float>::max(), 1}}) {
        int only_here = 0;
        for (const int64_t columns : {1, 2, 5, 16}) {
            only_here += compare_special_values(type, special, columns, workspace);
        }
        if (may_overflow_there(type, special) && only_here == 0) {
            fail(std::string(ggml_type_name(type)) + ", " + special.name + ": the CPU backend does not overflow any more");
        }
    }
}

} // namespace

// Each number once, whoever asks; and first those of one's own share.
static void test_shares() {
    for (const int threads : {1, 3, 64, 65, 200}) {
        for (const int64_t count : {0, 1, 7, 1000}) {
            Shares shares(count, threads);
            std::vector<int> seen((size_t) count);
            int64_t number, first = -1;
            while (shares.take(threads - 1, number)) {
                if (number < 0 || number >= count || seen[(size_t) number]++ != 0) {
                    fail("shares of " + std::to_string(threads) + " threads: " + std::to_string(number) + " of " + std::to_string(count));
                    return;
                }
                first = first < 0 ? number : first;
            }
            if (std::count(seen.begin(), seen.end(), 1) != count || (threads <= 64 && count > 0 && first != count * (threads - 1) / threads)) {
                fail("shares of " + std::to_string(threads) + " threads and " + std::to_string(count) + " numbers");
            }
        }
    }
}

void test_operations() {
    test_shares();
    if (best_kernels(GGML_TYPE_Q8_0) == nullptr) {
        return;
    }
    Workspace workspace; // one for all, as in a context
    int cases = 0;
    for (const ggml_type type : types) {
        const int64_t length = 512; // the smallest that all types and the strides have
        for (const auto & [n1, n2, n3] : {std::array<int64_t, 3>{1, 1, 1}, {2, 1, 1}, {3, 2, 1}, {5, 1, 3}, {7, 3, 2}, {61, 1, 1}}) {
            check_mul_mat(type, 49, length, n1, n2, n3, workspace);
            cases++;
        }
        for (const bool broadcast : {false, true}) {
            check_mul_mat_id(type, 256, 5, 2, 9, broadcast, workspace);
            check_mul_mat_id(type, 256, 33, 4, 3, broadcast, workspace); // more experts than are used
            check_mul_mat_id(type, 256, 3, 2, 120, broadcast, workspace);
            for (const int64_t odd : {3, 7}) { // blocks
                check_mul_mat_id(type, odd * ggml_blck_size(type), 5, 2, 3, broadcast, workspace);
            }
            cases += 5;
        }
        check_special_values(type, workspace);
        cases += 7 * 4;
    }
    printf("operations: %d cases\n", cases);
}
