package dev.llamapanama.gguf.forge;

import dev.llamapanama.gguf.GgmlType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Random elements of one type, mean and deviation, made in their stored form.
 *
 * <p>Quantized blocks are a header (scales) from a table of 256 and random bits for the elements, so that making them is
 * about as fast as copying memory. Their elements are uniform; those of plain types are normal. Not thread-safe.
 */
final class BlockGenerator {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int HEADERS = 256;
    private static final int QUANTILE_BITS = 12;
    private static final int QUANTILES = 1 << QUANTILE_BITS;
    private static final double[] NORMAL = normalQuantiles();

    // Root mean squares of the stored integers, less their offset, when all bit patterns are equally likely.
    private static final double RMS_8_BIT = 73.61;
    private static final double RMS_6_BIT = 18.480;
    private static final double RMS_5_BIT = 9.247;
    private static final double RMS_5_BIT_CENTRED = 9.233;
    private static final double RMS_4_BIT = 4.637;
    private static final double RMS_4_BIT_CENTRED = 4.610;

    private final GgmlType type;
    private final double mean;
    private final double deviation;
    private final int headerOffset;
    private final int headerBytes;
    private final int elementBytesOffset;
    private final byte[] headers;
    private long state;

    /**
     * @param seed any number; the same one gives the same elements
     * @param mean mean of the elements; must be 0 for quantized types
     * @param deviation standard deviation of the elements
     */
    BlockGenerator(GgmlType type, long seed, double mean, double deviation) {
        if (type.isQuantized() && mean != 0) {
            throw new IllegalArgumentException("quantized elements are made with mean 0 only, not " + mean);
        }
        this.type = type;
        this.mean = mean;
        this.deviation = deviation;
        // A state of 0 would stay 0.
        this.state = mix(seed) | 1;
        this.headerBytes = switch (type) {
            case Q8_0, Q4_0, Q5_0 -> 2;
            case Q4_K, Q5_K -> 16;
            case Q6_K -> 18;
            case F32, F16, BF16 -> type.blockBytes();
            default -> throw new IllegalArgumentException("cannot make random blocks of type " + type);
        };
        boolean headerLast = type == GgmlType.Q6_K;
        this.headerOffset = headerLast ? type.blockBytes() - headerBytes : 0;
        this.elementBytesOffset = headerLast ? 0 : headerBytes;
        this.headers = type.isQuantized() ? blockHeaders() : elements();
    }

    /** Makes {@code count} blocks at {@code target[from]} and behind. */
    void fill(byte[] target, int from, int count) {
        if (type.isQuantized()) {
            fillBlocks(target, from, count);
        } else {
            fillElements(target, from, count);
        }
    }

    private void fillBlocks(byte[] target, int from, int count) {
        int blockBytes = type.blockBytes();
        int elementBytes = blockBytes - headerBytes;
        boolean signedBytes = type == GgmlType.Q8_0;
        for (int i = 0, block = from; i < count; i++, block += blockBytes) {
            int header = (int) (next() >>> 56) * headerBytes;
            System.arraycopy(headers, header, target, block + headerOffset, headerBytes);
            int at = block + elementBytesOffset;
            int end = at + elementBytes;
            for (; at <= end - Long.BYTES; at += Long.BYTES) {
                long bits = next();
                LONGS.set(target, at, signedBytes ? withoutMinus128(bits) : bits);
            }
            if (at < end) {
                INTS.set(target, at, (int) (next() >>> 32));
            }
        }
    }

    private void fillElements(byte[] target, int from, int count) {
        int bytes = headerBytes;
        int at = from;
        long bits = 0;
        for (int i = 0, left = 0; i < count; i++, at += bytes) {
            if (left == 0) {
                bits = next();
                left = Long.SIZE / QUANTILE_BITS;
            }
            int index = (int) (bits >>> Long.SIZE - QUANTILE_BITS) * bytes;
            bits <<= QUANTILE_BITS;
            left--;
            if (bytes == Short.BYTES) {
                SHORTS.set(target, at, (short) SHORTS.get(headers, index));
            } else {
                INTS.set(target, at, (int) INTS.get(headers, index));
            }
        }
    }

    /** xorshift64*. */
    private long next() {
        long s = state;
        s ^= s >>> 12;
        s ^= s << 25;
        s ^= s >>> 27;
        state = s;
        return s * 0x2545F4914F6CDD1DL;
    }

    /** Quantizers never give -128, and some kernels negate elements: makes all bytes odd if one of them is -128. */
    private static long withoutMinus128(long bytes) {
        long zeroWhereMinus128 = bytes ^ 0x8080808080808080L;
        boolean found = ((zeroWhereMinus128 - 0x0101010101010101L) & ~zeroWhereMinus128 & 0x8080808080808080L) != 0;
        return found ? bytes | 0x0101010101010101L : bytes;
    }

    private byte[] blockHeaders() {
        byte[] table = new byte[HEADERS * headerBytes];
        for (int i = 0; i < HEADERS; i++) {
            writeHeader(table, i * headerBytes, deviation * scaleVariation());
        }
        return table;
    }

    /** 0.75 to 1.25, root mean square 1: the scales of real blocks differ too. */
    private double scaleVariation() {
        return (0.75 + 0.5 * nextUnit()) / Math.sqrt(1 + 1 / 48.0);
    }

    private void writeHeader(byte[] table, int at, double scale) {
        switch (type) {
            case Q8_0 -> putHalf(table, at, scale / RMS_8_BIT);
            // Elements are -8 to 7 (or -16 to 15): signs of both kinds take the mean to 0.
            case Q4_0 -> putHalf(table, at, randomSign() * scale / RMS_4_BIT);
            case Q5_0 -> putHalf(table, at, randomSign() * scale / RMS_5_BIT);
            case Q4_K -> writeScalesAndMinimums(table, at, scale / RMS_4_BIT_CENTRED, 7.5);
            case Q5_K -> writeScalesAndMinimums(table, at, scale / RMS_5_BIT_CENTRED, 15.5);
            case Q6_K -> {
                // 16 signed scales, 64 to 127 in magnitude: root mean square 97.27.
                for (int i = 0; i < 16; i++) {
                    table[at + i] = (byte) (randomSign() * (64 + (int) (next() >>> 58)));
                }
                putHalf(table, at + 16, scale / RMS_6_BIT / 97.27);
            }
            default -> throw new AssertionError(type);
        }
    }

    /** Elements are d * s * q - m: with s and m the same 6-bit number and the scale of m being d * middle, the mean is 0. */
    private void writeScalesAndMinimums(byte[] table, int at, double scale, double middle) {
        int[] s = new int[8];
        for (int i = 0; i < 8; i++) {
            s[i] = 32 + (int) (next() >>> 59);
        }
        // Root mean square of 32 to 63.
        double d = scale / 48.39;
        putHalf(table, at, d);
        putHalf(table, at + 2, d * middle);
        for (int i = 0; i < 4; i++) {
            byte packed = (byte) (s[i] | s[i + 4] >> 4 << 6);
            table[at + 4 + i] = packed;
            table[at + 8 + i] = packed;
            table[at + 12 + i] = (byte) (s[i + 4] & 0xF | (s[i + 4] & 0xF) << 4);
        }
    }

    private byte[] elements() {
        byte[] table = new byte[QUANTILES * headerBytes];
        for (int i = 0; i < QUANTILES; i++) {
            float value = (float) (mean + deviation * NORMAL[i]);
            int at = i * headerBytes;
            switch (type) {
                case F32 -> INTS.set(table, at, Float.floatToRawIntBits(value));
                case F16 -> SHORTS.set(table, at, Float.floatToFloat16(value));
                // The rounding to nearest that ggml uses, for numbers that are not NaN.
                case BF16 -> {
                    int bits = Float.floatToRawIntBits(value);
                    SHORTS.set(table, at, (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16));
                }
                default -> throw new AssertionError(type);
            }
        }
        return table;
    }

    private static void putHalf(byte[] table, int at, double value) {
        SHORTS.set(table, at, Float.floatToFloat16((float) value));
    }

    private int randomSign() {
        return next() < 0 ? -1 : 1;
    }

    private double nextUnit() {
        return (next() >>> 11) * 0x1p-53;
    }

    private static long mix(long seed) {
        long z = seed + 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /** The normal distribution's quantiles in the middle of 4096 equal parts, scaled to a variance of 1. */
    private static double[] normalQuantiles() {
        double[] quantiles = new double[QUANTILES];
        // The density is integrated in steps; StrictMath keeps the table, and hence all files, the same on all
        // machines.
        int steps = 1 << 20;
        double width = 12.0 / steps;
        double area = 0;
        int next = 0;
        double norm = 1 / StrictMath.sqrt(2 * StrictMath.PI);
        for (int i = 0; i < steps && next < QUANTILES; i++) {
            double x = -6 + (i + 0.5) * width;
            area += norm * StrictMath.exp(-x * x / 2) * width;
            while (next < QUANTILES && area >= (next + 0.5) / QUANTILES) {
                quantiles[next++] = x;
            }
        }
        double squares = 0;
        for (int i = 0; i < QUANTILES / 2; i++) {
            // Mirrored, so that the mean is exactly 0.
            quantiles[QUANTILES - 1 - i] = -quantiles[i];
            squares += 2 * quantiles[i] * quantiles[i];
        }
        double scale = StrictMath.sqrt(QUANTILES / squares);
        for (int i = 0; i < QUANTILES; i++) {
            quantiles[i] *= scale;
        }
        return quantiles;
    }
}
