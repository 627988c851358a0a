// What of a request the engine has no place for: what decides the answer is refused, all else is told to the operator.
#include "Failure.h"
#include "Request.h"

#include <algorithm>
#include <set>

namespace patchbay::llama {

// What is read here, what the host itself honours, and what only it and the plugin speak of.
static const std::set<std::string> taken = {
    "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "max_output_tokens",
    "temperature", "top_p", "top_k", "top_logprobs", "seed", "stop", "patchbay", "stream", "stream_options", "store",
    "background", "previous_response_id", "conversation", "truncation", "max_tool_calls", "context_management"};
static const std::set<std::string> deciding = {"prompt", "logit_bias", "presence_penalty", "frequency_penalty"};

static bool asks_for_nothing(const common_json &value) {
    return value.is_null() || (value.is_boolean() && !value.get<bool>()) ||
           (value.is_number() && value.get<double>() == 0) || (value.is_string() && value.get<std::string>().empty()) ||
           ((value.is_object() || value.is_array()) && value.empty());
}

void Request::leave_out(const std::string &name) {
    const std::string shown = name.substr(0, 80);
    if (left_out.size() < 32 && std::find(left_out.begin(), left_out.end(), shown) == left_out.end()) {
        left_out.push_back(shown);
    }
}

// Fields that only Anthropic's models know. What their format has put into `reasoning` and `text` as well is noted there.
static void read_anthropic(const common_json &own, Request &request) {
    for (const auto &[name, value] : own.items()) {
        if (name != "thinking" && name != "output_config") {
            request.leave_out("anthropic." + name);
        }
        if (name == "output_config" && value.is_object()) {
            for (const auto &part : value.items()) {
                if (part.key() != "effort" && part.key() != "format") {
                    request.leave_out("anthropic." + name);
                }
            }
        }
    }
    if (member(own, "thinking") != nullptr) {
        request.leave_out("reasoning");
    }
}

void parse_rest(const common_json &body, Request &request) {
    for (const auto &[name, value] : body.items()) {
        const bool is_usual = name == "service_tier" && (value == "auto" || value == "default");
        if (taken.count(name) > 0 || is_usual || asks_for_nothing(value)) {
            continue;
        }
        if (deciding.count(name) > 0) {
            throw Failure::unsupported(name, "this model's provider can't honour " + name + ": leave it out, or use another model");
        }
        if (name == "include") {
            for (const common_json &wanted : value) {
                if (wanted == "message.output_text.logprobs") {
                    throw Failure::unsupported(name, "this model's provider gives no log probabilities");
                }
            }
        } else if (name == "text") {
            if (member(value, "verbosity") != nullptr) {
                request.leave_out("text.verbosity");
            }
        } else if (name == "reasoning" && value.is_object() && member(value, "effort") == nullptr) {
            // A summary is asked for by the formats themselves.
        } else if (name == "anthropic") {
            read_anthropic(value, request);
        } else {
            request.leave_out(name);
        }
    }
}

std::string Request::note() const {
    std::string names;
    for (const std::string &name : left_out) {
        names += (names.empty() ? "" : ", ") + name;
    }
    return names.empty() ? names : "this provider has no place for " + names + ": left out";
}

} // namespace patchbay::llama
