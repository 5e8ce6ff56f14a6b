/**
 * Prompts made shorter: {@link dev.llamapanama.engine.prompt.PromptCompressor} leaves out what a small model can guess.
 */
package dev.llamapanama.engine.prompt;
