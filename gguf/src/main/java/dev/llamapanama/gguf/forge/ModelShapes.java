package dev.llamapanama.gguf.forge;

import java.util.List;

/**
 * The shapes of published models, from their {@code config.json}, for measurements of speed and memory.
 *
 * <p>Weights are {@link WeightFormat#Q8_0} unless {@link ModelSpec#withWeights} says otherwise; only the vocabulary's
 * size is real, its tokens are {@link ByteVocabulary}'s.
 */
public final class ModelShapes {
    private static final int QWEN_VOCABULARY = 151_936;

    private ModelShapes() {}

    /** BAAI/bge-base-en-v1.5: an encoder of 109 million weights; its vocabulary is forged. */
    public static ModelSpec bgeBase() {
        return ModelSpec.builder("bge-base-en-v1.5", ModelArchitecture.BERT)
                .layers(12)
                .embeddingLength(768)
                .heads(12, 12)
                .feedForwardLength(3072)
                .vocabularySize(30_522)
                .contextLength(512)
                .normEpsilon(1e-12f)
                .weights(WeightFormat.Q8_0)
                .build();
    }

    /** Qwen2.5-0.5B-Instruct: 494.03 million weights. */
    public static ModelSpec qwen25With500M() {
        return ModelSpec.builder("Qwen2.5-0.5B", ModelArchitecture.QWEN2)
                .layers(24)
                .embeddingLength(896)
                .heads(14, 2)
                .feedForwardLength(4864)
                .vocabularySize(QWEN_VOCABULARY)
                .contextLength(32_768)
                .ropeBase(1_000_000)
                .normEpsilon(1e-6f)
                .tiedEmbeddings(true)
                .weights(WeightFormat.Q8_0)
                .build();
    }

    /** Qwen2.5-1.5B-Instruct: 1.54 billion weights. */
    public static ModelSpec qwen25With1500M() {
        return ModelSpec.builder("Qwen2.5-1.5B", ModelArchitecture.QWEN2)
                .layers(28)
                .embeddingLength(1536)
                .heads(12, 2)
                .feedForwardLength(8960)
                .vocabularySize(QWEN_VOCABULARY)
                .contextLength(32_768)
                .ropeBase(1_000_000)
                .normEpsilon(1e-6f)
                .tiedEmbeddings(true)
                .weights(WeightFormat.Q8_0)
                .build();
    }

    /** Qwen2.5-7B-Instruct: 7.62 billion weights. */
    public static ModelSpec qwen25With7B() {
        return ModelSpec.builder("Qwen2.5-7B", ModelArchitecture.QWEN2)
                .layers(28)
                .embeddingLength(3584)
                .heads(28, 4)
                .feedForwardLength(18_944)
                .vocabularySize(152_064)
                .contextLength(32_768)
                .ropeBase(1_000_000)
                .normEpsilon(1e-6f)
                .weights(WeightFormat.Q8_0)
                .build();
    }

    /** Llama-3-8B-Instruct: 8.03 billion weights. */
    public static ModelSpec llama3With8B() {
        return ModelSpec.builder("Llama-3-8B", ModelArchitecture.LLAMA)
                .layers(32)
                .embeddingLength(4096)
                .heads(32, 8)
                .feedForwardLength(14_336)
                .vocabularySize(128_256)
                .contextLength(8192)
                .ropeBase(500_000)
                .normEpsilon(1e-5f)
                .weights(WeightFormat.Q8_0)
                .build();
    }

    /** Qwen3-30B-A3B: 30.53 billion weights, 3.3 billion used per token; 128 experts, 8 used. */
    public static ModelSpec qwen3With30BActive3B() {
        return ModelSpec.builder("Qwen3-30B-A3B", ModelArchitecture.QWEN3MOE)
                .layers(48)
                .embeddingLength(2048)
                .heads(32, 4)
                .headLength(128)
                .feedForwardLength(6144)
                .experts(128, 8, 768)
                .vocabularySize(QWEN_VOCABULARY)
                .contextLength(40_960)
                .ropeBase(1_000_000)
                .normEpsilon(1e-6f)
                .weights(WeightFormat.Q8_0)
                .build();
    }

    /** All of the above. */
    public static List<ModelSpec> all() {
        return List.of(
                qwen25With500M(), qwen25With1500M(), qwen25With7B(), llama3With8B(), qwen3With30BActive3B(), bgeBase());
    }
}
