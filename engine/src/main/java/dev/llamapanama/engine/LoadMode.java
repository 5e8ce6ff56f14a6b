package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** How a model gets into memory ({@code llama_load_mode}). */
public enum LoadMode {
    /** llama.cpp chooses; on CPUs it maps the file. */
    AUTO(LlamaConstants.LLAMA_LOAD_MODE_AUTO),
    /** Read into memory of the process. */
    READ(LlamaConstants.LLAMA_LOAD_MODE_NONE),
    /**
     * Map the file, so that pages are shared with other processes and read when used. The file must not be cut short or
     * overwritten while the model is open: touching a page that is gone ends the process.
     */
    MMAP(LlamaConstants.LLAMA_LOAD_MODE_MMAP),
    /** Read, and lock in memory so that it is never swapped out. */
    MLOCK(LlamaConstants.LLAMA_LOAD_MODE_MLOCK),
    /** Map the file and lock its pages. */
    MMAP_MLOCK(LlamaConstants.LLAMA_LOAD_MODE_MMAP_MLOCK),
    /** Read past the page cache, where the file system can. */
    DIRECT_IO(LlamaConstants.LLAMA_LOAD_MODE_DIRECT_IO);

    private final int value;

    LoadMode(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }
}
