package dev.llamapanama.gguf;

import java.util.List;

/**
 * One tensor of a file: what it is called, its shape and where its data lies.
 *
 * @param name at most 63 bytes of UTF-8, unique in the file
 * @param shape elements per dimension, {@code ne} in ggml: the first one is the row length. One to four entries; no
 *     entry means a single element
 * @param type the element type; {@code shape[0]} is a multiple of its block size
 * @param offset first byte of the data, counted from the start of the file
 * @param byteSize bytes of the data, without padding
 */
public record GgufTensor(String name, List<Long> shape, GgmlType type, long offset, long byteSize) {
    /** Copies the shape. */
    public GgufTensor {
        shape = List.copyOf(shape);
    }

    /** Elements in dimension {@code dimension}, 1 beyond the last one. */
    public long dimension(int dimension) {
        return dimension < shape.size() ? shape.get(dimension) : 1;
    }

    /** Elements in all dimensions together. */
    public long elements() {
        long elements = 1;
        for (long dimension : shape) {
            elements *= dimension;
        }
        return elements;
    }
}
