// Memory that is kept from one operation to the next and grows to the largest need.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace llamapanama::kernels {

class Area {
public:
    // At least `bytes`, aligned to 64; null if there is no memory. What was there before is gone.
    char * get(size_t bytes) {
        if (bytes > size) {
            memory.reset();
            size = 0;
            bytes = (bytes + 4095) / 4096 * 4096;
            memory.reset(static_cast<char *>(std::aligned_alloc(64, bytes)));
            size = memory ? bytes : 0;
        }
        return memory.get();
    }

private:
    struct Free {
        void operator()(char * pointer) const { std::free(pointer); }
    };
    std::unique_ptr<char, Free> memory;
    size_t size = 0;
};

// Of one context.
struct Workspace {
    Area lists;  // what is to be done
    Area values; // columns as they are laid out, and the threads' scratch areas
};

} // namespace llamapanama::kernels
