package dev.llamapanama.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a GGUF file of version 3, in one pass.
 *
 * <p>In this order: put the metadata, declare all tensors, write their data in the order of declaration, {@link #commit}.
 * The file appears under its name only with {@code commit}: until then its bytes are in a temporary file beside it, which
 * {@link #close} removes. Calls out of order throw {@link IllegalStateException}. Not thread-safe.
 *
 * {@snippet :
 * try (GgufWriter writer = GgufWriter.create(path)) {
 *     writer.putText("general.architecture", "llama");
 *     writer.declareTensor("token_embd.weight", GgmlType.F32, 64, 256);
 *     writer.write(data);
 *     writer.commit();
 * }
 * }
 */
public final class GgufWriter implements AutoCloseable {
    /** What each tensor's offset is a multiple of, in bytes. */
    public static final int ALIGNMENT = 32;

    private static final byte[] PADDING = new byte[ALIGNMENT];

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final Set<String> names = new HashSet<>();
    private final HeaderBuffer metadata = new HeaderBuffer();
    private final List<Declared> tensors = new ArrayList<>();
    private long keyCount;
    private long dataSize;
    private boolean headerWritten;
    private int currentTensor;
    private long currentWritten;

    private GgufWriter(Path target, Path temporary, FileChannel channel) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
        putUint32("general.alignment", ALIGNMENT);
    }

    /**
     * Starts a file. An existing file of this name stays as it is until {@link #commit}.
     *
     * @throws IOException if no file can be made in the folder of {@code target}, which must exist
     */
    public static GgufWriter create(Path target) throws IOException {
        // Own naming, since Files.createTempFile makes files that only their owner may read.
        String unique = ProcessHandle.current().pid() + "-" + Long.toUnsignedString(System.nanoTime(), 36);
        Path temporary = target.resolveSibling(target.getFileName() + "." + unique + ".part");
        return new GgufWriter(
                target,
                temporary,
                FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** Puts a string. */
    public void putText(String key, String value) {
        key(key, GgufValueType.STRING).string(value);
    }

    /** Puts a 16-bit number, 0 to 65535. */
    public void putUint16(String key, int value) {
        requireRange(key, value, 0xFFFF);
        key(key, GgufValueType.UINT16).int16((short) value);
    }

    /** Puts a 32-bit number, 0 to 2^32-1. Nearly all of llama.cpp's sizes and ids are of this type. */
    public void putUint32(String key, long value) {
        requireRange(key, value, 0xFFFF_FFFFL);
        key(key, GgufValueType.UINT32).int32((int) value);
    }

    /** Puts a signed 32-bit number. */
    public void putInt32(String key, int value) {
        key(key, GgufValueType.INT32).int32(value);
    }

    /** Puts a 64-bit number; negative ones stand for 2^63 and above. */
    public void putUint64(String key, long value) {
        key(key, GgufValueType.UINT64).int64(value);
    }

    /** Puts a 32-bit floating point number. */
    public void putFloat32(String key, float value) {
        key(key, GgufValueType.FLOAT32).int32(Float.floatToRawIntBits(value));
    }

    /** Puts a boolean. */
    public void putBool(String key, boolean value) {
        key(key, GgufValueType.BOOL).int8(value ? 1 : 0);
    }

    /** Puts an array of strings. */
    public void putTexts(String key, List<String> values) {
        array(key, GgufValueType.STRING, values.size());
        values.forEach(metadata::string);
    }

    /** Puts an array of signed 32-bit numbers. */
    public void putInt32s(String key, int... values) {
        array(key, GgufValueType.INT32, values.length);
        for (int value : values) {
            metadata.int32(value);
        }
    }

    /** Puts an array of 32-bit numbers whose type in the file is unsigned. */
    public void putUint32s(String key, int... values) {
        array(key, GgufValueType.UINT32, values.length);
        for (int value : values) {
            metadata.int32(value);
        }
    }

    /** Puts an array of 32-bit floating point numbers. */
    public void putFloat32s(String key, float... values) {
        array(key, GgufValueType.FLOAT32, values.length);
        for (float value : values) {
            metadata.int32(Float.floatToRawIntBits(value));
        }
    }

    /**
     * Declares the next tensor.
     *
     * @param shape one to four positive sizes, the row length first; it must be a multiple of the type's block size
     * @throws IllegalArgumentException if the name is taken or longer than 63 bytes, or the shape does not fit the type
     */
    public void declareTensor(String name, GgmlType type, long... shape) {
        requireHeaderOpen();
        if (name.getBytes(StandardCharsets.UTF_8).length > GgufFile.MAX_TENSOR_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "tensor name " + name + " is longer than " + GgufFile.MAX_TENSOR_NAME_BYTES + " bytes");
        }
        requireNewName("tensor", name);
        if (shape.length < 1 || shape.length > 4) {
            throw new IllegalArgumentException("tensor " + name + " has " + shape.length + " dimensions, not 1 to 4");
        }
        long rows = 1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] <= 0) {
                throw new IllegalArgumentException(
                        "tensor " + name + " has " + shape[i] + " elements in dimension " + i);
            }
            rows = i == 0 ? 1 : Math.multiplyExact(rows, shape[i]);
        }
        long byteSize = Math.multiplyExact(rows, type.rowBytes(shape[0]));
        tensors.add(new Declared(name, type, shape.clone(), dataSize, byteSize));
        dataSize = GgufFile.padded(Math.addExact(dataSize, byteSize), ALIGNMENT);
    }

    /**
     * Writes the next bytes of tensor data, from the buffer's position to its limit. A call may hold any part of one
     * tensor; padding between tensors is written here.
     *
     * @throws IllegalStateException if these are more bytes than the tensor has left, or all tensors are complete
     */
    public void write(ByteBuffer data) throws IOException {
        writeHeader();
        if (currentTensor == tensors.size()) {
            throw new IllegalStateException("all " + tensors.size() + " tensors of " + target + " are complete");
        }
        Declared tensor = tensors.get(currentTensor);
        if (data.remaining() > tensor.byteSize - currentWritten) {
            throw new IllegalStateException(data.remaining() + " bytes do not fit: tensor " + tensor.name + " has "
                    + (tensor.byteSize - currentWritten) + " left");
        }
        currentWritten += data.remaining();
        writeFully(data);
        if (currentWritten == tensor.byteSize) {
            int padding = (int) (GgufFile.padded(tensor.byteSize, ALIGNMENT) - tensor.byteSize);
            writeFully(ByteBuffer.wrap(PADDING, 0, padding));
            currentTensor++;
            currentWritten = 0;
        }
    }

    /** Writes the next bytes of tensor data. */
    public void write(byte[] data) throws IOException {
        write(ByteBuffer.wrap(data));
    }

    /**
     * Gives the file its name; an existing file is replaced.
     *
     * <p>Other processes see the old file or the whole new one. What survives a power failure is up to the file system:
     * the data is not forced to the disk, since that would cost minutes for large models that can be made again.
     *
     * @throws IllegalStateException if the data of some tensor is not complete
     */
    public void commit() throws IOException {
        writeHeader();
        if (currentTensor < tensors.size()) {
            throw new IllegalStateException(
                    "the data of tensor " + tensors.get(currentTensor).name + " is not complete: " + currentWritten
                            + " of " + tensors.get(currentTensor).byteSize + " bytes are written");
        }
        channel.close();
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Ends writing; without a {@link #commit} before, nothing remains. May be called again. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(temporary);
    }

    private void writeHeader() throws IOException {
        if (headerWritten) {
            return;
        }
        HeaderBuffer header = new HeaderBuffer();
        header.int8('G')
                .int8('G')
                .int8('U')
                .int8('F')
                .int32(3)
                .int64(tensors.size())
                .int64(keyCount);
        header.append(metadata);
        for (Declared tensor : tensors) {
            header.string(tensor.name).int32(tensor.shape.length);
            for (long size : tensor.shape) {
                header.int64(size);
            }
            header.int32(tensor.type.id()).int64(tensor.offset);
        }
        while (header.size() % ALIGNMENT != 0) {
            header.int8(0);
        }
        headerWritten = true;
        writeFully(ByteBuffer.wrap(header.toByteArray()));
    }

    private void writeFully(ByteBuffer data) throws IOException {
        while (data.hasRemaining()) {
            channel.write(data);
        }
    }

    private HeaderBuffer key(String key, GgufValueType type) {
        requireHeaderOpen();
        requireNewName("key", key);
        keyCount++;
        return metadata.string(key).int32(type.id());
    }

    private void array(String key, GgufValueType elementType, int length) {
        key(key, GgufValueType.ARRAY).int32(elementType.id()).int64(length);
    }

    private void requireHeaderOpen() {
        if (headerWritten) {
            throw new IllegalStateException("metadata and tensors must be declared before the first data is written");
        }
    }

    private void requireNewName(String what, String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0 || !names.add(what + " " + name)) {
            throw new IllegalArgumentException(what + " '" + name + "' is empty, contains a zero, or is there already");
        }
    }

    private static void requireRange(String key, long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(key + " is " + value + ", not in 0 to " + max);
        }
    }

    private record Declared(String name, GgmlType type, long[] shape, long offset, long byteSize) {}

    /** A growing little-endian buffer. */
    private static final class HeaderBuffer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteBuffer scratch = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);

        HeaderBuffer int8(int value) {
            out.write(value);
            return this;
        }

        HeaderBuffer int16(short value) {
            out.write(scratch.putShort(0, value).array(), 0, Short.BYTES);
            return this;
        }

        HeaderBuffer int32(int value) {
            out.write(scratch.putInt(0, value).array(), 0, Integer.BYTES);
            return this;
        }

        HeaderBuffer int64(long value) {
            out.write(scratch.putLong(0, value).array(), 0, Long.BYTES);
            return this;
        }

        HeaderBuffer string(String value) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            int64(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        void append(HeaderBuffer other) {
            out.writeBytes(other.toByteArray());
        }

        int size() {
            return out.size();
        }

        byte[] toByteArray() {
            return out.toByteArray();
        }
    }
}
