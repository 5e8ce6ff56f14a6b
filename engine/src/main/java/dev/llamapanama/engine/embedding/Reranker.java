package dev.llamapanama.engine.embedding;

import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Pooling;
import dev.llamapanama.engine.Vocabulary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Scores documents against a query with a model of pooling {@link Pooling#RANK}. Several pairs go into one decode.
 *
 * <p>A pair's tokens are those of llama-server: the model's template of the name "rerank", or else begin, query, end,
 * separator, document, end, of which those are left out that the vocabulary does not ask for. Control tokens spelled out in
 * query or document are found only where there is a template.
 *
 * <p>The file must have the classifier that its pooling asks for; llama.cpp does not check it, and gives numbers without
 * meaning for one that has none.
 *
 * <p>Thread-safe as {@link Embedder}, whose errors it shares. Owns a context of the model, which must stay open until
 * {@link #close()}.
 */
public final class Reranker implements AutoCloseable {
    private static final Pattern PLACE = Pattern.compile("\\{(query|document)}");

    private final PackedContext context;
    private final Vocabulary vocabulary;
    private final @Nullable String template;

    private record Pair(int index, int[] tokens) {}

    private Reranker(PackedContext context) {
        Model model = context.model();
        if (context.pooling() != Pooling.RANK) {
            throw new IllegalArgumentException(
                    model + " is no reranker: its pooling is " + context.pooling() + " and not RANK");
        }
        this.context = context;
        this.vocabulary = model.vocabulary();
        this.template = model.chatTemplate("rerank").orElse(null);
        vocabulary.tokenize("", false, false); // no tokenizer, no reranker
    }

    /** A reranker with default options. */
    public static Reranker create(Model model) {
        return create(model, PackingOptions.defaults());
    }

    /**
     * Makes a reranker.
     *
     * @throws IllegalArgumentException if the model is no reranker, or the options do not fit it
     * @throws IllegalStateException if the model has no tokenizer, or is closed
     * @throws dev.llamapanama.engine.ContextCreationException if the context cannot be made
     */
    public static Reranker create(Model model, PackingOptions options) {
        PackedContext context = PackedContext.create(model, Pooling.FROM_MODEL, options);
        try {
            return new Reranker(context);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    /**
     * Scores all documents.
     *
     * @return best first, those of equal scores in the order given
     * @throws DocumentTooLongException if a document with the query is too long; nothing was computed then
     */
    public List<RerankResult> rerank(String query, List<String> documents) {
        List<Pair> pairs = pairs(query, documents);
        List<RerankResult> results = new ArrayList<>(pairs.size());
        int done = 0;
        while (done < pairs.size()) {
            int end = done;
            int tokens = 0;
            while (end < pairs.size() && context.takes(end - done, tokens, pairs.get(end).tokens.length)) {
                tokens += pairs.get(end++).tokens.length;
            }
            List<Pair> batch = pairs.subList(done, end);
            List<float[][]> scores =
                    context.compute(batch.stream().map(Pair::tokens).toList());
            for (int i = 0; i < batch.size(); i++) {
                Pair pair = batch.get(i);
                results.add(new RerankResult(pair.index, scores.get(i)[0][0], pair.tokens.length));
            }
            done = end;
        }
        results.sort(Comparator.comparingDouble(RerankResult::score).reversed());
        return results;
    }

    /**
     * The best of {@link #rerank(String, List)}.
     *
     * @param topN at most so many, 1 or more
     */
    public List<RerankResult> rerank(String query, List<String> documents, int topN) {
        if (topN < 1) {
            throw new IllegalArgumentException("topN is " + topN + "; it must be 1 or more");
        }
        return rerank(query, documents).stream().limit(topN).toList();
    }

    private List<Pair> pairs(String query, List<String> documents) {
        int[] queryTokens = template == null ? vocabulary.tokenize(query, false, false) : new int[0];
        List<Pair> pairs = new ArrayList<>(documents.size());
        for (int i = 0; i < documents.size(); i++) {
            String document = documents.get(i);
            int[] tokens = template == null
                    ? pair(queryTokens, document)
                    : vocabulary.tokenize(fill(query, document), false, true);
            if (tokens.length == 0) {
                throw new IllegalArgumentException("query and document " + i + " are empty");
            }
            if (tokens.length > context.maxTokens()) {
                throw new DocumentTooLongException(
                        "document %d has %d tokens with its query, and %d are possible; shorten it or raise maxTokens"
                                .formatted(i, tokens.length, context.maxTokens()),
                        i,
                        tokens.length,
                        context.maxTokens());
            }
            pairs.add(new Pair(i, tokens));
        }
        return pairs;
    }

    /** {@code format_prompt_rerank} of llama-server. */
    private int[] pair(int[] query, String document) {
        OptionalInt eos = vocabulary.eos().isPresent() ? vocabulary.eos() : vocabulary.separator();
        IntStream.Builder tokens = IntStream.builder();
        add(tokens, vocabulary.addsBos(), vocabulary.bos());
        IntStream.of(query).forEach(tokens);
        add(tokens, vocabulary.addsEos(), eos);
        add(tokens, vocabulary.addsSeparator(), vocabulary.separator());
        IntStream.of(vocabulary.tokenize(document, false, false)).forEach(tokens);
        add(tokens, vocabulary.addsEos(), eos);
        return tokens.build().toArray();
    }

    private static void add(IntStream.Builder tokens, boolean wanted, OptionalInt token) {
        if (wanted && token.isPresent()) {
            tokens.add(token.getAsInt());
        }
    }

    private String fill(String query, String document) {
        return PLACE.matcher(template == null ? "" : template)
                .replaceAll(match -> Matcher.quoteReplacement(match.group(1).equals("query") ? query : document));
    }

    /** Tokens of the longest pair. */
    public int maxTokens() {
        return context.maxTokens();
    }

    /** Whether the reranker can be used. */
    public boolean isOpen() {
        return context.isOpen();
    }

    /** As {@link Embedder#close()}. */
    @Override
    public void close() {
        context.close();
    }

    /** As "Reranker on Context 1 of Model bge-reranker.gguf". */
    @Override
    public String toString() {
        return "Reranker on " + context;
    }
}
