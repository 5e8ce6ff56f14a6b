// The vectors of AVX-512 VNNI in plain C++: the same widths, tiles and byte order, so that a machine without these
// instructions tests everything but the instructions.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace {

struct Plain {
    static constexpr int LANES = 16;
    static constexpr bool SIGNED_BYTES = false;
    struct Int {
        int32_t lane[LANES];
    };
    struct Float {
        float lane[LANES];
    };

    struct Lanes {
        uint32_t lane[LANES];
    };

    template <class F> static constexpr int columns() { return 12; }
    template <class F> static constexpr int few_columns() { return 4; }
    static constexpr bool ONE_COLUMN = false;
    static constexpr int FLOAT_COLUMNS = 12, FEW_FLOAT_COLUMNS = 4, LEAST_F16_COLUMNS = 4;

    template <class V, class Make> static V each(Make make) {
        V v;
        for (int i = 0; i < LANES; i++) {
            v.lane[i] = make(i);
        }
        return v;
    }

    static Float zero() { return each<Float>([](int) { return 0.0f; }); }
    static Int none() { return each<Int>([](int) { return 0; }); }
    static Float load(const float * p) { return each<Float>([&](int i) { return p[i]; }); }
    static void store(float * p, const Float & v) {
        for (int i = 0; i < LANES; i++) {
            p[i] = v.lane[i];
        }
    }
    static Float broadcast(const float * p) { return each<Float>([&](int) { return *p; }); }
    static Int broadcast(const int32_t * p) { return each<Int>([&](int) { return *p; }); }
    static Float to_float(const Int & v) { return each<Float>([&](int i) { return (float) v.lane[i]; }); }
    static Float multiply(const Float & a, const Float & b) {
        return each<Float>([&](int i) { return a.lane[i] * b.lane[i]; });
    }
    static Float multiply_add(const Float & a, const Float & b, const Float & c) {
        return each<Float>([&](int i) { return std::fma(a.lane[i], b.lane[i], c.lane[i]); });
    }
    static Float subtract_product(const Float & a, const Float & b, const Float & c) {
        return each<Float>([&](int i) { return std::fma(-b.lane[i], c.lane[i], a.lane[i]); });
    }

    static Lanes load_lanes(const uint32_t * p) { return each<Lanes>([&](int i) { return p[i]; }); }
    static Lanes broadcast_lane(const uint32_t * p) { return each<Lanes>([&](int) { return *p; }); }
    static float as_float(uint32_t bits) {
        float value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    template <int VALUES> static Float add_products(const Lanes & a, const Lanes & b, const Float & sum) {
        return each<Float>([&](int i) {
            const uint32_t x = a.lane[i], y = b.lane[i];
            if (VALUES == 1) {
                return std::fma(as_float(x), as_float(y), sum.lane[i]);
            }
            const float odd = std::fma(as_float(x & 0xffff0000), as_float(y & 0xffff0000), sum.lane[i]);
            return std::fma(as_float(x << 16), as_float(y << 16), odd);
        });
    }

    template <int LARGEST, int STEPS, int COLUMNS>
    static void dot(const uint8_t * weights, const int8_t * values, Int (&sum)[COLUMNS]) {
        for (int g = 0; g < STEPS; g++) {
            for (int c = 0; c < COLUMNS; c++) {
                for (int i = 0; i < LANES; i++) {
                    for (int k = 0; k < 4; k++) {
                        sum[c].lane[i] += weights[64 * g + 4 * i + k] * values[4 * (g * COLUMNS + c) + k];
                    }
                }
            }
        }
    }
};

} // namespace
