package dev.llamapanama.engine.service;

import dev.llamapanama.engine.internal.StateFile;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** A file with a prefix of prompts and its state: magic number, salt, tokens, CRC-32C of these; then the state. */
final class SpillFile {
    private static final int MAGIC = 0x4c504658;
    private static final int MOST_TOKENS = 1 << 24;

    /** What a file is of. */
    record Prefix(String salt, int[] tokens) {}

    private SpillFile() {}

    /**
     * Writes a file, or replaces it whole.
     *
     * @return its size in bytes
     */
    static long write(Path file, String salt, int[] tokens, byte[] state) throws IOException {
        byte[] header = header(salt, tokens);
        StateFile.replace(file, channel -> {
            StateFile.write(channel, MemorySegment.ofBuffer(ByteBuffer.wrap(header)));
            StateFile.write(channel, MemorySegment.ofArray(state));
        });
        return header.length + (long) state.length;
    }

    /** @throws IOException if the file is none of these, or damaged */
    static Prefix readPrefix(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return readPrefix(new DataInputStream(in));
        }
    }

    /** @throws IOException if the file is not of this prefix any more, or damaged; the state has a checksum of its own */
    static byte[] readState(Path file, String salt, int[] tokens) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Prefix read = readPrefix(new DataInputStream(in));
            if (!read.salt().equals(salt) || !Arrays.equals(read.tokens(), tokens)) {
                throw new IOException("it was replaced");
            }
            return in.readAllBytes();
        }
    }

    private static byte[] header(String salt, int[] tokens) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(MAGIC);
        out.writeUTF(salt);
        out.writeInt(tokens.length);
        for (int token : tokens) {
            out.writeInt(token);
        }
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.toByteArray());
        out.writeInt((int) checksum.getValue());
        return bytes.toByteArray();
    }

    private static Prefix readPrefix(DataInputStream in) throws IOException {
        if (in.readInt() != MAGIC) {
            throw new IOException("it begins with something else");
        }
        String salt = in.readUTF();
        int count = in.readInt();
        if (count < 1 || count > MOST_TOKENS) {
            throw new IOException("it has " + count + " tokens");
        }
        byte[] bytes = in.readNBytes(4 * count);
        if (bytes.length < 4 * count) {
            throw new IOException("it ends early");
        }
        int[] tokens = new int[count];
        ByteBuffer.wrap(bytes).asIntBuffer().get(tokens);
        byte[] expected = header(salt, tokens);
        if (in.readInt() != ByteBuffer.wrap(expected, expected.length - 4, 4).getInt()) {
            throw new IOException("it is damaged");
        }
        return new Prefix(salt, tokens);
    }
}
