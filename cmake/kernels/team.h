// Threads that compute together: OpenMP's, the team that ggml's CPU backend uses too, so that no two pools spin against
// each other.
#pragma once

#include <omp.h>

#include <atomic>
#include <cstdint>

namespace llamapanama::kernels {

class Team {
public:
    explicit Team(int threads) : threads(threads) {}

    int size() const { return threads; }

    // Calls `work(thread, threads)` on each.
    template <class Work> void run(Work && work) const {
        if (threads == 1) {
            work(0, 1);
            return;
        }
#pragma omp parallel num_threads(threads)
        work(omp_get_thread_num(), omp_get_num_threads());
    }

    static void barrier() {
#pragma omp barrier
    }

private:
    int threads;
};

// Hands out numbers, each once.
class Tickets {
public:
    explicit Tickets(int64_t count) : count(count) {}

    bool take(int64_t & ticket) {
        ticket = next.fetch_add(1, std::memory_order_relaxed);
        return ticket < count;
    }

private:
    std::atomic<int64_t> next{0};
    int64_t count;
};

} // namespace llamapanama::kernels
