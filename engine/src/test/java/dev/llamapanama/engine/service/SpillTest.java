package dev.llamapanama.engine.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.llamapanama.engine.Context;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Models;
import dev.llamapanama.engine.NoLeaks;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Prefixes that had to leave the KV memory come back from the heap and from files, or not at all. */
@ExtendWith(NoLeaks.class)
class SpillTest {
    private static final int[] FIRST = Services.prompt(1, 150);

    @TempDir
    private Path folder;

    private static ServiceOptions.Builder small() {
        return Services.options(512).cachedSequences(2);
    }

    /** Asks for the first prompt, then for so many others that it is given up. */
    private static GenerationResult fillUp(InferenceService service) {
        GenerationResult result = ask(service);
        for (int i = 0; i < 6; i++) {
            service.submit(Services.request(Services.prompt(20 + i, 150), 3)).await();
        }
        return result;
    }

    private static GenerationResult ask(InferenceService service) {
        return service.submit(Services.request(FIRST, 3)).await().getFirst();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.toList();
        }
    }

    static Stream<ModelSpec> models() {
        return Stream.of(TinyModels.llama(), TinyModels.mamba(), TinyModels.qwen35());
    }

    @ParameterizedTest
    @MethodSource("models")
    void prefixesComeBackFromTheHeap(ModelSpec spec) {
        try (Model model = Model.load(Models.forged(spec));
                InferenceService service = InferenceService.create(
                        model, small().spillHeapBytes(1 << 28).build())) {
            GenerationResult before = fillUp(service);
            GenerationResult after = ask(service);
            assertThat(after.timings().cachedTokens()).isEqualTo(149);
            assertThat(after.tokens()).isEqualTo(before.tokens());
        }
    }

    /** Of a sliding window's layers llama.cpp saves what the newest token sees: what is longer could not be cut. */
    @Test
    void whatIsLongerThanASlidingWindowIsNotKept() {
        try (Model model = Model.load(Models.forged(TinyModels.gemma3()));
                InferenceService service = InferenceService.create(
                        model, small().spillHeapBytes(1 << 28).build())) {
            assertThat(model.info().slidingWindow()).isBetween(1, FIRST.length);
            GenerationResult before = fillUp(service);
            GenerationResult after = ask(service);
            assertThat(after.timings().cachedTokens()).isZero();
            assertThat(after.tokens()).isEqualTo(before.tokens());
        }
    }

    /** Where ggml's attention computes, which pays for all that the KV memory holds. */
    @Test
    void whatNoRequestUsesMovesToTheHeapAndComesBack() throws Exception {
        try (Model model = Model.load(Models.llama());
                InferenceService service =
                        InferenceService.create(model, Services.options(1024).build(), Context::decode, true)) {
            int[] one = shared(1);
            int[] two = shared(2);
            GenerationResult before =
                    service.submit(Services.request(one, 3)).await().getFirst();
            service.submit(Services.request(Services.prompt(3, 40), 3)).await();
            Services.waitUntil(() -> service.health().running() == 0);
            assertThat(service.health().kvTokens()).isLessThan(50);

            List<GenerationHandle> both =
                    List.of(service.submit(Services.request(one, 3)), service.submit(Services.request(two, 3)));
            for (int i = 0; i < 2; i++) {
                GenerationResult after = both.get(i).await().getFirst();
                assertThat(after.timings().cachedTokens()).isGreaterThanOrEqualTo(200);
                assertThat(after.tokens())
                        .isEqualTo(Services.alone(model, i == 0 ? one : two, Services.greedy(3))
                                .tokens());
            }
            assertThat(before.timings().cachedTokens()).isZero();
            Services.waitUntil(() -> service.health().running() == 0);
            assertThat(service.health().kvTokens())
                    .as("what is shared is there once")
                    .isLessThan(270);
            assertThat(service.statistics().evictedTokens()).isZero();
        }
    }

    private static int[] shared(int seed) {
        return IntStream.concat(IntStream.of(Services.prompt(9, 200)), IntStream.of(Services.prompt(seed, 20)))
                .toArray();
    }

    @Test
    void withoutAPlaceTheyAreGone() {
        try (Model model = Model.load(Models.llama());
                InferenceService service =
                        InferenceService.create(model, small().spillHeapBytes(0).build())) {
            fillUp(service);
            assertThat(ask(service).timings().cachedTokens()).isZero();
        }
    }

    @Test
    void filesServeTheNextProcess() throws Exception {
        ServiceOptions options = small().spillFolder(folder, 1 << 28).build();
        try (Model model = Model.load(Models.llama())) {
            GenerationResult before;
            try (InferenceService service = InferenceService.create(model, options)) {
                before = fillUp(service);
            }
            assertThat(files()).isNotEmpty();
            try (InferenceService service = InferenceService.create(model, options)) {
                GenerationResult after = ask(service);
                assertThat(after.timings().cachedTokens()).isEqualTo(149);
                assertThat(after.tokens()).isEqualTo(before.tokens());
            }
        }
    }

    @Test
    void whatIsInTheHeapServesTheNextProcessToo() {
        ServiceOptions options =
                small().spillHeapBytes(1 << 28).spillFolder(folder, 1 << 28).build();
        try (Model model = Model.load(Models.llama())) {
            try (InferenceService service = InferenceService.create(model, options)) {
                fillUp(service);
            }
            try (InferenceService service = InferenceService.create(model, options)) {
                assertThat(ask(service).timings().cachedTokens()).isEqualTo(149);
            }
        }
    }

    @Test
    void damagedFilesAndThoseOfAnotherModelAreIgnored() throws Exception {
        ServiceOptions options = small().spillFolder(folder, 1 << 28).build();
        try (Model model = Model.load(Models.llama());
                InferenceService service = InferenceService.create(model, options)) {
            fillUp(service);
        }
        try (Model other = Model.load(Models.forged(TinyModels.qwen2()));
                InferenceService service = InferenceService.create(other, options)) {
            assertThat(ask(service).timings().cachedTokens()).isZero();
        }
        try (Model model = Model.load(Models.llama())) {
            for (int place : new int[] {0, 30, 5000}) {
                for (Path file : files()) {
                    Files.delete(file);
                }
                try (InferenceService service = InferenceService.create(model, options)) {
                    fillUp(service);
                }
                for (Path file : files()) {
                    byte[] bytes = Files.readAllBytes(file);
                    bytes[place] ^= 1;
                    Files.write(file, bytes);
                }
                try (InferenceService service = InferenceService.create(model, options)) {
                    assertThat(ask(service).timings().cachedTokens())
                            .as("byte %d", place)
                            .isZero();
                }
            }
        }
    }

    @Test
    void theFolderKeepsItsLimit() throws Exception {
        long limit = 1 << 18;
        try (Model model = Model.load(Models.llama());
                InferenceService service = InferenceService.create(
                        model, small().spillFolder(folder, limit).build())) {
            for (int i = 0; i < 20; i++) {
                service.submit(Services.request(Services.prompt(20 + i, 100), 3))
                        .await();
            }
        }
        long bytes = 0;
        for (Path file : files()) {
            bytes += Files.size(file);
        }
        assertThat(bytes).isPositive().isLessThanOrEqualTo(limit);
    }
}
