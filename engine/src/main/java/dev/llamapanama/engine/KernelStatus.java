package dev.llamapanama.engine;

import java.util.List;

/**
 * What the kernels of llamapanama do in this process. Immutable.
 *
 * @param active whether they are offered operations; which ones they take depends on the weights' type and on how many
 *     tokens are computed together
 * @param description which kernels, or why there are none
 * @param operations matrix products and attentions that they have computed so far
 * @param thresholds what was measured on this machine, by weight type; fixed defaults hold for types that are not in the list
 */
public record KernelStatus(boolean active, String description, long operations, List<KernelThresholds> thresholds) {
    public KernelStatus {
        thresholds = List.copyOf(thresholds);
    }
}
