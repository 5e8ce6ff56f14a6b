package dev.llamapanama.engine.embedding;

import dev.llamapanama.engine.Model;
import java.nio.file.Path;
import java.util.List;

// What docs/embeddings.md shows stands between the two marks, letter by letter; EmbeddingsDocTest compares.
// docs begins
public class EmbeddingsExample {
    public static void main(String[] args) {
        List<String> documents = List.of("Cats sleep most of the day.", "The ship left the harbour.");
        EmbedderOptions options = EmbedderOptions.builder()
                .documentPrefix("search_document: ") // nomic-embed-text; other models have others, or none
                .queryPrefix("search_query: ")
                .build();
        try (Model model = Model.load(Path.of(args[0]));
                Embedder embedder = Embedder.create(model, options)) {
            float[] query = embedder.embedQuery("What do cats do?").vector();
            for (TextEmbedding document : embedder.embed(documents)) {
                float similarity = Vectors.cosine(query, document.vector());
                System.out.printf("%.3f %s%n", similarity, documents.get(document.index()));
            }
        }
    }
}
// docs ends
