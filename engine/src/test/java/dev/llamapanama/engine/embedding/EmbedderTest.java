package dev.llamapanama.engine.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.llamapanama.engine.CancelledException;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.ModelOptions;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.Pooling;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(NoLeaks.class)
class EmbedderTest {
    private static final ContextOptions ONE_THREAD =
            ContextOptions.builder().threads(1).build();

    private static EmbedderOptions options(int maxTokens, int batchTokens, int maxSequences) {
        return EmbedderOptions.builder()
                .packing(new PackingOptions(maxTokens, batchTokens, maxSequences, ONE_THREAD))
                .build();
    }

    private static Model bert() {
        return Model.load(Models.forged(TinyModels.bert()));
    }

    static void assertSame(float[] actual, float[] expected) {
        assertThat(1 - Vectors.cosine(actual, expected)).as("cosine distance").isLessThan(1e-5f);
        assertThat(Vectors.dot(actual, actual)).isCloseTo(Vectors.dot(expected, expected), within(1e-3f));
    }

    static Stream<Arguments> modelsAndPoolings() {
        return Stream.of(
                Arguments.of(TinyModels.bert(), Pooling.FROM_MODEL),
                Arguments.of(TinyModels.bert(), Pooling.CLS),
                Arguments.of(TinyModels.bert(), Pooling.LAST),
                Arguments.of(TinyModels.llama(), Pooling.LAST),
                Arguments.of(TinyModels.llama(), Pooling.MEAN),
                Arguments.of(TinyModels.gemma3(), Pooling.MEAN),
                Arguments.of(TinyModels.qwen35(), Pooling.LAST),
                Arguments.of(TinyModels.mamba(), Pooling.MEAN));
    }

    @ParameterizedTest
    @MethodSource("modelsAndPoolings")
    void packedIsAsOneByOne(ModelSpec spec, Pooling pooling) {
        List<String> documents = TestDocuments.random(30, 60).stream()
                .map(document -> document + " .")
                .toList();
        EmbedderOptions options =
                options(256, 200, 7).toBuilder().pooling(pooling).build();
        try (Model model = Model.load(Models.forged(spec));
                Embedder embedder = Embedder.create(model, options)) {
            List<TextEmbedding> packed = embedder.embed(documents);
            assertThat(packed).hasSameSizeAs(documents);
            for (int i = 0; i < packed.size(); i++) {
                TextEmbedding alone = embedder.embed(documents.get(i));
                assertThat(packed.get(i).index()).isEqualTo(i);
                assertThat(packed.get(i).tokens())
                        .isEqualTo(alone.tokens())
                        .isEqualTo(embedder.countTokens(documents.get(i)));
                assertThat(packed.get(i).vector()).hasSize(embedder.dimensions());
                assertSame(packed.get(i).vector(), alone.vector());
            }
            assertThat(Vectors.cosine(packed.get(0).vector(), packed.get(1).vector()))
                    .as("different documents")
                    .isLessThan(0.9999f);
        }
    }

    @Test
    void isWhatAContextComputes() {
        try (Model model = bert();
                Embedder embedder = Embedder.create(model);
                Context context =
                        model.newContext(ONE_THREAD.toBuilder().embeddings(true).build())) {
            int[] tokens = model.vocabulary().tokenize("some words", true, true);
            for (int i = 0; i < tokens.length; i++) {
                context.batch().add(tokens[i], i, 0, true);
            }
            context.encode();
            float[] expected = context.sequenceEmbeddings(0);
            Normalization.EUCLIDEAN.apply(expected);
            TextEmbedding embedding = embedder.embed("some words");
            assertSame(embedding.vector(), expected);
            assertThat(embedding.tokens()).isEqualTo(tokens.length);
            assertThat(embedding.chunks()).isEqualTo(1);
            assertThat(embedder.pooling()).isEqualTo(Pooling.MEAN);
            assertThat(embedder.maxTokens()).isEqualTo(512);
            assertThat(embedder.dimensions()).isEqualTo(64);
        }
    }

    @Test
    void withoutPoolingThereIsAVectorPerToken() {
        EmbedderOptions options =
                options(0, 64, 8).toBuilder().pooling(Pooling.NONE).build();
        try (Model model = bert();
                Embedder embedder = Embedder.create(model, options);
                Embedder cls = Embedder.create(
                        model, options.toBuilder().pooling(Pooling.CLS).build())) {
            List<TextEmbedding> packed = embedder.embed(List.of("a b c", "d e"));
            assertThat(packed.get(0).vectors()).hasDimensions(5, 64);
            assertThat(packed.get(1).vectors()).hasDimensions(4, 64);
            assertSame(packed.get(1).vectors()[0], cls.embed("d e").vector());
            assertThatIllegalStateException().isThrownBy(packed.get(0)::vector).withMessageContaining("5 vectors");
        }
    }

    @Test
    void vectorsAreCutBeforeTheyAreNormalized() {
        try (Model model = bert();
                Embedder whole = Embedder.create(
                        model,
                        EmbedderOptions.builder()
                                .normalization(Normalization.NONE)
                                .build());
                Embedder cut = Embedder.create(
                        model, EmbedderOptions.builder().dimensions(16).build())) {
            float[] expected = Arrays.copyOf(whole.embed("a b c").vector(), 16);
            Normalization.EUCLIDEAN.apply(expected);
            assertSame(cut.embed("a b c").vector(), expected);
            assertThat(cut.dimensions()).isEqualTo(16);
        }
    }

    @Test
    void prefixesAreForDocumentsAndQueries() {
        EmbedderOptions options = EmbedderOptions.builder()
                .documentPrefix("doc: ")
                .queryPrefix("find: ")
                .build();
        try (Model model = bert();
                Embedder plain = Embedder.create(model);
                Embedder prefixed = Embedder.create(model, options)) {
            assertSame(prefixed.embed("a b").vector(), plain.embed("doc: a b").vector());
            assertSame(
                    prefixed.embedQuery("a b").vector(),
                    plain.embed("find: a b").vector());
            assertThat(prefixed.countTokens("a b")).isEqualTo(plain.countTokens("doc: a b"));
        }
    }

    @Test
    void controlTokensAreFoundWhereAskedFor() {
        try (Model model = bert();
                Embedder safe = Embedder.create(model);
                Embedder parsing = Embedder.create(
                        model, EmbedderOptions.builder().parseSpecial(true).build())) {
            assertThat(parsing.countTokens("[SEP]")).isEqualTo(3);
            assertThat(safe.countTokens("[SEP]")).isEqualTo(7);
        }
    }

    @Test
    void longDocumentsAreRejected() {
        List<String> documents = List.of("a", "b c", words(15), "d");
        try (Model model = bert();
                Embedder embedder = Embedder.create(model, options(16, 64, 8))) {
            List<Integer> done = new ArrayList<>();
            assertThatExceptionOfType(DocumentTooLongException.class)
                    .isThrownBy(() -> embedder.embed(documents, embedding -> done.add(embedding.index())))
                    .withMessageContaining("CHUNK")
                    .matches(e -> e.index() == 2 && e.tokens() == 17 && e.maxTokens() == 16);
            assertThat(done).containsExactly(0, 1);
            Iterator<TextEmbedding> iterator =
                    embedder.embed(documents.stream().skip(2)).iterator();
            assertThatExceptionOfType(DocumentTooLongException.class).isThrownBy(iterator::next);
            assertThat(iterator.hasNext()).isFalse();
            assertThat(embedder.embed(words(14)).tokens()).isEqualTo(16);
        }
    }

    @Test
    void longDocumentsAreCutIntoChunks() {
        String text = words(100);
        List<String> words = List.of(text.split(" "));
        EmbedderOptions options = options(42, 64, 8).toBuilder()
                .longDocuments(LongDocuments.CHUNK)
                .normalization(Normalization.NONE)
                .build();
        try (Model model = bert();
                Embedder embedder = Embedder.create(model, options);
                Embedder normalizing = Embedder.create(
                        model,
                        options.toBuilder()
                                .normalization(Normalization.EUCLIDEAN)
                                .build());
                Embedder ofTokens = Embedder.create(
                        model, options.toBuilder().pooling(Pooling.NONE).build())) {
            double[] sum = new double[64];
            int tokens = 0;
            for (List<String> part : List.of(words.subList(0, 33), words.subList(33, 66), words.subList(66, 100))) {
                TextEmbedding chunk = embedder.embed(String.join(" ", part));
                tokens += chunk.tokens();
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += (double) chunk.vector()[i] * chunk.tokens();
                }
            }
            float[] expected = new float[64];
            for (int i = 0; i < sum.length; i++) {
                expected[i] = (float) (sum[i] / tokens);
            }
            List<TextEmbedding> all = embedder.embed(List.of("a", text, "b c", text));
            assertThat(all).extracting(TextEmbedding::index).containsExactly(0, 1, 2, 3);
            assertThat(all).extracting(TextEmbedding::chunks).containsExactly(1, 3, 1, 3);
            assertThat(all.get(1).tokens()).isEqualTo(tokens).isEqualTo(106);
            assertSame(all.get(1).vector(), expected);
            assertSame(all.get(3).vector(), expected);
            assertSame(all.get(2).vector(), embedder.embed("b c").vector());
            Normalization.EUCLIDEAN.apply(expected);
            assertSame(normalizing.embed(text).vector(), expected);
            assertThat(ofTokens.embed(text).vectors()).hasDimensions(106, 64);
        }
    }

    private static String words(int n) {
        return TestDocuments.words(new Random(3), n);
    }

    @Test
    void anEmptyDocumentHasBeginAndEndOnly() {
        try (Model model = bert();
                Embedder embedder = Embedder.create(model)) {
            assertThat(embedder.embed("").tokens()).isEqualTo(2);
            assertThat(embedder.embed(List.of())).isEmpty();
        }
        EmbedderOptions last =
                options(64, 64, 2).toBuilder().pooling(Pooling.LAST).build();
        try (Model model = Model.load(Models.forged(TinyModels.qwen2()));
                Embedder embedder = Embedder.create(model, last)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> embedder.embed(List.of("a", "")))
                    .withMessageContaining("document 1 is empty");
        }
    }

    @Test
    void resultsComeBeforeAllDocumentsAreRead() {
        List<String> read = new ArrayList<>();
        Stream<String> endless = Stream.iterate("a", text -> text).peek(read::add);
        try (Model model = bert();
                Embedder embedder = Embedder.create(model, options(16, 30, 64));
                Stream<TextEmbedding> results = embedder.embed(endless)) {
            Iterator<TextEmbedding> iterator = results.iterator();
            assertThat(IntStream.range(0, 25).map(_ -> iterator.next().index()).toArray())
                    .containsExactly(IntStream.range(0, 25).toArray());
        }
        assertThat(read)
                .as("ten to a decode, and the first one that does not fit")
                .hasSizeBetween(30, 31);
    }

    @Test
    void whatTheConsumerThrowsEndsTheCall() {
        try (Model model = bert();
                Embedder embedder = Embedder.create(model)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> embedder.embed(List.of("a", "b"), _ -> {
                        throw new IllegalStateException("enough");
                    }))
                    .withMessage("enough");
            // and one that embeds is no error
            embedder.embed(List.of("a"), outer -> assertSame(embedder.embed("a").vector(), outer.vector()));
        }
    }

    @Test
    void threadsTakeTurns() throws Exception {
        List<String> documents = TestDocuments.random(40, 30);
        try (Model model = bert();
                Embedder embedder = Embedder.create(model, options(0, 128, 8));
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<TextEmbedding> expected = embedder.embed(documents);
            List<Callable<List<TextEmbedding>>> tasks = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                tasks.add(() -> embedder.embed(documents));
            }
            for (Future<List<TextEmbedding>> future : executor.invokeAll(tasks)) {
                List<TextEmbedding> actual = future.get();
                for (int i = 0; i < documents.size(); i++) {
                    assertThat(actual.get(i).vector()).isEqualTo(expected.get(i).vector());
                }
            }
        }
    }

    @Test
    @Timeout(120)
    void closeEndsWhatAnotherThreadEmbeds() throws Exception {
        EmbedderOptions options =
                options(3000, 512, 4).toBuilder().pooling(Pooling.LAST).build();
        try (Model model = Model.load(Models.slow());
                var executor = Executors.newFixedThreadPool(2)) {
            Embedder embedder = Embedder.create(model, options);
            CountDownLatch started = new CountDownLatch(2);
            String document = "word ".repeat(500);
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                calls.add(executor.submit(() -> embedder.embed(
                        () -> Stream.generate(() -> {
                                    started.countDown();
                                    return document;
                                })
                                .iterator(),
                        _ -> {})));
            }
            started.await();
            embedder.close();
            for (Future<?> call : calls) {
                assertThat(call)
                        .failsWithin(Duration.ofSeconds(60))
                        .withThrowableOfType(ExecutionException.class)
                        .havingCause()
                        .isInstanceOfAny(CancelledException.class, IllegalStateException.class);
            }
            assertThat(embedder.isOpen()).isFalse();
            assertThatIllegalStateException()
                    .isThrownBy(() -> embedder.embed("a"))
                    .withMessageContaining("closed");
            embedder.close();
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> EmbedderOptions.builder().pooling(Pooling.RANK).build())
                .withMessageContaining("Reranker");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EmbedderOptions.builder().dimensions(-1).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackingOptions.defaults().withMaxSequences(257));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackingOptions.defaults().withBatchTokens(0));
        try (Model model = bert()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Embedder.create(model, options(513, 64, 1)))
                    .withMessageContaining("512");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Embedder.create(model, options(2, 64, 1)))
                    .withMessageContaining("adds 2 tokens");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Embedder.create(
                            model, EmbedderOptions.builder().dimensions(65).build()))
                    .withMessageContaining("64");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Reranker.create(model))
                    .withMessageContaining("MEAN");
        }
        ModelOptions rank =
                ModelOptions.builder().metadataOverride("bert.pooling_type", 4).build();
        try (Model model = Model.load(Models.forged(TinyModels.bert()), rank)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Embedder.create(model))
                    .withMessageContaining("Reranker");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Pooling.class,
            names = {"CLS", "LAST", "NONE"})
    void poolingIsTheModels(Pooling pooling) {
        int number = switch (pooling) {
            case NONE -> 0;
            case CLS -> 2;
            default -> 3;
        };
        ModelOptions loading = ModelOptions.builder()
                .metadataOverride("bert.pooling_type", number)
                .build();
        try (Model model = Model.load(Models.forged(TinyModels.bert()), loading);
                Embedder embedder = Embedder.create(model)) {
            assertThat(embedder.pooling()).isEqualTo(pooling);
            assertThat(embedder.embed("a b").vectors()).hasNumberOfRows(pooling == Pooling.NONE ? 4 : 1);
        }
    }

    @Test
    void aRealVocabulary() {
        List<String> documents = List.of(
                "The quick brown fox jumps over the lazy dog.",
                "",
                "Grüße aus Köln, 東京, and Łódź!",
                "word ".repeat(300));
        try (Model model = Model.load(Models.real("tiny-random-bert.gguf"));
                Embedder embedder = Embedder.create(model)) {
            List<TextEmbedding> packed = embedder.embed(documents);
            for (int i = 0; i < documents.size(); i++) {
                assertSame(
                        packed.get(i).vector(), embedder.embed(documents.get(i)).vector());
            }
            assertThat(packed.get(3).tokens()).isEqualTo(302);
        }
    }
}
