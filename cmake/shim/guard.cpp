#include "guard.h"

#include "ggml-backend.h"
#include "ggml.h"

#include <dlfcn.h>
#include <unwind.h>

#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>

namespace llamapanama {

namespace {

thread_local guarded_call current;

// Of the CPU backend, which brings OpenMP or threads of its own; nullptr where it has no such function.
int (*omp_get_level)(void) = nullptr;
int (*omp_pause_all)(int) = nullptr; // GCC's only
void * graph_compute       = nullptr;

std::mutex activity_mutex;
std::string activity; // guarded by activity_mutex

// Copies UTF-8 and never leaves half a code point at the end.
void copy_utf8(char * to, size_t size, const char * from) {
    size_t length = strnlen(from, size);
    if (length == size) {
        length = size - 1;
        while (length > 0 && (static_cast<unsigned char>(from[length]) & 0xC0) == 0x80) {
            --length;
        }
    }
    memcpy(to, from, length);
    to[length] = '\0';
}

int openmp_level() { return omp_get_level != nullptr ? omp_get_level() : 0; }

_Unwind_Reason_Code look_for_graph_compute(_Unwind_Context * frame, void * found) {
    void * address = reinterpret_cast<void *>(_Unwind_GetIP(frame) - 1); // the call, not what follows it
    *static_cast<bool *>(found) |= _Unwind_FindEnclosingFunction(address) == graph_compute;
    return _URC_NO_REASON;
}

bool in_graph_compute() {
    bool found = false;
    if (graph_compute != nullptr) {
        _Unwind_Backtrace(look_for_graph_compute, &found);
    }
    return found;
}

// Whether this thread computes a graph together with others. It must not leave them then: an exception out of an OpenMP
// region is undefined, the others wait at the next barrier for ever, and they read what lies in the frames below.
bool computes_with_others() {
    if (omp_get_level != nullptr) {
        return openmp_level() > current.openmp_level;
    }
    return current.n_threads > 1 && in_graph_compute();
}

const char * describe_call() {
    if (current.name != nullptr) {
        return current.name;
    }
    return openmp_level() > 0 ? "unknown; this is a worker thread of ggml" : "none that the shim guards";
}

void write_note(const char * message) {
    // try_lock: the thread that holds the lock may be the one that is dying
    std::unique_lock<std::mutex> lock(activity_mutex, std::try_to_lock);
    fprintf(stderr,
            "\nllamapanama: llama.cpp stopped this process and it could not be prevented\n"
            "  reason:  %s\n  call:    %s\n  open:    %s\n",
            message, describe_call(),
            lock.owns_lock() && !activity.empty() ? activity.c_str() : "unknown");
    fflush(stderr);
}

// ggml calls abort() as soon as this returns, so inside a guarded call it throws. The frames between here and the
// guard are C and C++ with unwind tables, and ggml_abort is noreturn, not nothrow.
void on_ggml_abort(const char * message) {
    if (current.name != nullptr && !computes_with_others()) {
        native_abort abort;
        copy_utf8(abort.message, sizeof(abort.message), message);
        throw abort;
    }
    write_note(message);
}

} // namespace

guarded_scope::guarded_scope(const char * call) : outer(current) { current = {call, openmp_level(), 1}; }

guarded_scope::~guarded_scope() { current = outer; }

void set_compute_threads(int32_t n_threads) { current.n_threads = n_threads; }

void install_abort_hook() { ggml_set_abort_callback(on_ggml_abort); }

void find_compute_functions() {
    ggml_backend_reg_t cpu         = ggml_backend_reg_by_name("CPU");
    void *             of_cpu      = cpu == nullptr ? nullptr : ggml_backend_reg_get_proc_address(cpu, "ggml_backend_get_features");
    Dl_info            description = {};
    if (of_cpu == nullptr || dladdr(of_cpu, &description) == 0) {
        return;
    }
    // the handle's symbols include those of the libraries that it is linked with, so this is the OpenMP that it uses
    void * library = dlopen(description.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (library != nullptr) {
        omp_get_level = reinterpret_cast<int (*)(void)>(dlsym(library, "omp_get_level"));
        if (dlsym(library, "__kmpc_fork_call") == nullptr) { // LLVM's pauses the teams of other threads, too
            omp_pause_all = reinterpret_cast<int (*)(int)>(dlsym(library, "omp_pause_resource_all"));
        }
        graph_compute = dlsym(library, "ggml_graph_compute");
        dlclose(library); // it stays loaded, as all backends do
    }
}

void set_error(llamapanama_error * error, llamapanama_error_kind kind, const char * message) {
    error->kind = kind;
    copy_utf8(error->message, sizeof(error->message), message);
}

} // namespace llamapanama

extern "C" bool llamapanama_release_threads(void) {
    constexpr int omp_pause_soft = 1;
    return llamapanama::omp_pause_all != nullptr && llamapanama::omp_pause_all(omp_pause_soft) == 0;
}

extern "C" void llamapanama_set_activity(const char * text) {
    std::lock_guard<std::mutex> lock(llamapanama::activity_mutex);
    llamapanama::activity = text;
}
