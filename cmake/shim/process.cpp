// What exists once per process: backends, their description, the log, cancellation.

#include "grammar_trigger.h"
#include "guard.h"

#include "ggml-backend.h"

#include <dlfcn.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <string>

using llamapanama::guarded;

namespace {

struct log_route {
    std::atomic<ggml_log_callback> callback{nullptr};
    std::atomic<int32_t>           min_level{GGML_LOG_LEVEL_NONE};
};

log_route route;

void on_log(ggml_log_level level, const char * text, void * /* user_data */) {
    llamapanama::watch_for_trigger(text);
    // CONT has no level of its own: it follows the last message of the same thread
    thread_local bool last_passed = false;
    if (level != GGML_LOG_LEVEL_CONT) {
        last_passed = level >= route.min_level.load(std::memory_order_relaxed);
    }
    const ggml_log_callback callback = route.callback.load(std::memory_order_acquire);
    if (last_passed && callback != nullptr) {
        callback(level, text, nullptr);
    }
}

const char * device_type_name(enum ggml_backend_dev_type type) {
    switch (type) {
        case GGML_BACKEND_DEVICE_TYPE_CPU:   return "CPU";
        case GGML_BACKEND_DEVICE_TYPE_GPU:   return "GPU";
        case GGML_BACKEND_DEVICE_TYPE_IGPU:  return "IGPU";
        case GGML_BACKEND_DEVICE_TYPE_ACCEL: return "ACCEL";
        default:                             return "OTHER";
    }
}

void append_line(std::string & text, const char * key, const std::string & value) {
    text.append(key).append("\t").append(value).append("\n");
}

std::string library_of(const void * address) {
    Dl_info info;
    return dladdr(address, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "unknown";
}

std::string describe() {
    std::string text;
    for (size_t r = 0; r < ggml_backend_reg_count(); ++r) {
        ggml_backend_reg_t reg = ggml_backend_reg_get(r);
        append_line(text, "backend", ggml_backend_reg_name(reg));
        for (size_t d = 0; d < ggml_backend_reg_dev_count(reg); ++d) {
            ggml_backend_dev_t device = ggml_backend_reg_dev_get(reg, d);
            append_line(text, "device", std::string(device_type_name(ggml_backend_dev_type(device))) + " " +
                                                ggml_backend_dev_name(device) + ": " +
                                                ggml_backend_dev_description(device));
        }
        void * operation_count = ggml_backend_reg_get_proc_address(reg, "llamapanama_kernels_operation_count");
        if (operation_count != nullptr && ggml_backend_reg_dev_count(reg) > 0) {
            append_line(text, "kernels", ggml_backend_dev_description(ggml_backend_reg_dev_get(reg, 0)));
            append_line(text, "operations", std::to_string(reinterpret_cast<int64_t (*)()>(operation_count)()));
        }
        void * get_features = ggml_backend_reg_get_proc_address(reg, "ggml_backend_get_features");
        if (get_features != nullptr) {
            append_line(text, "library", library_of(get_features));
            auto features = reinterpret_cast<ggml_backend_get_features_t>(get_features)(reg);
            for (; features->name != nullptr; ++features) {
                append_line(text, "feature", std::string(features->name) + "=" + features->value);
            }
        }
    }
    return text;
}

} // namespace

int32_t llamapanama_interface_version(void) { return LLAMAPANAMA_INTERFACE_VERSION; }

const char * llamapanama_llama_cpp_tree(void) { return LLAMAPANAMA_LLAMA_CPP_TREE; }

int32_t llamapanama_backend_init(const char * directory, const char * kernels, llamapanama_error * error) {
    llamapanama::install_abort_hook();
    llama_log_set(on_log, nullptr); // a library writes nothing to stderr that nobody asked for
    return guarded(__func__, error, int32_t{0}, [&] {
        ggml_backend_load_all_from_path(directory);
        if (ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU) == nullptr) {
            return int32_t{0};
        }
        if (kernels != nullptr && ggml_backend_load(kernels) == nullptr) {
            throw std::runtime_error(std::string(kernels) + " could not be loaded as a ggml backend; -Dllamapanama.kernels=off goes without");
        }
        llamapanama::find_compute_functions();
        llama_backend_init();
        return static_cast<int32_t>(ggml_backend_dev_count());
    });
}

int32_t llamapanama_describe(char * buf, int32_t size) {
    llamapanama_error error;
    return guarded(__func__, &error, int32_t{-1}, [&] {
        return static_cast<int32_t>(snprintf(buf, static_cast<size_t>(size), "%s", describe().c_str()));
    });
}

void llamapanama_log_set(int32_t min_level, ggml_log_callback callback) {
    route.min_level.store(min_level, std::memory_order_relaxed);
    route.callback.store(callback, std::memory_order_release);
    llama_log_set(on_log, nullptr);
}

bool llamapanama_abort_requested(void * data) {
    return static_cast<std::atomic<int32_t> *>(data)->load(std::memory_order_relaxed) != 0;
}
