package dev.llamapanama.gguf;

import java.util.Set;

/** What llama.cpp v0.5.0 knows about architectures: {@code src/llama-arch.cpp} and {@code src/models/*.cpp}. */
final class Architectures {
    /** {@code LLM_ARCH_NAMES}, without "clip", which llama.cpp refuses as a model of its own. */
    static final Set<String> KNOWN = Set.of(
            "llama", "llama4", "deci", "falcon", "grok", "gpt2", "gptj", "gptneox", "mpt",
            "baichuan", "starcoder", "refact", "bert", "modern-bert", "nomic-bert",
            "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3", "eurobert", "bloom",
            "stablelm", "qwen", "qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen3moe", "qwen3next",
            "qwen3vl", "qwen3vlmoe", "qwen35", "qwen35moe", "qwen4exp", "phi2", "phi3", "phimoe",
            "plamo", "plamo2", "plamo3", "codeshell", "orion", "internlm2", "minicpm", "minicpm3",
            "gemma", "gemma2", "gemma3", "gemma3n", "gemma4", "gemma4-assistant", "gemma-embedding",
            "starcoder2", "mamba", "mamba2", "maple", "jamba", "falcon-h1", "xverse", "command-r",
            "cohere2", "cohere2moe", "dbrx", "olmo", "olmo2", "olmoe", "muse-glimmer", "openelm",
            "arctic", "deepseek", "deepseek2", "deepseek2-ocr", "deepseek32", "deepseek4",
            "chatglm", "glm4", "glm4moe", "glm-dsa", "bitnet", "t5", "t5encoder", "jais", "jais2",
            "nemotron", "nemotron_h", "nemotron_h_moe", "exaone", "exaone4", "exaone-moe", "rwkv6",
            "rwkv6qwen2", "rwkv7", "arwkv7", "granite", "granitemoe", "granitehybrid",
            "graniteswitch", "granite_swa", "chameleon", "wavtokenizer-dec", "plm", "bailingmoe",
            "bailingmoe2", "bailingmoe3", "dots1", "dots3note", "arcee", "afmoe", "laguna",
            "ernie4_5", "ernie4_5-moe", "hunyuan-moe", "hunyuan-dense", "hunyuan_vl", "hy_v3",
            "hy_v4", "smollm3", "gpt-oss", "lfm2", "lfm2moe", "dream", "smallthinker", "llada",
            "llada-moe", "seed_oss", "grovemoe", "apertus", "minimax-01", "hrm_text", "minimax-m2",
            "minimax-m3", "cogvlm", "rnd1", "pangu-embedded", "mistral3", "eagle3", "dflash",
            "mistral4", "paddleocr", "mimo2", "step35", "spark2_5", "llama-embed", "maincoder",
            "kimi-linear", "kimi-k3", "talkie", "mellum", "nanbeige", "qwen3tts", "pockettts");

    /** Graphs that assert: key length = value length = rotated dimensions. */
    static final Set<String> ROTATES_WHOLE_HEADS = Set.of(
            "apertus", "arcee", "arctic", "baichuan", "chameleon", "codeshell", "cogvlm",
            "cohere2moe", "dbrx", "deci", "deepseek", "dots1", "dream", "ernie4_5", "ernie4_5-moe",
            "exaone", "exaone-moe", "exaone4", "falcon", "granite", "granite_swa", "graniteswitch",
            "grok", "grovemoe", "hunyuan-dense", "hunyuan-moe", "hunyuan_vl", "hy_v3", "internlm2",
            "jais2", "llada", "llada-moe", "llama", "llama-embed", "llama4", "maincoder", "mellum",
            "mistral3", "olmo", "olmo2", "olmoe", "orion", "paddleocr", "pangu-embedded", "plamo",
            "qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen3moe", "qwen3vl", "qwen3vlmoe", "rnd1",
            "seed_oss", "smallthinker", "smollm3", "starcoder2", "talkie", "xverse");

    /** Graphs that assert: key length = value length. */
    static final Set<String> KEYS_AS_LONG_AS_VALUES = Set.of(
            "afmoe", "bailingmoe2", "bert", "bitnet", "bloom", "chatglm", "cohere2", "command-r",
            "eurobert", "glm4", "glm4moe", "gpt2", "gptneox", "granitehybrid", "jais", "laguna",
            "maple", "minimax-01", "minimax-m2", "minimax-m3", "modern-bert", "mpt", "muse-glimmer",
            "nemotron", "nemotron_h", "neo-bert", "openelm", "phi2", "phi3", "qwen", "qwen35",
            "qwen35moe", "refact", "spark2_5", "stablelm", "starcoder");

    /** {@code load_arch_tensors} wants queries as wide as the embeddings, while graphs cut them into heads. */
    static final Set<String> HEADS_FILL_EMBEDDINGS = Set.of(
            "arctic", "baichuan", "bert", "bitnet", "bloom", "chameleon", "codeshell", "cohere2",
            "command-r", "deepseek", "deepseek2-ocr", "dream", "eurobert", "falcon", "gpt2",
            "gptneox", "grok", "internlm2", "jamba", "jina-bert-v2", "jina-bert-v3", "lfm2",
            "lfm2moe", "llada-moe", "mpt", "nemotron", "nomic-bert", "nomic-bert-moe", "olmo",
            "olmo2", "olmoe", "orion", "phi2", "phi3", "phimoe", "plamo", "qwen2", "qwen2moe",
            "qwen2vl", "stablelm", "starcoder", "starcoder2", "xverse");

    /** {@code load_arch_tensors} asserts that there are experts. */
    static final Set<String> MUST_HAVE_EXPERTS =
            Set.of("bailingmoe2", "glm4moe", "grovemoe", "llada-moe", "smallthinker", "qwen3moe", "qwen2moe");

    /** {@code load_arch_hparams} takes layer numbers modulo {@code full_attention_interval}. */
    static final Set<String> HAS_ATTENTION_INTERVAL =
            Set.of("qwen35", "qwen35moe", "qwen3next", "qwen4exp", "minimax-01");

    /** Recurrent layers are gated delta nets: {@code src/models/delta-net-base.cpp}. */
    static final Set<String> DELTA_NETS = Set.of("qwen35", "qwen35moe", "qwen3next", "qwen4exp");

    /** Recurrent layers are Mamba 2: {@code build_mamba2_layer} in {@code src/models/mamba-base.cpp}. */
    static final Set<String> MAMBA_2 =
            Set.of("mamba2", "falcon-h1", "granitehybrid", "nemotron_h", "nemotron_h_moe");

    /** {@code n_embd / head_size} with {@code wkv.head_size} from the file. */
    static final Set<String> RWKV = Set.of("rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7");

    /** {@code llama_model_rope_type} is MROPE or IMROPE. */
    static final Set<String> ROTATES_IN_SECTIONS =
            Set.of("qwen2vl", "paddleocr", "qwen3vl", "qwen3vlmoe", "qwen35", "qwen35moe", "qwen4exp", "qwen3tts");

    /** Token embeddings have another width or height than the model's. */
    static final Set<String> OWN_TOKEN_EMBEDDINGS =
            Set.of("wavtokenizer-dec", "eagle3", "dflash", "qwen3tts", "pockettts", "gemma4-assistant", "falcon-h1");

    /** {@code llm_arch_is_recurrent}: no attention at all. */
    static final Set<String> WITHOUT_ATTENTION = Set.of("mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7");

    private Architectures() {}
}
