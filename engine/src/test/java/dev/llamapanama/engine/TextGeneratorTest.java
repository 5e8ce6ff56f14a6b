package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a generator takes and refuses, and what it leaves behind. */
@ExtendWith(NoLeaks.class)
class TextGeneratorTest {
    @Test
    void thePromptMustFit() throws Exception {
        Generators.withLlama(generator -> {
            assertThatExceptionOfType(ContextOverflowException.class)
                    .isThrownBy(() -> generator.complete(Models.tokens(257), Generators.GREEDY))
                    .satisfies(exception -> {
                        assertThat(exception.required()).isEqualTo(257);
                        assertThat(exception.available()).isEqualTo(256);
                    });
            GenerationResult full = generator.complete(Models.tokens(256), Generators.GREEDY);
            assertThat(full.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
            assertThat(full.tokens()).hasSize(1);
        });
    }

    @ParameterizedTest
    @MethodSource("dev.llamapanama.engine.Generators#decoders")
    void theContextGetsFull(ModelSpec spec) throws Exception {
        Generators.withGenerator(spec, Generators.SMALL, generator -> {
            GenerationOptions endless = Generators.GREEDY.toBuilder()
                    .maxTokens(-1)
                    .ignoreEndOfGeneration(true)
                    .build();
            GenerationResult result = generator.complete(Models.tokens(20), endless);
            assertThat(result.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
            assertThat(result.tokens()).hasSize(256 - 20); // as llama.cpp, which leaves the last place free
        });
    }

    @Test
    void aContextShiftThatKeepsEverythingCannotGoOn() throws Exception {
        Generators.withLlama(generator -> {
            GenerationOptions options = Generators.GREEDY.toBuilder()
                    .maxTokens(-1)
                    .ignoreEndOfGeneration(true)
                    .contextShift(true)
                    .keep(-1)
                    .build();
            GenerationResult result = generator.complete(Models.tokens(255), options);
            assertThat(result.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
        });
    }

    @Test
    void anEmptyPromptIsBosOrAnError() throws Exception {
        Generators.withLlama(generator -> {
            Vocabulary vocabulary = generator.context().model().vocabulary();
            if (vocabulary.addsBos()) {
                int[] bos = {vocabulary.bos().getAsInt()};
                assertThat(generator.complete(new int[0], Generators.GREEDY).tokens())
                        .isEqualTo(generator.complete(bos, Generators.GREEDY).tokens());
            } else {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> generator.complete("", Generators.GREEDY))
                        .withMessageContaining("at least one token");
            }
        });
        Generators.withGenerator(TinyModels.qwen2(), Generators.SMALL, generator -> {
            if (!generator.context().model().vocabulary().addsBos()) {
                assertThatIllegalArgumentException().isThrownBy(() -> generator.complete("", Generators.GREEDY));
            }
        });
    }

    @Test
    void badPromptTokensAreRefusedAndTheGeneratorLives() throws Exception {
        Generators.withLlama(generator -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> generator.complete(new int[] {1, -1}, Generators.GREEDY));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> generator.complete(new int[] {1, 512}, Generators.GREEDY));
            assertThat(generator.complete(Generators.PROMPT, Generators.GREEDY).tokens())
                    .hasSize(30);
        });
    }

    @Test
    void closingEarlyLeavesTheContextUsable() throws Exception {
        Generators.withLlama(generator -> {
            GenerationResult expected = generator.complete(Generators.PROMPT, Generators.GREEDY);
            generator.clear();
            for (int pieces = 0; pieces < 4; pieces++) {
                Generation generation = generator.generate(Generators.PROMPT, Generators.GREEDY);
                for (int i = 0; i < pieces; i++) {
                    generation.next();
                }
                generation.close();
                assertThat(generation.result().finishReason()).isEqualTo(FinishReason.CANCELLED);
                assertThatIllegalStateException().isThrownBy(generation::next);
                assertThat(generator
                                .complete(Generators.PROMPT, Generators.GREEDY)
                                .text())
                        .isEqualTo(expected.text());
            }
        });
    }

    @Test
    void oneGenerationAtATime() throws Exception {
        Generators.withLlama(generator -> {
            try (Generation open = generator.generate(Generators.PROMPT, Generators.GREEDY)) {
                open.next();
                assertThatIllegalStateException()
                        .isThrownBy(() -> generator.complete(Generators.PROMPT, Generators.GREEDY))
                        .withMessageContaining("still open");
            }
            generator.generate(Generators.PROMPT, Generators.GREEDY); // left open: closed with the generator
        });
    }

    @Test
    void aBorrowedContextStaysOpen() {
        try (Model model = Model.load(Models.llama());
                Context context = model.newContext(Generators.SMALL)) {
            try (TextGenerator generator = TextGenerator.over(context)) {
                generator.complete(Generators.PROMPT, Generators.GREEDY);
            }
            assertThat(context.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-dense.gguf", "mamba-dense.gguf"})
    void otherVocabulariesWork(String name) {
        try (Model model = Model.load(Models.real(name));
                TextGenerator generator = TextGenerator.create(model, Generators.SMALL)) {
            try (TokenStream stream = generator.tokens(new int[] {1, 2, 3}, Generators.GREEDY)) {
                assertThat(stream.nextToken()).isNotEqualTo(TokenStream.END);
            }
        }
    }

    @Test
    void anEncoderIsRefused() {
        try (Model model = Model.load(Models.forged(TinyModels.bert()))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> TextGenerator.create(model))
                    .withMessageContaining("no memory");
        }
    }

    @Test
    void whatACustomSamplerThrowsEndsTheGeneration() throws Exception {
        Generators.withLlama(generator -> {
            try (Sampler sampler = Sampler.chain(generator.context().model())
                            .custom(_ -> {
                                throw new IllegalCallerException("mine");
                            })
                            .build();
                    TokenStream stream = generator.tokens(new int[] {'a'}, Generators.GREEDY, sampler)) {
                assertThatThrownBy(stream::nextToken).isInstanceOf(IllegalCallerException.class);
                assertThatIllegalStateException().isThrownBy(stream::nextToken).withMessageContaining("earlier call");
            }
            assertThat(generator.complete(Generators.PROMPT, Generators.GREEDY).tokens())
                    .hasSize(30);
        });
    }
}
