// Turns a model's bytes into what the host gets: text and reasoning; and finds the stop strings. Tool calls stay in the
// text, for the host to find: here only their marks are looked for, since a grammar binds a call that has begun.
#pragma once

#include "UTF8.h"

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::llama {

struct AnswerPiece {
    enum class Kind { text, reasoning };
    Kind kind;
    std::string text;
};

class AnswerParser {
public:
    struct Options {
        std::vector<std::string> stop; // not looked for inside a tool call
        bool calls = false;            // look for tool calls
        bool thinking = false;         // look for a leading <think>
        bool begins_thinking = false;  // the prompt has already opened it
    };

    explicit AnswerParser(Options options);

    // More of the model's bytes. Nothing may be fed after `stopped`.
    std::vector<AnswerPiece> feed(std::string_view bytes);
    // The end: what was held back and turned out to be no mark.
    std::vector<AnswerPiece> finish();

    bool stopped() const { return stop_found; }
    bool reasoning() const { return mode == Mode::reasoning; }
    // Set by the feed that found the beginning of the first call: what came after its mark, in the same piece.
    bool take_call_start(std::string &rest);

private:
    enum class Mode { beginning, reasoning, text, call };

    void advance(std::vector<AnswerPiece> &out);
    bool step(std::vector<AnswerPiece> &out);
    bool step_beginning();
    bool step_reasoning(std::vector<AnswerPiece> &out);
    bool step_text(std::vector<AnswerPiece> &out);
    bool step_call(std::vector<AnswerPiece> &out);
    void emit(AnswerPiece::Kind kind, size_t size, std::vector<AnswerPiece> &out);
    size_t held(const std::vector<std::string_view> &marks) const;

    Options options;
    Mode mode;
    UTF8Assembler assembler;
    std::string buffer; // valid UTF-8 that has not been passed on
    bool call_found = false;
    bool call_started = false;
    std::string call_rest;
    bool stop_found = false;
    bool text_begun = false; // something else than white space has been passed on
};

} // namespace patchbay::llama
