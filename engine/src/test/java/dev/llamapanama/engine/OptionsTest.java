package dev.llamapanama.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Options compare by value, and can get another value without a change for those who use them. */
class OptionsTest {
    @Test
    void optionsAreMadeByBuildersOnly() {
        assertThat(Stream.of(ContextOptions.class, GenerationOptions.class, SamplerOptions.class))
                .allSatisfy(type -> assertThat(type.getConstructors()).isEmpty());
    }

    @Test
    void optionsCompareByValue() {
        ContextOptions context = ContextOptions.builder().contextLength(256).build();
        assertThat(context)
                .isEqualTo(context.toBuilder().build())
                .hasSameHashCodeAs(context.toBuilder().build());
        assertThat(context).isNotEqualTo(context.toBuilder().offloadKv(false).build());
        assertThat(ContextOptions.builder().build()).isEqualTo(ContextOptions.defaults());

        SamplerOptions sampler = SamplerOptions.builder().logitBias(3, 1).build();
        assertThat(sampler).isEqualTo(sampler.toBuilder().build());
        assertThat(sampler).isNotEqualTo(sampler.toBuilder().logitBias(4, 1).build());

        GenerationOptions generation =
                GenerationOptions.builder().sampler(sampler).stopStrings("x").build();
        assertThat(generation).isEqualTo(generation.toBuilder().build());
        assertThat(generation).isNotEqualTo(generation.toBuilder().keep(1).build());
    }

    @Test
    void optionsSayTheirValues() {
        assertThat(ContextOptions.defaults())
                .asString()
                .startsWith("ContextOptions[contextLength=0, batchSize=2048, ubatchSize=512, maxSequences=1, ")
                .endsWith("offloadKv=true, rollbackSnapshots=0]");
        assertThat(SamplerOptions.greedy()).asString().contains("temperature=0.0, ");
        assertThat(GenerationOptions.defaults())
                .asString()
                .startsWith("GenerationOptions[maxTokens=-1, stopStrings=[], ");
    }
}
