// Turns a model's text into what the client gets: text, reasoning and tool calls; and finds the stop strings.
#pragma once

#include "ToolCallParser.h"
#include "UTF8.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::llama {

struct AnswerPiece {
    enum class Kind { text, reasoning, call, arguments, call_end };
    Kind kind;
    uint32_t index = 0; // of a call
    std::string text;   // of a call: its name
};

class AnswerParser {
public:
    struct Options {
        std::vector<std::string> stop;
        bool calls = false;           // look for tool calls
        bool thinking = false;        // look for a leading <think>
        bool begins_thinking = false; // the prompt has already opened it
    };

    explicit AnswerParser(Options options);

    // More of the model's bytes. Nothing may be fed after `stopped`.
    std::vector<AnswerPiece> feed(std::string_view bytes);
    // The end: what was held back and turned out to be no mark. `cut`: at a limit, not by the model's own will.
    std::vector<AnswerPiece> finish(bool cut);

    bool stopped() const { return stop_found; }
    bool reasoning() const { return mode == Mode::reasoning; }
    bool in_call() const { return mode == Mode::call; }
    // Set by the feed that found the beginning of a call: what came after its mark, in the same piece.
    bool take_call_start(std::string &rest);

private:
    enum class Mode { beginning, reasoning, text, call, between_calls };

    void advance(std::vector<AnswerPiece> &out);
    bool step(std::vector<AnswerPiece> &out);
    bool step_beginning();
    bool step_until(const std::string &mark, AnswerPiece::Kind kind, Mode next, std::vector<AnswerPiece> &out);
    bool step_text(std::vector<AnswerPiece> &out);
    bool step_call(std::vector<AnswerPiece> &out);
    void emit(AnswerPiece::Kind kind, size_t size, std::vector<AnswerPiece> &out);
    size_t held(const std::vector<std::string_view> &marks) const;

    Options options;
    Mode mode;
    UTF8Assembler assembler;
    std::string buffer; // valid UTF-8 that has not been passed on
    ToolCallParser call;
    uint32_t call_count = 0;
    bool call_started = false;
    std::string call_rest;
    bool stop_found = false;
    bool text_begun = false; // something else than white space has been passed on
};

} // namespace patchbay::llama
