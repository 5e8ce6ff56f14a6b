package dev.llamapanama.gguf.forge;

import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufTensor;
import dev.llamapanama.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes models with random weights.
 *
 * <p>Weights are made in their stored form, one buffer at a time: memory does not grow with the model, and the speed is
 * that of the disk. Each tensor's weights follow from its name and the seed alone, so that a model cut to fewer layers
 * has the same first layers. Stateless, hence safe for use by many threads.
 */
public final class ModelForge {
    /** Goes up with each change that makes other bytes from the same spec. */
    public static final int FORMAT_VERSION = 1;

    private static final int BUFFER_BYTES = 1 << 20;

    /** How much smaller the rows of tokens are that greedy output should not hold. */
    private static final double QUIET_SCALE = 0.125;

    private ModelForge() {}

    /**
     * Writes a model; an existing file is replaced, atomically.
     *
     * @throws IOException if the file cannot be written
     */
    public static void forge(ModelSpec spec, Path path) throws IOException {
        List<TypedPlan> plans = typedPlans(spec);
        try (GgufWriter writer = GgufWriter.create(path)) {
            new ModelMetadata(spec).write(writer);
            for (TypedPlan tensor : plans) {
                writer.declareTensor(tensor.plan.name(), tensor.type, tensor.plan.shape());
            }
            byte[] buffer = new byte[BUFFER_BYTES];
            for (TypedPlan tensor : plans) {
                writeTensor(writer, tensor, spec, buffer);
            }
            writer.commit();
        }
    }

    /** The number of weights that a model of this spec has, norms and biases included. */
    public static long parameterCount(ModelSpec spec) {
        return TensorPlans.of(spec).stream()
                .mapToLong(plan -> plan.rowLength() * plan.rows())
                .sum();
    }

    /** The bytes of tensor data that a model of this spec has. */
    public static long tensorBytes(ModelSpec spec) {
        return typedPlans(spec).stream()
                .mapToLong(tensor -> tensor.type.rowBytes(tensor.plan.rowLength()) * tensor.plan.rows())
                .sum();
    }

    /** The tensors that a model of this spec has. Their offsets are 0, since there is no file. */
    public static List<GgufTensor> tensors(ModelSpec spec) {
        return typedPlans(spec).stream()
                .map(tensor -> new GgufTensor(
                        tensor.plan.name(),
                        Arrays.stream(tensor.plan.shape()).boxed().toList(),
                        tensor.type,
                        0,
                        tensor.type.rowBytes(tensor.plan.rowLength()) * tensor.plan.rows()))
                .toList();
    }

    private static List<TypedPlan> typedPlans(ModelSpec spec) {
        List<TensorPlan> plans = TensorPlans.of(spec);
        int values = (int) plans.stream()
                .filter(plan -> plan.role() == TensorPlan.Role.ATTENTION_VALUE)
                .count();
        List<TypedPlan> typed = new ArrayList<>();
        int valueIndex = 0;
        for (TensorPlan plan : plans) {
            typed.add(new TypedPlan(plan, spec.weights().typeOf(plan, spec, valueIndex, values)));
            valueIndex += plan.role() == TensorPlan.Role.ATTENTION_VALUE ? 1 : 0;
        }
        return typed;
    }

    private static void writeTensor(GgufWriter writer, TypedPlan tensor, ModelSpec spec, byte[] buffer)
            throws IOException {
        TensorPlan plan = tensor.plan;
        boolean shifted = spec.successor() && plan.name().equals("output.weight");
        String source = shifted ? "token_embd.weight" : plan.name();
        long seed = spec.seed() * 0x9E3779B97F4A7C15L ^ hash(source);
        BlockGenerator usual = new BlockGenerator(tensor.type, seed, plan.mean(), plan.deviation());
        long blocksPerRow = plan.rowLength() / tensor.type.blockSize();
        if (plan.rowPerToken() && spec.architecture().generatesText()) {
            BlockGenerator quiet = new BlockGenerator(tensor.type, ~seed, 0, plan.deviation() * QUIET_SCALE);
            int rows = spec.vocabularySize();
            if (shifted) { // the row of token t + 1 is what stands for token t; nothing comes before token 0
                rows--;
                writer.write(ByteBuffer.allocate((int) tensor.type.rowBytes(plan.rowLength())));
            }
            int start = 0;
            for (int id = 1; id <= rows; id++) {
                if (id == rows || ByteVocabulary.isPlain(id) != ByteVocabulary.isPlain(start)) {
                    BlockGenerator generator = ByteVocabulary.isPlain(start) ? usual : quiet;
                    write(writer, generator, tensor.type, (id - start) * blocksPerRow, buffer);
                    start = id;
                }
            }
        } else {
            write(writer, usual, tensor.type, plan.rows() * blocksPerRow, buffer);
        }
    }

    private static void write(GgufWriter writer, BlockGenerator generator, GgmlType type, long blocks, byte[] buffer)
            throws IOException {
        int blocksPerBuffer = buffer.length / type.blockBytes();
        for (long done = 0; done < blocks; ) {
            int count = (int) Math.min(blocksPerBuffer, blocks - done);
            generator.fill(buffer, 0, count);
            writer.write(ByteBuffer.wrap(buffer, 0, count * type.blockBytes()));
            done += count;
        }
    }

    /** FNV-1a. */
    private static long hash(String name) {
        long hash = 0xCBF29CE484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ b) * 0x100000001B3L;
        }
        return hash;
    }

    private record TypedPlan(TensorPlan plan, GgmlType type) {}
}
