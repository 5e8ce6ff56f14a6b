// Memory between two pages that must not be touched: reading or writing behind it, or before it, ends the test.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>

enum class Guard { BEFORE, BEHIND }; // which page is next to the memory

struct Guarded {
    // With the guard behind, `alignment` leaves up to so many bytes before it.
    Guarded(Guard guard, size_t size, size_t alignment) : page((size_t) sysconf(_SC_PAGESIZE)) {
        const size_t inner = (size + page - 1) / page * page;
        whole = inner + 2 * page;
        begin = (char *) mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (begin == MAP_FAILED || mprotect(begin + page, inner, PROT_READ | PROT_WRITE) != 0) {
            perror("guarded memory");
            std::abort();
        }
        data = begin + page + (guard == Guard::BEFORE ? 0 : (inner - size) / alignment * alignment);
    }
    ~Guarded() { munmap(begin, whole); }
    Guarded(const Guarded &) = delete;
    Guarded & operator=(const Guarded &) = delete;

    char * data;

private:
    size_t page, whole;
    char * begin;
};
