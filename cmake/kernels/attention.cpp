// Which tokens' queries go together, and how the work is shared out.
//
// A block is some neighbouring tokens that see nearly the same cells: pieces of a prompt, or answers that share one. What the
// tokens of a batch see is read from the mask, a bit for each cell, once for all heads. In a KV memory that many sequences share,
// most cells are hidden from each of them; those are not even looked at again.
//
// A task is a block, the heads that share keys and values, and some cells. Where there are few blocks, as when one answer is
// generated, the cells are shared out too, and what comes of the parts is put together in the end. How, follows from the
// operation alone, so that results do not depend on the number of threads.
#include "attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace llamapanama::kernels {

namespace {

constexpr int64_t MOST_ROWS = 128;       // of a task: more do not fit into the second-level cache
constexpr int64_t FEW_TASKS = 64;        // with fewer, cells are shared out
constexpr int64_t CELLS_OF_PART = 512;
constexpr int64_t FREE_CELLS = 64;       // that a token may add to a block beside a quarter of what it sees

// The operation's tensors and shape, in the order of ggml_flash_attn_ext.
struct Shape {
    const ggml_tensor * q, * k, * v, * mask, * sinks;
    int64_t tokens, cells, words, groups, heads, streams; // `heads` of each of `groups` that share keys and values

    explicit Shape(const ggml_tensor * op)
        : q(op->src[0]), k(op->src[1]), v(op->src[2]), mask(op->src[3]), sinks(op->src[4]), tokens(q->ne[1]), cells(k->ne[1]),
          words((cells + CELLS_OF_WORD - 1) / CELLS_OF_WORD), groups(k->ne[2]), heads(q->ne[2] / std::max<int64_t>(1, groups)),
          streams(q->ne[3]) {}

    int64_t rows() const { return tokens * groups * heads * streams; }
};

struct Parameters {
    float scale, max_bias, softcap;

    explicit Parameters(const ggml_tensor * op) { std::memcpy(this, op->op_params, sizeof *this); }
};

// Tokens first .. first + count - 1 of a stream, and its tasks: `parts` for each group of heads.
struct Block {
    int64_t stream, first, count, first_task, parts;
    const uint64_t * visible;
};

struct Task {
    int64_t block, group, part, first_word, last_word;
    float * sums; // of each row: highest score, sum, totals; null where a task is all of it
};

template <class T> T * at(const ggml_tensor * t, int64_t i1, int64_t i2, int64_t i3) {
    return (T *) ((char *) t->data + i1 * (int64_t) t->nb[1] + i2 * (int64_t) t->nb[2] + i3 * (int64_t) t->nb[3]);
}

// ALiBi (Press et al. 2022), as ggml has it.
float slope_of(int64_t head, int64_t heads, float max_bias) {
    if (max_bias <= 0) {
        return 1;
    }
    const float half = (float) (1u << (unsigned) std::floor(std::log2((float) heads)));
    const float base = std::pow(2.0f, -max_bias / half);
    return (float) head < half ? std::pow(base, (float) (head + 1))
                               : std::pow(std::pow(2.0f, -max_bias / 2 / half), (float) (2 * (head - (int64_t) half) + 1));
}

class Operation {
public:
    Operation(const Kernels & kernels, ggml_tensor * op)
        : kernels(kernels), op(op), shape(op), parameters(op),
          attention{shape.k->type, shape.v->type, shape.k->ne[0], shape.v->ne[0], shape.k->nb[1], shape.v->nb[1],
              parameters.softcap == 0 ? parameters.scale : parameters.scale / parameters.softcap, parameters.softcap},
          block_tokens(std::max<int64_t>(1, MOST_ROWS / shape.heads)) {}

    bool run(const Team & team, Workspace & workspace) {
        if (!make_lists(workspace.lists)) {
            return false;
        }
        find_visible(team);
        find_blocks();
        const int64_t task_count = count_tasks();
        const size_t row_bytes = (size_t) (2 + attention.value_length) * sizeof(float);
        size_t parts_bytes = 0;
        for (int64_t b = 0; b < block_count; b++) {
            if (blocks[b].parts > 1) {
                parts_bytes += (size_t) (blocks[b].parts * shape.groups * blocks[b].count * shape.heads) * row_bytes;
            }
        }
        const int64_t most_rows = std::min(shape.tokens, block_tokens) * shape.heads;
        const size_t thread_bytes = aligned((size_t) most_rows * row_bytes)
            + aligned(kernels.attention_scratch_bytes(attention, most_rows));
        const size_t tasks_bytes = aligned((size_t) task_count * sizeof(Task));
        char * memory = workspace.values.get(tasks_bytes + aligned(parts_bytes) + (size_t) team.size() * thread_bytes);
        if (memory == nullptr) {
            return false;
        }
        make_tasks((Task *) memory, (float *) (memory + tasks_bytes));
        char * const threads = memory + tasks_bytes + aligned(parts_bytes);
        Tickets attending(task_count);
        Tickets joining(parts_bytes == 0 ? 0 : block_count * shape.groups);
        team.run([&](int thread, int count) {
            auto * own = (float *) (threads + (size_t) thread * thread_bytes);
            int64_t ticket;
            while (attending.take(ticket)) {
                attend(tasks[ticket], own, (char *) own + aligned((size_t) most_rows * row_bytes));
            }
            if (parts_bytes > 0 && count > 1) {
                Team::barrier();
            }
            while (joining.take(ticket)) {
                join(blocks[ticket / shape.groups], ticket % shape.groups);
            }
        });
        return true;
    }

private:
    const Kernels & kernels;
    ggml_tensor * op;
    const Shape shape;
    const Parameters parameters;
    const Attention attention;
    const int64_t block_tokens;
    uint64_t * visible; // [stream][token][word]
    Block * blocks;
    Task * tasks = nullptr;
    float * slopes;
    int64_t block_count = 0;

    bool make_lists(Area & area) {
        const int64_t all = shape.tokens * shape.streams, head_count = shape.groups * shape.heads;
        const size_t bits = aligned((size_t) (all * shape.words) * sizeof(uint64_t));
        const size_t all_blocks = aligned((size_t) all * sizeof(Block));
        char * memory = area.get(bits + all_blocks + (size_t) head_count * sizeof(float));
        if (memory == nullptr) {
            return false;
        }
        visible = (uint64_t *) memory;
        blocks = (Block *) (memory + bits);
        slopes = (float *) (memory + bits + all_blocks);
        for (int64_t h = 0; h < head_count; h++) {
            slopes[h] = slope_of(h, head_count, parameters.max_bias);
        }
        return true;
    }

    uint64_t * visible_to(int64_t stream, int64_t token) { return visible + (stream * shape.tokens + token) * shape.words; }

    const uint16_t * mask_of(int64_t stream, int64_t token) const {
        return at<const uint16_t>(shape.mask, token, 0, stream % shape.mask->ne[3]);
    }

    void find_visible(const Team & team) {
        if (shape.mask == nullptr) { // all see all
            const int64_t rest = shape.cells % CELLS_OF_WORD;
            for (int64_t s = 0; s < shape.streams; s++) {
                for (int64_t t = 0; t < shape.tokens; t++) {
                    std::fill_n(visible_to(s, t), shape.words, ~uint64_t{0});
                    if (rest != 0) {
                        visible_to(s, t)[shape.words - 1] = (uint64_t{1} << rest) - 1;
                    }
                }
            }
            return;
        }
        Tickets tickets(shape.streams * shape.tokens);
        const auto find = [&](int, int) {
            for (int64_t ticket; tickets.take(ticket);) {
                const int64_t stream = ticket / shape.tokens, token = ticket % shape.tokens;
                kernels.visible_cells(mask_of(stream, token), shape.cells, visible_to(stream, token));
            }
        };
        if (shape.tokens * shape.streams * shape.words < 4096) { // a few microseconds
            find(0, 1);
        } else {
            team.run(find);
        }
    }

    // A block's cells are kept in place of its first token's.
    void find_blocks() {
        for (int64_t s = 0; s < shape.streams; s++) {
            for (int64_t t = 0; t < shape.tokens; t++) {
                Block * last = block_count == 0 ? nullptr : &blocks[block_count - 1];
                if (last == nullptr || last->stream != s || last->count == block_tokens || !joins(*last, visible_to(s, t))) {
                    blocks[block_count++] = {s, t, 1, 0, 1, visible_to(s, t)};
                } else {
                    uint64_t * all = visible_to(s, last->first);
                    const uint64_t * more = visible_to(s, t);
                    for (int64_t w = 0; w < shape.words; w++) {
                        all[w] |= more[w];
                    }
                    last->count++;
                }
            }
        }
    }

    bool joins(const Block & block, const uint64_t * seen) const {
        const int64_t together = kernels.union_size(block.visible, seen, shape.words);
        const int64_t fewer = std::min(kernels.union_size(seen, seen, shape.words),
            kernels.union_size(block.visible, block.visible, shape.words));
        return together <= fewer + fewer / 4 + FREE_CELLS;
    }

    int64_t count_tasks() {
        const bool few = block_count * shape.groups < FEW_TASKS;
        int64_t count = 0;
        for (int64_t b = 0; b < block_count; b++) {
            Block & block = blocks[b];
            const int64_t cells = kernels.union_size(block.visible, block.visible, shape.words);
            block.parts = few ? std::max<int64_t>(1, cells / CELLS_OF_PART) : 1;
            block.first_task = count;
            count += block.parts * shape.groups;
        }
        return count;
    }

    void make_tasks(Task * list, float * parts) {
        tasks = list;
        for (int64_t b = 0; b < block_count; b++) {
            const Block & block = blocks[b];
            const int64_t cells = kernels.union_size(block.visible, block.visible, shape.words);
            int64_t word = 0, passed = 0;
            for (int64_t part = 0; part < block.parts; part++) {
                const int64_t first = word, end = cells * (part + 1) / block.parts;
                while (part + 1 < block.parts && passed < end) {
                    passed += kernels.union_size(block.visible + word, block.visible + word, 1);
                    word++;
                }
                word = part + 1 < block.parts ? word : shape.words;
                for (int64_t g = 0; g < shape.groups; g++) {
                    const int64_t floats = block.count * shape.heads * (2 + attention.value_length);
                    tasks[block.first_task + g * block.parts + part] = {b, g, part, first, word, block.parts > 1 ? parts : nullptr};
                    parts += block.parts > 1 ? floats : 0;
                }
            }
        }
    }

    void attend(const Task & task, float * own, void * scratch) const {
        const Block & block = blocks[task.block];
        const int64_t rows = block.count * shape.heads;
        const float * queries[MOST_ROWS];
        const uint16_t * masks[MOST_ROWS];
        for (int64_t t = 0; t < block.count; t++) {
            masks[t] = shape.mask == nullptr ? nullptr : mask_of(block.stream, block.first + t);
            for (int64_t h = 0; h < shape.heads; h++) {
                queries[t * shape.heads + h] =
                    at<const float>(shape.q, block.first + t, task.group * shape.heads + h, block.stream);
            }
        }
        float * const sums = task.sums == nullptr ? own : task.sums;
        kernels.attend(attention,
            {queries, block.count, shape.heads, at<const char>(shape.k, 0, task.group, block.stream),
                at<const char>(shape.v, 0, task.group, block.stream), block.visible, task.first_word, task.last_word,
                shape.mask == nullptr ? nullptr : masks, slopes + task.group * shape.heads, sums, sums + rows, sums + 2 * rows},
            scratch);
        if (task.sums == nullptr) {
            finish(block, task.group, sums);
        }
    }

    // Puts the parts of a block's group together, in their order.
    void join(const Block & block, int64_t group) const {
        if (block.parts == 1) {
            return;
        }
        const int64_t rows = block.count * shape.heads, length = attention.value_length;
        const Task * parts = tasks + block.first_task + group * block.parts;
        float * const sums = parts[0].sums;
        for (int64_t row = 0; row < rows; row++) {
            float highest = sums[row];
            for (int64_t p = 1; p < block.parts; p++) {
                highest = std::max(highest, parts[p].sums[row]);
            }
            float * const totals = sums + 2 * rows + row * length;
            for (int64_t p = 0; p < block.parts; p++) {
                const float factor = std::exp(parts[p].sums[row] - highest);
                const float * more = parts[p].sums + 2 * rows + row * length;
                sums[rows + row] = (p == 0 ? 0 : sums[rows + row]) + factor * parts[p].sums[rows + row];
                for (int64_t d = 0; d < length; d++) {
                    totals[d] = (p == 0 ? 0 : totals[d]) + factor * more[d];
                }
            }
            sums[row] = highest;
        }
        finish(block, group, sums);
    }

    // Divides by the sum of weights, with that of the head's sink, which has a weight and no value.
    void finish(const Block & block, int64_t group, const float * sums) const {
        const int64_t rows = block.count * shape.heads, length = attention.value_length;
        for (int64_t row = 0; row < rows; row++) {
            const int64_t token = block.first + row / shape.heads, head = group * shape.heads + row % shape.heads;
            float factor = 1, sum = sums[rows + row];
            if (shape.sinks != nullptr) {
                const float sink = ((const float *) shape.sinks->data)[head], highest = std::max(sums[row], sink);
                factor = std::exp(sums[row] - highest);
                sum = factor * sum + std::exp(sink - highest);
            }
            factor = sum == 0 ? 0 : factor / sum;
            float * result = at<float>(op, head, token, block.stream);
            for (int64_t d = 0; d < length; d++) {
                result[d] = factor * sums[2 * rows + row * length + d];
            }
        }
    }
};

} // namespace

bool can_attend(const Kernels & kernels, const ggml_tensor * op) {
    const Shape shape(op);
    const auto head_in_one_piece = [](const ggml_tensor * t) { return t->nb[0] == ggml_type_size(t->type); };
    return shape.q->type == GGML_TYPE_F32 && op->type == GGML_TYPE_F32 && kernels.attends(shape.k->type, shape.k->ne[0])
        && kernels.attends(shape.v->type, shape.v->ne[0]) && head_in_one_piece(shape.q) && head_in_one_piece(shape.k)
        && head_in_one_piece(shape.v) && head_in_one_piece(op) && shape.groups > 0 && shape.q->ne[2] % shape.groups == 0
        && shape.heads <= MOST_ROWS && shape.v->ne[2] == shape.groups && shape.k->ne[3] == shape.streams
        && shape.v->ne[3] == shape.streams && shape.v->ne[1] == shape.cells && shape.rows() > 0 && shape.cells > 0
        && (shape.mask == nullptr
            || (shape.mask->type == GGML_TYPE_F16 && head_in_one_piece(shape.mask) && shape.mask->ne[2] == 1
                && shape.mask->ne[0] >= shape.cells && shape.streams % shape.mask->ne[3] == 0))
        && (shape.sinks == nullptr || shape.sinks->type == GGML_TYPE_F32);
}

int64_t attention_work(const ggml_tensor * op) {
    const Shape shape(op);
    return shape.rows() * shape.cells * shape.q->ne[0];
}

bool attend(const Kernels & kernels, const Team & team, Workspace & workspace, ggml_tensor * op) {
    return Operation(kernels, op).run(team, workspace);
}

} // namespace llamapanama::kernels
