package dev.llamapanama.engine.internal;

import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Tells models apart, so that a state is not restored into another one: a hash of the headers (metadata, vocabulary,
 * tensor table) and of samples of the weights, because fine-tunes of one model differ in nothing else.
 */
public final class ModelFingerprint {
    /** Length in bytes. */
    public static final int LENGTH = 32;

    private static final int SAMPLES = 32;
    private static final int SAMPLE_BYTES = 4096;
    private static final int CHUNK = 1 << 20;

    private final byte[] hash;

    private ModelFingerprint(byte[] hash) {
        this.hash = hash;
    }

    /**
     * Reads the headers and about 128 KiB of the weights, on another thread: the hash is needed late or never. The files
     * are opened before this returns, so that it is of what they hold now.
     */
    public static CompletableFuture<ModelFingerprint> start(List<GgufFile> files, Map<String, Object> overrides)
            throws IOException {
        List<FileChannel> channels = new ArrayList<>();
        try {
            for (GgufFile file : files) {
                channels.add(FileChannel.open(file.path(), StandardOpenOption.READ));
            }
        } catch (IOException e) {
            close(channels);
            throw e;
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return of(files, channels, overrides);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    } finally {
                        close(channels);
                    }
                },
                ModelFingerprint::startThread);
    }

    private static void startThread(Runnable task) {
        Thread thread = new Thread(task, "llamapanama-fingerprint");
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(List<FileChannel> channels) {
        for (FileChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException e) {
                // it was only read
            }
        }
    }

    private static ModelFingerprint of(List<GgufFile> files, List<FileChannel> channels, Map<String, Object> overrides)
            throws IOException {
        MessageDigest digest = sha256();
        for (int part = 0; part < files.size(); part++) {
            GgufFile file = files.get(part);
            FileChannel channel = channels.get(part);
            update(digest, channel, 0, Math.min(file.dataOffset(), file.fileSize()));
            List<GgufTensor> tensors = List.copyOf(file.tensors().values());
            int step = Math.max(1, tensors.size() / SAMPLES);
            for (int i = 0; i < tensors.size(); i += step) {
                GgufTensor tensor = tensors.get(i);
                update(digest, channel, tensor.offset(), Math.min(SAMPLE_BYTES, tensor.byteSize()));
            }
        }
        if (!overrides.isEmpty()) {
            digest.update(new TreeMap<>(overrides).toString().getBytes(StandardCharsets.UTF_8));
        }
        return new ModelFingerprint(digest.digest());
    }

    private static void update(MessageDigest digest, FileChannel channel, long offset, long length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(CHUNK, length));
        long end = offset + length;
        for (long at = offset; at < end; ) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
            int n = channel.read(buffer, at);
            if (n < 0) {
                throw new IOException("the file became shorter while it was read");
            }
            digest.update(buffer.flip());
            at += n;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The hash; a copy. */
    public byte[] bytes() {
        return hash.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModelFingerprint that && Arrays.equals(hash, that.hash);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(hash);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(hash);
    }
}
