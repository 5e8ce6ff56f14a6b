package dev.llamapanama.engine;

import java.util.List;

/**
 * What a model is. Numbers of the network are 0 when only the vocabulary was loaded.
 *
 * @param description architecture, size and type, as "qwen2 0.5B Q8_0" ({@code llama_model_desc})
 * @param architecture name of the architecture, as "qwen2"
 * @param fileType number format of most weights, as "Q8_0"
 * @param parameters number of weights
 * @param sizeBytes bytes of all tensors
 * @param contextLengthTrained context length of the training, in tokens
 * @param embeddingLength width of the network
 * @param outputEmbeddingLength width of the embeddings that come out
 * @param layers number of layers
 * @param heads attention heads of the first layer; 0 if it has no attention
 * @param kvHeads key and value heads of the first layer
 * @param slidingWindow how far back layers with a sliding window see, in tokens; 0 for none
 * @param ropeType how positions are encoded
 * @param ropeFrequencyScaleTrained frequency scale of the training
 * @param hasEncoder whether input goes through {@link Context#encode()} first
 * @param hasDecoder whether {@link Context#decode()} is possible
 * @param recurrent whether the memory is a state and not one entry per token (Mamba, RWKV)
 * @param hybrid whether some layers are recurrent (Jamba, Qwen3-Next)
 * @param diffusion whether text comes from denoising (LLaDA, Dream)
 * @param decoderStartToken first token of an encoder-decoder's output; -1 for others
 * @param classifierLabels names of a classifier's outputs; empty for others
 */
public record ModelInfo(
        String description,
        String architecture,
        String fileType,
        long parameters,
        long sizeBytes,
        int contextLengthTrained,
        int embeddingLength,
        int outputEmbeddingLength,
        int layers,
        int heads,
        int kvHeads,
        int slidingWindow,
        RopeType ropeType,
        float ropeFrequencyScaleTrained,
        boolean hasEncoder,
        boolean hasDecoder,
        boolean recurrent,
        boolean hybrid,
        boolean diffusion,
        int decoderStartToken,
        List<String> classifierLabels) {
    /** Copies the labels. */
    public ModelInfo {
        classifierLabels = List.copyOf(classifierLabels);
    }

    /**
     * How many positions there are, where the model has learned a vector for each (BERT, GPT-2, StarCoder); 0 where
     * positions are computed, so that there can be more than in the training.
     */
    public int learnedPositions() {
        return switch (architecture) {
            case "bert", "gpt2", "starcoder" -> contextLengthTrained;
            default -> 0;
        };
    }
}
