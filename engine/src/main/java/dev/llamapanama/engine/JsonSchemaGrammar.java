package dev.llamapanama.engine;

import dev.llamapanama.bindings.Llama;
import dev.llamapanama.engine.internal.DeepCall;

/** Makes a {@link Grammar} of a JSON schema ({@code json_schema_to_grammar}). */
public final class JsonSchemaGrammar {
    private static final long STACK = 64 << 20; // for a schema of all levels that are allowed

    private JsonSchemaGrammar() {}

    /**
     * The grammar of the JSON texts that follow a schema. llama.cpp passes over keywords that it does not know; whoever needs to
     * rely on them checks the schema before.
     *
     * @param schema JSON; nests 128 deep at most
     * @return GBNF, whose root is "root"
     * @throws ChatTemplateException if it is no JSON, or llama.cpp refuses it
     */
    public static String of(String schema) {
        ChatTemplate.check("the schema", schema);
        Backend.load();
        return ChatTemplate.call(
                "the schema cannot be turned into a grammar",
                DeepCall.SPARE_STACK + STACK,
                () -> Llama.jsonSchemaToGrammar(schema));
    }
}
