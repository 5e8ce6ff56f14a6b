package dev.llamapanama.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Checks what {@code load_hparams}, {@code load_arch_hparams} and the graphs of llama.cpp assert or divide by. */
final class HyperparameterCheck {
    private static final String LOAD_HPARAMS = "assertion in llama_model_base::load_hparams";
    private static final int MAX_LAYERS = 512;
    private static final int MAX_EXPERTS = 1024;
    private static final long MAX_UINT32 = 0xFFFF_FFFFL;
    private static final Set<String> ROPE_SCALINGS = Set.of("none", "linear", "yarn", "longrope");

    private final GgufFile file;
    private final Hyperparameters keys;
    private final Problems problems;
    private final String architecture;

    HyperparameterCheck(GgufFile file, Problems problems) {
        this.file = file;
        this.keys = new Hyperparameters(file, problems);
        this.problems = problems;
        this.architecture = file.architecture().orElseThrow();
    }

    void check() {
        keys.requiredSize("context_length", 0, MAX_UINT32, "");
        long embedding = keys.requiredSize("embedding_length", 1, 1 << 24, "division in load_hparams and graphs");
        long layers = keys.requiredSize("block_count", 1, MAX_LAYERS, LOAD_HPARAMS);
        checkGeneral();
        if (embedding < 0 || layers < 0) {
            return;
        }
        if (keys.size("nextn_predict_layers", 0) > layers) {
            problem("nextn_predict_layers", "is more than block_count", LOAD_HPARAMS);
        }
        checkExperts((int) layers);
        checkAttention(embedding, (int) layers);
        checkRecurrentLayers(embedding);
        checkOthers(layers);
    }

    private void checkGeneral() {
        // -1 means unspecified.
        long pooling = keys.size("pooling_type", MAX_UINT32);
        if (pooling > 4 && pooling != MAX_UINT32) {
            problem("pooling_type", "is " + pooling + ", not 0 to 4", "abort in llm_graph_context::build_pooling");
        }
        keys.text("rope.scaling.type")
                .filter(type -> !ROPE_SCALINGS.contains(type))
                .ifPresent(type ->
                        problem("rope.scaling.type", "is " + type + ", not one of " + ROPE_SCALINGS, LOAD_HPARAMS));
        for (String epsilon : List.of("attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon")) {
            keys.real(epsilon)
                    .filter(value -> !(value >= 0))
                    .ifPresent(value -> problem(
                            epsilon,
                            "is " + value + ", no number from 0 up",
                            "assertion in ggml's norm kernels, ops.cpp"));
        }
        // Read by llama.cpp as booleans and floats; these calls find wrong types.
        List.of("attention.causal", "rope.scaling.finetuned").forEach(keys::bool);
        List.of(
                        "rope.freq_base",
                        "rope.scaling.factor",
                        "rope.scale_linear",
                        "rope.scaling.attn_factor",
                        "rope.scaling.alpha")
                .forEach(keys::real);
        keys.size("rope.scaling.original_context_length", 0);
        if (keys.size("attention.sliding_window", 0) > Integer.MAX_VALUE) {
            problem(
                    "attention.sliding_window",
                    "is 2^31 or more",
                    "the size of the window's cache overflows, llama-kv-cache-iswa.cpp");
        }
    }

    private void checkExperts(int layers) {
        long experts = keys.size("expert_count", 0);
        long[] used = keys.perLayer("expert_used_count", layers, 0);
        long mostUsed = Arrays.stream(used).max().orElse(0);
        long groups = keys.size("expert_group_count", 0);
        long groupsUsed = keys.size("expert_group_used_count", 0);
        // These two treat a single expert as none.
        boolean dense = experts <= 1 && (architecture.equals("hunyuan_vl") || architecture.equals("hunyuan-dense"));
        if (dense) {
            return;
        }
        if (experts > MAX_EXPERTS) {
            problem("expert_count", "is " + experts + ", more than " + MAX_EXPERTS, LOAD_HPARAMS);
        }
        if (mostUsed > experts || experts > 0 && mostUsed == 0) {
            problem("expert_used_count", "is " + mostUsed + " of " + experts + " experts", LOAD_HPARAMS);
        }
        if (experts == 0 && groups > 0 || experts > 0 && groups >= experts) {
            problem("expert_group_count", "is " + groups + " for " + experts + " experts", LOAD_HPARAMS);
        }
        if (experts > 0 && groups > 1 && (experts % groups != 0 || groupsUsed == 0 || groupsUsed >= groups)) {
            problem(
                    "expert_group_used_count",
                    "is " + groupsUsed + " of " + groups + " groups for " + experts + " experts",
                    LOAD_HPARAMS);
        }
        if (experts > 0
                && used[0] == 0
                && keys.perLayer("expert_feed_forward_length", layers, 0)[0] == 0
                && keys.perLayer("feed_forward_length", layers, 0)[0] > 0) {
            problem(
                    "expert_used_count",
                    "is 0 in the first layer, and expert_feed_forward_length is missing",
                    "division by it in load_arch_tensors of most mixtures of experts");
        }
        if (keys.size("expert_gating_func", 0) > 4) {
            problem("expert_gating_func", "is not 0 to 4", "abort in llm_graph_context::build_moe_ffn");
        }
        if (experts == 0 && Architectures.MUST_HAVE_EXPERTS.contains(architecture)) {
            problem("expert_count", "is 0, but " + architecture + " has experts", "assertion in its load_arch_tensors");
        }
    }

    private void checkAttention(long embedding, int layers) {
        long[] heads = keys.perLayer("attention.head_count", layers, 0);
        long[] kvHeads =
                keys.has("attention.head_count_kv") ? keys.perLayer("attention.head_count_kv", layers, 0) : heads;
        for (int layer = 0; layer < layers; layer++) {
            if (kvHeads[layer] > 0 && heads[layer] % kvHeads[layer] != 0) {
                problem(
                        "attention.head_count_kv",
                        "is " + kvHeads[layer] + " in layer " + layer + ", no divisor of " + heads[layer] + " heads",
                        "assertion in ggml_mul_mat, ggml.c");
                break;
            }
        }
        if (heads[0] == 0 || Architectures.WITHOUT_ATTENTION.contains(architecture)) {
            return;
        }
        long headLength = embedding / heads[0];
        long keyLength = keys.size("attention.key_length", headLength);
        long valueLength = keys.size("attention.value_length", headLength);
        long rotated = keys.size("rope.dimension_count", keyLength);
        if (keyLength == 0 || keyLength > 1 << 20 || valueLength == 0 || valueLength > 1 << 20) {
            problem(
                    "attention.head_count",
                    "gives heads of " + keyLength + " and " + valueLength + " elements",
                    "assertions in ggml's attention");
            return;
        }
        if (Architectures.HEADS_FILL_EMBEDDINGS.contains(architecture) && heads[0] * keyLength != embedding) {
            problem(
                    "attention.head_count",
                    "is " + heads[0] + ": heads of " + keyLength + " do not fill the embedding length " + embedding,
                    "assertion in ggml_reshape_3d, ggml.c");
        }
        if (keys.has("rope.dimension_count") && (rotated % 2 != 0 || rotated > keyLength)) {
            problem(
                    "rope.dimension_count",
                    "is " + rotated + ", not even or more than the head length " + keyLength,
                    "assertion in ggml_compute_forward_rope, ops.cpp");
        }
        checkRotation("rope.dimension_count");
        checkRotation("rope.dimension_count_swa");
        checkHeadLengths(keyLength, valueLength, rotated);
        checkSections(keyLength);
    }

    private void checkRotation(String name) {
        if (keys.size(name, 1) == 0 && !Architectures.WITHOUT_ROTATION.contains(architecture)) {
            problem(name, "is 0", "ggml_compute_forward_rope_flt in ops.cpp never ends: it skips 0 elements for ever");
        }
    }

    private void checkHeadLengths(long keyLength, long valueLength, long rotated) {
        // With windowed layers of other sizes, which of the sizes the graphs compare depends on the layer.
        if (keys.has("attention.key_length_swa")
                || keys.has("attention.value_length_swa")
                || keys.has("rope.dimension_count_swa")) {
            return;
        }
        boolean wholeHeads = Architectures.ROTATES_WHOLE_HEADS.contains(architecture);
        if ((wholeHeads || Architectures.KEYS_AS_LONG_AS_VALUES.contains(architecture)) && keyLength != valueLength) {
            problem(
                    "attention.value_length",
                    "is " + valueLength + ", but the key length is " + keyLength,
                    "assertion in the graph of src/models");
        }
        if (wholeHeads && (rotated != keyLength || rotated % 2 != 0)) {
            problem(
                    "rope.dimension_count",
                    "is " + rotated + ", but the head length is " + keyLength + ", or it is odd",
                    "assertion in the graph of src/models");
        }
    }

    private void checkSections(long keyLength) {
        if (!Architectures.ROTATES_IN_SECTIONS.contains(architecture) || !keys.has("rope.dimension_sections")) {
            return;
        }
        long[] sections = keys.perLayer("rope.dimension_sections", 4, 0);
        int sum = (int) Arrays.stream(sections).sum();
        if (sum == 0 || sum > keyLength) {
            problem(
                    "rope.dimension_sections",
                    "is " + Arrays.toString(sections) + ", whose sum is not 1 to the head length " + keyLength,
                    "assertion on their sum and division by it in ggml's rope, ops.cpp");
        }
    }

    private void checkRecurrentLayers(long embedding) {
        if (Architectures.HAS_ATTENTION_INTERVAL.contains(architecture)
                && !keys.has("attention.recurrent_layers")
                && keys.size("full_attention_interval", 4) == 0) {
            problem("full_attention_interval", "is 0", "division by it in load_arch_hparams");
        }
        long inner = keys.size("ssm.inner_size", 0);
        long state = keys.size("ssm.state_size", 0);
        long rank = keys.size("ssm.time_step_rank", 0);
        long groups = keys.size("ssm.group_count", 0);
        if (Architectures.DELTA_NETS.contains(architecture)
                && (state == 0 || rank == 0 || groups == 0 || rank % groups != 0 || inner != state * rank)) {
            problem(
                    "ssm",
                    "inner_size " + inner + " is not state_size " + state + " times time_step_rank " + rank
                            + ", or group_count " + groups + " does not divide the rank",
                    "assertions in delta-net-base.cpp, division by the rank");
        }
        boolean hasMamba = file.tensors().keySet().stream().anyMatch(name -> name.contains(".ssm_"));
        if (Architectures.MAMBA_2.contains(architecture)
                && hasMamba
                && (inner == 0 || rank == 0 || groups == 0 || inner % rank != 0 || inner % groups != 0)) {
            problem(
                    "ssm",
                    "inner_size " + inner + " is no multiple of time_step_rank " + rank + " and group_count " + groups,
                    "assertions in mamba-base.cpp, division by group_count in load_arch_tensors");
        }
        if ((architecture.equals("jamba") || architecture.equals("granitehybrid")) && inner != 2 * embedding) {
            problem("ssm.inner_size", "is " + inner + ", not twice embedding_length", "assertion in load_arch_tensors");
        }
        if (architecture.equals("plamo2") && groups != 0) {
            problem("ssm.group_count", "is " + groups + ", not 0", "assertion in plamo2.cpp");
        }
        if (Architectures.RWKV.contains(architecture)) {
            long headSize = keys.size("wkv.head_size", 0);
            if (headSize == 0 || embedding % headSize != 0) {
                problem(
                        "wkv.head_size",
                        "is " + headSize + ", no divisor of embedding_length " + embedding,
                        "division by it in load_arch_tensors and rwkv6-base.cpp, rwkv7-base.cpp");
            }
            long shifts = architecture.equals("rwkv6") || architecture.equals("rwkv7") ? 2 : 1;
            if (keys.size("token_shift_count", 2) != shifts) {
                problem("token_shift_count", "is not " + shifts, "assertion in the graph of " + architecture);
            }
        }
    }

    private void checkOthers(long layers) {
        switch (architecture) {
            case "ernie4_5-moe" -> requirePositive("interleave_moe_layer_step", "division by it in ernie4-5-moe.cpp");
            case "grovemoe" -> requirePositive("experts_per_group", "assertion in grovemoe.cpp");
            case "minimax-m3" -> requirePositive("attention.indexer.block_size", "assertion in minimax-m3.cpp");
            case "lfm2", "lfm2moe" -> {
                if (keys.size("shortconv.l_cache", 0) < 2) {
                    problem("shortconv.l_cache", "is not 2 or more", "assertion in lfm2.cpp");
                }
            }
            case "baichuan" -> {
                if (layers != 32 && layers != 40) {
                    problem("block_count", "is " + layers + ", not 32 or 40", "abort in the graph of baichuan.cpp");
                }
            }
            case "wavtokenizer-dec" -> checkWavTokenizer(layers);
            default -> {}
        }
    }

    private void checkWavTokenizer(long layers) {
        long posnet = keys.size("posnet.block_count", 0);
        if (posnet > 6 || posnet > layers || keys.size("convnext.block_count", 0) > layers) {
            problem(
                    "posnet.block_count",
                    "or convnext.block_count is more than block_count, or more than 6",
                    "assertion in load_hparams, abort in wavtokenizer-dec.cpp");
        }
        if (keys.size("posnet.embedding_length", 0) != keys.size("convnext.embedding_length", 0)) {
            problem("posnet.embedding_length", "is not convnext.embedding_length", "assertion in wavtokenizer-dec.cpp");
        }
    }

    private void requirePositive(String name, String reason) {
        if (keys.size(name, 0) == 0) {
            problem(name, "is missing or 0", reason);
        }
    }

    private void problem(String name, String fault, String reason) {
        problems.add(keys.key(name), fault, reason);
    }
}
