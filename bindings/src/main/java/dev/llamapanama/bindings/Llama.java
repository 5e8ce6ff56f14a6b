package dev.llamapanama.bindings;

import dev.llamapanama.bindings.ffi.LlamaH;
import dev.llamapanama.bindings.ffi.llama_logit_bias;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The seam: one static method for each C function that the engine uses, in the order of {@code llama.h}.
 *
 * <p>{@link NativeLibrary#load()} comes first. Methods that take a {@link NativeError} go through the C shim: a C++
 * exception or a ggml assertion inside them is thrown as {@link NativeCallException}. Ownership, units and
 * thread-safety are those of the C function named in each line; handles passed in must be alive, which the Foreign
 * Function and Memory API checks for all that come from an {@link Arena}.
 */
public final class Llama {
    private Llama() {}

    // --- process ---

    /** Version of the llama.cpp that is loaded, as "0.5.0" ({@code llama_version}). */
    public static String version() {
        return string(LlamaH.llama_version()).orElseThrow();
    }

    /** Version of the shim's interface ({@code llamapanama_interface_version}); 0 for a shim from before there was one. */
    static int interfaceVersion() {
        boolean known = SymbolLookup.loaderLookup()
                .find("llamapanama_interface_version")
                .isPresent();
        return known ? LlamaH.llamapanama_interface_version() : 0;
    }

    /** Git tree of the sources that the loaded libraries were compiled from. */
    public static String llamaCppTree() {
        return string(LlamaH.llamapanama_llama_cpp_tree()).orElseThrow();
    }

    /**
     * Loads the ggml backends in {@code directory} and initialises llama.cpp; once per process.
     *
     * @param kernels the library with our own kernels, to be loaded too
     * @return the number of devices; 0 when no CPU backend fits this machine
     */
    static int backendInit(Path directory, Optional<Path> kernels) {
        try (Arena arena = Arena.ofConfined()) {
            NativeError error = new NativeError(arena);
            int devices = LlamaH.llamapanama_backend_init(
                    arena.allocateFrom(directory.toString()),
                    kernels.map(file -> arena.allocateFrom(file.toString())).orElse(MemorySegment.NULL),
                    error.segment());
            error.check("llamapanama_backend_init");
            return devices;
        }
    }

    /** Backends, devices and CPU features, one {@code key<TAB>value} per line ({@code llamapanama_describe}). */
    public static String describe() {
        return sized((buffer, size) -> LlamaH.llamapanama_describe(buffer, (int) size))
                .orElse("");
    }

    /**
     * From how many columns on our own kernels take products with weights of a ggml_type: small matrices, large ones, experts;
     * empty where none are loaded ({@code llamapanama_kernels_thresholds}).
     */
    public static Optional<int[]> kernelsThresholds(int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment thresholds = arena.allocate(ValueLayout.JAVA_INT, LlamaH.LLAMAPANAMA_SHAPES());
            return LlamaH.llamapanama_kernels_thresholds(type, thresholds)
                    ? Optional.of(thresholds.toArray(ValueLayout.JAVA_INT))
                    : Optional.empty();
        }
    }

    /** Sets them ({@code llamapanama_kernels_set_thresholds}). */
    public static void kernelsSetThresholds(int type, int[] thresholds) {
        if (thresholds.length != LlamaH.LLAMAPANAMA_SHAPES()) {
            throw new IllegalArgumentException(thresholds.length + " thresholds");
        }
        try (Arena arena = Arena.ofConfined()) {
            LlamaH.llamapanama_kernels_set_thresholds(type, arena.allocateFrom(ValueLayout.JAVA_INT, thresholds));
        }
    }

    /** Measures them with so many bytes of weights; empty if they cannot be ({@code llamapanama_kernels_measure}). */
    public static Optional<int[]> kernelsMeasure(int type, int threads, long bytes, NativeError error) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment thresholds = arena.allocate(ValueLayout.JAVA_INT, LlamaH.LLAMAPANAMA_SHAPES());
            boolean measured = LlamaH.llamapanama_kernels_measure(type, threads, bytes, thresholds, error.segment());
            error.check("llamapanama_kernels_measure");
            return measured ? Optional.of(thresholds.toArray(ValueLayout.JAVA_INT)) : Optional.empty();
        }
    }

    /**
     * Ends the threads that compute for this one, until its next computation; false where that cannot be ({@code
     * llamapanama_release_threads}).
     */
    public static boolean releaseThreads() {
        return LlamaH.llamapanama_release_threads();
    }

    /** What the note names when native code has to end the process ({@code llamapanama_set_activity}). */
    public static void setActivity(String text) {
        try (Arena arena = Arena.ofConfined()) {
            LlamaH.llamapanama_set_activity(arena.allocateFrom(text));
        }
    }

    /**
     * Routes llama.cpp's log to {@code sink}, process-wide; messages below {@code minLevel} (ggml_log_level: 1 debug,
     * 2 info, 3 warn, 4 error) do not leave native code. The sink is called from any thread and must return quickly.
     */
    public static void setLog(int minLevel, LogSink sink) {
        LogUpcall.set(minLevel, sink);
    }

    /** Upper bound of {@code n_seq_max}. ({@code llama_max_parallel_sequences}) */
    public static long maxParallelSequences() {
        return LlamaH.llama_max_parallel_sequences();
    }

    /** Whether this platform can memory-map models. ({@code llama_supports_mmap}) */
    public static boolean supportsMmap() {
        return LlamaH.llama_supports_mmap();
    }

    /** Whether this platform can lock models in memory. ({@code llama_supports_mlock}) */
    public static boolean supportsMlock() {
        return LlamaH.llama_supports_mlock();
    }

    /** Whether a GPU backend is loaded. ({@code llama_supports_gpu_offload}) */
    public static boolean supportsGpuOffload() {
        return LlamaH.llama_supports_gpu_offload();
    }

    /** Sets the NUMA strategy ({@code ggml_numa_strategy}) for the process; before the first model is loaded. ({@code llama_numa_init}) */
    public static void numaInit(int numa) {
        LlamaH.llama_numa_init(numa);
    }

    // --- model ---

    /**
     * Loads a model ({@code llama_model_load_from_file}, {@code llama_model_load_from_splits}).
     *
     * @param paths one file (splits are found by its name), or all parts in order
     * @param arena owns the returned handle: closing it frees the model
     * @return the model, or {@link MemorySegment#NULL} when llama.cpp refused it; the log says why
     */
    public static MemorySegment modelLoad(List<Path> paths, ModelParams params, Arena arena, NativeError error) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment names = call.allocate(ValueLayout.ADDRESS, paths.size());
            for (int i = 0; i < paths.size(); i++) {
                names.setAtIndex(
                        ValueLayout.ADDRESS, i, call.allocateFrom(paths.get(i).toString()));
            }
            MemorySegment model = LlamaH.llamapanama_model_load(names, paths.size(), params.segment(), error.segment());
            error.check("llama_model_load_from_file");
            return owned(model, arena, LlamaH::llama_model_free);
        }
    }

    /**
     * The vocabulary ({@code llama_model_get_vocab}); lives as long as the model.
     *
     * @param arena the model's: the pointer is tied to it, so that no call with it can outlive the model
     */
    public static MemorySegment modelGetVocab(MemorySegment model, Arena arena) {
        return LlamaH.llama_model_get_vocab(model).reinterpret(0, arena, null);
    }

    /** {@code llama_rope_type}. ({@code llama_model_rope_type}) */
    public static int modelRopeType(MemorySegment model) {
        return LlamaH.llama_model_rope_type(model);
    }

    /** Context length of the training, in tokens. ({@code llama_model_n_ctx_train}) */
    public static int modelNCtxTrain(MemorySegment model) {
        return LlamaH.llama_model_n_ctx_train(model);
    }

    /** Embedding width. ({@code llama_model_n_embd}) */
    public static int modelNEmbd(MemorySegment model) {
        return LlamaH.llama_model_n_embd(model);
    }

    /** Width of input embeddings. ({@code llama_model_n_embd_inp}) */
    public static int modelNEmbdInp(MemorySegment model) {
        return LlamaH.llama_model_n_embd_inp(model);
    }

    /** Width of output embeddings. ({@code llama_model_n_embd_out}) */
    public static int modelNEmbdOut(MemorySegment model) {
        return LlamaH.llama_model_n_embd_out(model);
    }

    /** Layers. ({@code llama_model_n_layer}) */
    public static int modelNLayer(MemorySegment model) {
        return LlamaH.llama_model_n_layer(model);
    }

    /** Attention heads of the first layer. ({@code llama_model_n_head}) */
    public static int modelNHead(MemorySegment model) {
        return LlamaH.llama_model_n_head(model);
    }

    /** Key/value heads of the first layer. ({@code llama_model_n_head_kv}) */
    public static int modelNHeadKv(MemorySegment model) {
        return LlamaH.llama_model_n_head_kv(model);
    }

    /** Sliding window, in tokens; 0 for full attention. ({@code llama_model_n_swa}) */
    public static int modelNSwa(MemorySegment model) {
        return LlamaH.llama_model_n_swa(model);
    }

    /** RoPE frequency scale of the training. ({@code llama_model_rope_freq_scale_train}) */
    public static float modelRopeFreqScaleTrain(MemorySegment model) {
        return LlamaH.llama_model_rope_freq_scale_train(model);
    }

    /** Classifier outputs; only for classifiers. ({@code llama_model_n_cls_out}) */
    public static int modelNClsOut(MemorySegment model) {
        return LlamaH.llama_model_n_cls_out(model);
    }

    /** {@code llama_ftype}. ({@code llama_model_ftype}) */
    public static int modelFtype(MemorySegment model) {
        return LlamaH.llama_model_ftype(model);
    }

    /** Bytes of all tensors. ({@code llama_model_size}) */
    public static long modelSize(MemorySegment model) {
        return LlamaH.llama_model_size(model);
    }

    /** Number of weights. ({@code llama_model_n_params}) */
    public static long modelNParams(MemorySegment model) {
        return LlamaH.llama_model_n_params(model);
    }

    /** Whether inputs must go through encode. ({@code llama_model_has_encoder}) */
    public static boolean modelHasEncoder(MemorySegment model) {
        return LlamaH.llama_model_has_encoder(model);
    }

    /** Whether decode is possible. ({@code llama_model_has_decoder}) */
    public static boolean modelHasDecoder(MemorySegment model) {
        return LlamaH.llama_model_has_decoder(model);
    }

    /** First token of an encoder-decoder's output, or -1. ({@code llama_model_decoder_start_token}) */
    public static int modelDecoderStartToken(MemorySegment model) {
        return LlamaH.llama_model_decoder_start_token(model);
    }

    /** Mamba, RWKV and the like. ({@code llama_model_is_recurrent}) */
    public static boolean modelIsRecurrent(MemorySegment model) {
        return LlamaH.llama_model_is_recurrent(model);
    }

    /** Jamba, Granite and the like. ({@code llama_model_is_hybrid}) */
    public static boolean modelIsHybrid(MemorySegment model) {
        return LlamaH.llama_model_is_hybrid(model);
    }

    /** LLaDA, Dream and the like. ({@code llama_model_is_diffusion}) */
    public static boolean modelIsDiffusion(MemorySegment model) {
        return LlamaH.llama_model_is_diffusion(model);
    }

    /** Number of metadata keys. ({@code llama_model_meta_count}) */
    public static int modelMetaCount(MemorySegment model) {
        return LlamaH.llama_model_meta_count(model);
    }

    /** Name of a {@code llama_ftype}, as "Q8_0". ({@code llama_ftype_name}) */
    public static Optional<String> ftypeName(int ftype) {
        return string(LlamaH.llama_ftype_name(ftype));
    }

    /** Label of a classifier output. ({@code llama_model_cls_label}) */
    public static Optional<String> modelClsLabel(MemorySegment model, int index) {
        return string(LlamaH.llama_model_cls_label(model, index));
    }

    /** Architecture, size and type, as "qwen2 0.5B Q8_0". ({@code llama_model_desc}) */
    public static Optional<String> modelDesc(MemorySegment model) {
        return sized((buffer, size) -> LlamaH.llama_model_desc(model, buffer, size));
    }

    /** A metadata key. ({@code llama_model_meta_key_by_index}) */
    public static Optional<String> modelMetaKeyByIndex(MemorySegment model, int index) {
        return sized((buffer, size) -> LlamaH.llama_model_meta_key_by_index(model, index, buffer, size));
    }

    /** A metadata value as text; arrays are empty. ({@code llama_model_meta_val_str_by_index}) */
    public static Optional<String> modelMetaValStrByIndex(MemorySegment model, int index) {
        return sized((buffer, size) -> LlamaH.llama_model_meta_val_str_by_index(model, index, buffer, size));
    }

    /** A metadata value as text, by key ({@code llama_model_meta_val_str}). */
    public static Optional<String> modelMetaValStr(MemorySegment model, String key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(key);
            return sized((buffer, size) -> LlamaH.llama_model_meta_val_str(model, name, buffer, size));
        }
    }

    /** The default chat template (Jinja), or the one of that name ({@code llama_model_chat_template}). */
    public static Optional<String> modelChatTemplate(MemorySegment model, @Nullable String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = name == null ? MemorySegment.NULL : arena.allocateFrom(name);
            return string(LlamaH.llama_model_chat_template(model, key));
        }
    }

    // --- vocabulary ---

    /** {@code llama_vocab_type}. ({@code llama_vocab_type}) */
    public static int vocabType(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_type(vocabulary);
    }

    /** Tokens in the vocabulary. ({@code llama_vocab_n_tokens}) */
    public static int vocabNTokens(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_n_tokens(vocabulary);
    }

    /** Score of a token. ({@code llama_vocab_get_score}) */
    public static float vocabGetScore(MemorySegment vocabulary, int token) {
        return LlamaH.llama_vocab_get_score(vocabulary, token);
    }

    /** Bits of {@code llama_token_attr}. ({@code llama_vocab_get_attr}) */
    public static int vocabGetAttr(MemorySegment vocabulary, int token) {
        return LlamaH.llama_vocab_get_attr(vocabulary, token);
    }

    /** Whether the token ends a generation. ({@code llama_vocab_is_eog}) */
    public static boolean vocabIsEog(MemorySegment vocabulary, int token) {
        return LlamaH.llama_vocab_is_eog(vocabulary, token);
    }

    /** Whether the token is a control token. ({@code llama_vocab_is_control}) */
    public static boolean vocabIsControl(MemorySegment vocabulary, int token) {
        return LlamaH.llama_vocab_is_control(vocabulary, token);
    }

    /** Raw text of a token, as in the file. ({@code llama_vocab_get_text}) */
    public static Optional<String> vocabGetText(MemorySegment vocabulary, int token) {
        return string(LlamaH.llama_vocab_get_text(vocabulary, token));
    }

    /** Token for beginning of sequence, or -1. ({@code llama_vocab_bos}) */
    public static int vocabBos(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_bos(vocabulary);
    }

    /** Token for end of sequence, or -1. ({@code llama_vocab_eos}) */
    public static int vocabEos(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_eos(vocabulary);
    }

    /** Token for end of turn, or -1. ({@code llama_vocab_eot}) */
    public static int vocabEot(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_eot(vocabulary);
    }

    /** Token for separator, or -1. ({@code llama_vocab_sep}) */
    public static int vocabSep(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_sep(vocabulary);
    }

    /** Token for newline, or -1. ({@code llama_vocab_nl}) */
    public static int vocabNl(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_nl(vocabulary);
    }

    /** Token for padding, or -1. ({@code llama_vocab_pad}) */
    public static int vocabPad(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_pad(vocabulary);
    }

    /** Token for mask, or -1. ({@code llama_vocab_mask}) */
    public static int vocabMask(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_mask(vocabulary);
    }

    /** Token for fill-in-the-middle prefix, or -1. ({@code llama_vocab_fim_pre}) */
    public static int vocabFimPre(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_fim_pre(vocabulary);
    }

    /** Token for fill-in-the-middle suffix, or -1. ({@code llama_vocab_fim_suf}) */
    public static int vocabFimSuf(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_fim_suf(vocabulary);
    }

    /** Token for fill-in-the-middle middle, or -1. ({@code llama_vocab_fim_mid}) */
    public static int vocabFimMid(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_fim_mid(vocabulary);
    }

    /** Token for fill-in-the-middle padding, or -1. ({@code llama_vocab_fim_pad}) */
    public static int vocabFimPad(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_fim_pad(vocabulary);
    }

    /** Token for fill-in-the-middle repository, or -1. ({@code llama_vocab_fim_rep}) */
    public static int vocabFimRep(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_fim_rep(vocabulary);
    }

    /** Token for fill-in-the-middle separator, or -1. ({@code llama_vocab_fim_sep}) */
    public static int vocabFimSep(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_fim_sep(vocabulary);
    }

    /** Whether the tokenizer adds BOS. ({@code llama_vocab_get_add_bos}) */
    public static boolean vocabGetAddBos(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_get_add_bos(vocabulary);
    }

    /** Whether the tokenizer adds EOS. ({@code llama_vocab_get_add_eos}) */
    public static boolean vocabGetAddEos(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_get_add_eos(vocabulary);
    }

    /** Whether the tokenizer adds SEP. ({@code llama_vocab_get_add_sep}) */
    public static boolean vocabGetAddSep(MemorySegment vocabulary) {
        return LlamaH.llama_vocab_get_add_sep(vocabulary);
    }

    /** Tokens that the model must never produce ({@code llama_vocab_get_suppress_tokens}). */
    public static int[] vocabGetSuppressTokens(MemorySegment vocabulary) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment tokens = LlamaH.llama_vocab_get_suppress_tokens(vocabulary, count);
            return ints(tokens, count.get(ValueLayout.JAVA_INT, 0));
        }
    }

    /** Tokens of UTF-8 text; negative: minus the number of tokens there would be; {@code Integer.MIN_VALUE}: overflow. ({@code llamapanama_tokenize}) */
    public static int tokenize(
            MemorySegment vocabulary,
            MemorySegment text,
            int textLen,
            MemorySegment tokens,
            int nTokensMax,
            boolean addSpecial,
            boolean parseSpecial,
            NativeError error) {
        int result = LlamaH.llamapanama_tokenize(
                vocabulary, text, textLen, tokens, nTokensMax, addSpecial, parseSpecial, error.segment());
        error.check("llama_tokenize");
        return result;
    }

    /** Bytes of a token; negative: minus the size needed. No NUL is written. ({@code llamapanama_token_to_piece}) */
    public static int tokenToPiece(
            MemorySegment vocabulary,
            int token,
            MemorySegment buffer,
            int length,
            int lstrip,
            boolean special,
            NativeError error) {
        int result =
                LlamaH.llamapanama_token_to_piece(vocabulary, token, buffer, length, lstrip, special, error.segment());
        error.check("llama_token_to_piece");
        return result;
    }

    /** Bytes of tokens; negative: minus the size needed. No NUL is written. ({@code llamapanama_detokenize}) */
    public static int detokenize(
            MemorySegment vocabulary,
            MemorySegment tokens,
            int nTokens,
            MemorySegment text,
            int textLenMax,
            boolean removeSpecial,
            boolean unparseSpecial,
            NativeError error) {
        int result = LlamaH.llamapanama_detokenize(
                vocabulary, tokens, nTokens, text, textLenMax, removeSpecial, unparseSpecial, error.segment());
        error.check("llama_detokenize");
        return result;
    }

    // --- context ---

    /**
     * Creates a context ({@code llama_init_from_model}).
     *
     * @param arena owns the returned handle: closing it frees the context
     * @return the context, or {@link MemorySegment#NULL} when llama.cpp refused it; the log says why
     */
    public static MemorySegment contextInit(MemorySegment model, ContextParams params, Arena arena, NativeError error) {
        MemorySegment context = LlamaH.llamapanama_context_init(model, params.segment(), error.segment());
        error.check("llama_init_from_model");
        return owned(context, arena, LlamaH::llama_free);
    }

    /** Runs a batch: 0 ok, 1 no KV slot, 2 aborted, -1 invalid batch, below -1 fatal ({@code llama_decode}). */
    public static int decode(MemorySegment context, BatchStruct batch, NativeError error) {
        int status = LlamaH.llamapanama_decode(context, batch.segment(), error.segment());
        error.check("llama_decode");
        return status;
    }

    /** Runs a batch through the encoder, without KV memory: 0 ok, negative error ({@code llama_encode}). */
    public static int encode(MemorySegment context, BatchStruct batch, NativeError error) {
        int status = LlamaH.llamapanama_encode(context, batch.segment(), error.segment());
        error.check("llama_encode");
        return status;
    }

    /** Size of the KV memory, in tokens. ({@code llama_n_ctx}) */
    public static int nCtx(MemorySegment context) {
        return LlamaH.llama_n_ctx(context);
    }

    /** Context length of one sequence, in tokens. ({@code llama_n_ctx_seq}) */
    public static int nCtxSeq(MemorySegment context) {
        return LlamaH.llama_n_ctx_seq(context);
    }

    /** Tokens a decode may have. ({@code llama_n_batch}) */
    public static int nBatch(MemorySegment context) {
        return LlamaH.llama_n_batch(context);
    }

    /** Tokens computed at once. ({@code llama_n_ubatch}) */
    public static int nUbatch(MemorySegment context) {
        return LlamaH.llama_n_ubatch(context);
    }

    /** Sequences. ({@code llama_n_seq_max}) */
    public static int nSeqMax(MemorySegment context) {
        return LlamaH.llama_n_seq_max(context);
    }

    /** The context's memory; NULL for encoders without one. ({@code llama_get_memory}) */
    public static MemorySegment getMemory(MemorySegment context) {
        return LlamaH.llama_get_memory(context);
    }

    /** {@code llama_pooling_type} in use. ({@code llama_pooling_type}) */
    public static int poolingType(MemorySegment context) {
        return LlamaH.llama_pooling_type(context);
    }

    /** Threads for decode (one token) and batches. ({@code llama_set_n_threads}) */
    public static void setNThreads(MemorySegment context, int nThreads, int nThreadsBatch) {
        LlamaH.llama_set_n_threads(context, nThreads, nThreadsBatch);
    }

    /** Threads for decode. ({@code llama_n_threads}) */
    public static int nThreads(MemorySegment context) {
        return LlamaH.llama_n_threads(context);
    }

    /** Threads for batches. ({@code llama_n_threads_batch}) */
    public static int nThreadsBatch(MemorySegment context) {
        return LlamaH.llama_n_threads_batch(context);
    }

    /** Whether embeddings are output. ({@code llama_set_embeddings}) */
    public static void setEmbeddings(MemorySegment context, boolean embeddings) {
        LlamaH.llama_set_embeddings(context, embeddings);
    }

    /** Causal or full attention. ({@code llama_set_causal_attn}) */
    public static void setCausalAttn(MemorySegment context, boolean causalAttn) {
        LlamaH.llama_set_causal_attn(context, causalAttn);
    }

    /** Waits for computations under way. ({@code llama_synchronize}) */
    public static void synchronize(MemorySegment context) {
        LlamaH.llama_synchronize(context);
    }

    /** Logits of output row {@code row}, sized to {@code n} floats; NULL when there are none. Stale after the next decode. */
    public static MemorySegment getLogitsIth(MemorySegment context, int row, int n) {
        return floats(LlamaH.llama_get_logits_ith(context, row), n);
    }

    /** Embedding of output row {@code row}, sized to {@code n} floats; NULL when there is none. Stale after the next decode. */
    public static MemorySegment getEmbeddingsIth(MemorySegment context, int row, int n) {
        return floats(LlamaH.llama_get_embeddings_ith(context, row), n);
    }

    /** Pooled embedding of a sequence, sized to {@code n} floats; NULL when there is none. Stale after the next decode. */
    public static MemorySegment getEmbeddingsSeq(MemorySegment context, int sequence, int n) {
        return floats(LlamaH.llama_get_embeddings_seq(context, sequence), n);
    }

    // --- memory and state ---

    /** Smallest position of a sequence, or -1. ({@code llama_memory_seq_pos_min}) */
    public static int memorySeqPosMin(MemorySegment memory, int sequence) {
        return LlamaH.llama_memory_seq_pos_min(memory, sequence);
    }

    /** Largest position of a sequence, or -1. ({@code llama_memory_seq_pos_max}) */
    public static int memorySeqPosMax(MemorySegment memory, int sequence) {
        return LlamaH.llama_memory_seq_pos_max(memory, sequence);
    }

    /** Whether positions can be shifted. ({@code llama_memory_can_shift}) */
    public static boolean memoryCanShift(MemorySegment memory) {
        return LlamaH.llama_memory_can_shift(memory);
    }

    /** Removes positions {@code [from, to)}; false where a partial sequence cannot be removed. ({@code llamapanama_memory_seq_rm}) */
    public static boolean memorySeqRm(MemorySegment memory, int sequence, int from, int to, NativeError error) {
        boolean result = LlamaH.llamapanama_memory_seq_rm(memory, sequence, from, to, error.segment());
        error.check("llama_memory_seq_rm");
        return result;
    }

    /** Shares positions {@code [from, to)} with another sequence. ({@code llamapanama_memory_seq_cp}) */
    public static void memorySeqCp(
            MemorySegment memory, int source, int destination, int from, int to, NativeError error) {
        LlamaH.llamapanama_memory_seq_cp(memory, source, destination, from, to, error.segment());
        error.check("llama_memory_seq_cp");
    }

    /** Removes all other sequences. ({@code llamapanama_memory_seq_keep}) */
    public static void memorySeqKeep(MemorySegment memory, int sequence, NativeError error) {
        LlamaH.llamapanama_memory_seq_keep(memory, sequence, error.segment());
        error.check("llama_memory_seq_keep");
    }

    /** Adds {@code delta} to positions {@code [from, to)}; ask memoryCanShift first. ({@code llamapanama_memory_seq_add}) */
    public static void memorySeqAdd(
            MemorySegment memory, int sequence, int from, int to, int delta, NativeError error) {
        LlamaH.llamapanama_memory_seq_add(memory, sequence, from, to, delta, error.segment());
        error.check("llama_memory_seq_add");
    }

    /** Divides positions {@code [from, to)}; ask memoryCanShift first. ({@code llamapanama_memory_seq_div}) */
    public static void memorySeqDiv(
            MemorySegment memory, int sequence, int from, int to, int divisor, NativeError error) {
        LlamaH.llamapanama_memory_seq_div(memory, sequence, from, to, divisor, error.segment());
        error.check("llama_memory_seq_div");
    }

    /** Empties the memory; the data buffers too if {@code data}. ({@code llamapanama_memory_clear}) */
    public static void memoryClear(MemorySegment memory, boolean data, NativeError error) {
        LlamaH.llamapanama_memory_clear(memory, data, error.segment());
        error.check("llama_memory_clear");
    }

    /** Bytes of the state of a sequence, or of the whole context when {@code sequence} is negative. ({@code llamapanama_state_get_size}) */
    public static long stateGetSize(MemorySegment context, int sequence, int flags, NativeError error) {
        long result = LlamaH.llamapanama_state_get_size(context, sequence, flags, error.segment());
        error.check("llama_state_get_size");
        return result;
    }

    /** Copies the state out; the number of bytes written, 0 on failure. ({@code llamapanama_state_get_data}) */
    public static long stateGetData(
            MemorySegment context, MemorySegment destination, long size, int sequence, int flags, NativeError error) {
        long result = LlamaH.llamapanama_state_get_data(context, destination, size, sequence, flags, error.segment());
        error.check("llama_state_get_data");
        return result;
    }

    /** Restores a state; the number of bytes read, 0 on failure. ({@code llamapanama_state_set_data}) */
    public static long stateSetData(
            MemorySegment context, MemorySegment source, long size, int sequence, int flags, NativeError error) {
        long result = LlamaH.llamapanama_state_set_data(context, source, size, sequence, flags, error.segment());
        error.check("llama_state_set_data");
        return result;
    }

    // --- adapters ---

    /** Loads a LoRA adapter; NULL when llama.cpp refused it. The model frees what nobody freed before it. */
    public static MemorySegment adapterLoraLoad(MemorySegment model, Path path, Arena arena, NativeError error) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment adapter =
                    LlamaH.llamapanama_adapter_lora_load(model, call.allocateFrom(path.toString()), error.segment());
            error.check("llama_adapter_lora_init");
            return owned(adapter, arena, LlamaH::llama_adapter_lora_free);
        }
    }

    /** Replaces the adapters of a context; 0 on success ({@code llama_set_adapters_lora}). */
    public static int setAdaptersLora(
            MemorySegment context, List<MemorySegment> adapters, float[] scales, NativeError error) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment pointers = call.allocate(ValueLayout.ADDRESS, Math.max(1, adapters.size()));
            for (int i = 0; i < adapters.size(); i++) {
                pointers.setAtIndex(ValueLayout.ADDRESS, i, adapters.get(i));
            }
            int status = LlamaH.llamapanama_set_adapters_lora(
                    context,
                    pointers,
                    adapters.size(),
                    call.allocateFrom(ValueLayout.JAVA_FLOAT, scales),
                    error.segment());
            error.check("llama_set_adapters_lora");
            return status;
        }
    }

    /**
     * Sets a control vector, or clears it when {@code data} is empty; 0 on success ({@code llama_set_adapter_cvec}).
     *
     * @param data n_embd floats for each layer from layer 1 on
     */
    public static int setAdapterCvec(
            MemorySegment context, float[] data, int nEmbd, int firstLayer, int lastLayer, NativeError error) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment values =
                    data.length == 0 ? MemorySegment.NULL : call.allocateFrom(ValueLayout.JAVA_FLOAT, data);
            int status = LlamaH.llamapanama_set_adapter_cvec(
                    context, values, data.length, nEmbd, firstLayer, lastLayer, error.segment());
            error.check("llama_set_adapter_cvec");
            return status;
        }
    }

    /** Number of metadata keys of an adapter. ({@code llama_adapter_meta_count}) */
    public static int adapterMetaCount(MemorySegment adapter) {
        return LlamaH.llama_adapter_meta_count(adapter);
    }

    /** A metadata key of an adapter. ({@code llama_adapter_meta_key_by_index}) */
    public static Optional<String> adapterMetaKeyByIndex(MemorySegment adapter, int index) {
        return sized((buffer, size) -> LlamaH.llama_adapter_meta_key_by_index(adapter, index, buffer, size));
    }

    /** A metadata value of an adapter as text. ({@code llama_adapter_meta_val_str_by_index}) */
    public static Optional<String> adapterMetaValStrByIndex(MemorySegment adapter, int index) {
        return sized((buffer, size) -> LlamaH.llama_adapter_meta_val_str_by_index(adapter, index, buffer, size));
    }

    /** Tokens that switch an activated LoRA on; empty for a plain one ({@code llama_adapter_get_alora_invocation_tokens}). */
    public static int[] adapterGetAloraInvocationTokens(MemorySegment adapter) {
        long n = LlamaH.llama_adapter_get_alora_n_invocation_tokens(adapter);
        return n == 0 ? new int[0] : ints(LlamaH.llama_adapter_get_alora_invocation_tokens(adapter), (int) n);
    }

    // --- samplers ---

    /** An empty chain ({@code llama_sampler_chain_init}). Owned by the caller until it is given to samplerInit. */
    public static MemorySegment chainInit(NativeError error) {
        MemorySegment chain = LlamaH.llamapanama_chain_init(error.segment());
        error.check("llama_sampler_chain_init");
        return chain;
    }

    /** Frees a sampler that no chain owns. ({@code llama_sampler_free}) */
    public static void samplerFreeUnowned(MemorySegment sampler) {
        LlamaH.llama_sampler_free(sampler);
    }

    /** Seed in use. ({@code llama_sampler_get_seed}) */
    public static int samplerGetSeed(MemorySegment sampler) {
        return LlamaH.llama_sampler_get_seed(sampler);
    }

    // Each chainAdd makes a sampler and gives it to a chain, which then owns it; after a failure the chain is as
    // before.

    /** Takes the largest logit. ({@code llama_sampler_init_greedy}) */
    public static void chainAddGreedy(MemorySegment chain, NativeError error) {
        LlamaH.llamapanama_chain_add_greedy(chain, error.segment());
        error.check("llama_sampler_init_greedy");
    }

    /** Draws from the distribution. ({@code llama_sampler_init_dist}) */
    public static void chainAddDist(MemorySegment chain, int seed, NativeError error) {
        LlamaH.llamapanama_chain_add_dist(chain, seed, error.segment());
        error.check("llama_sampler_init_dist");
    }

    /** Keeps the k largest. ({@code llama_sampler_init_top_k}) */
    public static void chainAddTopK(MemorySegment chain, int k, NativeError error) {
        LlamaH.llamapanama_chain_add_top_k(chain, k, error.segment());
        error.check("llama_sampler_init_top_k");
    }

    /** Nucleus sampling. ({@code llama_sampler_init_top_p}) */
    public static void chainAddTopP(MemorySegment chain, float p, long minKeep, NativeError error) {
        LlamaH.llamapanama_chain_add_top_p(chain, p, minKeep, error.segment());
        error.check("llama_sampler_init_top_p");
    }

    /** Keeps tokens of at least p times the largest probability. ({@code llama_sampler_init_min_p}) */
    public static void chainAddMinP(MemorySegment chain, float p, long minKeep, NativeError error) {
        LlamaH.llamapanama_chain_add_min_p(chain, p, minKeep, error.segment());
        error.check("llama_sampler_init_min_p");
    }

    /** Locally typical sampling. ({@code llama_sampler_init_typical}) */
    public static void chainAddTypical(MemorySegment chain, float p, long minKeep, NativeError error) {
        LlamaH.llamapanama_chain_add_typical(chain, p, minKeep, error.segment());
        error.check("llama_sampler_init_typical");
    }

    /** Divides the logits by t. ({@code llama_sampler_init_temp}) */
    public static void chainAddTemp(MemorySegment chain, float t, NativeError error) {
        LlamaH.llamapanama_chain_add_temp(chain, t, error.segment());
        error.check("llama_sampler_init_temp");
    }

    /** Temperature by entropy. ({@code llama_sampler_init_temp_ext}) */
    public static void chainAddTempExt(MemorySegment chain, float t, float delta, float exponent, NativeError error) {
        LlamaH.llamapanama_chain_add_temp_ext(chain, t, delta, exponent, error.segment());
        error.check("llama_sampler_init_temp_ext");
    }

    /** Excludes top choices. ({@code llama_sampler_init_xtc}) */
    public static void chainAddXtc(MemorySegment chain, float p, float t, long minKeep, int seed, NativeError error) {
        LlamaH.llamapanama_chain_add_xtc(chain, p, t, minKeep, seed, error.segment());
        error.check("llama_sampler_init_xtc");
    }

    /** Keeps logits within n standard deviations of the largest. ({@code llama_sampler_init_top_n_sigma}) */
    public static void chainAddTopNSigma(MemorySegment chain, float n, NativeError error) {
        LlamaH.llamapanama_chain_add_top_n_sigma(chain, n, error.segment());
        error.check("llama_sampler_init_top_n_sigma");
    }

    /** Mirostat 1. ({@code llama_sampler_init_mirostat}) */
    public static void chainAddMirostat(
            MemorySegment chain, int nVocab, int seed, float tau, float eta, int m, NativeError error) {
        LlamaH.llamapanama_chain_add_mirostat(chain, nVocab, seed, tau, eta, m, error.segment());
        error.check("llama_sampler_init_mirostat");
    }

    /** Mirostat 2. ({@code llama_sampler_init_mirostat_v2}) */
    public static void chainAddMirostatV2(MemorySegment chain, int seed, float tau, float eta, NativeError error) {
        LlamaH.llamapanama_chain_add_mirostat_v2(chain, seed, tau, eta, error.segment());
        error.check("llama_sampler_init_mirostat_v2");
    }

    /** Repetition, frequency and presence penalties. ({@code llama_sampler_init_penalties}) */
    public static void chainAddPenalties(
            MemorySegment chain,
            int nVocab,
            int penaltyLastN,
            float penaltyRepeat,
            float penaltyFreq,
            float penaltyPresent,
            NativeError error) {
        LlamaH.llamapanama_chain_add_penalties(
                chain, nVocab, penaltyLastN, penaltyRepeat, penaltyFreq, penaltyPresent, error.segment());
        error.check("llama_sampler_init_penalties");
    }

    /** Adaptive-p. ({@code llama_sampler_init_adaptive_p}) */
    public static void chainAddAdaptiveP(MemorySegment chain, float target, float decay, int seed, NativeError error) {
        LlamaH.llamapanama_chain_add_adaptive_p(chain, target, decay, seed, error.segment());
        error.check("llama_sampler_init_adaptive_p");
    }

    /** Adds a bias to the logits of some tokens ({@code llama_sampler_init_logit_bias}). */
    public static void chainAddLogitBias(
            MemorySegment chain, int nVocab, int[] tokens, float[] biases, NativeError error) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pairs = llama_logit_bias.allocateArray(Math.max(1, tokens.length), arena);
            for (int i = 0; i < tokens.length; i++) {
                MemorySegment pair = llama_logit_bias.asSlice(pairs, i);
                llama_logit_bias.token(pair, tokens[i]);
                llama_logit_bias.bias(pair, biases[i]);
            }
            LlamaH.llamapanama_chain_add_logit_bias(chain, nVocab, tokens.length, pairs, error.segment());
            error.check("llama_sampler_init_logit_bias");
        }
    }

    /** DRY repetition penalty ({@code llama_sampler_init_dry}). */
    public static void chainAddDry(
            MemorySegment chain,
            MemorySegment vocabulary,
            float multiplier,
            float base,
            int allowedLength,
            int penaltyLastN,
            List<String> sequenceBreakers,
            NativeError error) {
        try (Arena arena = Arena.ofConfined()) {
            LlamaH.llamapanama_chain_add_dry(
                    chain,
                    vocabulary,
                    multiplier,
                    base,
                    allowedLength,
                    penaltyLastN,
                    strings(sequenceBreakers, arena),
                    sequenceBreakers.size(),
                    error.segment());
            error.check("llama_sampler_init_dry");
        }
    }

    /** Fill-in-the-middle sampler ({@code llama_sampler_init_infill}). */
    public static void chainAddInfill(MemorySegment chain, MemorySegment vocabulary, NativeError error) {
        LlamaH.llamapanama_chain_add_infill(chain, vocabulary, error.segment());
        error.check("llama_sampler_init_infill");
    }

    /**
     * A sampler that calls back into Java ({@code llama_sampler_init}).
     *
     * @param arena owns the callback's code; it must outlive the chain
     */
    public static void chainAddCustom(MemorySegment chain, SamplerUpcall upcall, Arena arena, NativeError error) {
        LlamaH.llamapanama_chain_add_custom(chain, upcall.callbacks(arena), error.segment());
        error.check("llama_sampler_init");
    }

    /** {@link #chainAddCustom} without a chain; owned by the caller. */
    static MemorySegment customInit(SamplerUpcall upcall, Arena arena, NativeError error) {
        MemorySegment sampler = LlamaH.llamapanama_custom_init(upcall.callbacks(arena), error.segment());
        error.check("llama_sampler_init");
        return sampler;
    }

    /**
     * A GBNF grammar; with triggers it sleeps until one matches ({@code llama_sampler_init_grammar},
     * {@code llama_sampler_init_grammar_lazy_patterns}).
     */
    public static MemorySegment samplerInitGrammar(
            MemorySegment vocabulary,
            String grammar,
            String root,
            List<String> triggerPatterns,
            int[] triggerTokens,
            NativeError error) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sampler = LlamaH.llamapanama_sampler_init_grammar(
                    vocabulary,
                    arena.allocateFrom(grammar),
                    arena.allocateFrom(root),
                    strings(triggerPatterns, arena),
                    triggerPatterns.size(),
                    arena.allocateFrom(ValueLayout.JAVA_INT, triggerTokens),
                    triggerTokens.length,
                    error.segment());
            error.check("llama_sampler_init_grammar");
            return sampler;
        }
    }

    /**
     * Joins a chain and a grammar (or NULL) into one sampler, and owns both, on failure too.
     *
     * @param prefix tokens that the grammar has before the first one that is generated
     * @param largest how many of the largest logits decide what the chain does; 0 if all may
     * @param arena owns the returned handle: closing it frees sampler, chain and grammar
     */
    public static MemorySegment samplerInit(
            MemorySegment chain, MemorySegment grammar, int[] prefix, int largest, Arena arena, NativeError error) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment sampler = LlamaH.llamapanama_sampler_init(
                    chain,
                    grammar,
                    call.allocateFrom(ValueLayout.JAVA_INT, prefix),
                    prefix.length,
                    largest,
                    error.segment());
            error.check("llamapanama_sampler_init");
            return owned(sampler, arena, LlamaH::llamapanama_sampler_free);
        }
    }

    /** A copy with the same state (random numbers, penalties, grammar position), owned by {@code arena}. */
    public static MemorySegment samplerClone(MemorySegment sampler, Arena arena, NativeError error) {
        MemorySegment clone = LlamaH.llamapanama_sampler_clone(sampler, error.segment());
        error.check("llama_sampler_clone");
        return owned(clone, arena, LlamaH::llamapanama_sampler_free);
    }

    /** Picks a token from an output row, without accepting it. ({@code llamapanama_sampler_sample}) */
    public static int samplerSample(MemorySegment sampler, MemorySegment context, int row, NativeError error) {
        int result = LlamaH.llamapanama_sampler_sample(sampler, context, row, error.segment());
        error.check("llama_sampler_sample");
        return result;
    }

    /** Picks a token from logits in the caller's memory, without accepting it. ({@code llamapanama_sampler_sample_logits}) */
    public static int samplerSampleLogits(MemorySegment sampler, MemorySegment logits, int nLogits, NativeError error) {
        int result = LlamaH.llamapanama_sampler_sample_logits(sampler, logits, nLogits, error.segment());
        error.check("llama_sampler_sample_logits");
        return result;
    }

    /**
     * Tells the sampler that a token became part of the sequence; the grammar only hears of generated ones. ({@code
     * llamapanama_sampler_accept})
     *
     * @return whether the token triggered a lazy grammar
     */
    public static boolean samplerAccept(MemorySegment sampler, int token, boolean generated, NativeError error) {
        boolean triggered = LlamaH.llamapanama_sampler_accept(sampler, token, generated, error.segment());
        error.check("llama_sampler_accept");
        return triggered;
    }

    /** Back to the state after creation. ({@code llamapanama_sampler_reset}) */
    public static void samplerReset(MemorySegment sampler, NativeError error) {
        LlamaH.llamapanama_sampler_reset(sampler, error.segment());
        error.check("llama_sampler_reset");
    }

    // --- chat ---

    /**
     * Parses chat templates ({@code llamapanama_chat_templates_init}).
     *
     * @param model whose templates are taken if there is no source; NULL if there is one
     * @param source Jinja
     * @param bos what {@code bos_token} stands for, if there is no model; without NUL, as {@code eos}
     * @param arena owns the returned handle: closing it frees the templates
     */
    public static MemorySegment chatTemplatesInit(
            MemorySegment model, Optional<String> source, String bos, String eos, Arena arena, NativeError error) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment text = source.map(given -> utf8(given, call)).orElse(MemorySegment.NULL);
            MemorySegment templates = LlamaH.llamapanama_chat_templates_init(
                    model, text, text.byteSize(), call.allocateFrom(bos), call.allocateFrom(eos), error.segment());
            error.check("common_chat_templates_init");
            return owned(templates, arena, LlamaH::llamapanama_chat_templates_free);
        }
    }

    /** Sources and capabilities of templates, as JSON ({@code llamapanama_chat_templates_describe}). */
    public static String chatTemplatesDescribe(MemorySegment templates) {
        return text(
                "common_chat_templates_get_caps",
                (_, length, error) -> LlamaH.llamapanama_chat_templates_describe(templates, length, error));
    }

    /** Applies a template; JSON in and out ({@code llamapanama_chat_apply}). */
    public static String chatApply(MemorySegment templates, String request) {
        return text("common_chat_templates_apply", (arena, length, error) -> {
            MemorySegment json = utf8(request, arena);
            return LlamaH.llamapanama_chat_apply(templates, json, json.byteSize(), length, error);
        });
    }

    /**
     * Makes what reads the answers to an applied template ({@code llamapanama_chat_parser_init}).
     *
     * @param applied what {@link #chatApply} returned
     * @param arena owns the returned handle: closing it frees the parser
     */
    public static MemorySegment chatParserInit(String applied, Arena arena, NativeError error) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment json = utf8(applied, call);
            MemorySegment parser = LlamaH.llamapanama_chat_parser_init(json, json.byteSize(), error.segment());
            error.check("llamapanama_chat_parser_init");
            return owned(parser, arena, LlamaH::llamapanama_chat_parser_free);
        }
    }

    /** Reads an answer, or its beginning; JSON comes out ({@code llamapanama_chat_parse}). */
    public static String chatParse(MemorySegment parser, String answer, boolean partial) {
        return text("common_chat_parse", (arena, length, error) -> {
            MemorySegment text = utf8(answer, arena);
            return LlamaH.llamapanama_chat_parse(parser, text, text.byteSize(), partial, length, error);
        });
    }

    /** Turns a JSON schema into GBNF ({@code llamapanama_json_schema_to_grammar}). */
    public static String jsonSchemaToGrammar(String schema) {
        return text("json_schema_to_grammar", (arena, length, error) -> {
            MemorySegment json = utf8(schema, arena);
            return LlamaH.llamapanama_json_schema_to_grammar(json, json.byteSize(), length, error);
        });
    }

    /**
     * Bytes of a model's weights, of what a context remembers and of its intermediate results, in this order ({@code
     * llamapanama_context_bytes}).
     */
    public static long[] contextBytes(MemorySegment context) {
        try (Arena call = Arena.ofConfined()) {
            NativeError error = new NativeError(call);
            MemorySegment bytes = call.allocate(ValueLayout.JAVA_LONG, 3);
            LlamaH.llamapanama_context_bytes(context, bytes, error.segment());
            error.check("llamapanama_context_bytes");
            return bytes.toArray(ValueLayout.JAVA_LONG);
        }
    }

    // --- limits of the machine ---

    /** Memory for {@link #readBufferSum}, owned by {@code arena}; unwritten. ({@code llamapanama_read_buffer_init}) */
    public static MemorySegment readBufferInit(long words, Arena arena, NativeError error) {
        MemorySegment buffer = LlamaH.llamapanama_read_buffer_init(words, error.segment());
        error.check("llamapanama_read_buffer_init");
        return owned(buffer, arena, LlamaH::llamapanama_read_buffer_free);
    }

    /** Writes words for the first time; the caller answers for the range. ({@code llamapanama_read_buffer_fill}) */
    public static void readBufferFill(MemorySegment buffer, long first, long words) {
        LlamaH.llamapanama_read_buffer_fill(buffer, first, words);
    }

    /** Reads words and returns their sum; the caller answers for the range. ({@code llamapanama_read_buffer_sum}) */
    public static long readBufferSum(MemorySegment buffer, long first, long words) {
        return LlamaH.llamapanama_read_buffer_sum(buffer, first, words);
    }

    /** The fastest instruction for a {@code llamapanama_format}, if there is one. ({@code llamapanama_multiply_instruction}) */
    public static Optional<String> multiplyInstruction(int format) {
        return string(LlamaH.llamapanama_multiply_instruction(format));
    }

    /** Multiplies in registers; returns the multiply-adds done. Iterations: at most 2^22. ({@code llamapanama_multiply}) */
    public static long multiply(int format, long iterations, NativeError error) {
        long done = LlamaH.llamapanama_multiply(format, iterations, error.segment());
        error.check("llamapanama_multiply");
        return done;
    }

    // --- helpers ---

    /** A call that returns text with its length, which is to be freed. */
    private interface OwnedText {
        MemorySegment call(Arena arena, MemorySegment length, MemorySegment error);
    }

    private static String text(String name, OwnedText call) {
        try (Arena arena = Arena.ofConfined()) {
            NativeError error = new NativeError(arena);
            MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment text = call.call(arena, length, error.segment());
            error.check(name);
            try {
                byte[] bytes =
                        text.reinterpret(length.get(ValueLayout.JAVA_LONG, 0)).toArray(ValueLayout.JAVA_BYTE);
                return new String(bytes, StandardCharsets.UTF_8);
            } finally {
                LlamaH.llamapanama_text_free(text);
            }
        }
    }

    /** With its length, since it may hold NUL. */
    private static MemorySegment utf8(String text, SegmentAllocator allocator) {
        return allocator.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
    }

    private interface SizedText {
        int write(MemorySegment buffer, long size);
    }

    /** Follows llama.h's rule for text: the length is returned, -1 means there is none, and the text may be cut. */
    private static Optional<String> sized(SizedText call) {
        try (Arena arena = Arena.ofConfined()) {
            long size = 256;
            while (true) {
                MemorySegment buffer = arena.allocate(size);
                int length = call.write(buffer, size);
                if (length < 0) {
                    return Optional.empty();
                }
                if (length < size) {
                    return Optional.of(buffer.getString(0));
                }
                size = length + 1L;
            }
        }
    }

    private static Optional<String> string(MemorySegment text) {
        return text.equals(MemorySegment.NULL)
                ? Optional.empty()
                : Optional.of(text.reinterpret(Long.MAX_VALUE).getString(0));
    }

    private static MemorySegment strings(List<String> texts, SegmentAllocator allocator) {
        MemorySegment pointers = allocator.allocate(ValueLayout.ADDRESS, Math.max(1, texts.size()));
        for (int i = 0; i < texts.size(); i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, allocator.allocateFrom(texts.get(i)));
        }
        return pointers;
    }

    private static int[] ints(MemorySegment values, int n) {
        return n == 0 ? new int[0] : values.reinterpret(n * 4L).toArray(ValueLayout.JAVA_INT);
    }

    private static MemorySegment floats(MemorySegment values, int n) {
        return values.equals(MemorySegment.NULL) ? values : values.reinterpret(n * 4L);
    }

    /** Ties a handle to an arena; the empty size keeps anybody from reading through it. */
    private static MemorySegment owned(MemorySegment handle, Arena arena, Consumer<MemorySegment> free) {
        return handle.equals(MemorySegment.NULL) ? handle : handle.reinterpret(0, arena, free);
    }
}
