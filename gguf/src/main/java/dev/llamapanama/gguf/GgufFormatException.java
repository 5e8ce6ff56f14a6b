package dev.llamapanama.gguf;

import java.nio.file.Path;

/**
 * A GGUF file that is damaged, truncated, or not what llama.cpp can load.
 *
 * <p>The message names the file, the byte where the fault is (if it has one place), the fault, and what to do.
 */
public final class GgufFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Path path;
    private final long offset;

    /**
     * @param path the file
     * @param offset the byte where the fault was found, or -1 if it has no one place
     * @param fault what is wrong, without a full stop
     * @param remedy what to do about it, without a full stop
     */
    public GgufFormatException(Path path, long offset, String fault, String remedy) {
        super(path + (offset < 0 ? "" : ", byte " + offset) + ": " + fault + ". " + remedy + ".");
        this.path = path;
        this.offset = offset;
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** The byte in the file where the fault was found; -1 if it has no one place. */
    public long offset() {
        return offset;
    }
}
