package dev.llamapanama.engine.internal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Files of saved states. A file is written under another name, forced to the disk and then renamed, so that under its own
 * name there is always a whole state, the old one or the new one, whatever happens in between.
 */
public final class StateFile {
    private static final long CHUNK = 64L << 20;

    private StateFile() {}

    /** Writes to an open file. */
    @FunctionalInterface
    public interface Writer {
        void write(WritableByteChannel channel) throws IOException;
    }

    /** Replaces {@code file} by what {@code writer} writes, readable by its owner alone, or leaves it as it is. */
    public static void replace(Path file, Writer writer) throws IOException {
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath(); // a link stays a link
        Path folder = target.getParent();
        if (folder == null) {
            throw new IOException(file + " is no file");
        }
        Path temporary = Files.createTempFile(folder, target.getFileName() + ".", ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                writer.write(channel);
                channel.force(true);
            }
            move(temporary, target);
        } finally {
            Files.deleteIfExists(temporary);
        }
        // the new name is on the disk only when the folder is; the new file is whole either way
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException unsupported) {
            // a folder that cannot be read or flushed: only a power cut could bring the old file back
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the file system of " + to + " cannot replace files in one step", e);
        }
    }

    /** Writes all of a segment. */
    public static void write(WritableByteChannel channel, MemorySegment data) throws IOException {
        for (long at = 0; at < data.byteSize(); at += CHUNK) {
            ByteBuffer chunk = chunk(data, at);
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
        }
    }

    /** Fills a segment from a file. */
    public static void read(FileChannel channel, long position, MemorySegment data) throws IOException {
        for (long at = 0; at < data.byteSize(); at += CHUNK) {
            ByteBuffer chunk = chunk(data, at);
            while (chunk.hasRemaining()) {
                if (channel.read(chunk, position + at + chunk.position()) < 0) {
                    throw new IOException("the file became shorter while it was read");
                }
            }
        }
    }

    /** CRC-32C of a segment. */
    public static int checksum(MemorySegment data) {
        CRC32C crc = new CRC32C();
        for (long at = 0; at < data.byteSize(); at += CHUNK) {
            crc.update(chunk(data, at));
        }
        return (int) crc.getValue();
    }

    private static ByteBuffer chunk(MemorySegment data, long at) {
        return data.asSlice(at, Math.min(CHUNK, data.byteSize() - at)).asByteBuffer();
    }
}
