package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.bindings.NativeCallException;
import dev.llamapanama.engine.HeaderFields.Field;
import dev.llamapanama.gguf.GgufWriter;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Assertions and C++ exceptions of native code become exceptions; where they cannot, a note says what was open. */
@ExtendWith(NoLeaks.class)
class NativeFailureTest {
    private static final int SIGABRT_EXIT = 128 + 6;
    private static final String NOTE = "llamapanama: llama.cpp stopped this process";

    @TempDir
    private Path folder;

    private static ContextOptions options() {
        return ContextOptions.builder().contextLength(256).threads(1).build();
    }

    @Test
    void anAssertionInAGuardedCallIsAnException() {
        // a hybrid model, whose positions have several parts and cannot be shifted; the engine asks before
        try (Model model = Model.load(Models.forged(TinyModels.qwen35()));
                Context context = model.newContext(options())) {
            Models.decode(context, 0, 0, 5, 6);
            assertThatExceptionOfType(NativeCallException.class)
                    .isThrownBy(
                            () -> Llama.memorySeqAdd(Llama.getMemory(context.handle()), 0, 0, 2, 1, context.error()))
                    .matches(e -> e.kind() == NativeCallException.Kind.ABORTED)
                    .withMessageStartingWith("llama_memory_seq_add: ")
                    .withMessageContaining("llama-kv-cache.cpp:")
                    .withMessageContaining("GGML_ASSERT(hparams.n_pos_per_embd() == 1");
            assertThatIllegalStateException()
                    .isThrownBy(() -> context.sequence(0).shift(0, 2, 1))
                    .withMessageContaining("cannot be shifted");
            Models.decode(context, 0, 2, 7);
        }
    }

    @Test
    void anAssertionEndsItsContextAndNoOther() {
        try (Model model = Model.load(Models.llama());
                Model otherModel = Model.load(Models.forged(TinyModels.qwen2()));
                Context broken = model.newContext(options());
                Context neighbour = model.newContext(options());
                Context stranger = otherModel.newContext(options())) {
            float[] expected = Models.logits(neighbour, Models.tokens(9));
            Models.decode(broken, 0, 0, Models.tokens(9));

            assertThatExceptionOfType(NativeFailureException.class)
                    .isThrownBy(() -> broken.sequence(0).memory().remove(9999, 0, 1)) // behind the check of the number
                    .matches(e -> e.kind() == NativeFailureException.Kind.ABORTED)
                    .withMessageContaining(broken.toString())
                    .withMessageContaining("GGML_ASSERT");

            assertThat(broken.isOpen()).isFalse();
            assertThatIllegalStateException().isThrownBy(broken::decode).withMessageContaining("can no longer be used");
            neighbour.clearMemory();
            assertThat(Models.logits(neighbour, Models.tokens(9))).containsExactly(expected);
            Models.decode(stranger, 0, 0, 5);
            assertThat(model.isOpen()).isTrue();
        }
    }

    @Test
    void anExceptionOfTheTokenizerLeavesTheModelUsable() throws IOException {
        try (Model model = Model.load(
                vocabularyWithoutBytes(),
                ModelOptions.builder().vocabularyOnly(true).build())) {
            Vocabulary vocabulary = model.vocabulary();
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(NativeFailureException.class)
                        .isThrownBy(() -> vocabulary.tokenize("\u4e2d", false, false))
                        .matches(e -> e.kind() == NativeFailureException.Kind.EXCEPTION)
                        .withMessageContaining(model.toString())
                        .withMessageContaining("llama_tokenize");
                assertThat(vocabulary.tokenize("a", false, false)).isNotEmpty();
            }
        }
    }

    @Test
    void anAssertionInAKernelIsAnExceptionWithOneThread() throws Exception {
        Output output = child(NativeFailureChild.KERNEL, modelThatFailsInAKernel(), 1);
        assertThat(output.exitCode()).as(output.toString()).isZero();
        assertThat(output.out()).startsWith("ABORTED llama_decode: ").contains("binary-ops.cpp");
    }

    /** The other thread waits for it at a barrier for ever, so that it cannot just leave the computation. */
    @Test
    void anAssertionInAKernelOnTheFirstOfTwoThreadsEndsTheProcess() throws Exception {
        Output output = child(NativeFailureChild.FIRST_THREAD, Models.forged(TinyModels.bert()), 2);
        assertThat(output.exitCode()).as(output.toString()).isEqualTo(SIGABRT_EXIT);
        assertThat(output.err())
                .contains(NOTE)
                .containsPattern("reason: .*ops.cpp:.*GGML_ASSERT\\(i01 >= 0")
                .containsPattern("call: +llamapanama_decode");
    }

    @Test
    void theSameIsAnExceptionWithOneThread() throws Exception {
        Output output = child(NativeFailureChild.FIRST_THREAD, Models.forged(TinyModels.bert()), 1);
        assertThat(output.exitCode()).as(output.toString()).isZero();
        assertThat(output.out()).startsWith("ABORTED llama_decode: ").contains("ops.cpp");
    }

    @Test
    void anAssertionOutsideOfTheComputationIsAnExceptionWithTwoThreads() throws Exception {
        Output output = child(NativeFailureChild.OUTSIDE, Models.llama(), 2);
        assertThat(output.exitCode()).as(output.toString()).isZero();
        assertThat(output.out()).startsWith("ABORTED llama_decode: ").contains("n_tokens_all <= cparams.n_batch");
    }

    /** The worker thread fails as well, and no frame of the shim is below it: the first line of docs/native-aborts.md. */
    @Test
    void anAssertionInAKernelEndsTheProcessWithTwoThreads() throws Exception {
        Output output = child(NativeFailureChild.KERNEL, modelThatFailsInAKernel(), 2);
        assertThat(output.exitCode()).as(output.toString()).isEqualTo(SIGABRT_EXIT);
        assertThat(output.err()).contains(NOTE).contains("binary-ops.cpp");
    }

    @Test
    void theModelCheckRefusesWhatWouldFailInAKernel() throws IOException {
        Path file = modelThatFailsInAKernel();
        assertThatExceptionOfType(ModelLoadException.class)
                .isThrownBy(() -> Model.load(file))
                .withMessageContaining("layer_output_norm.bias: is F16, not F32");
    }

    @Test
    void anAssertionOutsideOfTheGuardWritesWhatWasOpen() throws Exception {
        Path file = Models.llama();
        Output output = child(NativeFailureChild.UNGUARDED, file, 1);
        assertThat(output.exitCode()).as(output.toString()).isEqualTo(SIGABRT_EXIT);
        assertThat(output.err())
                .contains(NOTE)
                .containsPattern("reason: .*llama-kv-cache.cpp:.*GGML_ASSERT")
                .containsPattern("call: +none that the shim guards")
                .containsPattern("open: .*Model " + file.getFileName() + ", Context 1 of Model " + file.getFileName());
    }

    @Test
    void aSamplerThatFindsNoMemoryIsAnException() throws Exception {
        ProcessBuilder builder = ChildJvm.builder(
                folder, List.of("-Xmx64m"), NativeFailureChild.class, List.of(NativeFailureChild.SAMPLER, "none", "1"));
        List<String> limited = new ArrayList<>(List.of("sh", "-c", "ulimit -v 6000000; exec \"$@\"", "sh"));
        limited.addAll(builder.command());
        Output output = run(builder.command(limited));
        assertThat(output.exitCode()).as(output.toString()).isZero();
        assertThat(output.out()).startsWith("OUT_OF_MEMORY llama_sampler_init_penalties: ");
    }

    private record Output(int exitCode, String out, String err) {}

    private Output child(String what, Path model, int threads) throws Exception {
        return run(ChildJvm.builder(
                folder,
                List.of(),
                NativeFailureChild.class,
                List.of(what, model.toAbsolutePath().toString(), "" + threads)));
    }

    private Output run(ProcessBuilder builder) throws Exception {
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).as("the child has ended").isTrue();
        return new Output(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** A bias of a type that no kernel adds; it is the file's last tensor, so that no other one has to move. */
    private Path modelThatFailsInAKernel() throws IOException {
        byte[] bytes = Files.readAllBytes(Models.forged(TinyModels.bert()));
        Field type = HeaderFields.of(bytes).stream()
                .filter(field -> field.name().equals("type of blk.1.layer_output_norm.bias"))
                .findFirst()
                .orElseThrow();
        assertThat(bytes[type.offset()]).isZero(); // F32
        bytes[type.offset()] = 1; // F16
        return Files.write(folder.resolve("kernel.gguf"), bytes);
    }

    /** A vocabulary of llama's kind that has no tokens for single bytes, so that it cannot spell what it does not know. */
    private Path vocabularyWithoutBytes() throws IOException {
        Path file = folder.resolve("vocabulary.gguf");
        List<String> tokens = List.of("<unk>", "<s>", "</s>", "a", "b", "\u2581", "\u2581a");
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.putText("general.architecture", "llama");
            writer.putText("tokenizer.ggml.model", "llama");
            writer.putTexts("tokenizer.ggml.tokens", tokens);
            writer.putFloat32s("tokenizer.ggml.scores", 0, 0, 0, -1, -2, -3, -1);
            writer.putInt32s("tokenizer.ggml.token_type", 2, 3, 3, 1, 1, 1, 1);
            writer.commit();
        }
        return file;
    }
}
