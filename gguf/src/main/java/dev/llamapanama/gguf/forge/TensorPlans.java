package dev.llamapanama.gguf.forge;

import dev.llamapanama.gguf.forge.TensorPlan.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of a model, by architecture, in the order in which they are written.
 *
 * <p>Names and shapes are those of {@code load_arch_tensors} in llama.cpp's {@code src/models/*.cpp}. Deviations keep
 * activations near 1: a matrix has 1/sqrt(row length), so that it neither grows nor shrinks what it multiplies.
 */
final class TensorPlans {
    /** Queries and keys above 1 make attention look at some tokens more than at others, so that output varies. */
    private static final double ATTENTION_GAIN = 1.6;

    /** Deviation of the logits: high enough that they are not flat. */
    private static final double LOGIT_DEVIATION = 2.5;

    /** With tied embeddings a token's own vector is in the residual stream: a small one keeps it from being repeated. */
    private static final double TIED_LOGIT_DEVIATION = 0.8;

    /** What a layer adds to the residual stream of a model that writes successors is small beside the token's own vector. */
    private static final double SUCCESSOR_GAIN = 0.05;

    private static final double NORM_DEVIATION = 0.05;
    private static final double BIAS_DEVIATION = 0.1;

    private final ModelSpec spec;
    private final List<TensorPlan> plans = new ArrayList<>();
    private int layer = -1;

    private TensorPlans(ModelSpec spec) {
        this.spec = spec;
    }

    static List<TensorPlan> of(ModelSpec spec) {
        TensorPlans plans = new TensorPlans(spec);
        if (spec.architecture() == ModelArchitecture.BERT) {
            plans.addEncoder();
        } else {
            plans.addDecoder();
        }
        return List.copyOf(plans.plans);
    }

    private void addDecoder() {
        long embedding = spec.embeddingLength();
        if (spec.successor()) { // the same rows, and therefore stored alike
            add("token_embd.weight", Role.OUTPUT, 0, 1, embedding, spec.vocabularySize());
            add("output.weight", Role.OUTPUT, 0, 1, embedding, spec.vocabularySize());
        } else {
            double logits = spec.tiedEmbeddings() ? TIED_LOGIT_DEVIATION : LOGIT_DEVIATION;
            double tokenDeviation = (spec.tiedEmbeddings() ? logits : 1) / Math.sqrt(embedding);
            add("token_embd.weight", Role.TOKEN_EMBEDDING, 0, tokenDeviation, embedding, spec.vocabularySize());
            if (!spec.tiedEmbeddings()) {
                add("output.weight", Role.OUTPUT, 0, logits / Math.sqrt(embedding), embedding, spec.vocabularySize());
            }
        }
        addNorm("output_norm.weight", embedding);
        for (layer = 0; layer < spec.layers(); layer++) {
            switch (spec.architecture()) {
                case LLAMA, QWEN2, QWEN3, QWEN3MOE -> addTransformerLayer();
                case GEMMA3 -> addGemma3Layer();
                case QWEN35 -> addQwen35Layer();
                case MAMBA -> addMambaLayer();
                case BERT -> throw new AssertionError();
            }
        }
    }

    private void addTransformerLayer() {
        addNorm("attn_norm.weight", spec.embeddingLength());
        addAttention(1);
        addNorm("ffn_norm.weight", spec.embeddingLength());
        if (spec.experts() == 0) {
            addFeedForward();
        } else {
            addExperts();
        }
    }

    /** @param queryParts 2 if each query comes with a gate */
    private void addAttention(int queryParts) {
        long embedding = spec.embeddingLength();
        long queryLength = (long) spec.heads() * spec.headLength();
        long kvLength = (long) spec.kvHeads() * spec.headLength();
        addScaledMatrix("attn_q.weight", Role.MATRIX, ATTENTION_GAIN, embedding, queryParts * queryLength);
        addScaledMatrix("attn_k.weight", Role.ATTENTION_KEY, ATTENTION_GAIN, embedding, kvLength);
        addMatrix("attn_v.weight", Role.ATTENTION_VALUE, embedding, kvLength);
        addScaledMatrix("attn_output.weight", Role.ATTENTION_OUTPUT, residualGain(), queryLength, embedding);
        if (spec.architecture() == ModelArchitecture.QWEN2) {
            addBias("attn_q.bias", queryLength);
            addBias("attn_k.bias", kvLength);
            addBias("attn_v.bias", kvLength);
        } else if (spec.architecture() != ModelArchitecture.LLAMA) {
            // These norms undo the gain of the matrices above, so they carry it.
            add(name("attn_q_norm.weight"), Role.VECTOR, ATTENTION_GAIN, NORM_DEVIATION, spec.headLength());
            add(name("attn_k_norm.weight"), Role.VECTOR, ATTENTION_GAIN, NORM_DEVIATION, spec.headLength());
        }
    }

    private void addFeedForward() {
        long embedding = spec.embeddingLength();
        long length = spec.feedForwardLength();
        addMatrix("ffn_gate.weight", Role.MATRIX, embedding, length);
        addMatrix("ffn_up.weight", Role.MATRIX, embedding, length);
        addScaledMatrix("ffn_down.weight", Role.FEED_FORWARD_DOWN, residualGain(), length, embedding);
    }

    private double residualGain() {
        return spec.successor() ? SUCCESSOR_GAIN : 1;
    }

    private void addExperts() {
        long embedding = spec.embeddingLength();
        long length = spec.expertFeedForwardLength();
        long experts = spec.experts();
        add(name("ffn_gate_inp.weight"), Role.VECTOR, 0, 1 / Math.sqrt(embedding), embedding, experts);
        addMatrix("ffn_gate_exps.weight", Role.MATRIX, embedding, length, experts);
        addMatrix("ffn_up_exps.weight", Role.MATRIX, embedding, length, experts);
        addScaledMatrix("ffn_down_exps.weight", Role.FEED_FORWARD_DOWN, residualGain(), length, embedding, experts);
    }

    private void addGemma3Layer() {
        long embedding = spec.embeddingLength();
        addNorm("attn_norm.weight", embedding);
        addAttention(1);
        addNorm("post_attention_norm.weight", embedding);
        addNorm("ffn_norm.weight", embedding);
        addFeedForward();
        addNorm("post_ffw_norm.weight", embedding);
    }

    private void addQwen35Layer() {
        addNorm("attn_norm.weight", spec.embeddingLength());
        if ((layer + 1) % DeltaNet.FULL_ATTENTION_INTERVAL == 0) {
            addAttention(2);
        } else {
            addDeltaNet(DeltaNet.of(spec));
        }
        addNorm("post_attention_norm.weight", spec.embeddingLength());
        addFeedForward();
    }

    private void addDeltaNet(DeltaNet net) {
        long embedding = spec.embeddingLength();
        addMatrix("attn_qkv.weight", Role.ATTENTION_VALUE, embedding, net.convolvedLength());
        addMatrix("attn_gate.weight", Role.MATRIX, embedding, net.innerLength());
        add(name("ssm_conv1d.weight"), Role.VECTOR, 0, 0.5, DeltaNet.CONVOLUTION, net.convolvedLength());
        // The state decays by exp(a * softplus(dt)): a must be negative, and small enough that the state lives on.
        add(name("ssm_dt.bias"), Role.VECTOR, -3, 0.5, net.valueHeads());
        add(name("ssm_a"), Role.VECTOR, -4, 0.8, net.valueHeads());
        addMatrix("ssm_beta.weight", Role.MATRIX, embedding, net.valueHeads());
        addMatrix("ssm_alpha.weight", Role.MATRIX, embedding, net.valueHeads());
        addNorm("ssm_norm.weight", net.stateLength());
        addMatrix("ssm_out.weight", Role.MATRIX, net.innerLength(), embedding);
    }

    private void addMambaLayer() {
        long embedding = spec.embeddingLength();
        long inner = MambaShape.innerLength(spec);
        long rank = MambaShape.timeStepRank(spec);
        addNorm("attn_norm.weight", embedding);
        addMatrix("ssm_in.weight", Role.MATRIX, embedding, 2 * inner);
        add(name("ssm_conv1d.weight"), Role.VECTOR, 0, 0.5, MambaShape.CONVOLUTION, inner);
        addBias("ssm_conv1d.bias", inner);
        addMatrix("ssm_x.weight", Role.MATRIX, inner, rank + 2L * MambaShape.STATE);
        addMatrix("ssm_dt.weight", Role.MATRIX, rank, inner);
        add(name("ssm_dt.bias"), Role.VECTOR, -3, 0.5, inner);
        add(name("ssm_a"), Role.VECTOR, -4, 0.8, MambaShape.STATE, inner);
        add(name("ssm_d"), Role.VECTOR, 1, 0.1, inner);
        addScaledMatrix("ssm_out.weight", Role.MATRIX, 2, inner, embedding);
    }

    private void addEncoder() {
        long embedding = spec.embeddingLength();
        long length = spec.feedForwardLength();
        add("token_embd.weight", Role.TOKEN_EMBEDDING, 0, 1, embedding, spec.vocabularySize());
        add("token_types.weight", Role.VECTOR, 0, 0.1, embedding, 2);
        add("position_embd.weight", Role.VECTOR, 0, 0.3, embedding, spec.contextLength());
        addNormWithBias("token_embd_norm", embedding);
        for (layer = 0; layer < spec.layers(); layer++) {
            addScaledMatrix("attn_q.weight", Role.MATRIX, ATTENTION_GAIN, embedding, embedding);
            addScaledMatrix("attn_k.weight", Role.ATTENTION_KEY, ATTENTION_GAIN, embedding, embedding);
            addMatrix("attn_v.weight", Role.ATTENTION_VALUE, embedding, embedding);
            addMatrix("attn_output.weight", Role.ATTENTION_OUTPUT, embedding, embedding);
            addBias("attn_q.bias", embedding);
            addBias("attn_k.bias", embedding);
            addBias("attn_v.bias", embedding);
            addBias("attn_output.bias", embedding);
            addNormWithBias("attn_output_norm", embedding);
            addMatrix("ffn_up.weight", Role.MATRIX, embedding, length);
            addBias("ffn_up.bias", length);
            addMatrix("ffn_down.weight", Role.FEED_FORWARD_DOWN, length, embedding);
            addBias("ffn_down.bias", embedding);
            addNormWithBias("layer_output_norm", embedding);
        }
    }

    private void addMatrix(String name, Role role, long... shape) {
        addScaledMatrix(name, role, 1, shape);
    }

    private void addScaledMatrix(String name, Role role, double gain, long... shape) {
        add(name(name), role, 0, gain / Math.sqrt(shape[0]), shape);
    }

    private void addNorm(String name, long length) {
        add(name(name), Role.VECTOR, 1, NORM_DEVIATION, length);
    }

    private void addNormWithBias(String name, long length) {
        addNorm(name + ".weight", length);
        addBias(name + ".bias", length);
    }

    private void addBias(String name, long length) {
        add(name(name), Role.VECTOR, 0, BIAS_DEVIATION, length);
    }

    private String name(String name) {
        return layer < 0 ? name : "blk." + layer + "." + name;
    }

    private void add(String name, Role role, double mean, double deviation, long... shape) {
        plans.add(new TensorPlan(name, role, layer, mean, deviation, shape));
    }
}
