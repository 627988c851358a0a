// A Responses request as the engine understands it.
#pragma once

#include "Settings.h"
#include "json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::llama {

struct ToolCall {
    std::string id;
    std::string name;
    std::string arguments; // JSON text, as the model wrote it
};

struct Message {
    std::string role; // system, user, assistant, tool
    std::string content;
    std::vector<ToolCall> calls; // of an assistant
    std::string call_id;         // of a tool
    std::string tool_name;       // of a tool; empty where the call is not in the input
};

struct Tool {
    std::string name;
    std::string description;
    common_json parameters; // a JSON schema, an object
};

enum class Format { text, json_object, json_schema };

struct Request {
    std::vector<Message> messages; // the system's, if any, is the first and the only one of its kind
    std::vector<Tool> tools;       // those told to the model
    std::vector<size_t> callable;  // of tools: those that it may call
    bool must_call = false;
    bool parallel_calls = true;
    Format format = Format::text;
    common_json schema; // of Format::json_schema
    double temperature = 0;
    double top_p = 1;
    std::optional<uint32_t> seed;
    uint32_t max_output_tokens = 0;
    std::vector<std::string> stop;
    uint32_t top_k = 0;    // 0: off
    size_t text_bytes = 0; // of all that the user sent as text
    std::vector<std::string> left_out; // names of what the engine has no place for, each once, at most 32

    // Reads the body. Throws Failure with a path in `param`.
    static Request parse(std::string_view body, const Settings &settings);
    void leave_out(const std::string &name);
    // What was left out, as a line for the log; empty where nothing was.
    std::string note() const;
};

// Parts of parse. Each reads its own fields of the body; the last one all that nobody else reads.
void parse_input(const common_json &body, Request &request);
void parse_tools(const common_json &body, Request &request);
void parse_rest(const common_json &body, Request &request);

// The body as a JSON object, no deeper than the host takes them. Throws Failure.
common_json parse_body(std::string_view text);
// `object[key]`, or null where it is missing or JSON's null.
const common_json *member(const common_json &object, const std::string &key);
// The string `object[key]`; throws where it is missing or no string. `path` names the object.
std::string string_member(const common_json &object, const std::string &key, const std::string &path);

} // namespace patchbay::llama
