// The backend: how ggml finds the kernels and gives them operations. Device type ACCEL, like ggml's own BLAS backend;
// interface version 2 (ggml-backend-impl.h), which a new llama.cpp may change.
//
// Weights. The device has a buffer type of its own: ordinary memory in ggml's ordinary layout. llama.cpp asks ACCEL devices
// before it offers weights to the CPU backend's repacking buffer, so weights stay as the file has them, mapped, and every
// backend can read them. Operations with too few columns go to the CPU backend.
// Results. The backend that computes belongs to a second device, which is not registered and names the CPU's buffer type,
// so that intermediate results are shared with the CPU backend and never copied.
#include "attention.h"
#include "ggml-backend-impl.h"
#include "ggml-cpu.h"
#include "mul_mat.h"
#include "tuning.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <string>

namespace {

using namespace llamapanama::kernels;

constexpr const char * NAME = "llamapanama";

bool any_kernels() {
    for (const Candidate & candidate : Candidates()) {
        if (candidate.runs_here()) {
            return true;
        }
    }
    return false;
}

std::atomic<int64_t> operations{0};

// --- backend ---------------------------------------------------------------------------------------------------------

struct Context {
    Team team{1};
    Workspace workspace;
    ggml_abort_callback abort = nullptr;
    void * abort_data = nullptr;

    bool aborted() const { return abort != nullptr && abort(abort_data); }
};

Context & context_of(ggml_backend_t backend) { return *static_cast<Context *>(backend->context); }

bool compute(Context & context, ggml_tensor * node) {
    bool done;
    switch (node->op) {
        case GGML_OP_MUL_MAT:
            done = mul_mat(*best_kernels(node->src[0]->type), context.team, context.workspace, node);
            break;
        case GGML_OP_MUL_MAT_ID:
            done = mul_mat_id(*best_kernels(node->src[0]->type), context.team, context.workspace, node);
            break;
        case GGML_OP_FLASH_ATTN_EXT:
            done = attend(*attention_kernels(), context.team, context.workspace, node);
            break;
        default:
            return true; // a view; supports_op lets no others pass
    }
    operations.fetch_add(done ? 1 : 0, std::memory_order_relaxed);
    return done;
}

ggml_status graph_compute(ggml_backend_t backend, ggml_cgraph * graph) {
    for (int i = 0; i < ggml_graph_n_nodes(graph); i++) {
        ggml_tensor * node = ggml_graph_node(graph, i);
        if ((node->flags & GGML_TENSOR_FLAG_COMPUTE) != 0 && !compute(context_of(backend), node)) {
            return GGML_STATUS_ALLOC_FAILED;
        }
        if (context_of(backend).aborted()) {
            return GGML_STATUS_ABORTED;
        }
    }
    return GGML_STATUS_SUCCESS;
}

void backend_free(ggml_backend_t backend) {
    delete &context_of(backend);
    delete backend;
}

void set_n_threads(ggml_backend_t backend, int threads) { context_of(backend).team = Team(threads < 1 ? 1 : threads); }

void set_abort_callback(ggml_backend_t backend, ggml_abort_callback callback, void * data) {
    context_of(backend).abort = callback;
    context_of(backend).abort_data = data;
}

ggml_guid_t guid() {
    static ggml_guid value = {0x6c, 0x6c, 0x61, 0x6d, 0x61, 0x70, 0x61, 0x6e, 0x61, 0x6d, 0x61, 0x2d, 0x6b, 0x65, 0x72, 0x6e};
    return &value;
}

// --- buffer type of weights ------------------------------------------------------------------------------------------

ggml_backend_buffer_type_t weights_buffer_type();

ggml_backend_buffer_t alloc_weights(ggml_backend_buffer_type_t type, size_t size) {
    ggml_backend_buffer_t buffer = ggml_backend_buft_alloc_buffer(ggml_backend_cpu_buffer_type(), size);
    if (buffer != nullptr) {
        buffer->buft = type;
    }
    return buffer;
}

// --- devices ---------------------------------------------------------------------------------------------------------

const char * description() {
    static const std::string text = [] {
        std::string names;
        for (const Candidate & candidate : Candidates()) {
            bool used = false;
            for (int type = 0; type < GGML_TYPE_COUNT; type++) {
                used = used || best_kernels((ggml_type) type) == candidate.kernels;
            }
            if (used) {
                names += (names.empty() ? "" : ", ") + std::string(candidate.kernels->name);
            }
        }
        return "matrix products and attention with " + names;
    }();
    return text.c_str();
}

void memory_of(ggml_backend_dev_t, size_t * free, size_t * total) { *free = *total = 0; } // that of the CPU

void props_of(ggml_backend_dev_t device, ggml_backend_dev_props * props) {
    props->name = NAME;
    props->description = description();
    props->type = GGML_BACKEND_DEVICE_TYPE_ACCEL;
    memory_of(device, &props->memory_free, &props->memory_total);
    props->caps = {};
    props->caps.buffer_from_host_ptr = true;
    props->caps.mmap_support = true;
}

// Keys and values in F16 look like weights where a model has one head of them; they stay where attention is computed. Weights
// that have no place yet are weights.
bool no_weights(const ggml_tensor * tensor) {
    const ggml_backend_buffer_t buffer = tensor->view_src != nullptr ? tensor->view_src->buffer : tensor->buffer;
    return buffer != nullptr && ggml_backend_buffer_get_size(buffer) > 0
        && ggml_backend_buffer_get_usage(buffer) != GGML_BACKEND_BUFFER_USAGE_WEIGHTS;
}

bool is_ours(const ggml_tensor * product) { return can_multiply(product) && !no_weights(product->src[0]); }

// What one more backend in the graph costs must be won back: a token that sees up to 512 cells of 14 heads of 64 stays with the CPU
// backend, one that sees more does not.
constexpr int64_t LEAST_ATTENTION = 1 << 19;

bool supports_op(ggml_backend_dev_t, const ggml_tensor * op) {
    switch (op->op) {
        case GGML_OP_NONE:
        case GGML_OP_RESHAPE:
        case GGML_OP_VIEW:
        case GGML_OP_PERMUTE:
        case GGML_OP_TRANSPOSE:
            return true;
        case GGML_OP_MUL_MAT:
        case GGML_OP_MUL_MAT_ID:
            return columns_of(op) >= least_columns(op) && is_ours(op);
        case GGML_OP_FLASH_ATTN_EXT: {
            const Kernels * kernels = attention_kernels();
            return kernels != nullptr && can_attend(*kernels, op) && attention_work(op) >= LEAST_ATTENTION;
        }
        default:
            return false;
    }
}

// Where llama.cpp places weights, it asks for the operation that will use them, with a number of columns that says nothing. Token
// embeddings are looked up by the CPU backend, wherever they lie; placed here, they are one with the output's weights where a
// model ties the two.
bool placeable(ggml_backend_dev_t device, const ggml_tensor * op) {
    if (op->op == GGML_OP_MUL_MAT || op->op == GGML_OP_MUL_MAT_ID) {
        return least_columns(op) != NEVER && is_ours(op);
    }
    return supports_op(device, op) || (op->op == GGML_OP_GET_ROWS && least_columns(op->src[0]->type, LARGE) != NEVER);
}

bool supports_buft(ggml_backend_dev_t, ggml_backend_buffer_type_t type) { return ggml_backend_buft_is_host(type); }

ggml_backend_t init_backend(ggml_backend_dev_t, const char *);

ggml_backend_device_i device_interface(ggml_backend_buffer_type_t (*buffer_type)(ggml_backend_dev_t),
        bool (*supports)(ggml_backend_dev_t, const ggml_tensor *)) {
    ggml_backend_device_i interface = {};
    interface.get_name = [](ggml_backend_dev_t) { return NAME; };
    interface.get_description = [](ggml_backend_dev_t) { return description(); };
    interface.get_memory = memory_of;
    interface.get_type = [](ggml_backend_dev_t) { return GGML_BACKEND_DEVICE_TYPE_ACCEL; };
    interface.get_props = props_of;
    interface.init_backend = init_backend;
    interface.get_buffer_type = buffer_type;
    interface.buffer_from_host_ptr = [](ggml_backend_dev_t, void * address, size_t size, size_t) {
        return ggml_backend_cpu_buffer_from_ptr(address, size);
    };
    interface.supports_op = supports;
    interface.supports_buft = supports_buft;
    return interface;
}

ggml_backend_reg_t registration();

// Named by llama.cpp when it places weights.
ggml_backend_dev_t registered_device() {
    static ggml_backend_device device = {
        device_interface([](ggml_backend_dev_t) { return weights_buffer_type(); }, placeable), registration(), nullptr};
    return &device;
}

// Of backends; the scheduler asks it where results go.
ggml_backend_dev_t computing_device() {
    static ggml_backend_device device = {
        device_interface([](ggml_backend_dev_t) { return ggml_backend_cpu_buffer_type(); }, supports_op), registration(),
        nullptr};
    return &device;
}

ggml_backend_buffer_type_t weights_buffer_type() {
    static ggml_backend_buffer_type type = [] {
        ggml_backend_buffer_type made = {};
        made.iface.get_name = [](ggml_backend_buffer_type_t) { return NAME; };
        made.iface.alloc_buffer = alloc_weights;
        made.iface.get_alignment = [](ggml_backend_buffer_type_t) {
            return ggml_backend_buft_get_alignment(ggml_backend_cpu_buffer_type());
        };
        made.iface.is_host = [](ggml_backend_buffer_type_t) { return true; };
        made.device = registered_device();
        return made;
    }();
    return &type;
}

ggml_backend_t init_backend(ggml_backend_dev_t, const char *) {
    ggml_backend_i interface = {};
    interface.get_name = [](ggml_backend_t) { return NAME; };
    interface.free = backend_free;
    interface.graph_compute = graph_compute;
    auto * context = new (std::nothrow) Context;
    auto * backend = context == nullptr ? nullptr
                                        : new (std::nothrow) ggml_backend{guid(), interface, computing_device(), context};
    if (backend == nullptr) {
        delete context;
    }
    return backend;
}

// --- registration ----------------------------------------------------------------------------------------------------

// How many operations the kernels computed in this process.
int64_t operation_count() { return operations.load(std::memory_order_relaxed); }

// Thresholds of a weight type by shape (tuning.h); false if they cannot be measured here.
bool measure(ggml_backend_dev_t cpu, int32_t type, int32_t threads, int64_t weight_bytes, int32_t * least) {
    return type >= 0 && type < GGML_TYPE_COUNT && threads >= 1
        && measure_least_columns(
            {registered_device(), cpu, threads, (size_t) weight_bytes, operation_count}, (ggml_type) type, least);
}

bool has_threshold(int32_t type, int32_t shape) {
    return type >= 0 && type < GGML_TYPE_COUNT && shape >= 0 && shape < SHAPES;
}

int32_t threshold(int32_t type, int32_t shape) {
    return has_threshold(type, shape) ? least_columns((ggml_type) type, (Shape) shape) : NEVER;
}

void set_threshold(int32_t type, int32_t shape, int32_t columns) {
    if (has_threshold(type, shape) && columns > 0) {
        set_least_columns((ggml_type) type, (Shape) shape, columns);
    }
}

void * proc_address(ggml_backend_reg_t, const char * name) {
    if (std::strcmp(name, "ggml_backend_set_n_threads") == 0) {
        return reinterpret_cast<void *>(set_n_threads);
    }
    if (std::strcmp(name, "ggml_backend_set_abort_callback") == 0) {
        return reinterpret_cast<void *>(set_abort_callback);
    }
    if (std::strcmp(name, "llamapanama_kernels_operation_count") == 0) {
        return reinterpret_cast<void *>(operation_count);
    }
    if (std::strcmp(name, "llamapanama_kernels_measure") == 0) {
        return reinterpret_cast<void *>(measure);
    }
    if (std::strcmp(name, "llamapanama_kernels_threshold") == 0) {
        return reinterpret_cast<void *>(threshold);
    }
    if (std::strcmp(name, "llamapanama_kernels_set_threshold") == 0) {
        return reinterpret_cast<void *>(set_threshold);
    }
    return nullptr;
}

ggml_backend_reg_t registration() {
    static ggml_backend_reg reg = [] {
        ggml_backend_reg made = {};
        made.api_version = GGML_BACKEND_API_VERSION;
        made.iface.get_name = [](ggml_backend_reg_t) { return NAME; };
        made.iface.get_device_count = [](ggml_backend_reg_t) -> size_t { return any_kernels() ? 1 : 0; };
        made.iface.get_device = [](ggml_backend_reg_t, size_t) { return registered_device(); };
        made.iface.get_proc_address = proc_address;
        return made;
    }();
    return &reg;
}

} // namespace

GGML_BACKEND_DL_IMPL(registration)
