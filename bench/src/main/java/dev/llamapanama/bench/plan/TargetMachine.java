package dev.llamapanama.bench.plan;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.llamapanama.bench.limits.Roofline;
import dev.llamapanama.engine.MultiplyFormat;
import java.util.EnumMap;
import java.util.Map;

/**
 * A machine on paper.
 *
 * @param cores physical cores, each with two multiplication units
 * @param ghz clock of all cores at work
 * @param readBandwidth bytes per second that the cores can read
 * @param unitBits width of a multiplication unit: 256, also where AVX-512 instructions take it in two halves (Zen 4), or 512
 *     (Zen 5, Intel Xeon)
 * @param vnni whether one instruction multiplies bytes and adds the products (AVX-512 VNNI, AVX-VNNI); else it takes two
 * @param bf16 whether there is an instruction for BF16 (AVX-512 BF16)
 */
@JsonNaming(SnakeCaseStrategy.class)
record TargetMachine(int cores, double ghz, double readBandwidth, int unitBits, boolean vnni, boolean bf16) {
    private static final int UNITS = 2;
    private static final int BYTES_PER_TRANSFER = 8; // a channel is 64 bits wide

    /** What memory modules can deliver together: channels * transfers * 8 bytes, in bytes per second. */
    static double theoreticalBandwidth(int channels, double megaTransfers) {
        return channels * megaTransfers * 1e6 * BYTES_PER_TRANSFER;
    }

    /** Operations per second: cores * clock * 2 units * lanes * 2, and for bytes without VNNI half of that. */
    Roofline roofline() {
        Map<MultiplyFormat, Double> multiply = new EnumMap<>(MultiplyFormat.class);
        multiply.put(MultiplyFormat.F32, throughput(32));
        multiply.put(MultiplyFormat.INT8, vnni ? throughput(8) : throughput(8) / 2);
        if (bf16) {
            multiply.put(MultiplyFormat.BF16, throughput(16));
        }
        return new Roofline(readBandwidth, multiply);
    }

    private double throughput(int laneBits) {
        return cores * ghz * 1e9 * UNITS * ((double) unitBits / laneBits) * 2;
    }
}
