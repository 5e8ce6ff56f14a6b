// Chat templates, what they make of a chat, and what an answer means: llama.cpp's common/chat.h, as JSON.

#include "chat_watch.h"
#include "guard.h"

#include "chat.h"
#include "json-schema-to-grammar.h"
#include "json.h"

#include <cstdlib>
#include <cstring>
#include <string>
#include <typeinfo>

using json = common_json;
using llamapanama::chat_watch;
using llamapanama::guarded;

namespace {

constexpr int max_json_depth = 128; // what reads and writes JSON calls itself for each level

json parse_json(const char * what, const std::string & text) {
    int  depth     = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            }
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > max_json_depth) {
                throw std::invalid_argument(std::string(what) + " nests deeper than " + std::to_string(max_json_depth));
            }
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    try {
        return json::parse(text);
    } catch (const common_json_error &) { // its message quotes the text
        throw std::invalid_argument(std::string(what) + " is not JSON");
    }
}

char * to_text(const std::string & text, size_t * length) {
    char * copy = static_cast<char *>(malloc(text.size() + 1));
    if (copy == nullptr) {
        throw std::bad_alloc();
    }
    memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    *length           = text.size();
    return copy;
}

// Some templates get the arguments as an object, and llama.cpp parses the text for them.
void check_arguments(const std::vector<common_chat_msg> & messages) {
    for (const auto & message : messages) {
        for (const auto & call : message.tool_calls) {
            if (!parse_json("the arguments of a tool call", call.arguments).is_object()) {
                throw std::invalid_argument("the arguments of a tool call are no JSON object");
            }
        }
    }
}

common_chat_templates_inputs inputs_of(const json & request) {
    common_chat_templates_inputs inputs;
    inputs.messages = common_chat_msgs_parse_oaicompat(request.at("messages"));
    check_arguments(inputs.messages);
    inputs.tools       = common_chat_tools_parse_oaicompat(request.value("tools", json()));
    inputs.tool_choice = common_chat_tool_choice_parse_oaicompat(request.value("tool_choice", "auto"));
    inputs.grammar     = request.value("grammar", "");
    if (request.contains("json_schema")) {
        inputs.json_schema = request.at("json_schema").dump();
    }
    inputs.parallel_tool_calls   = request.value("parallel_tool_calls", false);
    inputs.add_generation_prompt = request.value("add_generation_prompt", true);
    if (request.contains("continue_final_message")) {
        inputs.continue_final_message = common_chat_continuation_parse(request.at("continue_final_message"));
    }
    inputs.enable_thinking  = request.value("enable_thinking", true);
    inputs.reasoning_format = common_reasoning_format_from_name(request.value("reasoning_format", "deepseek"));
    for (const auto & [key, value] : request.value("chat_template_kwargs", json::object()).items()) {
        inputs.chat_template_kwargs[key] = value.dump();
    }
    return inputs;
}

const char * trigger_type(common_grammar_trigger_type type) {
    switch (type) {
        case COMMON_GRAMMAR_TRIGGER_TYPE_TOKEN: return "token";
        case COMMON_GRAMMAR_TRIGGER_TYPE_WORD: return "word";
        case COMMON_GRAMMAR_TRIGGER_TYPE_PATTERN: return "pattern";
        case COMMON_GRAMMAR_TRIGGER_TYPE_PATTERN_FULL: return "pattern_full";
    }
    throw std::runtime_error("unknown kind of grammar trigger");
}

json to_json(const common_chat_params & params) {
    json triggers = json::array();
    for (const auto & trigger : params.grammar_triggers) {
        triggers.push_back({{"type", trigger_type(trigger.type)}, {"value", trigger.value}, {"token", trigger.token}});
    }
    return json{
        {"format", static_cast<int>(params.format)},
        {"prompt", params.prompt},
        {"grammar", params.grammar},
        {"grammar_lazy", params.grammar_lazy},
        {"generation_prompt", params.generation_prompt},
        {"supports_thinking", params.supports_thinking},
        {"thinking_start_tag", params.thinking_start_tag},
        {"thinking_end_tags", params.thinking_end_tags},
        {"grammar_triggers", triggers},
        {"preserved_tokens", params.preserved_tokens},
        {"additional_stops", params.additional_stops},
        {"parser", params.parser},
        {"message_delimiters", params.message_delimiters.to_json()},
    };
}

json to_json(const common_chat_msg & message) {
    json calls = json::array();
    for (const auto & call : message.tool_calls) {
        calls.push_back({{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
    }
    return json{
        {"content", message.render_content()},
        {"reasoning_content", message.reasoning_content},
        {"tool_calls", calls},
    };
}

} // namespace

struct llamapanama_chat_templates {
    common_chat_templates_ptr templates;
};

struct llamapanama_chat_parser {
    common_chat_parser_params params;
};

llamapanama_chat_templates * llamapanama_chat_templates_init(
        const llama_model * model, const char * source, size_t source_length, const char * bos, const char * eos,
        llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llamapanama_chat_templates *>(nullptr), [&] {
        chat_watch        watch;
        const std::string text(source == nullptr ? "" : source, source_length);
        if (model == nullptr && text.empty()) {
            throw std::invalid_argument("the template is empty");
        }
        try {
            return new llamapanama_chat_templates{common_chat_templates_init(model, text, bos, eos)};
        } catch (const std::exception & exception) {
            if (typeid(exception) == typeid(std::exception) && !text.empty()) {
                // llama.cpp throws a copy that has lost its message; this throws the original
                jinja::lexer lexer;
                jinja::parse_from_tokens(lexer.tokenize(text));
            }
            throw;
        }
    });
}

void llamapanama_chat_templates_free(llamapanama_chat_templates * templates) { delete templates; }

char * llamapanama_chat_templates_describe(
        const llamapanama_chat_templates * templates, size_t * length, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<char *>(nullptr), [&] {
        const auto * all  = templates->templates.get();
        const json   text = {
            {"source", common_chat_templates_source(all)},
            {"tool_use_source", common_chat_templates_source(all, "tool_use")},
            {"explicit", common_chat_templates_was_explicit(all)},
            {"caps", common_chat_templates_get_caps(all)},
        };
        return to_text(text.dump(), length);
    });
}

char * llamapanama_chat_apply(
        const llamapanama_chat_templates * templates, const char * request, size_t request_length, size_t * length,
        llamapanama_error * error) {
    return guarded(__func__, error, static_cast<char *>(nullptr), [&] {
        chat_watch watch;
        const auto inputs = inputs_of(parse_json("the request", std::string(request, request_length)));
        return to_text(to_json(common_chat_templates_apply(templates->templates.get(), inputs)).dump(), length);
    });
}

llamapanama_chat_parser * llamapanama_chat_parser_init(
        const char * applied, size_t applied_length, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<llamapanama_chat_parser *>(nullptr), [&] {
        chat_watch                watch;
        const json                from = parse_json("what was applied", std::string(applied, applied_length));
        common_chat_parser_params params;
        const int                 format = from.at("format").get<int>();
        if (format < 0 || format >= COMMON_CHAT_FORMAT_COUNT) {
            throw std::invalid_argument("there is no chat format " + std::to_string(format));
        }
        params.format            = static_cast<common_chat_format>(format);
        params.generation_prompt = from.at("generation_prompt").get<std::string>();
        const std::string parser = from.at("parser").get<std::string>();
        if (!parser.empty()) {
            params.parser.load(parser);
        }
        return new llamapanama_chat_parser{std::move(params)};
    });
}

void llamapanama_chat_parser_free(llamapanama_chat_parser * parser) { delete parser; }

char * llamapanama_chat_parse(
        const llamapanama_chat_parser * parser, const char * text, size_t text_length, bool is_partial, size_t * length,
        llamapanama_error * error) {
    return guarded(__func__, error, static_cast<char *>(nullptr), [&] {
        chat_watch watch;
        return to_text(
                to_json(common_chat_parse(std::string(text, text_length), is_partial, parser->params)).dump_safe(), length);
    });
}

char * llamapanama_json_schema_to_grammar(
        const char * schema, size_t schema_length, size_t * length, llamapanama_error * error) {
    return guarded(__func__, error, static_cast<char *>(nullptr), [&] {
        chat_watch watch;
        return to_text(json_schema_to_grammar(parse_json("the schema", std::string(schema, schema_length))), length);
    });
}

void llamapanama_text_free(char * text) { free(text); }
