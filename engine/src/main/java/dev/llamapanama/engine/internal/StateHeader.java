package dev.llamapanama.engine.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What stands before a saved state, so that one that is damaged or belongs elsewhere is refused before native code sees
 * it. {@value #LENGTH} bytes, little-endian, the last 4 of them a CRC-32C of those before.
 *
 * @param kind what was saved
 * @param llamaVersion of the llama.cpp that wrote it, whose format may change with any release
 * @param model the model's fingerprint
 * @param layout what the context's memory must have in common; see {@code ContextState}
 * @param payloadLength bytes that follow
 * @param payloadChecksum CRC-32C of these
 */
public record StateHeader(
        Kind kind, String llamaVersion, byte[] model, byte[] layout, long payloadLength, int payloadChecksum) {
    /** Bytes of a header. */
    public static final int LENGTH = 128;

    /** Bytes that {@link #layout} has room for. */
    public static final int LAYOUT_LENGTH = 24;

    private static final long MAGIC = 0x53_54_41_54_45_4D_4C_4CL; // "LLMETATS"
    private static final int VERSION = 1;
    private static final int VERSION_LENGTH = 32;

    /** What a state is of. */
    public enum Kind {
        /** All sequences. */
        CONTEXT,
        /** One. */
        SEQUENCE
    }

    /** The bytes. */
    public ByteBuffer encode() {
        ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(MAGIC).putInt(VERSION).putInt(kind.ordinal());
        buffer.put(Arrays.copyOf(llamaVersion.getBytes(StandardCharsets.UTF_8), VERSION_LENGTH));
        buffer.put(model).put(Arrays.copyOf(layout, LAYOUT_LENGTH));
        buffer.putLong(payloadLength).putInt(payloadChecksum);
        buffer.position(LENGTH - Integer.BYTES);
        buffer.putInt(checksum(buffer.array(), LENGTH - Integer.BYTES));
        return buffer.flip();
    }

    /**
     * Reads a header.
     *
     * @param buffer at least {@value #LENGTH} bytes
     * @return the header, or what is wrong as text
     */
    public static Result decode(ByteBuffer buffer) {
        byte[] bytes = new byte[LENGTH];
        if (buffer.remaining() < LENGTH) {
            return Result.wrong("it has " + buffer.remaining() + " bytes, less than a header");
        }
        buffer.get(bytes);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getLong() != MAGIC) {
            return Result.wrong("it is no saved state of llamapanama");
        }
        int version = in.getInt();
        if (version != VERSION) {
            return Result.wrong("its format has version " + version + "; this llamapanama reads " + VERSION);
        }
        if (in.getInt(LENGTH - Integer.BYTES) != checksum(bytes, LENGTH - Integer.BYTES)) {
            return Result.wrong("its header is damaged");
        }
        int kind = in.getInt();
        if (kind < 0 || kind >= Kind.values().length) {
            return Result.wrong("its kind " + kind + " is unknown");
        }
        byte[] llama = new byte[VERSION_LENGTH];
        byte[] model = new byte[ModelFingerprint.LENGTH];
        byte[] layout = new byte[LAYOUT_LENGTH];
        in.get(llama).get(model).get(layout);
        long length = in.getLong();
        if (length < 0) {
            return Result.wrong("its length is " + length);
        }
        String llamaVersion = new String(llama, StandardCharsets.UTF_8).trim();
        return new Result(
                Optional.of(new StateHeader(Kind.values()[kind], llamaVersion, model, layout, length, in.getInt())),
                "");
    }

    /** A header, or what is wrong. */
    public record Result(Optional<StateHeader> header, String problem) {
        private static Result wrong(String problem) {
            return new Result(Optional.empty(), problem);
        }
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** Whether this state is of that model. */
    public boolean isOf(ModelFingerprint fingerprint) {
        return Arrays.equals(model, fingerprint.bytes());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StateHeader that && encode().equals(that.encode());
    }

    @Override
    public int hashCode() {
        return encode().hashCode();
    }

    @Override
    public String toString() {
        return kind + " of model " + HexFormat.of().formatHex(model, 0, 4) + ", " + payloadLength + " bytes";
    }
}
