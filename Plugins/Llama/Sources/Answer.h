// One answer in the making: its tokens, and what becomes of each new one.
#pragma once

#include "AnswerParser.h"
#include "Call.h"
#include "Emitter.h"
#include "Failure.h"
#include "Model.h"
#include "Sampler.h"
#include "Slots.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::llama {

// How an answer ended: well, with a PBAY_FINISH_* reason, or with a failure.
struct Ending {
    int32_t reason = PBAY_FINISH_STOP;
    std::optional<Failure> failure;
};

class Answer {
public:
    // Reads, renders and tokenizes the request. Throws Failure.
    Answer(Call &call, const Model &model, const Settings &settings);
    // The tokens of the prompt that the request would be given as, however many. Throws Failure, of kind unsupported
    // for a text that would hold up the others' answers.
    static size_t count_tokens(Call &call, const Model &model, const Settings &settings);

    Call &call;
    std::vector<Token> tokens; // the prompt, and behind it what was generated
    Slot *slot = nullptr;      // while it runs
    size_t reused = 0;         // tokens of the prompt that the KV cache had

    // Tokens that this answer may come to hold in the KV cache.
    size_t most_tokens() const { return prompt_size + output_limit; }
    // What of the request was left out, as a line for the log; empty where nothing was.
    const std::string &left_out() const { return note; }
    // The logits of the last token are here: chooses the next one, and answers the end where it is one.
    std::optional<Ending> advance(const float *logits, std::vector<llama_token_data> &room);
    pbay_usage usage() const;

private:
    std::optional<Ending> ended(int32_t reason);

    const Model &model;
    size_t prompt_size = 0;
    uint32_t output_limit = 0;
    std::string note;
    uint32_t output = 0;
    uint32_t reasoning = 0;
    std::string call_rules;
    std::optional<Sampler> sampler;
    std::optional<AnswerParser> parser;
    Emitter emitter;
};

} // namespace patchbay::llama
