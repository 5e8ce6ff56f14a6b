package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.gguf.GgmlType;
import dev.llamapanama.gguf.GgufWriter;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
class AdapterTest {
    private static final ContextOptions SMALL =
            ContextOptions.builder().contextLength(256).threads(1).build();
    private static final int[] PROMPT = Models.tokens(20);
    private static final int WIDTH = 64;
    private static final int RANK = 4;

    @TempDir
    Path folder;

    @Test
    void anAdapterActsByItsScaleAndCanBeTakenAway() throws Exception {
        Path file = lora("lora.gguf", "llama", WIDTH);
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(SMALL);
                LoraAdapter adapter = model.loadAdapter(file)) {
            assertThat(adapter.metadata()).containsEntry("adapter.type", "lora");
            assertThat(adapter.invocationTokens()).isEmpty();
            float[] plain = Models.logits(context, PROMPT);
            float[] adapted = with(context, AdapterScale.of(adapter));
            assertThat(difference(adapted, plain)).isGreaterThan(0.1);
            Models.assertClose(with(context, new AdapterScale(adapter, 0)), plain);
            Models.assertClose(with(context, AdapterScale.of(adapter)), adapted);
            assertThat(context.adapters()).containsExactly(AdapterScale.of(adapter));
            Models.assertClose(with(context), plain);
        }
    }

    private static float[] with(Context context, AdapterScale... adapters) {
        context.adapters(List.of(adapters));
        context.clearMemory();
        return Models.logits(context, PROMPT);
    }

    @Test
    void anAdapterIsClosedAfterTheContextsThatUseIt() throws Exception {
        Path file = lora("lora.gguf", "llama", WIDTH);
        try (Model model = Model.load(Models.llama())) {
            LoraAdapter adapter = model.loadAdapter(file);
            Context context = model.newContext(SMALL);
            context.adapters(List.of(AdapterScale.of(adapter)));
            assertThatIllegalStateException().isThrownBy(adapter::close).withMessageContaining(context.toString());
            assertThatIllegalStateException().isThrownBy(model::close).withMessageContaining(adapter.toString());
            assertThat(Models.logits(context, PROMPT)).isNotEmpty();
            context.adapters(List.of());
            adapter.close();
            adapter.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> context.adapters(List.of(AdapterScale.of(adapter))))
                    .withMessage(adapter + " is closed");
            LoraAdapter other = model.loadAdapter(file);
            context.adapters(List.of(AdapterScale.of(other)));
            context.close();
            other.close();
        }
    }

    @Test
    void adaptersThatDoNotFitAreRefusedWithTheReasonOfLlamaCpp() throws Exception {
        try (Model model = Model.load(Models.llama());
                Model other = Model.load(Models.llama());
                Context context = model.newContext(SMALL)) {
            assertThatExceptionOfType(AdapterException.class)
                    .isThrownBy(() -> model.loadAdapter(lora("qwen.gguf", "qwen2", WIDTH)))
                    .withMessageContaining("model arch and LoRA arch mismatch");
            assertThatExceptionOfType(AdapterException.class)
                    .isThrownBy(() -> model.loadAdapter(lora("wide.gguf", "llama", 32)))
                    .withMessageContaining("incorrect shape");
            assertThatExceptionOfType(AdapterException.class)
                    .isThrownBy(() -> model.loadAdapter(folder.resolve("none.gguf")))
                    .withMessageContaining("does not exist");
            assertThatExceptionOfType(AdapterException.class)
                    .isThrownBy(() -> model.loadAdapter(Models.llama()))
                    .withMessageContaining("is no LoRA adapter");
            Path cut = folder.resolve("cut.gguf");
            byte[] whole = Files.readAllBytes(lora("lora.gguf", "llama", WIDTH));
            Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
            assertThatExceptionOfType(AdapterException.class).isThrownBy(() -> model.loadAdapter(cut));
            try (LoraAdapter foreign = other.loadAdapter(folder.resolve("lora.gguf"))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> context.adapters(List.of(AdapterScale.of(foreign))));
            }
        }
    }

    @Test
    void aControlVectorSteersAndCanBeTakenAway() throws Exception {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(SMALL)) {
            float[] plain = Models.logits(context, PROMPT);
            ControlVector vector = ControlVector.load(controlVector("vector.gguf", WIDTH, 1, 3));
            assertThat(vector.layers()).containsExactly(1, 3);
            context.controlVector(vector);
            context.clearMemory();
            float[] steered = Models.logits(context, PROMPT);
            assertThat(difference(steered, plain)).isGreaterThan(0.1);
            context.controlVector(vector.scaled(0.5f).plus(vector.scaled(-0.5f)));
            context.clearMemory();
            Models.assertClose(Models.logits(context, PROMPT), plain);
            context.controlVector(vector);
            context.clearControlVector();
            context.clearMemory();
            Models.assertClose(Models.logits(context, PROMPT), plain);
        }
    }

    @Test
    void controlVectorsThatDoNotFitAreRefused() throws Exception {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(SMALL)) {
            assertThatExceptionOfType(AdapterException.class)
                    .isThrownBy(() -> context.controlVector(ControlVector.of(Map.of(1, new float[32]))))
                    .withMessageContaining("32 floats");
            assertThatExceptionOfType(AdapterException.class)
                    .isThrownBy(() -> context.controlVector(ControlVector.of(Map.of(4, new float[WIDTH]))))
                    .withMessageContaining("layer 4");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> ControlVector.of(Map.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> ControlVector.of(Map.of(0, new float[4])));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ControlVector.of(Map.of(1, new float[4], 2, new float[5])));
        assertThatExceptionOfType(AdapterException.class).isThrownBy(() -> ControlVector.load(Models.llama()));
        assertThatExceptionOfType(AdapterException.class)
                .isThrownBy(() -> ControlVector.load(folder.resolve("none.gguf")));
    }

    /** An adapter for the query weights of layer 0 of {@link TinyModels#llama()}. */
    private Path lora(String name, String architecture, int width) throws IOException {
        Path file = folder.resolve(name);
        Random random = new Random(3);
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.putText("general.architecture", architecture);
            writer.putText("general.type", "adapter");
            writer.putText("adapter.type", "lora");
            writer.putFloat32("adapter.lora.alpha", 8);
            writer.declareTensor("blk.0.attn_output.weight.lora_a", GgmlType.F32, width, RANK);
            writer.declareTensor("blk.0.attn_output.weight.lora_b", GgmlType.F32, RANK, WIDTH);
            writer.write(floats(random, width * RANK));
            writer.write(floats(random, RANK * WIDTH));
            writer.commit();
        }
        return file;
    }

    private Path controlVector(String name, int width, int... layers) throws IOException {
        Path file = folder.resolve(name);
        Random random = new Random(5);
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.putText("general.architecture", "controlvector");
            for (int layer : layers) {
                writer.declareTensor("direction." + layer, GgmlType.F32, width);
            }
            for (int i = 0; i < layers.length; i++) {
                writer.write(floats(random, width));
            }
            writer.commit();
        }
        return file;
    }

    private static ByteBuffer floats(Random random, int n) {
        ByteBuffer buffer = ByteBuffer.allocate(n * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < n; i++) {
            buffer.putFloat((float) random.nextGaussian());
        }
        return buffer.flip();
    }

    private static double difference(float[] a, float[] b) {
        double worst = 0;
        for (int i = 0; i < a.length; i++) {
            worst = Math.max(worst, Math.abs(a[i] - b[i]));
        }
        return worst;
    }
}
