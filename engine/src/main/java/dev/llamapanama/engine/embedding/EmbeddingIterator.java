package dev.llamapanama.engine.embedding;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Embeds documents as they are asked for, a decode at a time: reads as many ahead as fit into one. Documents keep their
 * order; sorting them by length would gain nothing, because sequences of a decode are not padded. Used by one thread.
 */
final class EmbeddingIterator implements Iterator<TextEmbedding> {
    private record Chunk(PendingDocument document, int[] tokens) {}

    private final Iterator<String> documents;
    private final DocumentTokens tokenizer;
    private final PackedContext context;
    private final Function<PendingDocument, TextEmbedding> finish;
    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>();
    private final ArrayDeque<TextEmbedding> ready = new ArrayDeque<>();
    private @Nullable RuntimeException failure; // of the document that comes after what was read
    private boolean ended;
    private int count;

    EmbeddingIterator(
            Iterator<String> documents,
            DocumentTokens tokenizer,
            PackedContext context,
            Function<PendingDocument, TextEmbedding> finish) {
        this.documents = documents;
        this.tokenizer = tokenizer;
        this.context = context;
        this.finish = finish;
    }

    @Override
    public boolean hasNext() {
        return !ready.isEmpty() || !ended && (!chunks.isEmpty() || failure != null || documents.hasNext());
    }

    @Override
    public TextEmbedding next() {
        while (ready.isEmpty()) {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            compute(nextBatch());
        }
        return ready.remove();
    }

    /** What goes into the next decode: chunks up to the first one that does not fit. */
    private List<Chunk> nextBatch() {
        List<Chunk> batch = new ArrayList<>();
        int tokens = 0;
        while (readOn()) {
            int more = chunks.element().tokens.length;
            if (!context.takes(batch.size(), tokens, more)) {
                break;
            }
            batch.add(chunks.remove());
            tokens += more;
        }
        return batch;
    }

    /** Reads a document if no chunk is left; whether there is a chunk. */
    private boolean readOn() {
        if (chunks.isEmpty() && failure == null && documents.hasNext()) {
            try {
                List<int[]> parts = tokenizer.chunks(count, documents.next());
                PendingDocument document = new PendingDocument(count, parts.size());
                parts.forEach(part -> chunks.add(new Chunk(document, part)));
                count++;
            } catch (RuntimeException e) {
                failure = e; // those before it come first
            }
        }
        return !chunks.isEmpty();
    }

    private void compute(List<Chunk> batch) {
        if (batch.isEmpty()) {
            ended = true;
            if (failure != null) {
                throw failure;
            }
            return;
        }
        List<float[][]> vectors;
        try {
            vectors = context.compute(batch.stream().map(Chunk::tokens).toList());
        } catch (RuntimeException e) {
            ended = true;
            throw e;
        }
        for (int i = 0; i < batch.size(); i++) {
            Chunk chunk = batch.get(i);
            if (chunk.document.add(vectors.get(i), chunk.tokens.length)) {
                ready.add(finish.apply(chunk.document));
            }
        }
    }
}
