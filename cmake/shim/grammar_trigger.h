// Whether a lazy grammar was triggered, which llama.cpp keeps to itself and tells only its log (llama-grammar.cpp).

#ifndef LLAMAPANAMA_GRAMMAR_TRIGGER_H
#define LLAMAPANAMA_GRAMMAR_TRIGGER_H

#include <cstring>

namespace llamapanama {

// Of this thread: set by the log, cleared before an accept.
bool & grammar_triggered();

inline void watch_for_trigger(const char * log_text) {
    static const char message[] = "Grammar triggered on";
    if (strncmp(log_text, message, sizeof(message) - 1) == 0) {
        grammar_triggered() = true;
    }
}

} // namespace llamapanama

#endif // LLAMAPANAMA_GRAMMAR_TRIGGER_H
