// What a model is told in words where its template has no way to tell it: its tools, and the form of the answer.
#pragma once

#include "Request.h"

#include <string>
#include <vector>

namespace patchbay::llama {

// The tools in the form that templates expect: {"type": "function", "function": {...}} each.
common_json tool_definitions(const Request &request);
// The system message's part about tools.
std::string tool_instructions(const Request &request);
// The system message's part about an answer in JSON.
std::string format_instructions(const Request &request);
// Puts calls and their outputs into the text of messages, as the model writes and reads them.
void tell_tools_as_text(std::vector<Message> &messages);

} // namespace patchbay::llama
