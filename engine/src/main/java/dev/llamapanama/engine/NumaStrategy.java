package dev.llamapanama.engine;

import dev.llamapanama.bindings.LlamaConstants;

/** What to do on machines with several memory nodes ({@code ggml_numa_strategy}). */
public enum NumaStrategy {
    /** Nothing. */
    DISABLED(LlamaConstants.GGML_NUMA_STRATEGY_DISABLED),
    /** Spread threads over all nodes. */
    DISTRIBUTE(LlamaConstants.GGML_NUMA_STRATEGY_DISTRIBUTE),
    /** Keep threads on the node that the program started on. */
    ISOLATE(LlamaConstants.GGML_NUMA_STRATEGY_ISOLATE),
    /** Use the CPU map that {@code numactl} gives. */
    NUMACTL(LlamaConstants.GGML_NUMA_STRATEGY_NUMACTL);

    private final int value;

    NumaStrategy(int value) {
        this.value = value;
    }

    int value() {
        return value;
    }
}
