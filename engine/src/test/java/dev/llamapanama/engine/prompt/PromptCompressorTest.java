package dev.llamapanama.engine.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.llamapanama.engine.CancelledException;
import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.ContextOptions;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.engine.Vocabulary;
import dev.llamapanama.engine.prompt.TextUnits.Unit;
import dev.llamapanama.gguf.forge.TinyModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class PromptCompressorTest {
    private static final String STORY = """
            Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw
            a big, red ball. She wanted to play with it, but it was too high in a tree. Lily asked her mom for help. Her mom
            said that they had to wait for the wind. The wind blew hard and the ball fell down. Lily was very happy and
            played with the ball all day. At night, she went to bed and had a dream about the ball.
            """;
    private static final List<String> SPANS = List.of(
            "```java\nint x = y;\n```",
            "~~~\nkeep me\n~~~",
            "`a.b()`",
            "3.14",
            "2024-05-17",
            "-7%",
            "\"Lily Smith\"",
            "“Köln”",
            "'Ann Lee'",
            "ID:abc");
    private static final Pattern IDS = Pattern.compile("ID:\\w+");

    private static CompressorOptions.Builder options() {
        return CompressorOptions.builder()
                .context(ContextOptions.builder().threads(1).build());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.33, 0.4, 0.8})
    void keepsTheShareOfTokens(double ratio) {
        try (Model model = Model.load(Models.llama());
                PromptCompressor compressor =
                        PromptCompressor.create(model, options().ratio(ratio).build())) {
            CompressedPrompt compressed = compressor.compress(STORY, "What is her name?");
            int tokens = model.vocabulary().tokenize(STORY, false, false).length;
            long target = Math.round(ratio * tokens);
            assertThat(compressed.originalTokens()).isEqualTo(tokens);
            assertThat(compressed.compressedTokens())
                    .isEqualTo(model.vocabulary().tokenize(compressed.text(), false, false).length)
                    .isEqualTo(compressor.countTokens(compressed.text()));
            // one more token of text may come with a blank before it and one after it
            assertThat((long) compressed.compressedTokens()).isBetween(target - 2, target);
            assertThat(compressed.ratio()).isEqualTo((double) compressed.compressedTokens() / tokens);
            assertReported(STORY, compressed);
        }
    }

    /** What was not dropped is in the result, in its order, with nothing but blanks and line ends between. */
    private static void assertReported(String text, CompressedPrompt compressed) {
        StringBuilder pattern = new StringBuilder();
        int end = 0;
        for (TextRange dropped : compressed.dropped()) {
            assertThat(dropped.end()).isGreaterThan(dropped.start());
            if (end > 0) {
                assertThat(dropped.start()).isGreaterThan(end);
            }
            pattern.append(Pattern.quote(text.substring(end, dropped.start()))).append("[ \n]?");
            end = dropped.end();
        }
        pattern.append(Pattern.quote(text.substring(end)));
        assertThat(compressed.text()).matches(Pattern.compile(pattern.toString(), Pattern.DOTALL));
    }

    @ParameterizedTest
    @EnumSource(CompressionUnit.class)
    void keepsWhatSurprises(CompressionUnit unit) {
        CompressorOptions options =
                options().unit(unit).ratio(0.4).protectQuotes(false).build();
        ContextOptions contextOptions =
                options.context().toBuilder().contextLength(1024).build();
        try (Model model = Model.load(Models.llama());
                PromptCompressor compressor = PromptCompressor.create(model, options);
                Context context = model.newContext(contextOptions)) {
            Vocabulary vocabulary = model.vocabulary();
            int[] tokens = vocabulary.tokenize(STORY, false, false);
            double[] surprise = new SurpriseMeter(context, 1024)
                    .measure(vocabulary.tokenize("Who is she?\n\n", true, false), tokens);
            CompressedPrompt compressed = compressor.compress(STORY, "Who is she?");
            int free = (int) Math.round(0.4 * tokens.length) - compressed.compressedTokens();
            double lowestKept = Double.MAX_VALUE;
            double highestDropped = 0;
            for (Unit part : TextUnits.of(vocabulary, STORY, tokens, unit)) {
                double mean = Arrays.stream(surprise, part.firstToken(), part.endToken())
                        .average()
                        .orElseThrow();
                boolean dropped = compressed.dropped().stream()
                        .anyMatch(range -> range.start() <= part.start() && part.end() <= range.end());
                if (!dropped) {
                    lowestKept = Math.min(lowestKept, mean);
                } else if (unit == CompressionUnit.TOKENS || part.endToken() - part.firstToken() <= free) {
                    highestDropped = Math.max(highestDropped, mean);
                }
            }
            assertThat(lowestKept).isBetween(highestDropped - 1e-6, 100.0);
        }
    }

    @Test
    void atLeastOneSentenceIsKept() {
        CompressorOptions options =
                options().unit(CompressionUnit.SENTENCES).ratio(0.1).build();
        try (Model model = Model.load(Models.llama());
                PromptCompressor compressor = PromptCompressor.create(model, options)) {
            assertThat(compressor.compress("This is one. And this is two. ", "").text())
                    .isIn("This is one. ", "And this is two. ", "This is one.", " And this is two. ");
        }
    }

    @ParameterizedTest
    @CsvSource({"TOKENS,0.1", "TOKENS,0.33", "TOKENS,0.6", "SENTENCES,0.1", "SENTENCES,0.33", "SENTENCES,0.6"})
    void protectedSpansAlwaysSurvive(CompressionUnit unit, double ratio) {
        CompressorOptions options = options()
                .unit(unit)
                .ratio(ratio)
                .protect(IDS)
                .contextLength(256)
                .batchSize(64)
                .build();
        try (Model model = Model.load(Models.forged(TinyModels.qwen2()));
                PromptCompressor compressor = PromptCompressor.create(model, options)) {
            Random random = new Random(11);
            for (int round = 0; round < 12; round++) {
                List<String> spans = new ArrayList<>();
                String text = randomText(random, spans);
                CompressedPrompt compressed = compressor.compress(text, "keep what matters");
                int place = 0;
                for (String span : spans) { // in order, each one after the one before
                    int found = compressed.text().indexOf(span, place);
                    assertThat(found).as("%s in %s", span, compressed.text()).isNotNegative();
                    place = found + span.length();
                }
                assertThat(compressed.originalTokens()).isEqualTo(compressor.countTokens(text));
                assertThat(compressed.compressedTokens()).isEqualTo(compressor.countTokens(compressed.text()));
                assertThat(compressed.compressedTokens()).isLessThanOrEqualTo(compressed.originalTokens());
                assertReported(text, compressed);
            }
        }
    }

    private static String randomText(Random random, List<String> spans) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            if (random.nextInt(6) == 0) {
                String span = SPANS.get(random.nextInt(SPANS.size()));
                spans.add(span);
                boolean fence = span.contains("\n");
                text.append(fence ? "\n" : "").append(span).append(fence ? "\n" : " ");
            } else {
                int letters = 1 + random.nextInt(8);
                for (int k = 0; k < letters; k++) {
                    text.appendCodePoint(
                            random.nextInt(20) == 0 ? 0x1F600 + random.nextInt(60) : 'a' + random.nextInt(26));
                }
                text.append(random.nextInt(7) == 0 ? ". " : " ");
            }
        }
        return text.toString();
    }

    @Test
    void numbersDoNotGrowTogether() {
        CompressorOptions options = options().ratio(0.01).build();
        try (Model model = Model.load(Models.llama());
                PromptCompressor compressor = PromptCompressor.create(model, options)) {
            assertThat(compressor
                            .compress("from 12 34 to (56)(78) and\nthen 9 x", "")
                            .text())
                    .isEqualTo("12 34 56 78\n9");
        }
    }

    @Test
    void rangesAreProtected() {
        CompressorOptions options = options().ratio(0.01).protectNumbers(false).build();
        try (Model model = Model.load(Models.llama());
                PromptCompressor compressor = PromptCompressor.create(model, options)) {
            String text = "zero 1 two 3 four";
            CompressedPrompt compressed =
                    compressor.compress(text, "", List.of(new TextRange(7, 10), new TextRange(13, 17)));
            assertThat(compressed.text()).isEqualTo(" two four");
            assertThat(compressed.dropped()).extracting(range -> range.of(text)).containsExactly("zero 1", " 3 ");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> compressor.compress("abc", "", List.of(new TextRange(1, 4))));
            assertThatIllegalArgumentException().isThrownBy(() -> new TextRange(2, 1));
        }
    }

    @Test
    void sentencesStayWhole() {
        CompressorOptions options =
                options().unit(CompressionUnit.SENTENCES).ratio(0.5).build();
        try (Model model = Model.load(Models.llama());
                PromptCompressor compressor = PromptCompressor.create(model, options)) {
            CompressedPrompt compressed = compressor.compress(STORY, "");
            assertThat(compressed.compressedTokens()).isBetween(1, (compressed.originalTokens() + 1) / 2);
            assertThat(compressed.dropped()).isNotEmpty().allSatisfy(range -> {
                String before = STORY.substring(0, range.start());
                assertThat(before.isEmpty()
                                || before.endsWith("\n")
                                || before.strip().endsWith("."))
                        .isTrue();
                String part = range.of(STORY);
                assertThat(part.endsWith("\n") || part.strip().endsWith(".")).isTrue();
            });
        }
    }

    @Test
    void theSameGivesTheSame() throws Exception {
        try (Model model = Model.load(Models.llama());
                PromptCompressor compressor =
                        PromptCompressor.create(model, options().build());
                PromptCompressor other =
                        PromptCompressor.create(model, options().build());
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            CompressedPrompt expected = compressor.compress(STORY, "Who?");
            compressor.compress("something else", "");
            List<Callable<CompressedPrompt>> calls = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                calls.add(() -> compressor.compress(STORY, "Who?"));
            }
            calls.add(() -> other.compress(STORY, "Who?"));
            for (Future<CompressedPrompt> call : executor.invokeAll(calls)) {
                assertThat(call.get()).isEqualTo(expected);
            }
        }
    }

    @Test
    void shortTextsStayAsTheyAre() {
        try (Model model = Model.load(Models.llama());
                PromptCompressor compressor =
                        PromptCompressor.create(model, options().build());
                PromptCompressor all =
                        PromptCompressor.create(model, options().ratio(1).build())) {
            assertThat(compressor.compress("", "x")).isEqualTo(new CompressedPrompt("", 0, 0, List.of()));
            assertThat(compressor.compress("", "x").ratio()).isEqualTo(1);
            assertThat(all.compress(STORY, "x").text()).isEqualTo(STORY);
            assertThat(compressor.compress("12345", "x").text())
                    .as("all protected")
                    .isEqualTo("12345");
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatIllegalArgumentException().isThrownBy(() -> options().ratio(0).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options().ratio(Double.NaN).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options().contextLength(63).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options().batchSize(0).build());
        try (Model model = Model.load(Models.forged(TinyModels.bert()))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> PromptCompressor.create(model))
                    .withMessageContaining("no memory");
        }
        try (Model model = Model.load(Models.llama());
                PromptCompressor compressor = PromptCompressor.create(
                        model, options().contextLength(64).build())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> compressor.compress(STORY, "x".repeat(40)))
                    .withMessageContaining("instruction");
            assertThat(compressor.compress(STORY, "x".repeat(20)).ratio()).isLessThan(0.34);
        }
    }

    @Test
    @Timeout(120)
    void closeEndsACompression() throws Exception {
        try (Model model = Model.load(Models.slow());
                var executor = Executors.newSingleThreadExecutor()) {
            PromptCompressor compressor =
                    PromptCompressor.create(model, options().build());
            CountDownLatch started = new CountDownLatch(1);
            Future<?> call = executor.submit(() -> {
                started.countDown();
                return compressor.compress("word ".repeat(20_000), "");
            });
            started.await();
            Thread.sleep(300);
            compressor.close();
            assertThat(call)
                    .failsWithin(Duration.ofSeconds(60))
                    .withThrowableOfType(ExecutionException.class)
                    .havingCause()
                    .isInstanceOfAny(CancelledException.class, IllegalStateException.class);
            assertThatIllegalStateException().isThrownBy(() -> compressor.compress(STORY, ""));
            compressor.close();
        }
    }

    @Test
    void aRealModelDropsWhatItKnows() {
        Path file = Models.real("stories260K.gguf");
        try (Model model = Model.load(file);
                PromptCompressor compressor =
                        PromptCompressor.create(model, options().build())) {
            // its vocabulary is SentencePiece: a blank before the text, and bytes for what it does not know
            String text = STORY + "The zirconium 東京 gyroscope is under \"Oak Street 12\".";
            CompressedPrompt compressed = compressor.compress(text, "Where is the gyroscope?");
            assertThat(compressed.ratio()).isBetween(0.25, 0.34);
            assertThat(compressed.text()).contains("\"Oak Street 12\"").doesNotContain("Once upon a time");
            assertReported(text, compressed);
        }
    }
}
