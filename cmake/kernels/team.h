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

// Hands out numbers, each once: to each thread first those of its own share, one after the other, then what others have left. So a
// thread meets the same rows of a matrix every time, and reads them in order.
class Shares {
public:
    Shares(int64_t count, int threads) : parts(threads < MOST ? threads : MOST), threads(threads) {
        for (int p = 0; p < parts; p++) {
            part[p].next.store(count * p / parts, std::memory_order_relaxed);
            part[p].end = count * (p + 1) / parts;
        }
    }

    bool take(int thread, int64_t & number) {
        const int own = (int) ((int64_t) thread * parts / threads);
        for (int i = 0; i < parts; i++) {
            Part & from = part[(own + i) % parts];
            if (from.next.load(std::memory_order_relaxed) < from.end) {
                number = from.next.fetch_add(1, std::memory_order_relaxed);
                if (number < from.end) {
                    return true;
                }
            }
        }
        return false;
    }

private:
    static constexpr int MOST = 64; // of so many cache lines; with more threads several have one share
    struct alignas(64) Part {
        std::atomic<int64_t> next;
        int64_t end;
    };

    int parts, threads;
    Part part[MOST];
};

} // namespace llamapanama::kernels
