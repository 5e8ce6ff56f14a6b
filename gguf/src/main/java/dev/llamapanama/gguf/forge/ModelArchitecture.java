package dev.llamapanama.gguf.forge;

/** The networks that {@link ModelForge} can make; each stands for a kind of memory or of layer. */
public enum ModelArchitecture {
    /** Llama 2 and 3: dense, grouped-query attention. With experts: Mixtral. */
    LLAMA("llama"),
    /** Qwen2 and Qwen2.5: as Llama, with biases on query, key and value. */
    QWEN2("qwen2"),
    /** Qwen3, dense: as Llama, with norms on query and key. */
    QWEN3("qwen3"),
    /** Qwen3 with a mixture of experts in each layer. */
    QWEN3MOE("qwen3moe"),
    /** Gemma 3: five of six layers see a sliding window only. */
    GEMMA3("gemma3"),
    /** Qwen3.5: three of four layers are recurrent (gated delta net), each fourth is attention. */
    QWEN35("qwen35"),
    /** Mamba: recurrent, no attention. */
    MAMBA("mamba"),
    /** BERT: an encoder, for embeddings; WordPiece vocabulary. */
    BERT("bert");

    private final String ggufName;

    ModelArchitecture(String ggufName) {
        this.ggufName = ggufName;
    }

    /** The value of {@code general.architecture}, and the prefix of this network's keys. */
    public String ggufName() {
        return ggufName;
    }

    /** Whether all that its layers add to the residual stream comes from attention and feed forward, without norms behind them. */
    boolean hasPlainResiduals() {
        return this == LLAMA || this == QWEN2 || this == QWEN3 || this == QWEN3MOE;
    }

    /** Whether the network predicts a next token; the others give embeddings only. */
    public boolean generatesText() {
        return this != BERT;
    }
}
