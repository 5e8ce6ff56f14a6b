package dev.llamapanama.engine;

import java.nio.file.Path;

/** A model file that is missing, damaged, or not loadable by llama.cpp. */
public final class ModelLoadException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;

    ModelLoadException(Path path, String message) {
        super(message);
        this.path = path;
    }

    ModelLoadException(Path path, String message, Throwable cause) {
        super(message, cause);
        this.path = path;
    }

    /** The file, or the first part of a split model. */
    public Path path() {
        return path;
    }
}
