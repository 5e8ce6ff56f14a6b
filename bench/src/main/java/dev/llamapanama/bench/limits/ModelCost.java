package dev.llamapanama.bench.limits;

import dev.llamapanama.engine.KvType;
import dev.llamapanama.engine.MultiplyFormat;
import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufArray;
import dev.llamapanama.gguf.GgufFile;
import dev.llamapanama.gguf.GgufParts;
import dev.llamapanama.gguf.GgufTensor;
import dev.llamapanama.gguf.forge.ModelForge;
import dev.llamapanama.gguf.forge.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * What a model asks of a machine for each token: bytes read from memory, and operations. Immutable.
 *
 * <p>A token that is generated alone reads each weight that it uses once, and the keys and values of all positions it
 * sees:
 *
 * <pre>
 *   bytes = weights + positions * (keys + values)
 *   weights   = bytes of all tensors, without those that are only looked up (token_embd unless it is the output too,
 *               position_embd, token_types), and of tensors with experts the share expert_used_count / expert_count
 *   keys      = sum over attention layers of head_count_kv * key_length values, in the KV type's bytes; values alike
 *   positions = depth + (n + 1) / 2, the mean over n tokens after a context of depth tokens
 * </pre>
 *
 * <p>A token computes with each weight of a matrix once, and with the keys and values of the positions it sees:
 *
 * <pre>
 *   operations = 2 * matrices + 2 * positions * sum over attention layers of head_count * (key_length + value_length)
 * </pre>
 *
 * where the output matrix and the feed forward part of the last layer are counted only for tokens whose logits are wanted,
 * because most of llama.cpp's graphs pick those out after the last attention; where one does not, the count is too low by
 * less than one layer. Norms, activations, softmax and the state of recurrent layers are not counted: they are some
 * percent at most.
 */
public final class ModelCost {
    private static final Set<String> LOOKED_UP =
            Set.of("token_embd.weight", "position_embd.weight", "token_types.weight", "per_layer_token_embd.weight");
    private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d+)\\.(.*)");

    private final String name;
    private final long weightBytes;
    private final Map<GgmlType, Double> perToken; // weights that each token is multiplied with
    private final Map<GgmlType, Double> perOutput; // and each token with logits, in addition
    private final long keyValues; // values of keys for each position, in all layers
    private final long valueValues;
    private final long attentionWeights; // multiply-adds for each position seen
    private final long slidingWindow; // 0 for none
    private final boolean usesExperts;

    /**
     * The hyperparameters that matter here.
     *
     * @param layers those that run for each token; layers for predicting several tokens come after them
     * @param heads attention heads of each layer
     * @param kvHeads key and value heads of each layer
     */
    private record Shape(
            int layers,
            long[] heads,
            long[] kvHeads,
            long keyLength,
            long valueLength,
            long experts,
            long expertsUsed,
            long slidingWindow) {

        static Shape of(ModelSpec spec) {
            return new Shape(
                    spec.layers(),
                    filled(spec.layers(), spec.heads()),
                    filled(spec.layers(), spec.kvHeads()),
                    spec.headLength(),
                    spec.headLength(),
                    spec.experts(),
                    spec.expertsUsed(),
                    spec.slidingWindow());
        }

        static Shape of(GgufFile file) {
            int blocks = (int) number(file, "block_count", 0);
            long[] heads = perLayer(file, "attention.head_count", filled(blocks, 0));
            long[] kvHeads = perLayer(file, "attention.head_count_kv", heads);
            long mostHeads = Arrays.stream(heads).max().orElse(0);
            long headLength = mostHeads == 0 ? 0 : number(file, "embedding_length", 0) / mostHeads;
            return new Shape(
                    blocks - (int) number(file, "nextn_predict_layers", 0),
                    heads,
                    kvHeads,
                    number(file, "attention.key_length", headLength),
                    number(file, "attention.value_length", headLength),
                    number(file, "expert_count", 0),
                    number(file, "expert_used_count", 0),
                    number(file, "attention.sliding_window", 0));
        }

        private static long number(GgufFile file, String key, long absent) {
            return file.integer(file.architecture().orElse("") + "." + key).orElse(absent);
        }

        private static long[] perLayer(GgufFile file, String key, long[] absent) {
            Optional<GgufArray> array =
                    file.array(file.architecture().orElse("") + "." + key).filter(a -> a.length() == absent.length);
            if (array.isPresent()) {
                return array.get().integers();
            }
            long same = number(file, key, -1);
            return same < 0 ? absent : filled(absent.length, same);
        }

        private static long[] filled(int length, long value) {
            return LongStream.generate(() -> value).limit(length).toArray();
        }
    }

    private ModelCost(String name, Collection<GgufTensor> tensors, Shape shape) {
        this.name = name;
        this.slidingWindow = shape.slidingWindow;
        this.usesExperts = shape.experts > 0;
        boolean tied = tensors.stream().noneMatch(tensor -> tensor.name().equals("output.weight"));
        double bytes = 0;
        perToken = new EnumMap<>(GgmlType.class);
        perOutput = new EnumMap<>(GgmlType.class);
        Set<Integer> attention = new HashSet<>();
        Set<Integer> recurrent = new HashSet<>();
        for (GgufTensor tensor : tensors) {
            boolean output = tensor.name().equals(tied ? "token_embd.weight" : "output.weight");
            Matcher block = BLOCK.matcher(tensor.name());
            int layer = block.matches() ? Integer.parseInt(block.group(1)) : -1;
            if (LOOKED_UP.contains(tensor.name()) && !output || layer >= shape.layers) {
                continue;
            }
            String part = layer < 0 ? "" : block.group(2);
            double used = part.contains("_exps.") ? (double) shape.expertsUsed / Math.max(1, shape.experts) : 1;
            bytes += used * tensor.byteSize();
            if (tensor.shape().size() > 1) {
                boolean lastFeedForward = layer == shape.layers - 1 && part.startsWith("ffn_");
                (output || lastFeedForward ? perOutput : perToken)
                        .merge(tensor.type(), used * tensor.elements(), Double::sum);
            }
            if (part.equals("attn_k.weight") || part.equals("attn_qkv.weight")) {
                attention.add(layer);
            } else if (part.startsWith("ssm_")) {
                recurrent.add(layer);
            }
        }
        attention.removeAll(recurrent);
        weightBytes = Math.round(bytes);
        long kvHeads =
                attention.stream().mapToLong(layer -> shape.kvHeads[layer]).sum();
        long heads = attention.stream().mapToLong(layer -> shape.heads[layer]).sum();
        keyValues = kvHeads * shape.keyLength;
        valueValues = kvHeads * shape.valueLength;
        attentionWeights = heads * (shape.keyLength + shape.valueLength);
    }

    /**
     * The cost of a model in a file.
     *
     * @return empty for models that the formulas do not fit: encoders, and those whose keys and values are compressed
     *     (DeepSeek's latent attention)
     * @throws dev.llamapanama.gguf.GgufFormatException if the file is no well formed GGUF
     * @throws IOException if it cannot be read
     */
    public static Optional<ModelCost> of(Path path) throws IOException {
        List<GgufFile> parts = GgufParts.open(path);
        GgufFile first = parts.getFirst();
        String architecture = first.architecture().orElse("");
        List<GgufTensor> tensors = new ArrayList<>();
        parts.forEach(part -> tensors.addAll(part.tensors().values()));
        boolean fits = first.integer(architecture + ".block_count").isPresent()
                && first.bool(architecture + ".attention.causal").orElse(true)
                && first.integer(architecture + ".attention.kv_lora_rank").isEmpty()
                && tensors.stream().noneMatch(tensor -> tensor.name().startsWith("enc."));
        return fits
                ? Optional.of(new ModelCost(String.valueOf(path.getFileName()), tensors, Shape.of(first)))
                : Optional.empty();
    }

    /**
     * The cost of a model that need not be forged for it.
     *
     * @throws IllegalArgumentException if it is an encoder
     */
    public static ModelCost of(ModelSpec spec) {
        if (!spec.architecture().generatesText()) {
            throw new IllegalArgumentException(spec.name() + " generates no text");
        }
        return new ModelCost(spec.name() + " " + spec.weights(), ModelForge.tensors(spec), Shape.of(spec));
    }

    /** The file's name, or the name and the weight format of the spec. */
    public String name() {
        return name;
    }

    /** Bytes of weights that a generated token reads. */
    public long weightBytes() {
        return weightBytes;
    }

    /** Weights of matrices that a generated token is multiplied with: the "active parameters". */
    public double activeWeights() {
        return sum(perToken) + sum(perOutput);
    }

    /** Whether the model is a mixture of experts. */
    public boolean usesExperts() {
        return usesExperts;
    }

    /** Bytes of keys and values for each position of the context. */
    public double kvBytesPerPosition(KvType type) {
        return (keyValues + valueValues) * type.bitsPerValue() / 8;
    }

    /**
     * Bytes that each of {@code tokens} tokens reads that are generated one by one after a context of {@code depth} tokens,
     * on average; empty where a sliding window ends before the context does, because not all layers have it.
     */
    public OptionalDouble bytesPerToken(int depth, int tokens, KvType kvType) {
        return positions(depth, tokens).stream()
                .map(positions -> weightBytes + positions * kvBytesPerPosition(kvType))
                .findFirst();
    }

    /**
     * Bytes for each of {@code tokens} tokens that are computed together after a context of {@code depth} tokens: the weights,
     * and the keys and values of all positions, are read once for all of them. Empty for several tokens of a mixture of experts,
     * which do not use the same weights, and where a sliding window ends before the context does.
     */
    public OptionalDouble bytesPerTokenTogether(int depth, int tokens, KvType kvType) {
        if (usesExperts && tokens > 1 || !covers(depth, tokens)) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of((weightBytes + ((double) depth + tokens) * kvBytesPerPosition(kvType)) / tokens);
    }

    /**
     * Operations for each of {@code tokens} tokens after a context of {@code depth} tokens, on average, by the format that
     * they are done in; empty where a sliding window ends before the context does.
     *
     * <p>ggml turns what it multiplies with quantized weights to bytes, computes with F16 weights in single precision, and
     * with BF16 ones too where there is no instruction for them ({@code type_traits_cpu} in {@code ggml-cpu.c}). Attention
     * is counted as single precision.
     *
     * @param outputs how many of the tokens have logits
     * @param bf16 whether BF16 weights are multiplied as such
     */
    public Optional<Map<MultiplyFormat, Double>> operationsPerToken(int depth, int tokens, int outputs, boolean bf16) {
        OptionalDouble positions = positions(depth, tokens);
        if (positions.isEmpty()) {
            return Optional.empty();
        }
        Map<MultiplyFormat, Double> operations = new EnumMap<>(MultiplyFormat.class);
        perToken.forEach((type, weights) -> operations.merge(format(type, bf16), 2 * weights, Double::sum));
        perOutput.forEach(
                (type, weights) -> operations.merge(format(type, bf16), 2 * weights * outputs / tokens, Double::sum));
        if (attentionWeights > 0) {
            operations.merge(MultiplyFormat.F32, 2 * positions.getAsDouble() * attentionWeights, Double::sum);
        }
        return Optional.of(operations);
    }

    /** Formats that the model is multiplied in. */
    public Set<MultiplyFormat> formats(boolean bf16) {
        return operationsPerToken(0, 1, 1, bf16).orElseThrow().keySet();
    }

    /** Positions that some layers see at most; 0 if all see the whole context. */
    public long slidingWindow() {
        return slidingWindow;
    }

    /** Whether no sliding window ends before the context does that {@code tokens} tokens after {@code depth} ones need. */
    public boolean covers(int depth, int tokens) {
        return positions(depth, tokens).isPresent();
    }

    private OptionalDouble positions(int depth, int tokens) {
        return slidingWindow > 0 && (long) depth + tokens > slidingWindow
                ? OptionalDouble.empty()
                : OptionalDouble.of(depth + (tokens + 1) / 2.0);
    }

    private static MultiplyFormat format(GgmlType type, boolean bf16) {
        return type.isQuantized()
                ? MultiplyFormat.INT8
                : type == GgmlType.BF16 && bf16 ? MultiplyFormat.BF16 : MultiplyFormat.F32;
    }

    private static double sum(Map<GgmlType, Double> weights) {
        return weights.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
