// GBNF grammars that hold an answer to a JSON schema, or a tool call to its function's parameters.
#pragma once

#include "Request.h"

#include <string>

namespace patchbay::llama {

// What the answer is bound by from its first token; empty where it is free. Throws Failure where a schema can't be met.
std::string answer_grammar(const Request &request, const Settings &settings);

// What follows the opening mark of a tool call that the model began by itself; empty where no tool is callable.
std::string call_grammar(const Request &request, const Settings &settings);

// The marks of a tool call in the model's text, as in the Hermes format that many models are trained on.
inline constexpr const char *call_opening = "<tool_call>";
inline constexpr const char *call_closing = "</tool_call>";

} // namespace patchbay::llama
