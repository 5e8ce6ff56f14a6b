package dev.llamapanama.engine.prompt;

/** What is kept or dropped as a whole. */
public enum CompressionUnit {
    /** Tokens: the text gets short and rough, and models read it well. Characters of several tokens stay whole. */
    TOKENS,
    /** Sentences, and lines: what is kept reads as before. */
    SENTENCES
}
