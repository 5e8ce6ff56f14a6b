// Runs native code so that neither a C++ exception nor a GGML_ASSERT leaves a C function of the shim.

#ifndef LLAMAPANAMA_GUARD_H
#define LLAMAPANAMA_GUARD_H

#include "llamapanama.h"

#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

namespace llamapanama {

// Thrown by the abort hook; deliberately not a std::exception, so that llama.cpp's handlers of those do not take it for a
// recoverable error and go on with half-built state.
struct native_abort {
    char message[1020];
};

// What this thread is doing, as far as the abort hook must know it.
struct guarded_call {
    const char * name         = nullptr; // the shim's function, or nullptr outside of any
    int          openmp_level = 0;       // parallel regions around the call
    int32_t      n_threads    = 1;       // that the call may compute with
};

// While one lives, the abort hook unwinds this thread instead of letting the process die, if it computes alone.
class guarded_scope {
  public:
    explicit guarded_scope(const char * call);
    ~guarded_scope();
    guarded_scope(const guarded_scope &) = delete;
    guarded_scope & operator=(const guarded_scope &) = delete;

  private:
    guarded_call outer;
};

// Says in a guarded call that it computes graphs with up to this many threads.
void set_compute_threads(int32_t n_threads);

void install_abort_hook();

// Looks up what the abort hook needs of the CPU backend; after the backends were loaded.
void find_compute_functions();

void set_error(llamapanama_error * error, llamapanama_error_kind kind, const char * message);

// Calls body(); returns its value, or `failed` with *error filled in.
template <typename Result, typename Body>
Result guarded(const char * call, llamapanama_error * error, Result failed, Body && body) {
    error->kind = LLAMAPANAMA_OK;
    error->message[0] = '\0';
    try {
        guarded_scope scope(call);
        return std::forward<Body>(body)();
    } catch (const native_abort & abort) {
        set_error(error, LLAMAPANAMA_ABORTED, abort.message);
    } catch (const std::bad_alloc &) {
        set_error(error, LLAMAPANAMA_OUT_OF_MEMORY, "out of native memory");
    } catch (const std::length_error & length) {
        set_error(error, LLAMAPANAMA_OUT_OF_MEMORY, length.what());
    } catch (const std::exception & exception) {
        set_error(error, LLAMAPANAMA_EXCEPTION, exception.what());
    } catch (...) {
        set_error(error, LLAMAPANAMA_EXCEPTION, "unknown C++ exception");
    }
    return failed;
}

template <typename Body>
void guarded(const char * call, llamapanama_error * error, Body && body) {
    guarded(call, error, 0, [&] {
        body();
        return 0;
    });
}

} // namespace llamapanama

#endif // LLAMAPANAMA_GUARD_H
