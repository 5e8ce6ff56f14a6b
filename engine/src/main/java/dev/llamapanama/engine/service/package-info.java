/**
 * Many requests at once over one model: a queue, mixed batches, a prefix cache, and events for each request.
 *
 * <p>{@link dev.llamapanama.engine.service.InferenceService} is the door. One platform thread for each context decodes
 * ({@code Scheduler}); what a request has become is in {@code Request} and its {@code Choice}s; what the KV memory keeps for
 * later requests is in {@code PrefixCache}.
 */
package dev.llamapanama.engine.service;
