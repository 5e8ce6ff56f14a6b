package dev.llamapanama.engine.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.FlashAttention;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.Pooling;
import dev.llamapanama.engine.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class RerankerTest {
    private static final String QUERY = "what is a b";
    private static final List<String> DOCUMENTS = TestDocuments.random(25, 40);

    // Flash attention rounds to 16 bits, and differently for other numbers of tokens.
    private static final ContextOptions EXACT = ContextOptions.builder()
            .threads(1)
            .flashAttention(FlashAttention.DISABLED)
            .build();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 64})
    void scoresAreWhatAContextComputes(int maxSequences) throws IOException {
        PackingOptions packing = PackingOptions.defaults()
                .withBatchTokens(150)
                .withMaxSequences(maxSequences)
                .withContext(EXACT);
        try (Model model = Model.load(RerankerModel.write(folder, null));
                Reranker reranker = Reranker.create(model, packing)) {
            Vocabulary vocabulary = model.vocabulary();
            int cls = vocabulary.bos().orElseThrow();
            int separator = vocabulary.separator().orElseThrow();
            List<RerankResult> results = reranker.rerank(QUERY, DOCUMENTS);
            assertThat(results)
                    .isSortedAccordingTo(
                            Comparator.comparingDouble(RerankResult::score).reversed());
            assertThat(results.stream().mapToInt(RerankResult::index).sorted().toArray())
                    .containsExactly(IntStream.range(0, DOCUMENTS.size()).toArray());
            assertThat(results.getFirst().score())
                    .isGreaterThan(results.getLast().score() + 0.01f);
            for (RerankResult result : results) {
                // BERT: begin, query, separator, document; it has no token for the end
                IntStream.Builder tokens = IntStream.builder().add(cls);
                IntStream.of(vocabulary.tokenize(QUERY, false, false)).forEach(tokens);
                tokens.add(separator);
                IntStream.of(vocabulary.tokenize(DOCUMENTS.get(result.index()), false, false))
                        .forEach(tokens);
                int[] pair = tokens.build().toArray();
                assertThat(result.tokens()).isEqualTo(pair.length);
                assertThat(result.score()).isCloseTo(score(model, pair), within(1e-4f));
            }
            assertThat(reranker.rerank(QUERY, DOCUMENTS, 3)).isEqualTo(results.subList(0, 3));
            assertThat(reranker.rerank(QUERY, DOCUMENTS, 100)).isEqualTo(results);
            assertThat(reranker.rerank(QUERY, List.of())).isEmpty();
            assertThatIllegalArgumentException().isThrownBy(() -> reranker.rerank(QUERY, DOCUMENTS, 0));
        }
    }

    private static float score(Model model, int... tokens) {
        try (Context context =
                model.newContext(EXACT.toBuilder().embeddings(true).build())) {
            assertThat(context.pooling()).isEqualTo(Pooling.RANK);
            for (int i = 0; i < tokens.length; i++) {
                context.batch().add(tokens[i], i, 0, true);
            }
            context.encode();
            return context.sequenceEmbeddings(0)[0];
        }
    }

    @Test
    void theModelsTemplateComesFirst() throws IOException {
        String template = "[CLS]is {document} for {query}?[SEP]";
        try (Model model = Model.load(RerankerModel.write(folder, template));
                Reranker reranker =
                        Reranker.create(model, PackingOptions.defaults().withContext(EXACT))) {
            String query = "{document} $1";
            RerankResult result = reranker.rerank(query, List.of("a b")).getFirst();
            int[] tokens = model.vocabulary().tokenize("[CLS]is a b for {document} $1?[SEP]", false, true);
            assertThat(result.tokens()).isEqualTo(tokens.length);
            assertThat(result.score()).isCloseTo(score(model, tokens), within(1e-4f));
        }
    }

    @Test
    void longPairsAreRefusedBeforeAnyIsComputed() throws IOException {
        try (Model model = Model.load(RerankerModel.write(folder, null));
                Reranker reranker =
                        Reranker.create(model, PackingOptions.defaults().withMaxTokens(16))) {
            assertThat(reranker.maxTokens()).isEqualTo(16);
            assertThatExceptionOfType(DocumentTooLongException.class)
                    .isThrownBy(() -> reranker.rerank("a b", List.of("c", "d ".repeat(13))))
                    .matches(e -> e.index() == 1 && e.tokens() == 17 && e.maxTokens() == 16);
            assertThat(reranker.rerank("a b", List.of("d ".repeat(12)))).hasSize(1);
        }
    }

    @Test
    void closedIsClosed() throws IOException {
        try (Model model = Model.load(RerankerModel.write(folder, null))) {
            Reranker reranker = Reranker.create(model);
            reranker.close();
            assertThat(reranker.isOpen()).isFalse();
            assertThatIllegalStateException().isThrownBy(() -> reranker.rerank("a", List.of("b")));
            reranker.close();
        }
    }
}
