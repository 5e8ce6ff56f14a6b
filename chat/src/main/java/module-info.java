import org.jspecify.annotations.NullMarked;

/** Chat with a model's own template, tools, structured output and agents. */
@NullMarked
module dev.llamapanama.chat {
    requires transitive dev.llamapanama.engine;
    requires tools.jackson.databind;
    requires com.fasterxml.classmate;
    requires com.github.victools.jsonschema.generator;
    requires com.networknt.schema;
    requires static org.jspecify;

    exports dev.llamapanama.chat;
    exports dev.llamapanama.chat.agent;
    exports dev.llamapanama.chat.schema;
    exports dev.llamapanama.chat.testing;
    exports dev.llamapanama.chat.tool;
}
