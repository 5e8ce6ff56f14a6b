/** Metrics of an {@link dev.llamapanama.engine.service.InferenceService} for Micrometer. */
package dev.llamapanama.micrometer;
