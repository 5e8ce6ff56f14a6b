package dev.llamapanama.chat;

import dev.llamapanama.chat.schema.SchemaCheck;
import dev.llamapanama.engine.ChatParser;
import dev.llamapanama.engine.ChatTemplate;
import dev.llamapanama.engine.FinishReason;
import dev.llamapanama.engine.GenerationOptions;
import dev.llamapanama.engine.GenerationResult;
import dev.llamapanama.engine.Grammar;
import dev.llamapanama.engine.JsonSchemaGrammar;
import dev.llamapanama.engine.Model;
import dev.llamapanama.engine.Piece;
import dev.llamapanama.engine.Vocabulary;
import dev.llamapanama.engine.service.GenerationEvent;
import dev.llamapanama.engine.service.GenerationHandle;
import dev.llamapanama.engine.service.GenerationRequest;
import dev.llamapanama.engine.service.InferenceService;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Chats with a model of this process, in the model's own format: its template makes the prompt, and llama.cpp's knowledge of its
 * family reads the answer. A model without a template gets ChatML, and the log a warning.
 *
 * <p>What messages, tools and schemas say does not become control tokens, whatever it spells out; only the template's own text
 * does. An answer whose last message is the assistant's goes on from there, and holds what is new.
 *
 * <p>Where a tool must be called, the answer begins with the call, or with reasoning. With {@link ChatOptions#toolChoice} NAMED
 * the model is told of all tools, and can call that one only. A schema of the answer that a grammar could not enforce is refused
 * ({@link SchemaCheck}); those of tools are not, as arguments are checked before a tool sees them. With a grammar of the
 * caller's a model that can be told so does not think, as the grammar would constrain its thoughts. A budget of reasoning counts
 * from the beginning of the answer; a model that thinks then is made to end it and to go on. With a grammar of the caller's there is
 * none.
 *
 * <p>Stateless but for a memory of tokens, and thread-safe. Owns its template; the service stays its owner's. Nothing that is said
 * is logged.
 */
public final class Chat implements ChatModel, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Chat.class.getName());

    private final InferenceService service;
    private final ChatTemplate template;
    private final Vocabulary vocabulary;
    private final ControlTokens controls;
    private final PromptTokenizer tokenizer;
    private final Transcripts transcripts = new Transcripts();

    private Chat(InferenceService service, ChatTemplate template) {
        this.service = service;
        this.template = template;
        this.vocabulary = service.model().vocabulary();
        this.controls = new ControlTokens(vocabulary);
        this.tokenizer = new PromptTokenizer(vocabulary, controls);
    }

    /**
     * Chats with a service's model by its own template.
     *
     * @throws dev.llamapanama.engine.ChatTemplateException if that is broken
     */
    public static Chat of(InferenceService service) {
        Model model = service.model();
        if (model.chatTemplate().isEmpty() && model.chatTemplate("tool_use").isEmpty()) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    model + " has no chat template; ChatML is used, which it may not have been trained for");
        }
        return new Chat(service, ChatTemplate.of(model));
    }

    /**
     * Chats by another template.
     *
     * @param template Jinja, or "chatml"
     * @throws dev.llamapanama.engine.ChatTemplateException if it is broken
     */
    public static Chat of(InferenceService service, String template) {
        return new Chat(service, ChatTemplate.of(service.model(), template));
    }

    /**
     * What is submitted for a chat.
     *
     * @param marked the prompt with {@link TextMarks}
     * @param text the prompt without
     */
    record Prepared(
            RenderedChat chat, String marked, String text, int[] prompt, boolean continued, ChatOptions options) {}

    @Override
    public ChatResponse complete(List<ChatMessage> messages, ChatOptions options, Consumer<? super ChatDelta> deltas)
            throws InterruptedException {
        return complete(prepare(messages, options), deltas);
    }

    /**
     * Tokens that a chat's prompt has.
     *
     * @throws dev.llamapanama.engine.ChatTemplateException if the template refuses the chat
     */
    public int promptTokens(List<ChatMessage> messages, ChatOptions options) {
        return prepare(messages, options).prompt.length;
    }

    /** The service that answers. */
    public InferenceService service() {
        return service;
    }

    Prepared prepare(List<ChatMessage> messages, ChatOptions options) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a chat has one message at least");
        }
        options.responseSchema().ifPresent(SchemaCheck::requireSupported);
        TemplateRequest plain = new TemplateRequest(text -> text);
        ToolChoice choice = options.toolChoice();
        String request = plain.of(messages, options, options.tools(), toolChoice(choice));
        RenderedChat chat = RenderedChat.of(template.render(request));
        if (chat.grammar().isEmpty() && options.responseSchema().isPresent()) {
            return prepare(messages, withGrammarOf(options.responseSchema().get(), options));
        }
        Marked marked = marked(messages, options, request, chat.prompt());
        TextMarks.Restored prompt = marked.prompt;
        if (choice.mode() == ToolChoice.Mode.NAMED) {
            List<ToolDefinition> named = options.tools().stream()
                    .filter(tool -> tool.name().equals(choice.name()))
                    .toList();
            chat = RenderedChat.of(template.render(plain.of(messages, options, named, "required")));
        }
        boolean required = choice.mode() == ToolChoice.Mode.REQUIRED || choice.mode() == ToolChoice.Mode.NAMED;
        if (required && (chat.grammar().isEmpty() || chat.lazy())) {
            throw new IllegalArgumentException("llama.cpp knows no format of calls for the template of "
                    + service.model() + ", so that none can be required; a ReActAgent needs no such format");
        }
        return new Prepared(
                chat,
                marked.rendered,
                prompt.text(),
                tokens(marked.rendered, prompt),
                TemplateRequest.isContinued(messages),
                options);
    }

    /** For families whose grammars llama.cpp makes for tools only. */
    private static ChatOptions withGrammarOf(String schema, ChatOptions options) {
        Grammar grammar = Grammar.of(AnswerGrammar.withSmallExponents(JsonSchemaGrammar.of(schema)));
        return options.toBuilder()
                .noResponseSchema()
                .generation(options.generation().toBuilder().grammar(grammar).build())
                .build();
    }

    /**
     * A prompt in which it is known what is not the template's.
     *
     * @param rendered with {@link TextMarks}
     */
    private record Marked(String rendered, TextMarks.Restored prompt) {}

    /**
     * Marks what spells control tokens, so that a template sees the rest as it is. Where one comes about all the same, since the
     * template takes something out, more is marked.
     */
    private Marked marked(List<ChatMessage> messages, ChatOptions options, String request, String rendered) {
        TextMarks marks = new TextMarks(controls::parts, request, rendered);
        TextMarks more = new TextMarks(controls::scatteredParts, request, rendered);
        String marked = markedRequest(messages, options, marks);
        String markedMore = markedRequest(messages, options, more);
        Marked literal = rendered(marked, marks, rendered);
        if (markedMore.equals(marked)) {
            return literal;
        }
        Marked scattered = rendered(markedMore, more, rendered);
        return ownControls(scattered).equals(ownControls(literal)) ? literal : scattered;
    }

    private static String markedRequest(List<ChatMessage> messages, ChatOptions options, TextMarks marks) {
        return new TemplateRequest(marks).of(messages, options, options.tools(), toolChoice(options.toolChoice()));
    }

    /** @param plain what is rendered where there are no marks */
    private Marked rendered(String request, TextMarks marks, String plain) {
        if (!marks.any()) {
            return new Marked(plain, new TextMarks.Restored(plain, new BitSet()));
        }
        String rendered = RenderedChat.of(template.render(request)).prompt();
        return new Marked(rendered, marks.restore(rendered));
    }

    private List<Integer> ownControls(Marked marked) {
        return controls.in(marked.prompt.text(), marked.prompt.marked());
    }

    private static String toolChoice(ToolChoice choice) {
        return switch (choice.mode()) {
            case AUTO -> "auto";
            case NONE -> "none";
            case REQUIRED, NAMED -> "required";
        };
    }

    private int[] tokens(String marked, TextMarks.Restored prompt) {
        return transcripts
                .find(marked, prompt.text())
                .flatMap(known -> goOn(known, marked, prompt))
                .orElseGet(() -> tokenizer.tokenize(prompt.text(), prompt.marked(), true));
    }

    /** From where a known chat ends, if the template goes on with a control token: there the tokenizer cuts in any case. */
    private Optional<int[]> goOn(Transcripts.Transcript known, String marked, TextMarks.Restored prompt) {
        int at = prompt.text().length() - (marked.length() - known.marked().length());
        if (at != known.marked().length()) {
            return Optional.empty(); // the template has escaped what was replaced
        }
        BitSet foreign = prompt.marked().get(at, Math.max(at, prompt.marked().length()));
        String rest = prompt.text().substring(at);
        ControlTokens.Occurrence next = controls.find(rest, 0, foreign);
        if (next == null || next.start() != 0) {
            return Optional.empty();
        }
        return Optional.of(concat(known.tokens(), tokenizer.tokenize(rest, foreign, false)));
    }

    private static int[] concat(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    ChatResponse complete(Prepared prepared, Consumer<? super ChatDelta> deltas) throws InterruptedException {
        try (ChatParser parser = ChatParser.of(prepared.chat.json())) {
            AnswerReader reader = new AnswerReader(parser, prepared.continued, deltas);
            Answer answer = new Answer(prepared, reader);
            answer.generate();
            FinishReason reason = answer.finishReason();
            boolean complete = reason == FinishReason.END_OF_GENERATION || reason == FinishReason.STOP_STRING;
            ChatMessage message = reader.finish(complete);
            remember(prepared, answer);
            return new ChatResponse(message, reason, answer.usage());
        }
    }

    /** So that the next prompt of this chat has the same tokens, if it has the same text. */
    private void remember(Prepared prepared, Answer answer) {
        String text = answer.reader.text();
        if (!text.isEmpty()
                && answer.finishReason() != FinishReason.STOP_STRING
                && text.equals(new String(answer.bytes(answer.generated), StandardCharsets.UTF_8))
                && Arrays.stream(answer.generated).noneMatch(answer::isHidden)
                && controlTokens(vocabulary.tokenize(text, false, true)) == controlTokens(answer.generated)) {
            transcripts.add(new Transcripts.Transcript(
                    prepared.marked + text, prepared.text + text, concat(prepared.prompt, answer.generated)));
        }
    }

    /** More in a text than in its tokens: the model has spelled one out. */
    private long controlTokens(int[] tokens) {
        return Arrays.stream(tokens).filter(vocabulary::isControl).count();
    }

    /** The generation of one answer, in one request or, where its reasoning is cut short, in two. */
    private final class Answer {
        private final Prepared prepared;
        private final AnswerReader reader;
        private final GenerationOptions options;
        private final AnswerGrammar grammar;
        private int[] generated = new int[0];
        private ChatResponse.Usage usage = new ChatResponse.Usage(0, 0, 0);
        private FinishReason finishReason = FinishReason.CANCELLED;

        Answer(Prepared prepared, AnswerReader reader) {
            this.prepared = prepared;
            this.reader = reader;
            ToolChoice.Mode choice = prepared.options.toolChoice().mode();
            boolean callRequired = choice == ToolChoice.Mode.REQUIRED || choice == ToolChoice.Mode.NAMED;
            this.grammar = new AnswerGrammar(prepared.chat, callRequired, vocabulary);
            GenerationOptions given = prepared.options.generation();
            GenerationOptions.Builder builder = given.toBuilder().shownTokens(grammar.shownTokens());
            prepared.chat.stops().forEach(builder::stopString);
            this.options = builder.build();
        }

        FinishReason finishReason() {
            return finishReason;
        }

        ChatResponse.Usage usage() {
            return usage;
        }

        void generate() throws InterruptedException {
            // a grammar of the caller's could not go on in a second request
            boolean bounded =
                    !prepared.chat.thinkingEnds().isEmpty() && options.grammar().isEmpty();
            int budget = bounded ? prepared.options.reasoningTokens() : -1;
            int most = options.maxTokens();
            if (budget == 0 && prepared.chat.isThinking("")) {
                endReasoning();
                request(most, -1);
            } else if (request(most, budget)) {
                endReasoning();
                int left = most < 0 ? most : most - generated.length;
                finishReason = FinishReason.MAX_TOKENS;
                if (most < 0 || left > 0) {
                    request(left, -1);
                }
            }
        }

        private void endReasoning() {
            String end = prepared.chat.thinkingEnds().getFirst();
            generated = concat(generated, vocabulary.tokenize(end, false, true));
            reader.accept(end);
        }

        /**
         * Generates.
         *
         * @param budget tokens after which reasoning is over; -1 for no limit
         * @return whether it is over and the model has not ended it
         */
        private boolean request(int maxTokens, int budget) throws InterruptedException {
            GenerationOptions.Builder builder = options.toBuilder().maxTokens(maxTokens);
            grammar.after(generated).ifPresent(builder::grammar);
            GenerationRequest request = GenerationRequest.builder(concat(prepared.prompt, generated))
                    .options(builder.build())
                    .build();
            IntStream.Builder tokens = IntStream.builder();
            int count = 0;
            try (GenerationHandle handle = service.submit(request)) {
                Optional<GenerationEvent> event = handle.next();
                while (event.isPresent()) {
                    switch (event.get()) {
                        case GenerationEvent.Started started -> started(started);
                        case GenerationEvent.Generated(int _, Piece piece) -> {
                            reader.accept(piece.text());
                            if (piece.token() != Piece.NO_TOKEN) {
                                tokens.add(piece.token());
                                count++;
                            }
                            if (budget >= 0 && count >= budget && prepared.chat.isThinking(reader.text())) {
                                interrupted(tokens.build().toArray());
                                return true; // and the request is cancelled
                            }
                        }
                        case GenerationEvent.Finished(int _, GenerationResult result) -> finished(result);
                    }
                    event = handle.next();
                }
            }
            return false;
        }

        private void started(GenerationEvent.Started started) {
            if (usage.promptTokens() == 0) {
                usage = new ChatResponse.Usage(started.promptTokens(), started.cachedTokens(), 0);
            }
        }

        private void finished(GenerationResult result) {
            finishReason = result.finishReason();
            generated = concat(generated, result.tokens());
            usage = usage.plus(new ChatResponse.Usage(0, 0, result.timings().generatedTokens()));
        }

        private void interrupted(int[] tokens) {
            usage = usage.plus(new ChatResponse.Usage(0, 0, tokens.length));
            generated = concat(generated, wholeCharacters(tokens));
            // with what was held back, as it could have become a stop string
            String text = new String(bytes(generated), StandardCharsets.UTF_8);
            reader.accept(text.substring(Math.min(reader.text().length(), text.length())));
        }

        /** Without tokens at the end that are half a character. */
        private int[] wholeCharacters(int[] tokens) {
            int count = tokens.length;
            while (count > 0
                    && new String(bytes(Arrays.copyOf(tokens, count)), StandardCharsets.UTF_8).endsWith("\uFFFD")) {
                count--;
            }
            return Arrays.copyOf(tokens, count);
        }

        private byte[] bytes(int[] tokens) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int token : tokens) {
                bytes.writeBytes(vocabulary.bytes(token, options.shows(token)));
            }
            return bytes.toByteArray();
        }

        private boolean isHidden(int token) {
            return vocabulary.isControl(token) && !options.shows(token);
        }
    }

    /** Closes the template. Waits for calls with it; answers that are being generated need it no more. */
    @Override
    public void close() {
        template.close();
    }
}
