package dev.llamapanama.engine.embedding;

import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Pooling;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Texts to vectors. Several documents go into one decode, and results come in the order of the documents.
 *
 * <p>Thread-safe: any number of threads may call, and take turns decode by decode; texts are cut into tokens outside of the
 * turns. Documents of different calls do not share a decode. Owns a {@link dev.llamapanama.engine.Context} of the model,
 * which must stay open until {@link #close()}.
 *
 * <p>Errors of all methods that embed: {@link DocumentTooLongException}; {@link IllegalArgumentException} for a document
 * without any token, which there can be only where the tokenizer adds none (else the vector of an empty document is that of
 * the begin and end tokens, as in llama-server); {@link dev.llamapanama.engine.TokenizationException};
 * {@link dev.llamapanama.engine.CancelledException} if the embedder is closed meanwhile, and {@link IllegalStateException}
 * if it is closed; {@link dev.llamapanama.engine.DecodeException} and
 * {@link dev.llamapanama.engine.NativeFailureException} as {@link dev.llamapanama.engine.Context#decode()}.
 */
public final class Embedder implements AutoCloseable {
    private final PackedContext context;
    private final EmbedderOptions options;
    private final DocumentTokens tokenizer;
    private final int dimensions;

    private Embedder(PackedContext context, EmbedderOptions options) {
        Model model = context.model();
        if (context.pooling() == Pooling.RANK) {
            throw new IllegalArgumentException(model + " is a reranker (pooling RANK); use a Reranker for it");
        }
        int length = model.info().outputEmbeddingLength();
        if (options.dimensions() > length) {
            throw new IllegalArgumentException(
                    "dimensions is " + options.dimensions() + ", and the vectors of " + model + " have " + length);
        }
        this.context = context;
        this.options = options;
        this.dimensions = options.dimensions() == 0 ? length : options.dimensions();
        this.tokenizer = new DocumentTokens(
                model.vocabulary(), options.parseSpecial(), context.maxTokens(), options.longDocuments());
    }

    /** An embedder with default options. */
    public static Embedder create(Model model) {
        return create(model, EmbedderOptions.defaults());
    }

    /**
     * Makes an embedder.
     *
     * @throws IllegalArgumentException if the options do not fit the model, or it is a reranker or an encoder-decoder
     * @throws IllegalStateException if the model has no tokenizer, or is closed
     * @throws dev.llamapanama.engine.ContextCreationException if the context cannot be made
     */
    public static Embedder create(Model model, EmbedderOptions options) {
        PackedContext context = PackedContext.create(model, options.pooling(), options.packing());
        try {
            return new Embedder(context, options);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    /** Embeds a document. */
    public TextEmbedding embed(String document) {
        return embed(List.of(document)).getFirst();
    }

    /**
     * Embeds documents.
     *
     * @return one for each, in their order
     */
    public List<TextEmbedding> embed(List<String> documents) {
        List<TextEmbedding> embeddings = new ArrayList<>(documents.size());
        embed(documents, embeddings::add);
        return embeddings;
    }

    /**
     * Embeds documents and hands out results in their order, as they come. Reads only as far ahead as a decode takes. If a
     * document is refused, those before it are handed out first.
     *
     * @param consumer called on this thread, outside of the embedder's turn; what it throws ends the call
     */
    public void embed(Iterable<String> documents, Consumer<? super TextEmbedding> consumer) {
        iterator(documents.iterator(), options.documentPrefix()).forEachRemaining(consumer);
    }

    /**
     * Embeds documents as results are asked for; else as {@link #embed(Iterable, Consumer)}.
     *
     * @return a sequential stream, for one thread; closing it closes that of the documents
     */
    public Stream<TextEmbedding> embed(Stream<String> documents) {
        Iterator<TextEmbedding> iterator = iterator(documents.iterator(), options.documentPrefix());
        int order = Spliterator.ORDERED | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(iterator, order), false)
                .onClose(documents::close);
    }

    /** Embeds a query: as a document, but with the prefix for queries. */
    public TextEmbedding embedQuery(String query) {
        return iterator(List.of(query).iterator(), options.queryPrefix()).next();
    }

    private EmbeddingIterator iterator(Iterator<String> documents, String prefix) {
        boolean pooled = pooling() != Pooling.NONE;
        return new EmbeddingIterator(
                prefix.isEmpty() ? documents : prefixed(documents, prefix),
                tokenizer,
                context,
                document -> document.result(pooled, dimensions, options.normalization()));
    }

    private static Iterator<String> prefixed(Iterator<String> documents, String prefix) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return documents.hasNext();
            }

            @Override
            public String next() {
                return prefix + documents.next();
            }
        };
    }

    /** Tokens of a document, with the prefix and those for begin and end; computes nothing. */
    public int countTokens(String document) {
        return tokenizer.of(options.documentPrefix() + document).length;
    }

    /** Tokens of the longest document that is read at once. */
    public int maxTokens() {
        return context.maxTokens();
    }

    /** Numbers of a vector. */
    public int dimensions() {
        return dimensions;
    }

    /** How vectors of tokens become one; never {@link Pooling#FROM_MODEL}. */
    public Pooling pooling() {
        return context.pooling();
    }

    /** What the embedder was made with. */
    public EmbedderOptions options() {
        return options;
    }

    /** Whether the embedder can be used. */
    public boolean isOpen() {
        return context.isOpen();
    }

    /** Stops the decode under way, waits until its thread has left it, and frees the context. From any thread, any number of times. */
    @Override
    public void close() {
        context.close();
    }

    /** As "Embedder on Context 1 of Model bge-m3.gguf". */
    @Override
    public String toString() {
        return "Embedder on " + context;
    }
}
