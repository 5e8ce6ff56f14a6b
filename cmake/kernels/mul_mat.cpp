#include "mul_mat.h"

#include <algorithm>

namespace llamapanama::kernels {

namespace {

// Which of ggml's op parameters: llama.cpp marks products with a Hadamard matrix, which the CPU backend does faster.
constexpr int HINT_PARAMETER = 1;

constexpr int64_t TASKS_PER_THREAD = 8; // so that a thread that was late does not hold up the others for long

// With fewer columns one thread has laid them out before the others are there.
constexpr int64_t FEWEST_LAID_OUT_TOGETHER = 4;

// Rows of a task, a multiple of a panel's.
int64_t rows_of_task(int64_t rows, int64_t tasks) {
    const int64_t panels = (rows + PANEL_ROWS - 1) / PANEL_ROWS;
    return std::max<int64_t>(1, panels / std::max<int64_t>(1, tasks)) * PANEL_ROWS;
}

// A product and where its columns and tiles begin among those of all products of an operation.
struct Job {
    Product product;
    int64_t first_column; // among the columns of all jobs
    int64_t first_tile;   // of columns, among those of all jobs
};

// The columns of an operation, where their results go, and its products: one, or one for each expert that is used.
struct Lists {
    const float ** sources;
    float ** results;
    Job * jobs;
    int64_t * next; // place of an expert's next column

    // False if there is no memory.
    bool make(Area & area, int64_t columns, int64_t job_count, int64_t experts) {
        const size_t pointers = aligned((size_t) columns * sizeof(float *)), all_jobs = aligned((size_t) job_count * sizeof(Job));
        char * memory = area.get(2 * pointers + all_jobs + (size_t) experts * sizeof(int64_t));
        if (memory == nullptr) {
            return false;
        }
        sources = (const float **) memory;
        results = (float **) (memory + pointers);
        jobs = (Job *) (memory + 2 * pointers);
        next = (int64_t *) (memory + 2 * pointers + all_jobs);
        return true;
    }
};

const Job & job_of_tile(const Job * jobs, int64_t count, int64_t tile) {
    return *(std::upper_bound(jobs, jobs + count, tile, [](int64_t t, const Job & job) { return t < job.first_tile; }) - 1);
}

// Lays out all columns, then multiplies; false if there is no memory.
bool compute(const Kernels & kernels, const Team & team, Area & area, const Lists & lists, int64_t job_count, int64_t rows) {
    Job * const jobs = lists.jobs;
    const ggml_type type = jobs[0].product.type;
    const int64_t length = jobs[0].product.length;
    const Job & last = jobs[job_count - 1];
    const int64_t column_count = last.first_column + last.product.column_count;
    size_t scratch = 0;
    int64_t tiles = 0;
    const int64_t task_rows = rows_of_task(rows, team.size() * TASKS_PER_THREAD / job_count);
    for (int64_t j = 0; j < job_count; j++) {
        const int64_t tile = kernels.tile_columns(type, jobs[j].product.column_count);
        jobs[j].first_tile = tiles;
        tiles += (jobs[j].product.column_count + tile - 1) / tile;
        scratch = std::max(scratch, aligned(kernels.scratch_bytes(jobs[j].product)));
    }
    const size_t columns_bytes = aligned(kernels.columns_bytes(type, length, column_count));
    char * const memory = area.get(columns_bytes + (size_t) team.size() * scratch);
    if (memory == nullptr) {
        return false;
    }
    for (int64_t j = 0; j < job_count; j++) {
        jobs[j].product.columns = memory + kernels.columns_bytes(type, length, jobs[j].first_column);
    }

    const auto lay_out = [&](int64_t ticket) {
        const Job & job = job_of_tile(jobs, job_count, ticket);
        const int64_t count = job.product.column_count, tile = kernels.tile_columns(type, count);
        const int64_t first = (ticket - job.first_tile) * tile;
        kernels.lay_out(type, lists.sources + job.first_column, length, first, std::min(tile, count - first), count,
            const_cast<void *>(job.product.columns));
    };
    Tickets laying_out(tiles);
    // some rows of all jobs, then the next rows: so a thread has the same rows of each expert every time
    Shares multiplying((rows + task_rows - 1) / task_rows * job_count, team.size());
    const bool together = column_count >= FEWEST_LAID_OUT_TOGETHER;
    for (int64_t ticket; !together && laying_out.take(ticket);) {
        lay_out(ticket);
    }
    team.run([&](int thread, int count) {
        int64_t ticket;
        while (together && laying_out.take(ticket)) {
            lay_out(ticket);
        }
        if (together && count > 1) {
            Team::barrier();
        }
        while (multiplying.take(thread, ticket)) {
            const int64_t first_row = ticket / job_count * task_rows;
            kernels.multiply(jobs[ticket % job_count].product, first_row, std::min(rows, first_row + task_rows),
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

bool can_multiply(const ggml_tensor * op) {
    const ggml_tensor * weights = op->src[0];
    const ggml_tensor * columns = op->src[1];
    return columns->type == GGML_TYPE_F32 && op->type == GGML_TYPE_F32
        && columns->nb[0] == sizeof(float) && op->nb[0] == sizeof(float) && ggml_is_contiguous(weights)
        && weights->ne[3] == 1 && (op->op == GGML_OP_MUL_MAT_ID || weights->ne[2] == 1) && weights->ne[1] >= PANEL_ROWS
        && ggml_nelements(columns) > 0 && weights->ne[0] > 0
        && (op->op == GGML_OP_MUL_MAT_ID || op->op_params[HINT_PARAMETER] != GGML_HINT_SRC0_IS_HADAMARD);
}

int64_t columns_of(const ggml_tensor * op) {
    if (op->op == GGML_OP_MUL_MAT_ID) {
        const int64_t pairs = op->src[2]->ne[0] * op->src[2]->ne[1];
        return pairs == 0 ? 0 : pairs / std::min(pairs, op->src[0]->ne[2]); // none where no token has an output
    }
    return op->src[1]->ne[1] * op->src[1]->ne[2] * op->src[1]->ne[3];
}

bool mul_mat(const Kernels & kernels, const Team & team, Workspace & workspace, ggml_tensor * op) {
    const ggml_tensor * weights = op->src[0];
    const ggml_tensor * columns = op->src[1];
    const int64_t count = columns_of(op);
    Lists lists;
    if (!lists.make(workspace.lists, count, 1, 0)) {
        return false;
    }
    int64_t at = 0;
    for (int64_t i3 = 0; i3 < columns->ne[3]; i3++) {
        for (int64_t i2 = 0; i2 < columns->ne[2]; i2++) {
            for (int64_t i1 = 0; i1 < columns->ne[1]; i1++, at++) {
                lists.sources[at] = column_of(columns, i1, i2, i3);
                lists.results[at] = const_cast<float *>(column_of(op, i1, i2, i3));
            }
        }
    }
    lists.jobs[0] = {{weights->type, (const char *) weights->data, weights->nb[1], weights->ne[0], nullptr, count, lists.results},
        0, 0};
    return compute(kernels, team, workspace.values, lists, 1, weights->ne[1]);
}

// src0: [length, rows, experts]; src1: [length, experts used or 1, tokens]; src2, the experts: [experts used, tokens].
bool mul_mat_id(const Kernels & kernels, const Team & team, Workspace & workspace, ggml_tensor * op) {
    const ggml_tensor * weights = op->src[0];
    const ggml_tensor * columns = op->src[1];
    const ggml_tensor * ids = op->src[2];
    const int64_t used = ids->ne[0], tokens = ids->ne[1], experts = weights->ne[2];
    Lists lists;
    if (!lists.make(workspace.lists, used * tokens, std::min(used * tokens, experts), experts)) {
        return false;
    }
    const auto expert_of = [&](int64_t slot, int64_t token) {
        return *(const int32_t *) ((const char *) ids->data + slot * (int64_t) ids->nb[0] + token * (int64_t) ids->nb[1]);
    };
    // columns in the order of their experts: first how many each has, then where each begins
    std::fill(lists.next, lists.next + experts, 0);
    for (int64_t token = 0; token < tokens; token++) {
        for (int64_t slot = 0; slot < used; slot++) {
            const int64_t expert = expert_of(slot, token);
            GGML_ASSERT(expert >= 0 && expert < experts);
            lists.next[expert]++;
        }
    }
    int64_t job_count = 0, first = 0;
    for (int64_t e = 0; e < experts; e++) {
        const int64_t count = lists.next[e];
        if (count > 0) {
            lists.jobs[job_count++] = {{weights->type, (const char *) weights->data + e * (int64_t) weights->nb[2],
                weights->nb[1], weights->ne[0], nullptr, count, lists.results + first}, first, 0};
        }
        lists.next[e] = first;
        first += count;
    }
    for (int64_t token = 0; token < tokens; token++) {
        for (int64_t slot = 0; slot < used; slot++) {
            const int64_t at = lists.next[expert_of(slot, token)]++;
            lists.sources[at] = column_of(columns, slot % columns->ne[1], token, 0);
            lists.results[at] = const_cast<float *>(column_of(op, slot, token, 0));
        }
    }
    return compute(kernels, team, workspace.values, lists, job_count, weights->ne[1]);
}

} // namespace llamapanama::kernels
