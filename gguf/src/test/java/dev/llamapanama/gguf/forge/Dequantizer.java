package dev.llamapanama.gguf.forge;

import dev.llamapanama.gguf.GgmlType;
import java.nio.ByteBuffer;

/** Plain dequantization of the types that the forge makes; layouts as in {@code ggml-common.h}. */
final class Dequantizer {
    private Dequantizer() {}

    static double[] dequantize(GgmlType type, ByteBuffer data) {
        int blocks = data.remaining() / type.blockBytes();
        double[] out = new double[blocks * type.blockSize()];
        for (int i = 0; i < blocks; i++) {
            int at = i * type.blockBytes();
            int to = i * type.blockSize();
            switch (type) {
                case F32 -> out[to] = data.getFloat(at);
                case F16 -> out[to] = half(data, at);
                case BF16 -> out[to] = Float.intBitsToFloat(data.getShort(at) << 16);
                case Q8_0 -> {
                    for (int j = 0; j < 32; j++) {
                        out[to + j] = half(data, at) * data.get(at + 2 + j);
                    }
                }
                case Q4_0 -> {
                    for (int j = 0; j < 16; j++) {
                        out[to + j] = half(data, at) * ((data.get(at + 2 + j) & 0xF) - 8);
                        out[to + j + 16] = half(data, at) * ((data.get(at + 2 + j) >> 4 & 0xF) - 8);
                    }
                }
                case Q5_0 -> {
                    int high = data.getInt(at + 2);
                    for (int j = 0; j < 16; j++) {
                        int q = data.get(at + 6 + j);
                        out[to + j] = half(data, at) * ((q & 0xF | (high >>> j & 1) << 4) - 16);
                        out[to + j + 16] = half(data, at) * ((q >> 4 & 0xF | (high >>> j + 16 & 1) << 4) - 16);
                    }
                }
                case Q4_K, Q5_K -> superBlock(type, data, at, out, to);
                case Q6_K -> q6k(data, at, out, to);
                default -> throw new AssertionError(type);
            }
        }
        return out;
    }

    private static void superBlock(GgmlType type, ByteBuffer data, int at, double[] out, int to) {
        boolean five = type == GgmlType.Q5_K;
        int low = at + (five ? 48 : 16);
        for (int sub = 0; sub < 8; sub++) {
            int scales = at + 4;
            int scale = sub < 4
                    ? data.get(scales + sub) & 63
                    : data.get(scales + sub + 4) & 0xF | (data.get(scales + sub - 4) >> 6 & 3) << 4;
            int minimum = sub < 4
                    ? data.get(scales + sub + 4) & 63
                    : data.get(scales + sub + 4) >> 4 & 0xF | (data.get(scales + sub) >> 6 & 3) << 4;
            for (int j = 0; j < 32; j++) {
                int q = data.get(low + sub / 2 * 32 + j) >> (sub % 2 == 0 ? 0 : 4) & 0xF;
                if (five) {
                    q |= (data.get(at + 16 + j) >> sub & 1) << 4;
                }
                out[to + sub * 32 + j] = half(data, at) * scale * q - half(data, at + 2) * minimum;
            }
        }
    }

    private static void q6k(ByteBuffer data, int at, double[] out, int to) {
        double d = half(data, at + 208);
        for (int halfBlock = 0; halfBlock < 2; halfBlock++) {
            for (int j = 0; j < 128; j++) {
                int low = data.get(at + halfBlock * 64 + j % 64) >> (j < 64 ? 0 : 4) & 0xF;
                int high = data.get(at + 128 + halfBlock * 32 + j % 32) >> 2 * (j / 32) & 3;
                int scale = data.get(at + 192 + halfBlock * 8 + j / 16);
                out[to + halfBlock * 128 + j] = d * scale * ((low | high << 4) - 32);
            }
        }
    }

    private static double half(ByteBuffer data, int at) {
        return Float.float16ToFloat(data.getShort(at));
    }
}
