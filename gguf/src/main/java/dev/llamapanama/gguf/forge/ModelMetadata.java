package dev.llamapanama.gguf.forge;

import dev.llamapanama.gguf.GgufWriter;

/** The metadata of a forged model: the keys that llama.cpp's {@code load_hparams} and {@code load_arch_hparams} read. */
final class ModelMetadata {
    private final ModelSpec spec;
    private final String prefix;

    ModelMetadata(ModelSpec spec) {
        this.spec = spec;
        this.prefix = spec.architecture().ggufName() + ".";
    }

    void write(GgufWriter writer) {
        writer.putText("general.architecture", spec.architecture().ggufName());
        writer.putText("general.type", "model");
        writer.putText("general.name", spec.name());
        writer.putText("general.description", "random weights, made by llamapanama");
        writer.putUint32("general.file_type", spec.weights().fileType());
        writer.putUint32("general.quantization_version", 2);
        writeSizes(writer);
        switch (spec.architecture()) {
            case MAMBA -> writeMamba(writer);
            case BERT -> writeBert(writer);
            case GEMMA3 -> writeGemma3(writer);
            case QWEN35 -> writeQwen35(writer);
            case LLAMA -> writer.putUint32(prefix + "rope.dimension_count", spec.headLength());
            case QWEN2, QWEN3, QWEN3MOE -> {}
        }
        if (spec.architecture() == ModelArchitecture.BERT) {
            new WordPieceVocabulary(spec.vocabularySize()).write(writer);
        } else {
            new ByteVocabulary(spec.vocabularySize()).write(writer, spec.architecture() == ModelArchitecture.LLAMA);
        }
    }

    private void writeSizes(GgufWriter writer) {
        writer.putUint32(prefix + "vocab_size", spec.vocabularySize());
        writer.putUint32(prefix + "block_count", spec.layers());
        writer.putUint32(prefix + "context_length", spec.contextLength());
        writer.putUint32(prefix + "embedding_length", spec.embeddingLength());
        writer.putUint32(prefix + "feed_forward_length", spec.feedForwardLength());
        writer.putUint32(prefix + "attention.head_count", spec.heads());
        String epsilon =
                spec.architecture() == ModelArchitecture.BERT ? "layer_norm_epsilon" : "layer_norm_rms_epsilon";
        writer.putFloat32(prefix + "attention." + epsilon, spec.normEpsilon());
        if (spec.heads() > 0) {
            writer.putUint32(prefix + "attention.head_count_kv", spec.kvHeads());
            writer.putUint32(prefix + "attention.key_length", spec.headLength());
            writer.putUint32(prefix + "attention.value_length", spec.headLength());
            writer.putFloat32(prefix + "rope.freq_base", spec.ropeBase());
        }
        if (spec.experts() > 0) {
            writer.putUint32(prefix + "expert_count", spec.experts());
            writer.putUint32(prefix + "expert_used_count", spec.expertsUsed());
            writer.putUint32(prefix + "expert_feed_forward_length", spec.expertFeedForwardLength());
        }
    }

    private void writeMamba(GgufWriter writer) {
        writer.putUint32(prefix + "ssm.conv_kernel", MambaShape.CONVOLUTION);
        writer.putUint32(prefix + "ssm.inner_size", MambaShape.innerLength(spec));
        writer.putUint32(prefix + "ssm.state_size", MambaShape.STATE);
        writer.putUint32(prefix + "ssm.time_step_rank", MambaShape.timeStepRank(spec));
    }

    private void writeBert(GgufWriter writer) {
        writer.putBool(prefix + "attention.causal", false);
        // Pooling by mean, LLAMA_POOLING_TYPE_MEAN.
        writer.putUint32(prefix + "pooling_type", 1);
    }

    private void writeGemma3(GgufWriter writer) {
        writer.putUint32(prefix + "attention.sliding_window", spec.slidingWindow());
        writer.putFloat32(prefix + "rope.freq_base_swa", 10_000);
    }

    private void writeQwen35(GgufWriter writer) {
        DeltaNet net = DeltaNet.of(spec);
        int rotated = spec.headLength() / 2;
        writer.putUint32(prefix + "rope.dimension_count", rotated);
        writer.putInt32s(prefix + "rope.dimension_sections", rotated / 4, rotated / 8, rotated / 8, 0);
        writer.putUint32(prefix + "ssm.conv_kernel", DeltaNet.CONVOLUTION);
        writer.putUint32(prefix + "ssm.inner_size", net.innerLength());
        writer.putUint32(prefix + "ssm.state_size", net.stateLength());
        writer.putUint32(prefix + "ssm.time_step_rank", net.valueHeads());
        writer.putUint32(prefix + "ssm.group_count", net.keyHeads());
        writer.putUint32(prefix + "full_attention_interval", DeltaNet.FULL_ATTENTION_INTERVAL);
    }
}
