package dev.llamapanama.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.gguf.GgufModelCheck.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that once ended the process or never came to an end, found by changing bytes of good ones or by reading llama.cpp. */
class DeadlyFilesTest {
    @TempDir
    Path folder;

    @Test
    void tokensThatDifferBehindAZeroByte() throws IOException {
        assertThat(vocabulary("gpt2", "ab\0c", "ab\0d"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.fault()).contains("twice"));
        assertThat(vocabulary("gpt2", "\0c", "\0d")).isEmpty(); // empty, and empty tokens get names of their own
    }

    @ParameterizedTest
    @CsvSource({"t5, 2048, false", "t5, 2049, true", "rwkv, 2049, true", "gpt2, 2049, false", "llama, 2049, false"})
    void tokensTooLongForATrie(String kind, int length, boolean refused) throws IOException {
        List<Problem> problems = vocabulary(kind, "a", "a".repeat(length));
        assertThat(problems.stream().anyMatch(problem -> problem.reason().contains("naive_trie")))
                .isEqualTo(refused);
    }

    @ParameterizedTest
    @CsvSource({
        "a, true",
        "ab, false",
        "'a ab', true",
        "'ab abc', false",
        "'ab abc a', true",
        "'\\x41 A', true",
        "'\\x41', true",
        "'\\x41b', false",
        "'\\x41b A', true",
        "'\\xff\\xfe', false",
        "'\\xff\\xfe \\xff', true",
        "'\\n\\n \\n', true",
        "'\\n\\n \\t', false",
        "'\\n\\n \\x0a', true",
        "'\\\\a \\\\', true",
        "'\\', true",
    })
    void rwkvNeedsATokenForEachByteThatTokensBeginWith(String tokens, boolean good) throws IOException {
        assertThat(vocabulary("rwkv", tokens.split(" ")).isEmpty()).isEqualTo(good);
    }

    @ParameterizedTest
    @CsvSource({
        "blk.0.attn_q.weight, F32, true",
        "blk.0.attn_q.weight, BF16, true",
        "blk.0.attn_q.weight, I32, false",
        "blk.0.ffn_gate_tid2eid.weight, I32, true",
        "blk.0.attn_q.bias, F32, true",
        "blk.0.attn_q.bias, F16, false",
        "blk.0.attn_norm.weight, BF16, false",
        "blk.0.attn_norm_2.weight, F16, false",
        "blk.0.ssm_d, F16, false",
        "blk.0.something, I32, false",
    })
    void typesWithoutAKernel(String tensor, GgmlType type, boolean good) throws IOException {
        Path path = folder.resolve("model.gguf");
        try (GgufWriter writer = GgufWriter.create(path)) {
            writer.putText("general.architecture", "llama");
            writer.declareTensor(tensor, type, 32, 1);
            writer.write(new byte[Math.toIntExact(type.rowBytes(32))]);
            writer.commit();
        }
        assertThat(problems(path).noneMatch(problem -> problem.subject().equals(tensor)))
                .isEqualTo(good);
    }

    @ParameterizedTest
    @CsvSource({
        "qwen35, rope.dimension_count, false",
        "gemma3, rope.dimension_count_swa, false",
        "mpt, rope.dimension_count, true"
    })
    void headsThatRotateNothing(String architecture, String key, boolean good) throws IOException {
        Path path = folder.resolve("model.gguf");
        try (GgufWriter writer = GgufWriter.create(path)) {
            writer.putText("general.architecture", architecture);
            writer.putUint32(architecture + ".context_length", 32);
            writer.putUint32(architecture + ".embedding_length", 32);
            writer.putUint32(architecture + ".block_count", 1);
            writer.putUint32(architecture + ".attention.head_count", 2);
            writer.putUint32(architecture + "." + key, 0);
            writer.commit();
        }
        assertThat(problems(path).noneMatch(problem -> problem.subject().endsWith(key)))
                .isEqualTo(good);
    }

    private static Stream<Problem> problems(Path path) throws IOException {
        return GgufModelCheck.problems(List.of(GgufFile.open(path))).stream();
    }

    private List<Problem> vocabulary(String kind, String... tokens) throws IOException {
        Path path = folder.resolve("vocabulary.gguf");
        List<String> all = new ArrayList<>(List.of(tokens));
        try (GgufWriter writer = GgufWriter.create(path)) {
            writer.putText("general.architecture", "llama");
            writer.putText("tokenizer.ggml.model", kind);
            writer.putTexts("tokenizer.ggml.tokens", all);
            writer.putInt32s(
                    "tokenizer.ggml.token_type",
                    Collections.nCopies(all.size(), 1).stream().mapToInt(i -> i).toArray());
            writer.putTexts("tokenizer.ggml.merges", List.of());
            writer.putUint32("tokenizer.ggml.bos_token_id", 0);
            writer.commit();
        }
        return GgufModelCheck.vocabularyProblems(GgufFile.open(path));
    }
}
