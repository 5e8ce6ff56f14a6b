package dev.llamapanama.gguf.forge;

import java.util.List;

/** Models of some hundred kilobytes, for tests: one per kind of network. Their text is noise, but it varies. */
public final class TinyModels {
    private static final int VOCABULARY = 512;

    // With this seed, greedy output holds many different words for all of these models.
    private static final long SEED = 4;

    private TinyModels() {}

    /** Dense, grouped-query attention, no tied embeddings; 4 layers. */
    public static ModelSpec llama() {
        return ModelSpec.builder("tiny-llama", ModelArchitecture.LLAMA)
                .layers(4)
                .embeddingLength(64)
                .heads(4, 2)
                .feedForwardLength(128)
                .vocabularySize(VOCABULARY)
                .seed(SEED)
                .build();
    }

    /** Dense, with biases and tied embeddings; 4 layers. */
    public static ModelSpec qwen2() {
        return ModelSpec.builder("tiny-qwen2", ModelArchitecture.QWEN2)
                .layers(4)
                .embeddingLength(64)
                .heads(4, 2)
                .feedForwardLength(128)
                .ropeBase(1_000_000)
                .normEpsilon(1e-6f)
                .tiedEmbeddings(true)
                .vocabularySize(VOCABULARY)
                .seed(SEED)
                .build();
    }

    /** A mixture of 8 experts, 2 used; 2 layers. */
    public static ModelSpec qwen3moe() {
        return ModelSpec.builder("tiny-qwen3moe", ModelArchitecture.QWEN3MOE)
                .layers(2)
                .embeddingLength(64)
                .heads(4, 2)
                .headLength(32)
                .experts(8, 2, 32)
                .ropeBase(1_000_000)
                .normEpsilon(1e-6f)
                .vocabularySize(VOCABULARY)
                .seed(SEED)
                .build();
    }

    /** A sliding window of 32 tokens in five of 6 layers. */
    public static ModelSpec gemma3() {
        return ModelSpec.builder("tiny-gemma3", ModelArchitecture.GEMMA3)
                .layers(6)
                .embeddingLength(64)
                .heads(4, 2)
                .feedForwardLength(128)
                .ropeBase(1_000_000)
                .normEpsilon(1e-6f)
                .slidingWindow(32)
                .vocabularySize(VOCABULARY)
                .seed(SEED)
                .build();
    }

    /** A hybrid: three recurrent layers and one of attention. */
    public static ModelSpec qwen35() {
        return ModelSpec.builder("tiny-qwen35", ModelArchitecture.QWEN35)
                .layers(4)
                .embeddingLength(64)
                .heads(4, 2)
                .headLength(32)
                .feedForwardLength(128)
                .ropeBase(1_000_000)
                .normEpsilon(1e-6f)
                .vocabularySize(VOCABULARY)
                .seed(SEED)
                .build();
    }

    /** Recurrent, no attention; 4 layers. */
    public static ModelSpec mamba() {
        return ModelSpec.builder("tiny-mamba", ModelArchitecture.MAMBA)
                .layers(4)
                .embeddingLength(64)
                .vocabularySize(VOCABULARY)
                .seed(SEED)
                .build();
    }

    /** An encoder with pooling by mean and at most 512 tokens; 2 layers. */
    public static ModelSpec bert() {
        return ModelSpec.builder("tiny-bert", ModelArchitecture.BERT)
                .layers(2)
                .embeddingLength(64)
                .heads(4, 4)
                .feedForwardLength(128)
                .contextLength(512)
                .vocabularySize(WordPieceVocabulary.MIN_SIZE)
                .normEpsilon(1e-12f)
                .seed(SEED)
                .build();
    }

    /** All of the above. */
    public static List<ModelSpec> all() {
        return List.of(llama(), qwen2(), qwen3moe(), gemma3(), qwen35(), mamba(), bert());
    }
}
