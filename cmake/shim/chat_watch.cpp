// The compiler makes the interpreter of templates and the parser of answers call __cyg_profile_func_enter at the start of
// their functions (-finstrument-functions in native/CMakeLists.txt), so that llama.cpp needs no patch.

#include "chat_watch.h"

#include "chat.h"
#include "log.h"

#include <pthread.h>
#include <time.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace {

constexpr uintptr_t spare_stack      = 256 * 1024; // for what is called from there, and the JVM's guard pages
constexpr int64_t   max_cpu_ns       = 10'000'000'000;
constexpr unsigned  calls_per_glance = 16; // one may be a loop over a hundred thousand elements

struct watch_state {
    uintptr_t stack_end = 0; // 0: nothing is watched
    int64_t   deadline  = 0;
    unsigned  calls     = 0;
    bool      expired   = false;
};

thread_local watch_state state;

int64_t cpu_ns() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

uintptr_t stack_end() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
        return 0;
    }
    void * lowest = nullptr;
    size_t size   = 0;
    pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return reinterpret_cast<uintptr_t>(lowest) + spare_stack;
}

// Of a function that is not virtual; the first word of such a pointer in the Itanium C++ ABI.
template <typename Function>
void * address_of(Function function) {
    void * address;
    memcpy(&address, &function, sizeof(address));
    return address;
}

// The functions through which all recursion and all loops go. Others may be such as must not throw.
bool may_throw(void * function) {
    using parse = common_peg_parse_result (common_peg_arena::*)(
            common_peg_parser_id, common_peg_parse_context &, size_t) const;
    static void * const execute      = address_of(&jinja::statement::execute);
    static void * const parse_a_rule = address_of(static_cast<parse>(&common_peg_arena::parse));
    return function == execute || function == parse_a_rule;
}

} // namespace

namespace llamapanama {

chat_watch::chat_watch() { state = {stack_end(), cpu_ns() + max_cpu_ns, 0, false}; }

chat_watch::~chat_watch() { state = {}; }

} // namespace llamapanama

// libc has functions of these names that do nothing; -Bsymbolic-functions makes this library call its own.
extern "C" void __cyg_profile_func_enter(void * function, void *) {
    if (state.stack_end == 0 || !may_throw(function)) {
        return;
    }
    if (reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < state.stack_end) {
        throw std::runtime_error("it nests too deeply for the stack of this thread");
    }
    if (!state.expired && ++state.calls % calls_per_glance == 0) {
        state.expired = cpu_ns() > state.deadline;
    }
    if (state.expired) { // for good: llama.cpp catches it when it tries out what a template can do, and tries the next
        throw std::runtime_error("it takes more than 10 seconds");
    }
}

extern "C" void __cyg_profile_func_exit(void *, void *) {}

// llama.cpp's own log for its tools writes prompts and answers to stderr, from a thread of its own. Here it is off.
int  common_log_get_verbosity_thold(void) { return -1; }
void common_log_add(common_log *, ggml_log_level, const char *, ...) {}
common_log * common_log_main() { return nullptr; }
