#include "ToolPrompt.h"

#include "Grammar.h"

namespace patchbay::llama {

common_json tool_definitions(const Request &request) {
    common_json definitions = common_json::array();
    for (const Tool &tool : request.tools) {
        common_json function = common_json::object();
        function["name"] = tool.name;
        function["description"] = tool.description;
        function["parameters"] = tool.parameters;
        common_json definition = common_json{{"type", "function"}};
        definition["function"] = function;
        definitions.push_back(definition);
    }
    return definitions;
}

std::string tool_instructions(const Request &request) {
    std::string words = "You can call functions. These are available, one JSON object a line:\n<tools>\n";
    for (const auto &definition : tool_definitions(request)) {
        words += definition.dump_safe() + "\n";
    }
    words += "</tools>\nTo call one, answer with its name and its arguments as JSON between tool_call tags, "
             "and nothing else:\n";
    words += std::string(call_opening) + "\n{\"name\": \"function's name\", \"arguments\": {}}\n" + call_closing;
    words += "\nWhat it returned comes back between tool_response tags.";
    return words;
}

std::string format_instructions(const Request &request) {
    if (request.format == Format::json_object) {
        return "Answer with one JSON object and nothing else.";
    }
    return "Answer with one JSON value that matches this JSON schema, and nothing else:\n" + request.schema.dump_safe();
}

void tell_tools_as_text(std::vector<Message> &messages) {
    std::vector<Message> told;
    for (Message &message : messages) {
        for (const ToolCall &call : message.calls) {
            message.content += (message.content.empty() ? "" : "\n") + std::string(call_opening) +
                               "\n{\"name\": " + common_json(call.name).dump() + ", \"arguments\": " + call.arguments +
                               "}\n" + call_closing;
        }
        message.calls.clear();
        const bool after_output = !told.empty() && told.back().role == "user" && !told.back().call_id.empty();
        if (message.role == "tool") {
            const std::string words = "<tool_response>\n" + message.content + "\n</tool_response>";
            if (after_output) { // outputs of one round come as one message
                told.back().content += "\n" + words;
                continue;
            }
            message.content = words;
            message.role = "user";
        }
        told.push_back(std::move(message));
    }
    messages = std::move(told);
}

} // namespace patchbay::llama
