package dev.llamapanama.bench.requests;

import dev.llamapanama.engine.ContextOptions;
import java.nio.file.Path;

/**
 * What both targets are started with.
 *
 * @param context its length is the KV memory of all requests together
 * @param parallel requests that are computed at once, at most
 */
record Setup(Path model, ContextOptions context, int parallel) {}
