// Bounds what a chat template or a parser of answers may take, which llama.cpp does not: both can be a model file's work.

#ifndef LLAMAPANAMA_CHAT_WATCH_H
#define LLAMAPANAMA_CHAT_WATCH_H

namespace llamapanama {

// While one lives, this thread's interpreter of templates and its parser throw std::runtime_error when the thread's stack is
// nearly used up, and when they have computed for too long.
class chat_watch {
  public:
    chat_watch();
    ~chat_watch();
    chat_watch(const chat_watch &) = delete;
    chat_watch & operator=(const chat_watch &) = delete;
};

} // namespace llamapanama

#endif // LLAMAPANAMA_CHAT_WATCH_H
