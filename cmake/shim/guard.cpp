#include "guard.h"

#include "ggml.h"

#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>

namespace llamapanama {

namespace {

// The shim call this thread is inside of, or nullptr.
thread_local const char * current_call = nullptr;

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

void write_note(const char * message) {
    // try_lock: the thread that holds the lock may be the one that is dying
    std::unique_lock<std::mutex> lock(activity_mutex, std::try_to_lock);
    fprintf(stderr,
            "\nllamapanama: llama.cpp stopped this process and it could not be prevented\n"
            "  reason:  %s\n  call:    %s\n  open:    %s\n",
            message, current_call ? current_call : "none (a worker thread of ggml)",
            lock.owns_lock() && !activity.empty() ? activity.c_str() : "unknown");
    fflush(stderr);
}

// ggml calls abort() as soon as this returns, so inside a guarded call it throws. The frames between here and the
// guard are C and C++ with unwind tables, and ggml_abort is noreturn, not nothrow.
void on_ggml_abort(const char * message) {
    if (current_call != nullptr) {
        native_abort abort;
        copy_utf8(abort.message, sizeof(abort.message), message);
        throw abort;
    }
    write_note(message);
}

} // namespace

guarded_scope::guarded_scope(const char * call) : outer_call(current_call) { current_call = call; }

guarded_scope::~guarded_scope() { current_call = outer_call; }

void install_abort_hook() { ggml_set_abort_callback(on_ggml_abort); }

void set_error(llamapanama_error * error, llamapanama_error_kind kind, const char * message) {
    error->kind = kind;
    copy_utf8(error->message, sizeof(error->message), message);
}

} // namespace llamapanama

extern "C" void llamapanama_set_activity(const char * text) {
    std::lock_guard<std::mutex> lock(llamapanama::activity_mutex);
    llamapanama::activity = text;
}
