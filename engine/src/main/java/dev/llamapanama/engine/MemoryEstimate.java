package dev.llamapanama.engine;

import dev.llamapanama.engine.internal.MemoryBudget;
import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a model with one context takes of memory, told from the headers of its files: nothing is loaded. Immutable.
 *
 * <p>An estimate for the CPU. Weights are exact. Keys and values are counted as if each attention layer kept the whole
 * context, which is too much where some see a sliding window only, and without the state of recurrent layers, which is
 * some megabytes. What computing takes is the largest of llama.cpp's intermediate results, within some tens of percent.
 *
 * @param weightBytes of all tensors. They may be mapped from their files; where they do not fit into memory, the kernel
 *     reads them again for each token
 * @param contextBytes keys and values of {@link ContextOptions#contextLength()} positions
 * @param computeBytes logits and other intermediate results of {@link ContextOptions#ubatchSize()} tokens
 */
public record MemoryEstimate(long weightBytes, long contextBytes, long computeBytes) {
    private static final String KEY_LENGTH = "attention.key_length";
    private static final String VALUE_LENGTH = "attention.value_length";
    private static final int POSITIONS_TOGETHER = 256; // each sequence's part is a multiple of it

    /**
     * Estimates.
     *
     * @param model the file, or the first one of a split model
     * @throws ModelLoadException if it is no model that could be loaded
     * @throws IllegalArgumentException if its heads cannot be stored as the options ask for
     */
    public static MemoryEstimate of(Path model, ContextOptions options) {
        List<GgufFile> files = ModelLoader.headers(model);
        Header header = new Header(files);
        options.keyType().requireWholeBlocks("keyType", header.headLength(KEY_LENGTH), model);
        options.valueType().requireWholeBlocks("valueType", header.headLength(VALUE_LENGTH), model);
        long length = options.contextLength() == 0 ? header.number("context_length") : options.contextLength();
        int parts = options.unifiedKv() ? 1 : options.maxSequences();
        long seen = padded(Math.ceilDiv(length, parts));
        long positions = seen * parts;
        double contextBits = (double) positions
                * (header.keyWidth() * options.keyType().bitsPerValue()
                        + header.valueWidth() * options.valueType().bitsPerValue());
        return new MemoryEstimate(
                header.tensors().mapToLong(GgufTensor::byteSize).sum(),
                (long) (contextBits / Byte.SIZE),
                computeBytes(header, options, seen));
    }

    private static long padded(long positions) {
        return Math.ceilDiv(positions, POSITIONS_TOGETHER) * POSITIONS_TOGETHER;
    }

    /**
     * The widest of a token's intermediate results, and its row of the attention mask.
     *
     * @param positions those that a token may see
     */
    private static long computeBytes(Header header, ContextOptions options, long positions) {
        long tokens = Math.min(Math.min(options.ubatchSize(), options.batchSize()), positions);
        long feedForward = 3 * header.largest("feed_forward_length") + 2 * header.number("embedding_length");
        boolean flash = options.flashAttention() != FlashAttention.DISABLED;
        long scores = flash ? 0 : header.largest("attention.head_count") * positions;
        long mask = positions * (flash ? Short.BYTES : Float.BYTES);
        long widest = Math.max(header.vocabularySize(), Math.max(feedForward, scores));
        return tokens * (widest * Float.BYTES + mask)
                + (long) options.maxSequences() * header.vocabularySize() * Float.BYTES;
    }

    /** Bytes together. */
    public long totalBytes() {
        return weightBytes + contextBytes + computeBytes;
    }

    /** Whether this machine, or the container that the JVM runs in, has so much memory left. */
    public boolean fits() {
        return totalBytes() <= availableBytes();
    }

    /**
     * Memory that is free now, or that the kernel can free by dropping cached files, in bytes; control groups' limits
     * counted.
     */
    public static long availableBytes() {
        return MemoryBudget.availableBytes();
    }

    /** The keys that matter here; 0 for those that a model does not have. */
    private record Header(List<GgufFile> files) {
        Stream<GgufTensor> tensors() {
            return files.stream().flatMap(file -> file.tensors().values().stream());
        }

        long number(String key) {
            return files.getFirst().integer(name(key)).orElse(0);
        }

        long largest(String key) {
            return Arrays.stream(perLayer(key, 0)).max().orElse(0);
        }

        long vocabularySize() {
            return tensors()
                    .filter(tensor -> tensor.name().equals("token_embd.weight"))
                    .mapToLong(tensor -> tensor.dimension(1))
                    .findFirst()
                    .orElse(0);
        }

        long keyWidth() {
            return kvHeads() * headLength(KEY_LENGTH);
        }

        long valueWidth() {
            return kvHeads() * headLength(VALUE_LENGTH);
        }

        /** Of all layers together. */
        private long kvHeads() {
            long[] heads = perLayer("attention.head_count", 0);
            long[] kvHeads = perLayer("attention.head_count_kv", -1);
            Set<String> names = tensors().map(GgufTensor::name).collect(Collectors.toSet());
            return IntStream.range(0, heads.length)
                    .filter(layer -> hasAttention(names, "blk." + layer + "."))
                    .mapToLong(layer -> kvHeads[layer] < 0 ? heads[layer] : kvHeads[layer])
                    .sum();
        }

        /** Recurrent layers have no keys, but some have a matrix that is called as if it made them. */
        private static boolean hasAttention(Set<String> names, String layer) {
            boolean recurrent = names.stream().anyMatch(name -> name.startsWith(layer + "ssm_"));
            return names.contains(layer + "attn_k.weight")
                    || !recurrent
                            && Stream.of("attn_qkv.weight", "attn_kv_a_mqa.weight")
                                    .anyMatch(name -> names.contains(layer + name));
        }

        private long headLength(String key) {
            long heads = largest("attention.head_count");
            return files.getFirst().integer(name(key)).orElse(heads == 0 ? 0 : number("embedding_length") / heads);
        }

        private long[] perLayer(String key, long absent) {
            GgufFile file = files.getFirst();
            int layers = Math.toIntExact(number("block_count"));
            long[] values = new long[layers];
            Arrays.fill(values, file.integer(name(key)).orElse(absent));
            return file.array(name(key))
                    .map(array -> Arrays.copyOf(array.integers(), layers))
                    .orElse(values);
        }

        private String name(String key) {
            return files.getFirst().architecture().orElseThrow() + "." + key;
        }
    }
}
