package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.engine.internal.StateFile;
import dev.llamapanama.engine.internal.StateHeader;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class StateTest {
    private static final int[] PROMPT = Models.tokens(40);

    @TempDir
    Path folder;

    private static ContextOptions.Builder small() {
        return ContextOptions.builder().contextLength(512).maxSequences(2).threads(1);
    }

    static List<ModelSpec> decoders() {
        return TinyModels.all().stream()
                .filter(spec -> spec.architecture().generatesText())
                .toList();
    }

    private static float[] next(Context context, int sequence) {
        Models.decode(context, sequence, PROMPT.length, 9);
        return context.logits(-1).toArray();
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void aRestoredContextGoesOnAsTheSavedOne(ModelSpec spec) {
        Path file = folder.resolve("state");
        try (Model model = Model.load(Models.forged(spec))) {
            float[] expected;
            byte[] whole;
            byte[] sequence;
            try (Context context = model.newContext(small().build())) {
                Models.decode(context, 0, 0, PROMPT);
                whole = context.saveState();
                sequence = context.sequence(0).saveState();
                context.saveState(file);
                expected = next(context, 0);
            }
            try (Context context = model.newContext(small().build())) {
                context.restoreState(whole);
                assertThat(context.sequence(0).maxPosition()).isEqualTo(PROMPT.length - 1);
                assertThatIllegalStateException().isThrownBy(() -> context.logits(0));
                Models.assertClose(next(context, 0), expected);
                context.clearMemory();
                context.restoreState(file);
                Models.assertClose(next(context, 0), expected);
                context.sequence(1).restoreState(sequence);
                Models.assertClose(next(context, 1), expected);
            }
            assertThat(folder).isDirectoryContaining(path -> path.equals(file));
            assertThat(folder.toFile().list()).hasSize(1);
        }
    }

    @Test
    void damagedAndTruncatedStatesAreRefusedAndChangeNothing() throws Exception {
        Path file = folder.resolve("state");
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(small().build())) {
            Models.decode(context, 0, 0, PROMPT);
            byte[] good = context.saveState();
            Random random = new Random(1);
            for (int i = 0; i < 300; i++) {
                byte[] bad = good.clone();
                int at = i < StateHeader.LENGTH ? i : random.nextInt(bad.length);
                bad[at] ^= (byte) (1 << random.nextInt(8));
                refused(context, bad);
            }
            for (int length : new int[] {0, 1, 7, 127, 128, 129, good.length - 1}) {
                refused(context, Arrays.copyOf(good, length));
            }
            refused(context, Arrays.copyOf(good, good.length + 1));
            Files.write(file, Arrays.copyOf(good, good.length / 2));
            assertThatExceptionOfType(StateException.class)
                    .isThrownBy(() -> context.restoreState(file))
                    .withMessageContaining(file.toString());
            assertThatExceptionOfType(StateException.class)
                    .isThrownBy(() -> context.restoreState(folder.resolve("none")))
                    .withMessageContaining("does not exist");
            assertThat(context.sequence(0).maxPosition()).isEqualTo(PROMPT.length - 1);
            context.restoreState(good);
        }
    }

    private static void refused(Context context, byte[] bad) {
        assertThatExceptionOfType(StateException.class).isThrownBy(() -> context.restoreState(bad));
    }

    @Test
    void statesOfOthersAreRefusedByReason() {
        byte[] whole;
        byte[] sequence;
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(small().build())) {
            Models.decode(context, 0, 0, PROMPT);
            whole = context.saveState();
            sequence = context.sequence(0).saveState();
            assertThatExceptionOfType(StateException.class)
                    .isThrownBy(() -> context.restoreState(sequence))
                    .withMessageContaining("SEQUENCE");
            assertThatExceptionOfType(StateException.class)
                    .isThrownBy(() -> context.sequence(1).restoreState(whole))
                    .withMessageContaining("CONTEXT");
            try (Context other = model.newContext(small().kvType(KvType.BF16).build())) {
                assertThatExceptionOfType(StateException.class)
                        .isThrownBy(() -> other.restoreState(whole))
                        .withMessageContaining("other options");
            }
        }
        try (Model fineTuned = Model.load(Models.forged(TinyModels.llama().withSeed(99)));
                Context context = fineTuned.newContext(small().build())) {
            assertThatExceptionOfType(StateException.class)
                    .isThrownBy(() -> context.restoreState(whole))
                    .withMessageContaining("another model");
            assertThatExceptionOfType(StateException.class)
                    .isThrownBy(() -> context.sequence(0).restoreState(sequence))
                    .withMessageContaining("another model");
        }
    }

    @Test
    void aStateThatDoesNotFitLeavesTheSequenceEmpty() {
        try (Model model = Model.load(Models.llama());
                Context large = model.newContext(small().maxSequences(1).build());
                Context tiny = model.newContext(
                        small().maxSequences(1).contextLength(256).build())) {
            Models.decode(large, 0, 0, Models.tokens(400));
            byte[] state = large.sequence(0).saveState();
            byte[] whole = large.saveState();
            Models.decode(tiny, 0, 0, 5);
            assertThatExceptionOfType(StateException.class)
                    .isThrownBy(() -> tiny.sequence(0).restoreState(state))
                    .withMessageContaining("does not fit");
            assertThat(tiny.sequence(0).length()).isZero();
            assertThatExceptionOfType(StateException.class).isThrownBy(() -> tiny.restoreState(whole));
            Models.decode(tiny, 0, 0, 5);
        }
    }

    @Test
    void aShiftMustTakeEffectBeforeASave() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(small().build())) {
            Models.decode(context, 0, 0, PROMPT);
            context.sequence(0).remove(0, 10);
            context.sequence(0).shift(10, Sequence.END, -10);
            assertThatIllegalStateException().isThrownBy(context::saveState).withMessageContaining("next decode");
            Models.decode(context, 0, 30, 5);
            assertThat(context.saveState()).isNotEmpty();
        }
    }

    @Test
    void aFailedWriteLeavesTheOldFile() throws Exception {
        Path file = folder.resolve("state");
        Files.writeString(file, "old");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> StateFile.replace(file, channel -> {
                    channel.write(ByteBuffer.wrap(new byte[100]));
                    throw new IOException("No space left on device");
                }));
        assertThat(file).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("state");
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(small().build())) {
            Models.decode(context, 0, 0, PROMPT);
            assertThatExceptionOfType(StateException.class)
                    .isThrownBy(
                            () -> context.saveState(folder.resolve("missing").resolve("state")))
                    .withMessageContaining("cannot be written");
            context.saveState(file);
            context.restoreState(file);
        }
    }
}
