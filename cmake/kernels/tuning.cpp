// What is measured: a chain of products with weights that no cache holds, each with an operation of the CPU backend after it, so
// that what it costs to go from one backend to the other and back counts. It is computed by the CPU backend alone and by both, in
// turns, and the shortest time of each counts: the others were disturbed.
#include "tuning.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace llamapanama::kernels {

namespace {

constexpr int32_t COLUMNS[] = {1, 2, 4, 8, 16, 64};

// More than the third-level cache of as many cores as there are threads.
constexpr size_t WEIGHTS = 64 << 20, WEIGHTS_OF_THREAD = 8 << 20;
// Of these bytes all formats make finite numbers of ordinary size.
constexpr int PATTERN = 0x3c;

constexpr int FEWEST_ROUNDS = 3, MOST_ROUNDS = 8;
constexpr double SECONDS = 0.08; // of rounds, before there are MOST_ROUNDS

// Products go from `inner` to `outer` values and back. Experts: all of them are used.
struct Sizes {
    int64_t inner, outer, experts;
};
constexpr Sizes sizes[SHAPES] = {{512, 1024, 1}, {2048, 4096, 1}, {768, 2048, 8}};
constexpr size_t MOST_PRODUCTS = 256;

template <auto FREE> struct Free {
    template <class T> void operator()(T * object) const { FREE(object); }
};
using Memory = std::unique_ptr<ggml_context, Free<ggml_free>>;
using Buffer = std::unique_ptr<ggml_backend_buffer, Free<ggml_backend_buffer_free>>;
using Backend = std::unique_ptr<ggml_backend, Free<ggml_backend_free>>;
using Scheduler = std::unique_ptr<ggml_backend_sched, Free<ggml_backend_sched_free>>;

template <class Function> Function function_of(ggml_backend_dev_t device, const char * name) {
    return reinterpret_cast<Function>(ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(device), name));
}

Backend open(ggml_backend_dev_t device, int threads) {
    Backend backend(ggml_backend_dev_init(device, nullptr));
    const auto set_n_threads = function_of<ggml_backend_set_n_threads_t>(device, "ggml_backend_set_n_threads");
    if (backend != nullptr && set_n_threads != nullptr) {
        set_n_threads(backend.get(), threads);
    }
    return backend;
}

// The chain, and who computes it: the last backend is the CPU's.
class Chain {
public:
    Chain(std::vector<ggml_backend_t> backends, ggml_backend_buffer_t weights, ggml_type type, Shape shape, int32_t columns)
        : memory(ggml_init({(3 * MOST_PRODUCTS + 2) * ggml_tensor_overhead() + ggml_graph_overhead_custom(NODES, false), nullptr,
              true})),
          scheduler(ggml_backend_sched_new(backends.data(), nullptr, (int) backends.size(), NODES, false, false)),
          graph(ggml_new_graph_custom(memory.get(), NODES, false)), products(add(weights, type, sizes[shape], shape, columns)) {
        ready = ggml_backend_sched_alloc_graph(scheduler.get(), graph);
        if (ready) {
            const std::vector<float> ones((size_t) ggml_nelements(input), 1.0f);
            ggml_backend_tensor_set(input, ones.data(), 0, ggml_nbytes(input));
        }
        if (ready && ids != nullptr) {
            std::vector<int32_t> experts((size_t) ggml_nelements(ids));
            for (size_t i = 0; i < experts.size(); i++) {
                experts[i] = (int32_t) (i % (size_t) ids->ne[0]);
            }
            ggml_backend_tensor_set(ids, experts.data(), 0, ggml_nbytes(ids));
        }
    }

    // Seconds; infinite if it failed.
    double run() {
        const auto begin = std::chrono::steady_clock::now();
        if (!ready || ggml_backend_sched_graph_compute(scheduler.get(), graph) != GGML_STATUS_SUCCESS) {
            return std::numeric_limits<double>::infinity();
        }
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }

    int64_t product_count() const { return products; }

private:
    static constexpr size_t NODES = 3 * MOST_PRODUCTS + 2; // products, their weights, what follows; two inputs

    int64_t add(ggml_backend_buffer_t weights, ggml_type type, const Sizes & size, Shape shape, int32_t columns) {
        ggml_context * context = memory.get();
        input = shape == EXPERTS ? ggml_new_tensor_3d(context, GGML_TYPE_F32, size.inner, size.experts, columns)
                                 : ggml_new_tensor_2d(context, GGML_TYPE_F32, size.inner, columns);
        ggml_set_input(input);
        if (shape == EXPERTS) {
            ids = ggml_new_tensor_2d(context, GGML_TYPE_I32, size.experts, columns);
            ggml_set_input(ids);
        }
        ggml_tensor * values = input;
        char * address = (char *) ggml_backend_buffer_get_base(weights);
        const size_t bytes = ggml_row_size(type, size.inner) * (size_t) (size.outer * size.experts);
        const size_t fit = ggml_backend_buffer_get_size(weights) / bytes;
        const int64_t count = (int64_t) std::max<size_t>(1, std::min(MOST_PRODUCTS, fit));
        for (int64_t i = 0; i < count; i++, address += bytes) {
            ggml_tensor * matrix = ggml_new_tensor_3d(
                context, type, values->ne[0], values->ne[0] == size.inner ? size.outer : size.inner, size.experts);
            ggml_backend_tensor_alloc(weights, matrix, address);
            values = shape == EXPERTS ? ggml_mul_mat_id(context, matrix, values, ids) : ggml_mul_mat(context, matrix, values);
            values = ggml_rms_norm(context, values, 1e-6f);
        }
        ggml_build_forward_expand(graph, values);
        return count;
    }

    Memory memory;
    Scheduler scheduler;
    ggml_cgraph * graph;
    ggml_tensor * input = nullptr, * ids = nullptr;
    int64_t products;
    bool ready = false;
};

struct Times {
    double here = std::numeric_limits<double>::infinity(), there = here;
};

// Runs both in turns; the first run, which fetches code and wakes threads, does not count.
Times compare(Chain & here, Chain & there) {
    here.run();
    there.run();
    Times best;
    double sum = 0;
    for (int round = 0; round < FEWEST_ROUNDS || (round < MOST_ROUNDS && sum < SECONDS); round++) {
        const double a = here.run(), b = there.run();
        best = {std::min(best.here, a), std::min(best.there, b)};
        sum += a + b;
    }
    return best;
}

bool measure(ggml_backend_dev_t kernels, ggml_backend_dev_t cpu, ggml_type type, int threads, int32_t (&least)[SHAPES]) {
    const Backend ours = open(kernels, threads), theirs = open(cpu, threads);
    const auto operations = function_of<int64_t (*)()>(kernels, "llamapanama_kernels_operation_count");
    const Buffer weights(ggml_backend_buft_alloc_buffer(
        ggml_backend_dev_buffer_type(kernels), WEIGHTS + (size_t) threads * WEIGHTS_OF_THREAD));
    if (ours == nullptr || theirs == nullptr || operations == nullptr || weights == nullptr) {
        return false;
    }
    std::memset(ggml_backend_buffer_get_base(weights.get()), PATTERN, ggml_backend_buffer_get_size(weights.get()));
    ggml_backend_buffer_set_usage(weights.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
    for (int32_t s = 0; s < SHAPES; s++) {
        least[s] = NEVER;
        for (const int32_t columns : COLUMNS) {
            Chain here({ours.get(), theirs.get()}, weights.get(), type, (Shape) s, columns);
            Chain there({theirs.get()}, weights.get(), type, (Shape) s, columns);
            const int64_t before = operations();
            here.run();
            if (operations() - before < here.product_count()) {
                return false; // the CPU backend against itself
            }
            const Times times = compare(here, there);
            if (times.here <= times.there && times.here < std::numeric_limits<double>::infinity()) {
                least[s] = columns;
                break;
            }
        }
    }
    return true;
}

} // namespace

bool measure_least_columns(ggml_backend_dev_t kernels, ggml_backend_dev_t cpu, ggml_type type, int threads,
        int32_t (&least)[SHAPES]) {
    int32_t before[SHAPES];
    for (int32_t s = 0; s < SHAPES; s++) {
        before[s] = least_columns(type, (Shape) s);
        if (before[s] == NEVER) {
            return false;
        }
    }
    for (int32_t s = 0; s < SHAPES; s++) {
        set_least_columns(type, (Shape) s, 1);
    }
    bool done = false;
    try {
        done = measure(kernels, cpu, type, threads, least);
    } catch (const std::bad_alloc &) {
        // no memory: the defaults stay
    }
    for (int32_t s = 0; s < SHAPES; s++) {
        set_least_columns(type, (Shape) s, before[s]);
    }
    return done;
}

} // namespace llamapanama::kernels
