package dev.llamapanama.gguf;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Little-endian reads from the start of a file, each checked against the file's size before anything is allocated.
 *
 * <p>Not thread-safe; owns no resource.
 */
final class HeaderReader {
    private static final int MAX_BUFFER_BYTES = 1 << 18;

    private final Path path;
    private final FileChannel channel;
    private final long fileSize;
    private final ByteBuffer buffer;
    private long bufferStart;

    HeaderReader(Path path, FileChannel channel, long fileSize) {
        this.path = path;
        this.channel = channel;
        this.fileSize = fileSize;
        int bufferBytes = Math.clamp(fileSize, Long.BYTES, MAX_BUFFER_BYTES);
        this.buffer =
                ByteBuffer.allocate(bufferBytes).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    }

    long position() {
        return bufferStart + buffer.position();
    }

    long remaining() {
        return fileSize - position();
    }

    byte readByte(String what) throws IOException {
        require(Byte.BYTES, what);
        return buffer.get();
    }

    short readShort(String what) throws IOException {
        require(Short.BYTES, what);
        return buffer.getShort();
    }

    int readInt(String what) throws IOException {
        require(Integer.BYTES, what);
        return buffer.getInt();
    }

    long readLong(String what) throws IOException {
        require(Long.BYTES, what);
        return buffer.getLong();
    }

    /** Reads a string of at most {@code maxBytes} bytes; the limit is what bounds the allocation. */
    byte[] readString(int maxBytes, String what) throws IOException {
        long start = position();
        long size = readLong(what);
        if (size < 0 || size > remaining()) {
            throw fault(
                    start,
                    what + " has a length of " + Long.toUnsignedString(size) + " bytes, but the file has " + remaining()
                            + " left");
        }
        if (size > maxBytes) {
            throw fault(start, what + " has a length of " + size + " bytes; at most " + maxBytes + " are allowed");
        }
        byte[] bytes = new byte[(int) size];
        int done = 0;
        while (done < bytes.length) {
            require(1, what);
            int part = Math.min(bytes.length - done, buffer.remaining());
            buffer.get(bytes, done, part);
            done += part;
        }
        return bytes;
    }

    void skip(long bytes, String what) throws IOException {
        if (bytes < 0 || bytes > remaining()) {
            throw fault(
                    position(),
                    what + " has " + Long.toUnsignedString(bytes) + " bytes, but the file has " + remaining()
                            + " left");
        }
        if (bytes <= buffer.remaining()) {
            buffer.position(buffer.position() + (int) bytes);
        } else {
            bufferStart = position() + bytes;
            buffer.limit(0);
        }
    }

    GgufFormatException fault(long offset, String fault) {
        return fault(offset, fault, "The file is damaged or incomplete: download or convert it again");
    }

    GgufFormatException fault(long offset, String fault, String remedy) {
        return new GgufFormatException(path, offset, fault, remedy);
    }

    /** Makes {@code bytes} bytes available in the buffer. */
    private void require(int bytes, String what) throws IOException {
        if (buffer.remaining() >= bytes) {
            return;
        }
        long position = position();
        if (fileSize - position < bytes) {
            throw fault(position, "the file ends in " + what);
        }
        buffer.compact();
        bufferStart = position;
        while (buffer.position() < bytes) {
            if (channel.read(buffer, bufferStart + buffer.position()) < 0) {
                throw new EOFException(path + " became shorter while it was read");
            }
        }
        buffer.flip();
    }

    static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
