#include "ChatTemplate.h"

#include "Failure.h"
#include "Grammar.h"
#include "ToolPrompt.h"
#include "jinja/lexer.h"
#include "jinja/runtime.h"

namespace patchbay::llama {

static constexpr const char *chatml = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + "
                                      "message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
                                      "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

static bool holds(const std::string &words, const char *what) { return words.find(what) != std::string::npos; }

ChatTemplate::ChatTemplate(const std::string &given, std::string bos, std::string eos)
    : bos(std::move(bos)), eos(std::move(eos)) {
    try {
        jinja::lexer lexer;
        auto tokens = lexer.tokenize(given.empty() ? chatml : given);
        program = jinja::parse_from_tokens(tokens);
        source = tokens.source;
        caps = jinja::caps_get(program);
    } catch (const std::exception &error) {
        throw Failure::unsupported("model", std::string("the model's chat template can't be read: ") + error.what());
    }
    // A template's own way with tools is taken where it is the format that the grammar here speaks: JSON
    // between <tool_call> marks. With any other, the tools are told in the system message.
    native_tools = caps.supports_tools && holds(source, call_opening) && !holds(source, "<function=");
    thinking = holds(source, "<think>");
}

common_json ChatTemplate::message(const Message &message) const {
    common_json result = common_json::object();
    result["role"] = message.role;
    if (caps.supports_typed_content && !caps.supports_string_content) {
        result["content"] = common_json::array({common_json{{"type", "text"}, {"text", message.content}}});
    } else {
        result["content"] = message.content;
    }
    if (message.role == "tool") {
        result["tool_call_id"] = message.call_id;
        result["name"] = message.tool_name;
    }
    if (message.calls.empty()) {
        return result;
    }
    common_json calls = common_json::array();
    for (const ToolCall &call : message.calls) {
        common_json arguments = caps.supports_object_arguments ? common_json::parse_no_throw(call.arguments)
                                                               : common_json(call.arguments);
        if (arguments.is_discarded()) {
            arguments = common_json(call.arguments);
        }
        common_json function = common_json::object();
        function["name"] = call.name;
        function["arguments"] = arguments;
        common_json entry = common_json{{"id", call.id}, {"type", "function"}};
        entry["function"] = function;
        calls.push_back(entry);
    }
    result["tool_calls"] = calls;
    return result;
}

// `extra` goes in front of (or behind) the system message; without one it becomes it.
static void add_system(std::vector<Message> &messages, const std::string &extra) {
    if (messages.front().role == "system") {
        messages.front().content += "\n\n" + extra;
    } else {
        messages.insert(messages.begin(), {"system", extra, {}, {}, {}});
    }
}

// For templates that know no system role: its words begin the first user's.
static void fold_system(std::vector<Message> &messages) {
    if (messages.front().role != "system") {
        return;
    }
    if (messages.size() > 1 && messages[1].role == "user") {
        messages[1].content = messages[0].content + "\n\n" + messages[1].content;
        messages.erase(messages.begin());
    } else {
        messages.front().role = "user";
    }
}

// For templates that insist on turns: neighbours of the same role become one.
static void merge_neighbours(std::vector<Message> &messages) {
    std::vector<Message> merged;
    for (Message &message : messages) {
        if (!merged.empty() && merged.back().role == message.role && message.calls.empty() &&
            merged.back().calls.empty() && message.role != "tool") {
            merged.back().content += "\n\n" + message.content;
        } else {
            merged.push_back(std::move(message));
        }
    }
    messages = std::move(merged);
}

std::vector<PromptPart> ChatTemplate::run(const common_json &messages, const Request &request) const {
    jinja::context context(source);
    common_json input = common_json::object();
    input["messages"] = messages;
    if (native_tools && !request.tools.empty()) {
        input["tools"] = tool_definitions(request);
    }
    jinja::global_from_json(context, input, true);
    context.set_val("bos_token", jinja::mk_val<jinja::value_string>(bos));
    context.set_val("eos_token", jinja::mk_val<jinja::value_string>(eos));
    context.set_val("add_generation_prompt", jinja::mk_val<jinja::value_bool>(true));
    jinja::runtime runtime(context);
    const auto rendered = jinja::runtime::gather_string_parts(runtime.execute(program));
    std::vector<PromptPart> parts;
    for (const auto &part : rendered->val_str.parts) {
        parts.push_back({part.is_input, part.val});
    }
    return parts;
}

std::vector<PromptPart> ChatTemplate::render(const Request &request) const {
    std::vector<Message> conversation = request.messages;
    if (!native_tools) {
        tell_tools_as_text(conversation);
        if (!request.tools.empty()) {
            add_system(conversation, tool_instructions(request));
        }
    }
    if (request.format != Format::text && !request.must_call) {
        add_system(conversation, format_instructions(request));
    }
    if (!caps.supports_system_role) {
        fold_system(conversation);
    }
    const auto attempt = [&] {
        common_json list = common_json::array();
        for (const Message &entry : conversation) {
            list.push_back(message(entry));
        }
        return run(list, request);
    };
    try {
        return attempt();
    } catch (const std::exception &) {
        merge_neighbours(conversation);
    }
    try {
        return attempt();
    } catch (const std::exception &error) {
        throw Failure::invalid("input", std::string("the model's chat template refuses this conversation: ") + error.what());
    }
}

} // namespace patchbay::llama
