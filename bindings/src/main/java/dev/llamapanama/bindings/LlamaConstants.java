package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;

/** The enum constants and defines of llama.h and ggml.h that the engine's own enums stand for. */
public final class LlamaConstants {
    private LlamaConstants() {}

    // enum ggml_log_level
    public static final int GGML_LOG_LEVEL_CONT = LlamaH.GGML_LOG_LEVEL_CONT();
    public static final int GGML_LOG_LEVEL_DEBUG = LlamaH.GGML_LOG_LEVEL_DEBUG();
    public static final int GGML_LOG_LEVEL_ERROR = LlamaH.GGML_LOG_LEVEL_ERROR();
    public static final int GGML_LOG_LEVEL_INFO = LlamaH.GGML_LOG_LEVEL_INFO();
    public static final int GGML_LOG_LEVEL_NONE = LlamaH.GGML_LOG_LEVEL_NONE();
    public static final int GGML_LOG_LEVEL_WARN = LlamaH.GGML_LOG_LEVEL_WARN();

    // enum ggml_numa_strategy
    public static final int GGML_NUMA_STRATEGY_DISABLED = LlamaH.GGML_NUMA_STRATEGY_DISABLED();
    public static final int GGML_NUMA_STRATEGY_DISTRIBUTE = LlamaH.GGML_NUMA_STRATEGY_DISTRIBUTE();
    public static final int GGML_NUMA_STRATEGY_ISOLATE = LlamaH.GGML_NUMA_STRATEGY_ISOLATE();
    public static final int GGML_NUMA_STRATEGY_MIRROR = LlamaH.GGML_NUMA_STRATEGY_MIRROR();
    public static final int GGML_NUMA_STRATEGY_NUMACTL = LlamaH.GGML_NUMA_STRATEGY_NUMACTL();

    // enum ggml_type
    public static final int GGML_TYPE_BF16 = LlamaH.GGML_TYPE_BF16();
    public static final int GGML_TYPE_F16 = LlamaH.GGML_TYPE_F16();
    public static final int GGML_TYPE_F32 = LlamaH.GGML_TYPE_F32();
    public static final int GGML_TYPE_IQ4_NL = LlamaH.GGML_TYPE_IQ4_NL();
    public static final int GGML_TYPE_Q4_0 = LlamaH.GGML_TYPE_Q4_0();
    public static final int GGML_TYPE_Q4_1 = LlamaH.GGML_TYPE_Q4_1();
    public static final int GGML_TYPE_Q5_0 = LlamaH.GGML_TYPE_Q5_0();
    public static final int GGML_TYPE_Q5_1 = LlamaH.GGML_TYPE_Q5_1();
    public static final int GGML_TYPE_Q8_0 = LlamaH.GGML_TYPE_Q8_0();

    // enum llama_attention_type
    public static final int LLAMA_ATTENTION_TYPE_CAUSAL = LlamaH.LLAMA_ATTENTION_TYPE_CAUSAL();
    public static final int LLAMA_ATTENTION_TYPE_NON_CAUSAL = LlamaH.LLAMA_ATTENTION_TYPE_NON_CAUSAL();
    public static final int LLAMA_ATTENTION_TYPE_UNSPECIFIED = LlamaH.LLAMA_ATTENTION_TYPE_UNSPECIFIED();

    // defines
    public static final int LLAMA_DEFAULT_SEED = LlamaH.LLAMA_DEFAULT_SEED();
    public static final int LLAMA_STATE_SEQ_FLAGS_NONE = LlamaH.LLAMA_STATE_SEQ_FLAGS_NONE();
    public static final int LLAMA_STATE_SEQ_FLAGS_ON_DEVICE = LlamaH.LLAMA_STATE_SEQ_FLAGS_ON_DEVICE();
    public static final int LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY = LlamaH.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY();
    public static final int LLAMA_TOKEN_NULL = LlamaH.LLAMA_TOKEN_NULL();

    // enum llama_flash_attn_type
    public static final int LLAMA_FLASH_ATTN_TYPE_AUTO = LlamaH.LLAMA_FLASH_ATTN_TYPE_AUTO();
    public static final int LLAMA_FLASH_ATTN_TYPE_DISABLED = LlamaH.LLAMA_FLASH_ATTN_TYPE_DISABLED();
    public static final int LLAMA_FLASH_ATTN_TYPE_ENABLED = LlamaH.LLAMA_FLASH_ATTN_TYPE_ENABLED();

    // enum llama_load_mode
    public static final int LLAMA_LOAD_MODE_AUTO = LlamaH.LLAMA_LOAD_MODE_AUTO();
    public static final int LLAMA_LOAD_MODE_DIRECT_IO = LlamaH.LLAMA_LOAD_MODE_DIRECT_IO();
    public static final int LLAMA_LOAD_MODE_MLOCK = LlamaH.LLAMA_LOAD_MODE_MLOCK();
    public static final int LLAMA_LOAD_MODE_MMAP = LlamaH.LLAMA_LOAD_MODE_MMAP();
    public static final int LLAMA_LOAD_MODE_MMAP_MLOCK = LlamaH.LLAMA_LOAD_MODE_MMAP_MLOCK();
    public static final int LLAMA_LOAD_MODE_NONE = LlamaH.LLAMA_LOAD_MODE_NONE();

    // enum llama_pooling_type
    public static final int LLAMA_POOLING_TYPE_CLS = LlamaH.LLAMA_POOLING_TYPE_CLS();
    public static final int LLAMA_POOLING_TYPE_LAST = LlamaH.LLAMA_POOLING_TYPE_LAST();
    public static final int LLAMA_POOLING_TYPE_MEAN = LlamaH.LLAMA_POOLING_TYPE_MEAN();
    public static final int LLAMA_POOLING_TYPE_NONE = LlamaH.LLAMA_POOLING_TYPE_NONE();
    public static final int LLAMA_POOLING_TYPE_RANK = LlamaH.LLAMA_POOLING_TYPE_RANK();
    public static final int LLAMA_POOLING_TYPE_UNSPECIFIED = LlamaH.LLAMA_POOLING_TYPE_UNSPECIFIED();

    // enum llama_rope_scaling_type
    public static final int LLAMA_ROPE_SCALING_TYPE_LINEAR = LlamaH.LLAMA_ROPE_SCALING_TYPE_LINEAR();
    public static final int LLAMA_ROPE_SCALING_TYPE_LONGROPE = LlamaH.LLAMA_ROPE_SCALING_TYPE_LONGROPE();
    public static final int LLAMA_ROPE_SCALING_TYPE_NONE = LlamaH.LLAMA_ROPE_SCALING_TYPE_NONE();
    public static final int LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED = LlamaH.LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED();
    public static final int LLAMA_ROPE_SCALING_TYPE_YARN = LlamaH.LLAMA_ROPE_SCALING_TYPE_YARN();

    // enum llama_rope_type
    public static final int LLAMA_ROPE_TYPE_IMROPE = LlamaH.LLAMA_ROPE_TYPE_IMROPE();
    public static final int LLAMA_ROPE_TYPE_MROPE = LlamaH.LLAMA_ROPE_TYPE_MROPE();
    public static final int LLAMA_ROPE_TYPE_NEOX = LlamaH.LLAMA_ROPE_TYPE_NEOX();
    public static final int LLAMA_ROPE_TYPE_NONE = LlamaH.LLAMA_ROPE_TYPE_NONE();
    public static final int LLAMA_ROPE_TYPE_NORM = LlamaH.LLAMA_ROPE_TYPE_NORM();
    public static final int LLAMA_ROPE_TYPE_VISION = LlamaH.LLAMA_ROPE_TYPE_VISION();

    // enum llama_token_attr
    public static final int LLAMA_TOKEN_ATTR_BYTE = LlamaH.LLAMA_TOKEN_ATTR_BYTE();
    public static final int LLAMA_TOKEN_ATTR_CONTROL = LlamaH.LLAMA_TOKEN_ATTR_CONTROL();
    public static final int LLAMA_TOKEN_ATTR_LSTRIP = LlamaH.LLAMA_TOKEN_ATTR_LSTRIP();
    public static final int LLAMA_TOKEN_ATTR_NORMAL = LlamaH.LLAMA_TOKEN_ATTR_NORMAL();
    public static final int LLAMA_TOKEN_ATTR_NORMALIZED = LlamaH.LLAMA_TOKEN_ATTR_NORMALIZED();
    public static final int LLAMA_TOKEN_ATTR_RSTRIP = LlamaH.LLAMA_TOKEN_ATTR_RSTRIP();
    public static final int LLAMA_TOKEN_ATTR_SINGLE_WORD = LlamaH.LLAMA_TOKEN_ATTR_SINGLE_WORD();
    public static final int LLAMA_TOKEN_ATTR_UNDEFINED = LlamaH.LLAMA_TOKEN_ATTR_UNDEFINED();
    public static final int LLAMA_TOKEN_ATTR_UNKNOWN = LlamaH.LLAMA_TOKEN_ATTR_UNKNOWN();
    public static final int LLAMA_TOKEN_ATTR_UNUSED = LlamaH.LLAMA_TOKEN_ATTR_UNUSED();
    public static final int LLAMA_TOKEN_ATTR_USER_DEFINED = LlamaH.LLAMA_TOKEN_ATTR_USER_DEFINED();

    // enum llama_vocab_type
    public static final int LLAMA_VOCAB_TYPE_BPE = LlamaH.LLAMA_VOCAB_TYPE_BPE();
    public static final int LLAMA_VOCAB_TYPE_NONE = LlamaH.LLAMA_VOCAB_TYPE_NONE();
    public static final int LLAMA_VOCAB_TYPE_PLAMO2 = LlamaH.LLAMA_VOCAB_TYPE_PLAMO2();
    public static final int LLAMA_VOCAB_TYPE_RWKV = LlamaH.LLAMA_VOCAB_TYPE_RWKV();
    public static final int LLAMA_VOCAB_TYPE_SPM = LlamaH.LLAMA_VOCAB_TYPE_SPM();
    public static final int LLAMA_VOCAB_TYPE_TEST = LlamaH.LLAMA_VOCAB_TYPE_TEST();
    public static final int LLAMA_VOCAB_TYPE_UGM = LlamaH.LLAMA_VOCAB_TYPE_UGM();
    public static final int LLAMA_VOCAB_TYPE_WPM = LlamaH.LLAMA_VOCAB_TYPE_WPM();

    // enum llamapanama_format
    public static final int LLAMAPANAMA_FORMAT_F32 = LlamaH.LLAMAPANAMA_FORMAT_F32();
    public static final int LLAMAPANAMA_FORMAT_BF16 = LlamaH.LLAMAPANAMA_FORMAT_BF16();
    public static final int LLAMAPANAMA_FORMAT_INT8 = LlamaH.LLAMAPANAMA_FORMAT_INT8();
}
