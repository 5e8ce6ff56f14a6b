// What is measured: a chain of products with weights that no cache holds, each with an operation of the CPU backend after it, so
// that what it costs to go from one backend to the other and back counts. It is computed by the CPU backend alone and by both, in
// turns, and the shortest time of each counts: the others were disturbed.
#include "tuning.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <vector>

namespace llamapanama::kernels {

namespace {

constexpr int32_t COLUMNS[] = {1, 2, 4, 8, 16, 64};

// Of these bytes all formats make finite numbers of ordinary size.
constexpr int PATTERN = 0x3c;

// The kernels win where they are this much faster, and no slower than this at the next number of columns: else noise would decide.
constexpr double WIN = 0.98, TIE = 1.03;

constexpr int FEWEST_ROUNDS = 3, MOST_ROUNDS = 8;
constexpr double SECONDS = 0.06;     // of rounds, before there are MOST_ROUNDS
constexpr double MOST_SECONDS = 2.5; // of a type, after which defaults hold for what was not measured

// Products go from `inner` to `outer` values and back. Experts: all of them are used.
struct Sizes {
    int64_t inner, outer, experts;
};
constexpr Sizes sizes[SHAPES] = {{512, 768, 1}, {2048, 4096, 1}, {768, 2048, 8}};
constexpr size_t MOST_PRODUCTS = 256, FEWEST_PRODUCTS = 4;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

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

// The chain, and who computes it: the last backend is the CPU's. With many columns it is shorter, as they take long.
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
        const auto begin = Clock::now();
        if (!ready || ggml_backend_sched_graph_compute(scheduler.get(), graph) != GGML_STATUS_SUCCESS) {
            return std::numeric_limits<double>::infinity();
        }
        return seconds_since(begin);
    }

    int64_t product_count() const { return products; }

private:
    static constexpr size_t NODES = 3 * MOST_PRODUCTS + 2; // products, their weights, what follows; two inputs

    // Else its memory would be used again after its last use, and be something else in the second run.
    static void keep(ggml_tensor * tensor) {
        ggml_set_input(tensor);
        ggml_set_output(tensor);
    }

    int64_t add(ggml_backend_buffer_t weights, ggml_type type, const Sizes & size, Shape shape, int32_t columns) {
        ggml_context * context = memory.get();
        input = shape == EXPERTS ? ggml_new_tensor_3d(context, GGML_TYPE_F32, size.inner, size.experts, columns)
                                 : ggml_new_tensor_2d(context, GGML_TYPE_F32, size.inner, columns);
        keep(input);
        if (shape == EXPERTS) {
            ids = ggml_new_tensor_2d(context, GGML_TYPE_I32, size.experts, columns);
            keep(ids);
        }
        ggml_tensor * values = input;
        char * address = (char *) ggml_backend_buffer_get_base(weights);
        const size_t bytes = ggml_row_size(type, size.inner) * (size_t) (size.outer * size.experts);
        const size_t fit = ggml_backend_buffer_get_size(weights) / bytes;
        const size_t wanted = std::max<size_t>(FEWEST_PRODUCTS, MOST_PRODUCTS * 4 / (size_t) std::max(4, columns));
        const int64_t count = (int64_t) std::min({wanted, fit, MOST_PRODUCTS});
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

// What computes, and the weights.
struct Scene {
    const Machine & machine;
    Backend kernels, cpu;
    Buffer weights;
    ggml_type type;
};

// The kernels' shortest time divided by the CPU backend's; none if one of them did not compute.
std::optional<double> ratio(const Scene & scene, Shape shape, int32_t columns) {
    Chain here({scene.kernels.get(), scene.cpu.get()}, scene.weights.get(), scene.type, shape, columns);
    Chain there({scene.cpu.get()}, scene.weights.get(), scene.type, shape, columns);
    // the first runs, which fetch code and wake threads, do not count
    const int64_t before = scene.machine.operation_count();
    here.run();
    if (scene.machine.operation_count() - before < here.product_count()) {
        return std::nullopt;
    }
    there.run();
    double best_here = std::numeric_limits<double>::infinity(), best_there = best_here;
    // A second opinion where they lose: with more meetings of all threads, the kernels suffer more from a disturbance.
    for (int opinion = 0; opinion == 0 || (opinion == 1 && best_here > WIN * best_there); opinion++) {
        double sum = 0;
        for (int round = 0; round < FEWEST_ROUNDS || (round < MOST_ROUNDS && sum < SECONDS); round++) {
            const double a = here.run(), b = there.run();
            best_here = std::min(best_here, a);
            best_there = std::min(best_there, b);
            sum += a + b;
        }
    }
    if (!std::isfinite(best_here) || !std::isfinite(best_there)) {
        return std::nullopt;
    }
    return best_here / best_there;
}

bool measure(const Machine & machine, ggml_type type, int32_t * least) {
    const auto begin = Clock::now();
    Scene scene{machine, open(machine.kernels, machine.threads), open(machine.cpu, machine.threads),
        Buffer(ggml_backend_buft_alloc_buffer(ggml_backend_dev_buffer_type(machine.kernels), machine.weight_bytes)), type};
    if (scene.kernels == nullptr || scene.cpu == nullptr || scene.weights == nullptr) {
        return false;
    }
    std::memset(ggml_backend_buffer_get_base(scene.weights.get()), PATTERN, ggml_backend_buffer_get_size(scene.weights.get()));
    ggml_backend_buffer_set_usage(scene.weights.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
    for (const Shape s : {LARGE, EXPERTS, SMALL}) {
        int32_t won = NEVER;
        for (const int32_t columns : COLUMNS) {
            if (s == SMALL && columns < LEAST_SMALL) {
                continue;
            }
            if (seconds_since(begin) > MOST_SECONDS) {
                return true; // the others stay as they are
            }
            const std::optional<double> measured = ratio(scene, s, columns);
            if (!measured) {
                return false;
            }
            if (won != NEVER && *measured <= TIE) {
                break; // it holds
            }
            won = *measured <= WIN ? columns : NEVER;
        }
        least[s] = won;
    }
    return true;
}

// Sets all thresholds of a type to 1, and back.
class Taken {
public:
    explicit Taken(ggml_type type) : type(type) {
        for (int32_t s = 0; s < SHAPES; s++) {
            before[s] = least_columns(type, (Shape) s);
            set_least_columns(type, (Shape) s, 1);
        }
    }
    ~Taken() {
        for (int32_t s = 0; s < SHAPES; s++) {
            set_least_columns(type, (Shape) s, before[s]);
        }
    }
    Taken(const Taken &) = delete;
    Taken & operator=(const Taken &) = delete;

private:
    ggml_type type;
    int32_t before[SHAPES];
};

} // namespace

bool measure_least_columns(const Machine & machine, ggml_type type, int32_t * least) {
    if (least_columns(type, LARGE) == NEVER
            || machine.weight_bytes < 2 * ggml_row_size(type, sizes[EXPERTS].inner)
                    * (size_t) (sizes[EXPERTS].outer * sizes[EXPERTS].experts)) {
        return false;
    }
    for (int32_t s = 0; s < SHAPES; s++) {
        least[s] = least_columns(type, (Shape) s);
    }
    const Taken taken(type);
    try {
        return measure(machine, type, least);
    } catch (const std::bad_alloc &) {
        return false;
    }
}

} // namespace llamapanama::kernels
