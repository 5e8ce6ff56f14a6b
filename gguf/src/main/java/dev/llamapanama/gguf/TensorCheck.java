package dev.llamapanama.gguf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks the tensors: places, types that ggml's kernels assert, and the token embeddings' shape. */
final class TensorCheck {
    /** {@code TENSOR_ALIGNMENT} of ggml. */
    private static final int MAPPED_ALIGNMENT = 32;

    private final List<GgufFile> parts;
    private final GgufFile first;
    private final Problems problems;

    TensorCheck(List<GgufFile> parts, Problems problems) {
        this.parts = parts;
        this.first = parts.getFirst();
        this.problems = problems;
    }

    void check() {
        Map<String, GgufFile> owners = new HashMap<>();
        for (GgufFile part : parts) {
            for (GgufTensor tensor : part.tensors().values()) {
                if (owners.putIfAbsent(tensor.name(), part) != null) {
                    problems.add(tensor.name(), "is in two parts of the model", "llama_model_loader throws");
                }
                checkPlace(tensor);
                checkType(tensor);
            }
        }
        if (owners.isEmpty()) {
            problems.add("tensors", "there are none: the file holds a vocabulary only", "load_tensors throws");
        }
        checkTokenEmbeddings();
    }

    private void checkPlace(GgufTensor tensor) {
        if (tensor.offset() % MAPPED_ALIGNMENT != 0) {
            problems.add(
                    tensor.name(),
                    "its data is at byte " + tensor.offset() + ", no multiple of " + MAPPED_ALIGNMENT,
                    "assertion in ggml_backend_cpu_buffer_from_ptr when the file is mapped");
        }
    }

    private void checkType(GgufTensor tensor) {
        String name = tensor.name();
        GgmlType type = tensor.type();
        if (isAddedOrMultiplied(name)) {
            if (type != GgmlType.F32) {
                // activations are F32, and with another type there is no kernel
                problems.add(name, "is " + type + ", not F32", "abort in ggml's binary operations, binary-ops.cpp");
            }
        } else if (mustBeF32(name)) {
            if (type != GgmlType.F32) {
                problems.add(
                        name,
                        "is " + type + ", not F32",
                        "assertion in ggml_rope_ext, ggml_ssm_conv or ggml_ssm_scan, or abort in binary-ops.cpp");
            }
        } else if (!isWeightType(name, type)) {
            problems.add(
                    name, "is " + type + ", which is no type for weights", "no kernel in type_traits_cpu, ggml-cpu.c");
        }
    }

    private static boolean isAddedOrMultiplied(String name) {
        return name.endsWith("_norm.weight") || name.endsWith("_norm_2.weight") || name.endsWith(".bias");
    }

    private static boolean mustBeF32(String name) {
        return name.startsWith("rope_f")
                || name.contains(".rope_f")
                || name.endsWith(".ssm_conv1d.weight")
                || name.endsWith(".ssm_a")
                || name.endsWith(".ssm_d");
    }

    /** Types of intermediate results have no kernel for use as weights; I32 is that of DeepSeek's routing tables. */
    private static boolean isWeightType(String name, GgmlType type) {
        return switch (type) {
            case Q8_1, Q8_K, I8, I16, I64, F64 -> false;
            case I32 -> name.endsWith(".ffn_gate_tid2eid.weight");
            default -> true;
        };
    }

    private void checkTokenEmbeddings() {
        String architecture = first.architecture().orElseThrow();
        String name = "token_embd.weight";
        GgufTensor tensor = parts.stream()
                .map(part -> part.tensors().get(name))
                .filter(t -> t != null)
                .findFirst()
                .orElse(null);
        if (tensor == null || Architectures.OWN_TOKEN_EMBEDDINGS.contains(architecture)) {
            return;
        }
        long embedding = first.integer(architecture + ".embedding_length").orElse(-1);
        long vocabulary = first.array("tokenizer.ggml.tokens")
                .map(GgufArray::length)
                .orElseGet(() -> first.integer(architecture + ".vocab_size").orElse(-1));
        if (embedding >= 0 && tensor.dimension(0) != embedding
                || vocabulary >= 0 && tensor.dimension(1) != vocabulary) {
            problems.add(
                    name,
                    "has the shape " + tensor.shape() + ", not embedding length " + embedding + " by vocabulary size "
                            + vocabulary,
                    "check_tensor_dims in llama-model-loader.cpp throws");
        }
    }
}
