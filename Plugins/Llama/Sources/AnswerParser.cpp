#include "AnswerParser.h"

#include "Grammar.h"

#include <algorithm>

namespace patchbay::llama {

static const std::string thinking_opening = "<think>";
static const std::string thinking_closing = "</think>";
static constexpr const char *white_space = " \t\r\n";

AnswerParser::AnswerParser(Options given) : options(std::move(given)) {
    mode = options.begins_thinking ? Mode::reasoning : options.thinking ? Mode::beginning : Mode::text;
}

std::vector<AnswerPiece> AnswerParser::feed(std::string_view bytes) {
    std::vector<AnswerPiece> out;
    buffer += assembler.feed(bytes);
    advance(out);
    return out;
}

void AnswerParser::advance(std::vector<AnswerPiece> &out) {
    while (!stop_found && !buffer.empty() && step(out)) {
    }
}

// Passes on what is certain. False: more text is needed.
bool AnswerParser::step(std::vector<AnswerPiece> &out) {
    switch (mode) {
    case Mode::beginning:
        return step_beginning();
    case Mode::reasoning:
        return step_reasoning(out);
    case Mode::text:
        return step_text(out);
    case Mode::call:
        return step_call(out);
    }
    return false;
}

// The most bytes at the buffer's end that may be the beginning of one of the marks.
size_t AnswerParser::held(const std::vector<std::string_view> &marks) const {
    size_t most = 0;
    for (const std::string_view mark : marks) {
        for (size_t size = std::min(mark.size() - 1, buffer.size()); size > most; --size) {
            if (buffer.compare(buffer.size() - size, size, mark.substr(0, size)) == 0) {
                most = size;
                break;
            }
        }
    }
    return most;
}

void AnswerParser::emit(AnswerPiece::Kind kind, size_t size, std::vector<AnswerPiece> &out) {
    if (size > 0) {
        out.push_back({kind, buffer.substr(0, size)});
        buffer.erase(0, size);
    }
}

bool AnswerParser::step_beginning() {
    const size_t start = buffer.find_first_not_of(white_space);
    const std::string_view words = start == std::string::npos ? "" : std::string_view(buffer).substr(start);
    if (words.size() < thinking_opening.size() && thinking_opening.compare(0, words.size(), words) == 0) {
        return false;
    }
    if (words.substr(0, thinking_opening.size()) == thinking_opening) {
        buffer.erase(0, start + thinking_opening.size());
        mode = Mode::reasoning;
    } else {
        mode = Mode::text;
    }
    return true;
}

bool AnswerParser::step_reasoning(std::vector<AnswerPiece> &out) {
    const size_t found = buffer.find(thinking_closing);
    if (found == std::string::npos) {
        emit(AnswerPiece::Kind::reasoning, buffer.size() - held({thinking_closing}), out);
        return false;
    }
    emit(AnswerPiece::Kind::reasoning, found, out);
    buffer.erase(0, thinking_closing.size());
    mode = Mode::text;
    return true;
}

bool AnswerParser::step_text(std::vector<AnswerPiece> &out) {
    if (!text_begun && options.thinking) { // white space behind the reasoning is no text
        buffer.erase(0, std::min(buffer.find_first_not_of(white_space), buffer.size()));
        if (buffer.empty()) {
            return false;
        }
    }
    std::vector<std::string_view> marks(options.stop.begin(), options.stop.end());
    if (options.calls) {
        marks.push_back(call_opening);
    }
    size_t first = std::string::npos, which = 0;
    for (size_t index = 0; index < marks.size(); ++index) {
        if (const size_t found = buffer.find(marks[index]); found < first) {
            first = found;
            which = index;
        }
    }
    if (first == std::string::npos) {
        const size_t safe = buffer.size() - held(marks);
        text_begun = text_begun || safe > 0;
        emit(AnswerPiece::Kind::text, safe, out);
        return false;
    }
    if (which < options.stop.size()) {
        emit(AnswerPiece::Kind::text, first, out);
        stop_found = true;
        return false;
    }
    text_begun = true;
    emit(AnswerPiece::Kind::text, first + marks[which].size(), out);
    if (!call_found) {
        call_found = call_started = true;
        call_rest = buffer;
    }
    mode = Mode::call;
    return true;
}

bool AnswerParser::step_call(std::vector<AnswerPiece> &out) {
    const size_t found = buffer.find(call_closing);
    if (found == std::string::npos) {
        emit(AnswerPiece::Kind::text, buffer.size() - held({call_closing}), out);
        return false;
    }
    emit(AnswerPiece::Kind::text, found + std::string_view(call_closing).size(), out);
    mode = Mode::text;
    return true;
}

bool AnswerParser::take_call_start(std::string &rest) {
    const bool started = call_started;
    call_started = false;
    rest = std::move(call_rest);
    call_rest.clear();
    return started;
}

std::vector<AnswerPiece> AnswerParser::finish() {
    std::vector<AnswerPiece> out;
    if (stop_found) {
        return out;
    }
    buffer += assembler.finish();
    advance(out);
    if (!stop_found) {
        emit(mode == Mode::reasoning ? AnswerPiece::Kind::reasoning : AnswerPiece::Kind::text, buffer.size(), out);
    }
    return out;
}

} // namespace patchbay::llama
