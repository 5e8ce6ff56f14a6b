package dev.llamapanama.gguf.forge;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * All that a forged model depends on: equal specs give equal files, byte by byte.
 *
 * <p>Immutable. Sizes are llama.cpp's hyperparameters; {@link #builder} has defaults for most.
 *
 * @param name goes into {@code general.name} and file names: letters, digits, dots and hyphens
 * @param architecture the network
 * @param layers blocks
 * @param embeddingLength width of the residual stream
 * @param heads attention heads; 0 for Mamba
 * @param kvHeads key and value heads, a divisor of {@code heads}; 0 for Mamba
 * @param headLength width of one head
 * @param feedForwardLength width of a dense feed forward layer; 0 for Mamba
 * @param experts experts per layer; 0 for a dense model
 * @param expertsUsed experts that each token is sent to
 * @param expertFeedForwardLength width of one expert's feed forward layer
 * @param vocabularySize tokens
 * @param contextLength tokens that the model claims to have been trained for; a BERT has a position vector for each
 * @param ropeBase base of the rotary position frequencies
 * @param normEpsilon what norms add to the variance
 * @param tiedEmbeddings whether token embeddings serve as output weights too
 * @param slidingWindow tokens that windowed layers see (Gemma 3); 0 for no window
 * @param successor whether what the model writes is known: after token t, which is neither a control token nor the last one, comes
 *     t + 1, whatever was before. All of it is computed as in a model with random weights
 * @param weights format of the weights
 * @param seed another seed gives other weights
 */
public record ModelSpec(
        String name,
        ModelArchitecture architecture,
        int layers,
        int embeddingLength,
        int heads,
        int kvHeads,
        int headLength,
        int feedForwardLength,
        int experts,
        int expertsUsed,
        int expertFeedForwardLength,
        int vocabularySize,
        int contextLength,
        float ropeBase,
        float normEpsilon,
        boolean tiedEmbeddings,
        int slidingWindow,
        boolean successor,
        WeightFormat weights,
        long seed) {

    /** Checks what llama.cpp would refuse or, worse, assert. */
    public ModelSpec {
        require(name.matches("[A-Za-z0-9][A-Za-z0-9.-]*"), "name must be letters, digits, dots and hyphens: " + name);
        require(layers > 0 && layers <= 512, "layers must be 1 to 512: " + layers);
        require(embeddingLength > 0, "embeddingLength must be positive: " + embeddingLength);
        require(vocabularySize > 0, "vocabularySize must be positive: " + vocabularySize);
        require(contextLength > 0, "contextLength must be positive: " + contextLength);
        if (architecture != ModelArchitecture.MAMBA) {
            require(
                    heads > 0 && kvHeads > 0 && heads % kvHeads == 0,
                    "kvHeads must divide heads: " + heads + " heads, " + kvHeads + " kvHeads");
            require(headLength > 0 && headLength % 2 == 0, "headLength must be positive and even: " + headLength);
            require(experts > 0 || feedForwardLength > 0, "feedForwardLength must be positive: " + feedForwardLength);
        }
        require(
                experts == 0 || expertsUsed > 0 && expertsUsed <= experts && expertFeedForwardLength > 0,
                "expertsUsed must be 1 to experts, expertFeedForwardLength positive: " + experts + " experts, "
                        + expertsUsed + " used, length " + expertFeedForwardLength);
        require(experts > 0 || architecture != ModelArchitecture.QWEN3MOE, "qwen3moe needs experts");
        require(
                experts == 0 || architecture == ModelArchitecture.QWEN3MOE || architecture == ModelArchitecture.LLAMA,
                architecture.ggufName() + " has no experts");
        require(
                !successor || !tiedEmbeddings && architecture.hasPlainResiduals(),
                "only a transformer whose output weights are not those of its embeddings can be made to write successors");
    }

    /** A builder with the defaults given at its methods. */
    public static Builder builder(String name, ModelArchitecture architecture) {
        return new Builder(name, architecture);
    }

    /** A builder that starts with this spec. */
    public Builder toBuilder() {
        Builder builder = new Builder(name, architecture);
        builder.layers = layers;
        builder.embeddingLength = embeddingLength;
        builder.heads = heads;
        builder.kvHeads = kvHeads;
        builder.headLength = headLength;
        builder.feedForwardLength = feedForwardLength;
        builder.experts = experts;
        builder.expertsUsed = expertsUsed;
        builder.expertFeedForwardLength = expertFeedForwardLength;
        builder.vocabularySize = vocabularySize;
        builder.contextLength = contextLength;
        builder.ropeBase = ropeBase;
        builder.normEpsilon = normEpsilon;
        builder.tiedEmbeddings = tiedEmbeddings;
        builder.slidingWindow = slidingWindow;
        builder.successor = successor;
        builder.weights = weights;
        builder.seed = seed;
        return builder;
    }

    /** The same model with another number of layers, to make a large one fit into memory or time. */
    public ModelSpec withLayers(int layers) {
        return toBuilder().layers(layers).build();
    }

    /** The same model with other weights. */
    public ModelSpec withWeights(WeightFormat weights) {
        return toBuilder().weights(weights).build();
    }

    /** The same model with another seed. */
    public ModelSpec withSeed(long seed) {
        return toBuilder().seed(seed).build();
    }

    /** The same model writing the successor of each token; with output weights of its own, if it had none. */
    public ModelSpec withSuccessor() {
        return toBuilder().tiedEmbeddings(false).successor(true).build();
    }

    /** A name for the file: name, layers, weights, and a hash of the spec and of {@link ModelForge#FORMAT_VERSION}. */
    public String fileName() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((ModelForge.FORMAT_VERSION + " " + this).getBytes(StandardCharsets.UTF_8));
            return name + "-" + layers + "L-" + weights + "-" + HexFormat.of().formatHex(digest, 0, 6) + ".gguf";
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("each Java platform has SHA-256", e);
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Collects the parts of a {@link ModelSpec}. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final ModelArchitecture architecture;
        private int layers = 1;
        private int embeddingLength;
        private int heads;
        private int kvHeads;
        private int headLength;
        private int feedForwardLength;
        private int experts;
        private int expertsUsed;
        private int expertFeedForwardLength;
        private int vocabularySize = ByteVocabulary.MIN_SIZE;
        private int contextLength = 2048;
        private float ropeBase = 10_000;
        private float normEpsilon = 1e-5f;
        private boolean tiedEmbeddings;
        private int slidingWindow;
        private boolean successor;
        private WeightFormat weights = WeightFormat.F32;
        private long seed = 42;

        private Builder(String name, ModelArchitecture architecture) {
            this.name = name;
            this.architecture = architecture;
        }

        /** Sets the number of layers; 1 by default. */
        public Builder layers(int layers) {
            this.layers = layers;
            return this;
        }

        /** Sets the width of the residual stream; required. */
        public Builder embeddingLength(int embeddingLength) {
            this.embeddingLength = embeddingLength;
            return this;
        }

        /** Sets attention heads, and key and value heads; required except for Mamba. */
        public Builder heads(int heads, int kvHeads) {
            this.heads = heads;
            this.kvHeads = kvHeads;
            return this;
        }

        /** Sets the width of a head; the embedding length divided by the heads by default. */
        public Builder headLength(int headLength) {
            this.headLength = headLength;
            return this;
        }

        /** Sets the width of a dense feed forward layer; required except for Mamba and mixtures of experts. */
        public Builder feedForwardLength(int feedForwardLength) {
            this.feedForwardLength = feedForwardLength;
            return this;
        }

        /** Sets the experts of each layer, how many a token uses, and their width; none by default. */
        public Builder experts(int experts, int expertsUsed, int expertFeedForwardLength) {
            this.experts = experts;
            this.expertsUsed = expertsUsed;
            this.expertFeedForwardLength = expertFeedForwardLength;
            return this;
        }

        /** Sets the vocabulary's size in tokens; {@link ByteVocabulary#MIN_SIZE} by default. */
        public Builder vocabularySize(int vocabularySize) {
            this.vocabularySize = vocabularySize;
            return this;
        }

        /** Sets the context length in tokens; 2048 by default. */
        public Builder contextLength(int contextLength) {
            this.contextLength = contextLength;
            return this;
        }

        /** Sets the base of the rotary position frequencies; 10,000 by default. */
        public Builder ropeBase(float ropeBase) {
            this.ropeBase = ropeBase;
            return this;
        }

        /** Sets what norms add to the variance; 1e-5 by default. */
        public Builder normEpsilon(float normEpsilon) {
            this.normEpsilon = normEpsilon;
            return this;
        }

        /** Sets whether token embeddings serve as output weights too; false by default. */
        public Builder tiedEmbeddings(boolean tiedEmbeddings) {
            this.tiedEmbeddings = tiedEmbeddings;
            return this;
        }

        /** Sets the tokens that windowed layers see; 0, no window, by default. */
        public Builder slidingWindow(int slidingWindow) {
            this.slidingWindow = slidingWindow;
            return this;
        }

        /** Sets whether the model writes the successor of each token; false by default. */
        public Builder successor(boolean successor) {
            this.successor = successor;
            return this;
        }

        /** Sets the format of the weights; {@link WeightFormat#F32} by default. */
        public Builder weights(WeightFormat weights) {
            this.weights = weights;
            return this;
        }

        /** Sets the seed; 42 by default. */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Makes the spec.
         *
         * @throws IllegalArgumentException if the parts do not fit together
         */
        public ModelSpec build() {
            int length = headLength != 0 || heads == 0 ? headLength : embeddingLength / heads;
            return new ModelSpec(
                    name,
                    architecture,
                    layers,
                    embeddingLength,
                    heads,
                    kvHeads,
                    length,
                    feedForwardLength,
                    experts,
                    expertsUsed,
                    expertFeedForwardLength,
                    vocabularySize,
                    contextLength,
                    ropeBase,
                    normEpsilon,
                    tiedEmbeddings,
                    slidingWindow,
                    successor,
                    weights,
                    seed);
        }
    }
}
