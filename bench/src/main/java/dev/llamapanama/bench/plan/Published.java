package dev.llamapanama.bench.plan;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.llamapanama.bench.model.ShapeConverter;
import dev.llamapanama.gguf.forge.ModelSpec;
import dev.llamapanama.gguf.forge.WeightFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's measurement with llama.cpp or a fork of it on a CPU, from the resource {@code published.csv}.
 *
 * @param machine processor, memory and date, in words
 * @param cores physical cores
 * @param threads threads that computed; null if unknown
 * @param ghz base clock of the processor
 * @param channels memory channels; null if unknown, or if the machine was only a part of a socket
 * @param mts memory speed in mega-transfers per second; null as before
 * @param model name and weights
 * @param shape name of the {@link ModelSpec} of this shape; null if there is none, or if a fork was measured: a projection of
 *     llama.cpp takes no share from it
 * @param weights format of the weights; null if there is no shape
 * @param pp tokens per second of prompts, mostly pp512; null if unknown
 * @param tg tokens per second of generation; null if unknown
 * @param source where it was published
 */
@JsonDeserialize
record Published(
        String machine,
        int cores,
        @Nullable Integer threads,
        double ghz,
        @Nullable Integer channels,
        @Nullable Double mts,
        String model,
        @Nullable String shape,
        @Nullable WeightFormat weights,
        @Nullable Double pp,
        @Nullable Double tg,
        String source) {

    /** All of them, in the file's order. */
    static List<Published> all() {
        CsvMapper mapper = CsvMapper.builder()
                .enable(CsvParser.Feature.EMPTY_STRING_AS_NULL)
                .build();
        try (InputStream csv = Published.class.getResourceAsStream("published.csv");
                MappingIterator<Published> rows = mapper.readerFor(Published.class)
                        .with(CsvSchema.emptySchema().withHeader())
                        .readValues(csv)) {
            return rows.readAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The model, if its shape is known. */
    Optional<ModelSpec> spec() {
        return shape == null || weights == null
                ? Optional.empty()
                : Optional.of(new ShapeConverter().convert(shape).withWeights(weights));
    }
}
