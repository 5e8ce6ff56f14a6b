package dev.llamapanama.gguf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** Checks what {@code llama_vocab::impl::load} of llama.cpp asserts, and what would make each later tokenization abort. */
final class VocabularyCheck {
    private static final String LOAD = "llama_vocab::impl::load throws";
    private static final String NO_ID = "assertion in llama_vocab::impl::tokenize";
    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final int MAX_TRIE_DEPTH = 2048;
    private static final Set<String> MODELS = Set.of(
            "no_vocab",
            "none",
            "llama",
            "bert",
            "gpt2",
            "hybriddna",
            "whitespace",
            "t5",
            "rwkv",
            "test",
            "plamo2",
            "gemma4");

    private final GgufFile file;
    private final Problems problems;

    VocabularyCheck(GgufFile file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    void check() {
        GgufValue value = file.metadata().get("tokenizer.ggml.model");
        if (!(value instanceof GgufValue.Text model) || !MODELS.contains(model.value())) {
            problems.add("tokenizer.ggml.model", value == null ? "is missing" : "is none of " + MODELS, LOAD);
            return;
        }
        if (model.value().equals("no_vocab") || model.value().equals("none")) {
            return;
        }
        Optional<GgufArray> tokens = file.array(TOKENS);
        if (tokens.isEmpty() || tokens.get().elementType() != GgufValueType.STRING) {
            problems.add(TOKENS, "is missing or no array of strings", LOAD);
            return;
        }
        long count = tokens.get().length();
        if (count == 0 || count > Integer.MAX_VALUE) {
            problems.add(TOKENS, "has " + count + " entries", "token ids are 32-bit numbers, and one is needed");
            return;
        }
        checkPerToken("tokenizer.ggml.scores", count, Set.of(GgufValueType.FLOAT32, GgufValueType.INT32));
        checkPerToken("tokenizer.ggml.token_type", count, Set.of(GgufValueType.INT32));
        checkMerges(model.value());
        checkCharacterMap(model.value());
        checkSpecialTokens(model.value(), count);
        checkDistinct(tokens.get());
        if (model.value().equals("t5") || model.value().equals("rwkv")) {
            checkTrie(tokens.get(), model.value().equals("rwkv"));
        }
    }

    private void checkPerToken(String key, long tokens, Set<GgufValueType> types) {
        GgufValue value = file.metadata().get(key);
        if (value == null) {
            return;
        }
        if (!(value instanceof GgufArray array) || !types.contains(array.elementType()) || array.length() < tokens) {
            problems.add(key, "is " + value + ", not " + tokens + " elements of type " + types, LOAD);
        }
    }

    private void checkMerges(String model) {
        if (!Set.of("gpt2", "hybriddna", "whitespace", "gemma4").contains(model)) {
            return;
        }
        String key = "tokenizer.ggml.merges";
        GgufValue value = file.metadata().get(key);
        boolean optional =
                file.text("tokenizer.ggml.pre").filter("kimi-k2"::equals).isPresent();
        if (value == null
                ? !optional
                : !(value instanceof GgufArray array) || array.elementType() != GgufValueType.STRING) {
            problems.add(key, "is missing or no array of strings", LOAD);
        }
    }

    private void checkCharacterMap(String model) {
        String key = "tokenizer.ggml.precompiled_charsmap";
        GgufValue value = file.metadata().get(key);
        if (!model.equals("t5") || value == null) {
            return;
        }
        boolean bytes = value instanceof GgufArray array
                && (array.elementType() == GgufValueType.UINT8 || array.elementType() == GgufValueType.INT8)
                && array.length() >= Integer.BYTES;
        if (!bytes) {
            problems.add(key, "is " + value + ", not 4 bytes or more", LOAD);
        }
    }

    /** Ids outside of the vocabulary are ignored by llama.cpp; but an id that is needed and not there makes it abort. */
    private void checkSpecialTokens(String model, long count) {
        switch (model) {
            case "llama" -> checkAdded(count, 1, 2, true);
            case "gpt2", "hybriddna", "whitespace" -> checkAdded(count, 11, 11, false);
            case "gemma4" -> checkAdded(count, -1, -1, true);
            case "t5" -> checkAdded(count, -1, 1, false);
            case "bert" -> {
                requireId("bos_token_id", count, 101);
                requireId("seperator_token_id", count, 102);
            }
            default -> {}
        }
    }

    private void checkAdded(long count, long defaultBegin, long defaultEnd, boolean addsBegin) {
        if (flag("add_bos_token").orElse(addsBegin)) {
            requireId("bos_token_id", count, defaultBegin);
        }
        // Only T5 adds an end by itself, and has a default id for it.
        if (flag("add_eos_token").orElse(false)) {
            requireId("eos_token_id", count, defaultEnd);
        }
    }

    private Optional<Boolean> flag(String name) {
        String key = "tokenizer.ggml." + name;
        GgufValue value = file.metadata().get(key);
        if (value != null && value.type() != GgufValueType.BOOL) {
            problems.add(key, "is " + value.type() + ", not BOOL", LOAD);
        }
        return file.bool(key);
    }

    private void requireId(String name, long count, long absent) {
        String key = "tokenizer.ggml." + name;
        GgufValue value = file.metadata().get(key);
        if (value != null && value.type() != GgufValueType.UINT32) {
            problems.add(key, "is " + value.type() + ", not UINT32", LOAD);
            return;
        }
        boolean inFile = value instanceof GgufValue.Whole whole && whole.value() < count;
        boolean byDefault = absent >= 0 && absent < count;
        if (!inFile && !byDefault) {
            problems.add(key, "is missing or not below " + count + ", but texts begin or end with it", NO_ID);
        }
    }

    private void checkDistinct(GgufArray tokens) {
        Set<ByteString> seen = HashSet.newHashSet((int) Math.min(tokens.length(), 1 << 20));
        int[] id = {0};
        tokens.forEachString((bytes, from, fullSize) -> {
            int size = cLength(bytes, from, fullSize);
            ByteString token = size > 0 ? ByteString.of(bytes, from, size) : emptyToken(id[0]);
            if (!seen.add(token)) {
                problems.add(
                        TOKENS,
                        "entry " + id[0] + " (" + token + ") is there twice",
                        "assertion id_to_token.size() == token_to_id.size() in llama_vocab::impl::load");
            }
            id[0]++;
        });
    }

    /** Tokenizers with a trie: it is built by a recursion for each byte, and RWKV's search needs an end for each beginning. */
    private void checkTrie(GgufArray tokens, boolean rwkv) {
        int[] longest = {0};
        RwkvTokens starts = new RwkvTokens();
        tokens.forEachString((bytes, from, size) -> {
            longest[0] = Math.max(longest[0], size);
            if (rwkv) {
                starts.add(bytes, from, cLength(bytes, from, size));
            }
        });
        if (longest[0] > MAX_TRIE_DEPTH) {
            problems.add(
                    TOKENS,
                    "has an entry of " + longest[0] + " bytes, more than " + MAX_TRIE_DEPTH,
                    "naive_trie::insert in llama-vocab.cpp recurses for each byte, beyond the stack");
        }
        if (!starts.endless().isEmpty()) {
            problems.add(
                    TOKENS,
                    "has entries that begin with the bytes " + starts.endless() + ", but none for these bytes alone",
                    "llm_tokenizer_rwkv_session::tokenize never ends");
        }
    }

    /** gguf_get_arr_str gives C strings: a token ends at its first zero byte. */
    private static int cLength(byte[] bytes, int from, int size) {
        int length = 0;
        while (length < size && bytes[from + length] != 0) {
            length++;
        }
        return length;
    }

    /** The name that llama.cpp gives to an empty token. */
    private static ByteString emptyToken(int id) {
        byte[] name = ("[EMPTY_" + id + "]").getBytes(StandardCharsets.UTF_8);
        return ByteString.of(name, 0, name.length);
    }

    /** Bytes that can be a key; made without a copy, of an array that nobody changes. */
    private record ByteString(byte[] bytes, int from, int size, int hash) {
        /** Random, so that no file can be made whose tokens all have the same hash. */
        private static final int MULTIPLIER = new SplittableRandom().nextInt() << 3 | 5;

        static ByteString of(byte[] bytes, int from, int size) {
            int hash = 1;
            for (int i = from; i < from + size; i++) {
                hash = MULTIPLIER * hash + bytes[i];
            }
            return new ByteString(bytes, from, size, hash);
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ByteString that
                    && hash == that.hash
                    && Arrays.equals(bytes, from, from + size, that.bytes, that.from, that.from + that.size);
        }

        @Override
        public String toString() {
            return new String(bytes, from, Math.min(size, 80), StandardCharsets.UTF_8);
        }
    }
}
