package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What changes a context's memory behind the back of those who count on it. */
@ExtendWith(NoLeaks.class)
class MemoryChangesTest {
    private static final GenerationOptions GREEDY = GenerationOptions.builder()
            .maxTokens(8)
            .sampler(SamplerOptions.greedy())
            .build();

    @Test
    void anotherStateOfTheSameLengthIsNotTakenForTheCachedPrompt() {
        try (Model model = Model.load(Models.llama());
                TextGenerator generator = TextGenerator.create(model);
                TextGenerator fresh = TextGenerator.create(model)) {
            int[] prompt = Models.tokens(24);
            int[] other = Models.tokens(24).clone();
            other[0]++;
            int[] expected = fresh.complete(prompt, GREEDY).tokens();
            assertThat(generator.complete(other, GREEDY).tokens()).hasSize(8);
            byte[] state = generator.context().saveState();
            generator.clear();
            assertThat(generator.complete(prompt, GREEDY).tokens()).isEqualTo(expected);
            generator.context().restoreState(state); // as long as before, of other tokens
            assertThat(generator.complete(prompt, GREEDY).tokens()).isEqualTo(expected);
        }
    }

    @Test
    void aGeneratorIsNotClearedWithinAGeneration() {
        try (Model model = Model.load(Models.llama());
                TextGenerator generator = TextGenerator.create(model)) {
            try (Generation generation = generator.generate(Models.tokens(8), GREEDY)) {
                generation.next();
                assertThatThrownBy(generator::clear)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("close it first");
            }
            generator.clear();
        }
    }

    @Test
    void nothingIsRestoredUnderACopyThatIsStillToCome() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(ContextOptions.builder()
                        .contextLength(128)
                        .maxSequences(2)
                        .build())) {
            context.batch().add(Models.tokens(1)[0], 0, 0, true);
            context.decode();
            byte[] saved = context.sequence(0).saveState();
            context.sequence(0).copyTo(context.sequence(1), 0, Sequence.END);
            assertThatThrownBy(() -> context.sequence(1).restoreState(saved))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("copied");
        }
    }

    @Test
    void copyingAnEmptySequenceEmptiesTheTarget() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(ContextOptions.builder()
                        .contextLength(128)
                        .maxSequences(2)
                        .build())) {
            context.batch().add(Models.tokens(1)[0], 0, 1, true);
            context.decode();
            context.sequence(0).copyTo(context.sequence(1), 0, Sequence.END);
            assertThat(context.sequence(1).length()).isZero();
        }
    }
}
