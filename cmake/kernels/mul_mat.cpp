#include "mul_mat.h"

#include <algorithm>
#include <vector>

namespace llamapanama::kernels {

namespace {

// Which of ggml's op parameters: llama.cpp marks products with a Hadamard matrix, which the CPU backend does faster.
constexpr int HINT_PARAMETER = 1;

constexpr int64_t TASKS_PER_THREAD = 8; // so that a thread that was late does not hold up the others for long

// With fewer columns one thread has quantized them before the others are there.
constexpr int64_t FEWEST_QUANTIZED_TOGETHER = 4;

size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

// Rows of a task, a multiple of a panel's.
int64_t rows_of_task(int64_t rows, int64_t tasks) {
    const int64_t panels = (rows + PANEL_ROWS - 1) / PANEL_ROWS;
    return std::max<int64_t>(1, panels / std::max<int64_t>(1, tasks)) * PANEL_ROWS;
}

// A product and where its tasks begin among those of all products of an operation.
struct Job {
    Product product;
    int64_t first_column; // among the columns of all jobs
    int64_t first_task;
};

// Quantizes all columns, then multiplies; false if there is no memory.
bool compute(const Kernels & kernels, const Team & team, Workspace & workspace, std::vector<Job> & jobs,
        const std::vector<const float *> & sources, int64_t rows) {
    const ggml_type type = jobs.front().product.type;
    const int64_t length = jobs.front().product.length;
    const auto column_count = (int64_t) sources.size();
    size_t scratch = 0;
    int64_t tasks = 0;
    const int64_t task_rows = rows_of_task(rows, team.size() * TASKS_PER_THREAD / (int64_t) jobs.size());
    for (Job & job : jobs) {
        job.first_task = tasks;
        tasks += (rows + task_rows - 1) / task_rows;
        scratch = std::max(scratch, aligned(kernels.scratch_bytes(job.product)));
    }
    const size_t columns_bytes = aligned(kernels.columns_bytes(type, length, column_count));
    char * memory = workspace.get(columns_bytes + (size_t) team.size() * scratch);
    if (memory == nullptr) {
        return false;
    }
    for (Job & job : jobs) {
        job.product.columns = memory + kernels.columns_bytes(type, length, job.first_column);
    }

    // columns are quantized in whole tiles of a job
    std::vector<std::pair<int64_t, int64_t>> tiles; // job, first column of the tile in it
    for (size_t j = 0; j < jobs.size(); j++) {
        const int64_t tile = kernels.tile_columns(type, jobs[j].product.column_count);
        for (int64_t c = 0; c < jobs[j].product.column_count; c += tile) {
            tiles.emplace_back((int64_t) j, c);
        }
    }
    const auto quantize = [&](int64_t ticket) {
        const auto & [j, first] = tiles[(size_t) ticket];
        const Product & product = jobs[(size_t) j].product;
        const int64_t tile = kernels.tile_columns(type, product.column_count);
        kernels.quantize(type, sources.data() + jobs[(size_t) j].first_column, length, first,
            std::min(tile, product.column_count - first), product.column_count, const_cast<void *>(product.columns));
    };
    Tickets quantizing((int64_t) tiles.size());
    Tickets multiplying(tasks);
    const bool together = column_count >= FEWEST_QUANTIZED_TOGETHER;
    for (int64_t ticket; !together && quantizing.take(ticket);) {
        quantize(ticket);
    }
    team.run([&](int thread, int count) {
        int64_t ticket;
        while (together && quantizing.take(ticket)) {
            quantize(ticket);
        }
        if (together && count > 1) {
            Team::barrier();
        }
        while (multiplying.take(ticket)) {
            const auto after = std::upper_bound(jobs.begin(), jobs.end(), ticket,
                [](int64_t task, const Job & job) { return task < job.first_task; });
            const Job & job = *(after - 1);
            const int64_t first_row = (ticket - job.first_task) * task_rows;
            kernels.multiply(job.product, first_row, std::min(rows, first_row + task_rows),
                memory + columns_bytes + (size_t) thread * scratch);
        }
    });
    return true;
}

const float * column_of(const ggml_tensor * t, int64_t i1, int64_t i2, int64_t i3) {
    return (const float *) ((const char *) t->data + i1 * (int64_t) t->nb[1] + i2 * (int64_t) t->nb[2]
        + i3 * (int64_t) t->nb[3]);
}

} // namespace

bool can_multiply(const Kernels & kernels, const ggml_tensor * op) {
    const ggml_tensor * weights = op->src[0];
    const ggml_tensor * columns = op->src[1];
    return kernels.tile_columns(weights->type, 1) > 0 && columns->type == GGML_TYPE_F32 && op->type == GGML_TYPE_F32
        && columns->nb[0] == sizeof(float) && op->nb[0] == sizeof(float) && ggml_is_contiguous(weights)
        && weights->ne[3] == 1 && (op->op == GGML_OP_MUL_MAT_ID || weights->ne[2] == 1) && weights->ne[1] >= PANEL_ROWS
        && ggml_nelements(columns) > 0 && weights->ne[0] > 0
        && (op->op == GGML_OP_MUL_MAT_ID || op->op_params[HINT_PARAMETER] != GGML_HINT_SRC0_IS_HADAMARD);
}

int64_t columns_of(const ggml_tensor * op) {
    if (op->op == GGML_OP_MUL_MAT_ID) {
        const int64_t pairs = op->src[2]->ne[0] * op->src[2]->ne[1];
        return pairs / std::min(pairs, op->src[0]->ne[2]);
    }
    return op->src[1]->ne[1] * op->src[1]->ne[2] * op->src[1]->ne[3];
}

bool mul_mat(const Kernels & kernels, const Team & team, Workspace & workspace, ggml_tensor * op) {
    const ggml_tensor * weights = op->src[0];
    const ggml_tensor * columns = op->src[1];
    std::vector<const float *> sources;
    std::vector<float *> results;
    for (int64_t i3 = 0; i3 < columns->ne[3]; i3++) {
        for (int64_t i2 = 0; i2 < columns->ne[2]; i2++) {
            for (int64_t i1 = 0; i1 < columns->ne[1]; i1++) {
                sources.push_back(column_of(columns, i1, i2, i3));
                results.push_back(const_cast<float *>(column_of(op, i1, i2, i3)));
            }
        }
    }
    std::vector<Job> jobs{{{weights->type, (const char *) weights->data, weights->nb[1], weights->ne[0], nullptr,
        (int64_t) sources.size(), results.data()}, 0, 0}};
    return compute(kernels, team, workspace, jobs, sources, weights->ne[1]);
}

// src0: [length, rows, experts]; src1: [length, experts used or 1, tokens]; src2, the experts: [experts used, tokens].
bool mul_mat_id(const Kernels & kernels, const Team & team, Workspace & workspace, ggml_tensor * op) {
    const ggml_tensor * weights = op->src[0];
    const ggml_tensor * columns = op->src[1];
    const ggml_tensor * ids = op->src[2];
    const int64_t used = ids->ne[0], tokens = ids->ne[1], experts = weights->ne[2];

    const auto expert_of = [&](int64_t slot, int64_t token) {
        return *(const int32_t *) ((const char *) ids->data + slot * (int64_t) ids->nb[0] + token * (int64_t) ids->nb[1]);
    };
    // columns in the order of their experts
    std::vector<int64_t> begin((size_t) experts + 1, 0);
    for (int64_t token = 0; token < tokens; token++) {
        for (int64_t slot = 0; slot < used; slot++) {
            const int64_t expert = expert_of(slot, token);
            GGML_ASSERT(expert >= 0 && expert < experts);
            begin[(size_t) expert + 1]++;
        }
    }
    for (size_t e = 0; e < (size_t) experts; e++) {
        begin[e + 1] += begin[e];
    }
    std::vector<const float *> sources((size_t) (used * tokens));
    std::vector<float *> results(sources.size());
    std::vector<int64_t> next(begin.begin(), begin.end() - 1);
    for (int64_t token = 0; token < tokens; token++) {
        for (int64_t slot = 0; slot < used; slot++) {
            const auto at = (size_t) next[(size_t) expert_of(slot, token)]++;
            sources[at] = column_of(columns, slot % columns->ne[1], token, 0);
            results[at] = const_cast<float *>(column_of(op, slot, token, 0));
        }
    }
    std::vector<Job> jobs;
    for (int64_t e = 0; e < experts; e++) {
        const int64_t first = begin[(size_t) e], count = begin[(size_t) e + 1] - first;
        if (count > 0) {
            jobs.push_back({{weights->type, (const char *) weights->data + e * (int64_t) weights->nb[2], weights->nb[1],
                weights->ne[0], nullptr, count, results.data() + first}, first, 0});
        }
    }
    return compute(kernels, team, workspace, jobs, sources, weights->ne[1]);
}

} // namespace llamapanama::kernels
