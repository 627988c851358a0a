// `instructions` and `input`: the conversation.
#include "Failure.h"
#include "Request.h"

namespace patchbay::llama {

namespace {

struct InputReader {
    Request &request;
    std::string system;

    static std::string at(const std::string &path, size_t index) { return path + "[" + std::to_string(index) + "]"; }

    // A string, or an array of text parts joined.
    std::string text(const common_json &content, const std::string &path) {
        std::string joined;
        if (content.is_string()) {
            joined = content.get<std::string>();
        } else if (content.is_array()) {
            for (size_t index = 0; index < content.size(); ++index) {
                joined += part(content.at(index), at(path, index));
            }
        } else {
            throw Failure::invalid(path, path + " must be a string or an array of parts");
        }
        request.text_bytes += joined.size();
        return joined;
    }

    std::string part(const common_json &value, const std::string &path) {
        const std::string type = string_member(value, "type", path);
        if (member(value, "cache_control") != nullptr) {
            request.leave_out("cache_control");
        }
        if (type == "input_text" || type == "output_text" || type == "text") {
            return string_member(value, "text", path);
        }
        if (type == "refusal") {
            return string_member(value, "refusal", path);
        }
        throw Failure::unsupported(path, path + ": this model takes text only, no part of type " + type);
    }

    void add_system(const std::string &words) {
        if (!words.empty()) {
            system += (system.empty() ? "" : "\n\n") + words;
        }
    }

    void message(const common_json &item, const std::string &path) {
        const std::string role = string_member(item, "role", path);
        const common_json *content = member(item, "content");
        if (content == nullptr) {
            throw Failure::invalid(path + ".content", path + ".content is missing");
        }
        std::string words = text(*content, path + ".content");
        for (const char *hint : {"name", "phase"}) {
            if (member(item, hint) != nullptr) {
                request.leave_out(std::string(hint) + " of a message");
            }
        }
        if (role == "system" || role == "developer") {
            add_system(words);
        } else if (role == "user" || role == "assistant") {
            request.messages.push_back({role, std::move(words), {}, {}, {}});
        } else {
            throw Failure::invalid(path + ".role", path + ".role must be user, assistant, system or developer");
        }
    }

    void call(const common_json &item, const std::string &path) {
        ToolCall call{string_member(item, "call_id", path), string_member(item, "name", path),
                      string_member(item, "arguments", path)};
        request.text_bytes += call.arguments.size();
        if (request.messages.empty() || request.messages.back().role != "assistant") {
            request.messages.push_back({"assistant", "", {}, {}, {}});
        }
        request.messages.back().calls.push_back(std::move(call));
    }

    void call_output(const common_json &item, const std::string &path) {
        const std::string id = string_member(item, "call_id", path);
        const common_json *output = member(item, "output");
        if (output == nullptr) {
            throw Failure::invalid(path + ".output", path + ".output is missing");
        }
        // That a call failed has no place: the model has to read it.
        const common_json *failed = member(item, "is_error");
        const std::string mark = failed != nullptr && failed->is_boolean() && failed->get<bool>() ? "Error: " : "";
        Message message{"tool", mark + text(*output, path + ".output"), {}, id, {}};
        for (auto earlier = request.messages.rbegin(); earlier != request.messages.rend(); ++earlier) {
            for (const ToolCall &call : earlier->calls) {
                if (call.id == id && message.tool_name.empty()) {
                    message.tool_name = call.name;
                }
            }
        }
        request.messages.push_back(std::move(message));
    }

    void item(const common_json &item, const std::string &path) {
        if (!item.is_object()) {
            throw Failure::invalid(path, path + " must be an object");
        }
        if (member(item, "cache_control") != nullptr) {
            request.leave_out("cache_control");
        }
        const std::string type = member(item, "type") != nullptr ? string_member(item, "type", path) : "message";
        if (type == "message") {
            message(item, path);
        } else if (type == "function_call") {
            call(item, path);
        } else if (type == "function_call_output") {
            call_output(item, path);
        } else if (type == "reasoning") { // is not shown to the model again
            request.leave_out("earlier reasoning");
        } else {
            throw Failure::unsupported(path, path + ": this model can't take an item of type " + type);
        }
    }
};

} // namespace

void parse_input(const common_json &body, Request &request) {
    InputReader reader{request, {}};
    if (const common_json *instructions = member(body, "instructions")) {
        reader.add_system(reader.text(*instructions, "instructions"));
    }
    const common_json *input = member(body, "input");
    if (input != nullptr && input->is_string()) {
        request.messages.push_back({"user", reader.text(*input, "input"), {}, {}, {}});
    } else if (input != nullptr && input->is_array()) {
        for (size_t index = 0; index < input->size(); ++index) {
            reader.item(input->at(index), InputReader::at("input", index));
        }
    } else {
        throw Failure::invalid("input", "input must be a string or an array of items");
    }
    if (!reader.system.empty()) {
        request.messages.insert(request.messages.begin(), {"system", reader.system, {}, {}, {}});
    }
    if (request.messages.empty()) {
        throw Failure::invalid("input", "input holds nothing to answer");
    }
}

} // namespace patchbay::llama
