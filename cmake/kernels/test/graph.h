// Tensors for tests, and ggml's CPU backend.
#pragma once

#include "ggml-backend.h"
#include "ggml-cpu.h"
#include "guarded.h"
#include "harness.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

// The tensors of an operation, each between pages that must not be touched.
class Graph {
public:
    Graph() : context(ggml_init({64 * ggml_tensor_overhead() + ggml_graph_overhead(), nullptr, true}), ggml_free) {}

    ggml_context * get() const { return context.get(); }

    void allocate(ggml_tensor * tensor) {
        memory.push_back(std::make_unique<Guarded>(Guard::BEHIND, ggml_nbytes(tensor), 32));
        tensor->data = memory.back()->data;
    }

private:
    std::unique_ptr<ggml_context, void (*)(ggml_context *)> context;
    std::vector<std::unique_ptr<Guarded>> memory;
};

struct Random {
    std::mt19937 generator{7};
    std::normal_distribution<float> normal;

    void fill(ggml_tensor * tensor) {
        std::vector<float> values((size_t) ggml_nelements(tensor));
        std::generate(values.begin(), values.end(), [&] { return normal(generator); });
        if (tensor->type == GGML_TYPE_F32) {
            std::memcpy(tensor->data, values.data(), values.size() * sizeof(float));
        } else {
            ggml_quantize_chunk(tensor->type, values.data(), tensor->data, 0, ggml_nrows(tensor), tensor->ne[0], nullptr);
        }
    }
};

// The CPU backend, as llama.cpp loads it.
inline ggml_backend_t cpu_backend() {
    static const ggml_backend_t backend = [] {
        ggml_backend_load_all_from_path(std::filesystem::read_symlink("/proc/self/exe").parent_path().c_str());
        return ggml_backend_init_by_type(GGML_BACKEND_DEVICE_TYPE_CPU, nullptr);
    }();
    return backend;
}

inline std::vector<float> theirs(Graph & graph, ggml_tensor * op) {
    ggml_cgraph * compute = ggml_new_graph(graph.get());
    ggml_build_forward_expand(compute, op);
    if (ggml_backend_graph_compute(cpu_backend(), compute) != GGML_STATUS_SUCCESS) {
        fail(std::string(ggml_op_desc(op)) + ": the CPU backend");
    }
    return {(float *) op->data, (float *) op->data + ggml_nelements(op)};
}
