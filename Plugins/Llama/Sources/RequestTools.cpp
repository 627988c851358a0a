// `tools`, `tool_choice` and `parallel_tool_calls`.
#include "Failure.h"
#include "Request.h"

namespace patchbay::llama {

static constexpr size_t tool_limit = 128;

static Tool parse_tool(const common_json &value, const std::string &path) {
    const std::string type = string_member(value, "type", path);
    if (type != "function") {
        throw Failure::unsupported(path, path + ": this model can call functions only, no tool of type " + type);
    }
    Tool tool;
    tool.name = string_member(value, "name", path);
    if (tool.name.empty() || tool.name.size() > 128) {
        throw Failure::invalid(path + ".name", path + ".name must have 1 to 128 bytes");
    }
    if (member(value, "description") != nullptr) {
        tool.description = string_member(value, "description", path);
    }
    if (const common_json *parameters = member(value, "parameters")) {
        if (!parameters->is_object()) {
            throw Failure::invalid(path + ".parameters", path + ".parameters must be a JSON schema, an object");
        }
        tool.parameters = *parameters;
    }
    if (tool.parameters.is_null() || tool.parameters.empty()) {
        tool.parameters = common_json{{"type", "object"}, {"properties", common_json::object()}};
    }
    return tool;
}

static size_t find_tool(const Request &request, const std::string &name, const std::string &path) {
    for (size_t index = 0; index < request.tools.size(); ++index) {
        if (request.tools[index].name == name) {
            return index;
        }
    }
    throw Failure::invalid(path, path + " names " + name + ", which is not in tools");
}

static void allow_all(Request &request) {
    for (size_t index = 0; index < request.tools.size(); ++index) {
        request.callable.push_back(index);
    }
}

static void apply_mode(Request &request, const std::string &mode, const std::string &path) {
    if (mode == "required") {
        request.must_call = true;
    } else if (mode != "auto") {
        throw Failure::invalid(path, path + " must be none, auto, required or an object that names a function");
    }
}

static void parse_choice(const common_json &choice, Request &request) {
    if (choice.is_string()) {
        if (choice.get<std::string>() == "none") {
            request.tools.clear();
            return;
        }
        apply_mode(request, choice.get<std::string>(), "tool_choice");
        allow_all(request);
        return;
    }
    const std::string type = string_member(choice, "type", "tool_choice");
    if (type == "function") {
        const std::string name = string_member(choice, "name", "tool_choice");
        request.callable.push_back(find_tool(request, name, "tool_choice.name"));
        request.must_call = true;
        request.parallel_calls = false;
    } else if (type == "allowed_tools") {
        apply_mode(request, string_member(choice, "mode", "tool_choice"), "tool_choice.mode");
        const common_json *allowed = member(choice, "tools");
        for (size_t index = 0; allowed != nullptr && allowed->is_array() && index < allowed->size(); ++index) {
            const std::string path = "tool_choice.tools[" + std::to_string(index) + "]";
            request.callable.push_back(find_tool(request, string_member(allowed->at(index), "name", path), path));
        }
    } else {
        throw Failure::unsupported("tool_choice", "tool_choice of type " + type + " is not known to this model");
    }
}

void parse_tools(const common_json &body, Request &request) {
    if (const common_json *tools = member(body, "tools")) {
        if (!tools->is_array() || tools->size() > tool_limit) {
            throw Failure::invalid("tools", "tools must be an array of at most 128 tools");
        }
        for (size_t index = 0; index < tools->size(); ++index) {
            request.tools.push_back(parse_tool(tools->at(index), "tools[" + std::to_string(index) + "]"));
        }
    }
    if (const common_json *parallel = member(body, "parallel_tool_calls")) {
        if (!parallel->is_boolean()) {
            throw Failure::invalid("parallel_tool_calls", "parallel_tool_calls must be true or false");
        }
        request.parallel_calls = parallel->get<bool>();
    }
    if (const common_json *choice = member(body, "tool_choice")) {
        parse_choice(*choice, request);
    } else {
        allow_all(request);
    }
    if (request.must_call && request.callable.empty()) {
        throw Failure::invalid("tool_choice", "tool_choice asks for a call, but there is no tool to call");
    }
}

} // namespace patchbay::llama
