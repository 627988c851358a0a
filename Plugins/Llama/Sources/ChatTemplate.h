// The model's own chat template (Jinja), run over a request.
#pragma once

#include "Request.h"
#include "Vocabulary.h"
#include "jinja/caps.h"
#include "jinja/parser.h"

#include <string>
#include <vector>

namespace patchbay::llama {

class ChatTemplate {
public:
    // `source` empty: the model has none, and ChatML is used. Throws Failure where it can't be read.
    ChatTemplate(const std::string &source, std::string bos, std::string eos);

    std::vector<PromptPart> render(const Request &request) const;

    // Whether the template opens the answer inside `<think>`, or the model may do so itself.
    bool knows_thinking() const { return thinking; }

    // The tool_markup of pbay_model_info. Hermes' whatever the template: one that has another way with tools isn't given
    // them, and they are told in the system message, with these marks.
    const char *tool_markup() const { return "hermes"; }

private:
    common_json message(const Message &message) const;
    std::vector<PromptPart> run(const common_json &messages, const Request &request) const;

    jinja::program program;
    std::string source;
    std::string bos;
    std::string eos;
    jinja::caps caps;
    bool native_tools = false;
    bool thinking = false;
};

} // namespace patchbay::llama
