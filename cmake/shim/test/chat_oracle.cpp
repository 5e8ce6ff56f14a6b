// What llama.cpp makes of chats without the shim, for tests of the shim: reads a JSON object from each line of standard input
// ({"template": file, "bos": .., "eos": .., "request": body as llama-server's /apply-template takes it}) and writes one for it,
// {"result": ..} or {"error": ..}. Linked with llama.cpp's own common library; filled in as llama-server does it.

#include "chat.h"
#include "json.h"
#include "log.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

namespace {

std::map<std::string, common_chat_templates_ptr> templates;

const common_chat_templates * templates_of(const common_json & line) {
    const std::string path  = line.at("template").get<std::string>();
    auto &            found = templates[path];
    if (!found) {
        std::ifstream file(path, std::ios::binary);
        found = common_chat_templates_init(
                nullptr, std::string(std::istreambuf_iterator<char>(file), {}), line.at("bos"), line.at("eos"));
    }
    return found.get();
}

common_json result_of(const common_chat_params & params) {
    common_json result = common_json::object();
    result["prompt"]             = params.prompt;
    result["grammar"]            = params.grammar;
    result["grammar_lazy"]       = params.grammar_lazy;
    result["generation_prompt"]  = params.generation_prompt;
    result["supports_thinking"]  = params.supports_thinking;
    result["thinking_start_tag"] = params.thinking_start_tag;
    result["thinking_end_tags"]  = params.thinking_end_tags;
    result["preserved_tokens"]   = params.preserved_tokens;
    result["additional_stops"]   = params.additional_stops;
    result["format"]             = static_cast<int>(params.format);
    result["parser"]             = params.parser;
    result["triggers"]           = common_json::array();
    for (const auto & trigger : params.grammar_triggers) {
        result["triggers"].push_back(common_json::array({static_cast<int>(trigger.type), trigger.value}));
    }
    return result;
}

common_json answer(const std::string & text) {
    const common_json            line = common_json::parse(text);
    const common_json &          body = line.at("request");
    common_chat_templates_inputs inputs;
    inputs.messages              = common_chat_msgs_parse_oaicompat(body.at("messages"));
    inputs.parallel_tool_calls   = body.value("parallel_tool_calls", false);
    inputs.add_generation_prompt = body.value("add_generation_prompt", true);
    inputs.enable_thinking       = body.value("enable_thinking", true);
    inputs.reasoning_format      = COMMON_REASONING_FORMAT_DEEPSEEK;
    if (body.contains("tools")) {
        inputs.tools = common_chat_tools_parse_oaicompat(body.at("tools"));
    }
    if (body.contains("tool_choice")) {
        inputs.tool_choice = common_chat_tool_choice_parse_oaicompat(body.at("tool_choice"));
    }
    if (body.contains("json_schema")) {
        inputs.json_schema = body.at("json_schema").dump();
    }
    if (body.contains("continue_final_message")) {
        inputs.continue_final_message = common_chat_continuation_parse(body.at("continue_final_message"));
    }
    return result_of(common_chat_templates_apply(templates_of(line), inputs));
}

} // namespace

int main() {
    common_log_set_verbosity_thold(-1);
    for (std::string line; std::getline(std::cin, line);) {
        common_json out = common_json::object();
        try {
            out["result"] = answer(line);
        } catch (const std::exception & exception) {
            out["error"] = exception.what();
        }
        std::cout << out.dump_safe() << std::endl;
    }
    return 0;
}
