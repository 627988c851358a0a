#include "Answer.h"

#include "Failure.h"
#include "Grammar.h"

#include <algorithm>

namespace patchbay::llama {

static bool opens_thinking(const std::vector<PromptPart> &prompt) {
    if (prompt.empty() || prompt.back().from_request) {
        return false;
    }
    const std::string &words = prompt.back().text;
    const size_t opening = words.rfind("<think>");
    return opening != std::string::npos && words.find_first_not_of(" \t\r\n", opening + 7) == std::string::npos;
}

static size_t bytes_of(const std::vector<PromptPart> &prompt) {
    size_t bytes = 0;
    for (const PromptPart &part : prompt) {
        bytes += part.text.size();
    }
    return bytes;
}

// No mark of a template is longer than this.
static constexpr size_t longest_mark = 64;

// Tokenizing a text of this size takes about as long as a few steps of the computation do.
static constexpr size_t counted_bytes_limit = 1 << 20;

size_t Answer::count_tokens(Call &call, const Model &model, const Settings &settings) {
    if (!call.request) {
        call.request = std::make_unique<Request>(Request::parse(call.body, settings));
    }
    if (call.request->text_bytes > counted_bytes_limit) {
        throw Failure::unsupported("input", "the input is too large to be counted");
    }
    const std::vector<PromptPart> prompt = model.chat_template().render(*call.request);
    if (bytes_of(prompt) > counted_bytes_limit) { // the functions' schemas come to the user's text here
        throw Failure::unsupported("tools", "the tools are too large to be counted");
    }
    return model.vocabulary().tokenize(prompt).size();
}

Answer::Answer(Call &call, const Model &model, const Settings &settings) : call(call), model(model), emitter(call) {
    if (!call.request) {
        call.request = std::make_unique<Request>(Request::parse(call.body, settings));
    }
    const Request &request = *call.request;
    const auto too_long = [&](const std::string &size) {
        return Failure{PBAY_ECONTEXT_LENGTH, "input", "the input has " + size + " tokens; this model takes " +
                       std::to_string(settings.context) + " for input and answer together", {}, 0, 0};
    };
    if (request.text_bytes / model.vocabulary().longest_piece() > settings.context) {
        throw too_long("too many");
    }
    const std::vector<PromptPart> prompt = model.chat_template().render(request);
    if (bytes_of(prompt) / std::max(model.vocabulary().longest_piece(), longest_mark) > settings.context) {
        throw too_long("too many"); // by the functions' schemas: known before a long text is tokenized
    }
    tokens = model.vocabulary().tokenize(prompt);
    prompt_size = tokens.size();
    if (prompt_size >= settings.context) {
        throw too_long(std::to_string(prompt_size));
    }
    if (prompt_size == 0) {
        throw Failure::invalid("input", "input holds nothing to answer");
    }
    note = request.note();
    output_limit = std::min(request.max_output_tokens, settings.context - static_cast<uint32_t>(prompt_size));
    const std::string rules = answer_grammar(request, settings);
    call_rules = rules.empty() ? call_grammar(request, settings) : std::string();
    sampler.emplace(model.vocabulary(), request, settings, rules);
    AnswerParser::Options options;
    options.stop = request.stop;
    options.calls = !request.callable.empty();
    options.thinking = rules.empty() && model.chat_template().knows_thinking();
    options.begins_thinking = rules.empty() && opens_thinking(prompt);
    parser.emplace(options);
    call.request.reset(); // no longer needed
}

std::optional<Ending> Answer::ended(int32_t reason) {
    emitter.push(parser->finish());
    emitter.flush();
    return Ending{reason, {}};
}

std::optional<Ending> Answer::advance(const float *logits, std::vector<llama_token_data> &room) {
    const Token token = sampler->choose(logits, room);
    if (model.vocabulary().ends(token)) {
        return ended(PBAY_FINISH_STOP);
    }
    tokens.push_back(token);
    ++output;
    reasoning += parser->reasoning() ? 1 : 0;
    emitter.push(parser->feed(model.vocabulary().piece(token)));
    if (std::string begun; parser->take_call_start(begun) && !call_rules.empty()) {
        sampler->bind(call_rules, begun);
    }
    if (parser->stopped()) {
        return ended(PBAY_FINISH_STOP);
    }
    if (output >= output_limit) {
        return ended(PBAY_FINISH_LENGTH);
    }
    if (emitter.closed()) {
        return Ending{0, Failure::cancelled("the host takes no more of this answer")};
    }
    return {};
}

pbay_usage Answer::usage() const {
    pbay_usage usage{};
    usage.size = sizeof(usage);
    usage.input_tokens = static_cast<int64_t>(prompt_size);
    usage.cached_tokens = static_cast<int64_t>(reused);
    usage.cache_write_tokens = -1;
    usage.output_tokens = output;
    usage.reasoning_tokens = reasoning;
    return usage;
}

} // namespace patchbay::llama
