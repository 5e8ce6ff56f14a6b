package dev.llamapanama.gguf;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A metadata array. Only its place in the file is kept: a vocabulary takes no memory until it is asked for.
 *
 * <p>Each accessor below opens the file, reads the whole array and closes the file again. They throw
 * {@link UncheckedIOException} if the file can no longer be read, {@link GgufFormatException} if it has changed since it
 * was opened, and {@link IllegalStateException} if the elements are of another type. Safe for use by many threads.
 */
public final class GgufArray implements GgufValue {
    private static final int STRING_LENGTH_BYTES = Long.BYTES;

    private final Path path;
    private final String key;
    private final GgufValueType elementType;
    private final long length;
    private final long offset;
    private final long byteSize;

    GgufArray(Path path, String key, GgufValueType elementType, long length, long offset, long byteSize) {
        this.path = path;
        this.key = key;
        this.elementType = elementType;
        this.length = length;
        this.offset = offset;
        this.byteSize = byteSize;
    }

    @Override
    public GgufValueType type() {
        return GgufValueType.ARRAY;
    }

    /** The type of each element; never {@code ARRAY}, which llama.cpp does not read. */
    public GgufValueType elementType() {
        return elementType;
    }

    /** The number of elements. */
    public long length() {
        return length;
    }

    /** First byte of the first element, counted from the start of the file. */
    public long offset() {
        return offset;
    }

    /** Bytes of all elements together; for strings, the 8 bytes of each length are included. */
    public long byteSize() {
        return byteSize;
    }

    /** The elements of an array of strings, read as UTF-8; bytes that are no UTF-8 read as U+FFFD. */
    public List<String> strings() {
        List<String> strings = new ArrayList<>();
        forEachString((bytes, from, size) -> strings.add(new String(bytes, from, size, StandardCharsets.UTF_8)));
        return strings;
    }

    /** The elements of an array of strings as they stand in the file: the tokens of some vocabularies are no UTF-8. */
    public List<byte[]> byteStrings() {
        List<byte[]> strings = new ArrayList<>();
        forEachString((bytes, from, size) -> strings.add(Arrays.copyOfRange(bytes, from, from + size)));
        return strings;
    }

    /** The elements of an array of integers or booleans; booleans as 0 and 1. */
    public long[] integers() {
        requireElements(elementType.isInteger() || elementType == GgufValueType.BOOL, "integers");
        ByteBuffer data = read();
        long[] values = new long[Math.toIntExact(length)];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (elementType) {
                case UINT8 -> Byte.toUnsignedLong(data.get());
                case INT8 -> data.get();
                case UINT16 -> Short.toUnsignedLong(data.getShort());
                case INT16 -> data.getShort();
                case UINT32 -> Integer.toUnsignedLong(data.getInt());
                case INT32 -> data.getInt();
                case UINT64, INT64 -> data.getLong();
                case BOOL -> data.get() != 0 ? 1 : 0;
                case FLOAT32, FLOAT64, STRING, ARRAY -> throw new AssertionError(elementType);
            };
        }
        return values;
    }

    /** The elements of an array of floating point numbers. */
    public double[] reals() {
        boolean single = elementType == GgufValueType.FLOAT32;
        requireElements(single || elementType == GgufValueType.FLOAT64, "floating point numbers");
        ByteBuffer data = read();
        double[] values = new double[Math.toIntExact(length)];
        for (int i = 0; i < values.length; i++) {
            values[i] = single ? data.getFloat() : data.getDouble();
        }
        return values;
    }

    /** Receives each string of an array as a range of bytes, without a copy. */
    @FunctionalInterface
    interface StringVisitor {
        void visit(byte[] bytes, int from, int size);
    }

    void forEachString(StringVisitor visitor) {
        requireElements(elementType == GgufValueType.STRING, "strings");
        ByteBuffer data = read();
        byte[] bytes = data.array();
        for (long i = 0; i < length; i++) {
            long size = data.remaining() < STRING_LENGTH_BYTES ? -1 : data.getLong();
            if (size < 0 || size > data.remaining()) {
                throw changed();
            }
            visitor.visit(bytes, data.arrayOffset() + data.position(), (int) size);
            data.position(data.position() + (int) size);
        }
    }

    private ByteBuffer read() {
        if (byteSize > Integer.MAX_VALUE - 8) {
            throw new GgufFormatException(
                    path,
                    offset,
                    "array " + key + " has " + byteSize + " bytes, more than can be read at once",
                    "Use a model with a smaller " + key);
        }
        ByteBuffer data = ByteBuffer.allocate((int) byteSize).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            while (data.hasRemaining()) {
                if (channel.read(data, offset + data.position()) < 0) {
                    throw new EOFException(path + " is shorter than when it was opened");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("reading array " + key + " of " + path, e);
        }
        return data.flip();
    }

    private void requireElements(boolean matches, String wanted) {
        if (!matches) {
            throw new IllegalStateException("array " + key + " holds " + elementType + ", not " + wanted);
        }
    }

    private GgufFormatException changed() {
        return new GgufFormatException(
                path,
                offset,
                "array " + key + " is not what it was when the file was opened",
                "Open the file again, and do not write to it while it is in use");
    }

    @Override
    public String toString() {
        return elementType + "[" + length + "]";
    }
}
