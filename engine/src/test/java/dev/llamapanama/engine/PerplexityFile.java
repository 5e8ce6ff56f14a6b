package dev.llamapanama.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code llama-perplexity --kl-divergence-base} writes: the texts' tokens, cut into chunks, and the probabilities of all
 * tokens at each place in the second half of each chunk, as logarithms in 16 bits ({@code process_logits} and {@code
 * log_softmax} in tools/perplexity/perplexity.cpp).
 *
 * @param chunkLength tokens in a chunk
 * @param tokens of all chunks
 * @param rows chunk by chunk, for places {@link #firstPlace()} to chunkLength - 2
 */
record PerplexityFile(int chunkLength, int vocabularySize, int[] tokens, List<Row> rows) {
    private static final String MAGIC = "_logits_";

    /**
     * Logarithms of probabilities.
     *
     * @param step between two values that can be told apart
     * @param smallest those below have this value
     */
    record Row(float step, float smallest, float[] logProbabilities) {}

    int firstPlace() {
        return chunkLength / 2;
    }

    int rowsPerChunk() {
        return chunkLength - 1 - firstPlace();
    }

    int chunks() {
        return tokens.length / chunkLength;
    }

    static PerplexityFile read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[MAGIC.length()];
        in.get(magic);
        if (!new String(magic, StandardCharsets.US_ASCII).equals(MAGIC)) {
            throw new IOException(file + " does not start with " + MAGIC);
        }
        int chunkLength = in.getInt();
        int vocabularySize = in.getInt();
        int chunks = in.getInt();
        int[] tokens = new int[chunks * chunkLength];
        in.asIntBuffer().get(tokens);
        in.position(in.position() + 4 * tokens.length);
        List<Row> rows = new ArrayList<>();
        while (in.hasRemaining()) {
            rows.add(row(in, vocabularySize));
        }
        return new PerplexityFile(chunkLength, vocabularySize, tokens, rows);
    }

    private static Row row(ByteBuffer in, int vocabularySize) {
        float step = in.getFloat();
        float smallest = in.getFloat();
        float[] values = new float[vocabularySize];
        for (int i = 0; i < vocabularySize; i++) {
            values[i] = step * Short.toUnsignedInt(in.getShort()) + smallest;
        }
        if (vocabularySize % 2 != 0) {
            in.getShort(); // rows have whole 32-bit words
        }
        return new Row(step, smallest, values);
    }
}
