#include "AnswerParser.h"

#include "Grammar.h"

#include <algorithm>

namespace patchbay::llama {

static const std::string thinking_opening = "<think>";
static const std::string thinking_closing = "</think>";
static constexpr const char *white_space = " \t\r\n";
static constexpr size_t space_limit = 64; // white space held back because a call may follow it

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
        return step_until(thinking_closing, AnswerPiece::Kind::reasoning, Mode::text, out);
    case Mode::text:
        return step_text(out);
    case Mode::call:
        return step_call(out);
    case Mode::between_calls: { // nothing but white space and further calls is of interest
        const size_t mark = buffer.find(call_opening);
        if (mark == std::string::npos) {
            buffer.erase(0, buffer.size() - held({call_opening}));
            return false;
        }
        buffer.erase(0, mark + std::string_view(call_opening).size());
        call = ToolCallParser();
        mode = Mode::call;
        return true;
    }
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
        out.push_back({kind, 0, buffer.substr(0, size)});
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

bool AnswerParser::step_until(const std::string &mark, AnswerPiece::Kind kind, Mode next,
                              std::vector<AnswerPiece> &out) {
    const size_t found = buffer.find(mark);
    if (found == std::string::npos) {
        emit(kind, buffer.size() - held({mark}), out);
        return false;
    }
    emit(kind, found, out);
    buffer.erase(0, mark.size());
    mode = next;
    return true;
}

bool AnswerParser::step_text(std::vector<AnswerPiece> &out) {
    if (!text_begun && (options.calls || options.thinking)) { // white space before a call is no message
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
        size_t safe = buffer.size() - held(marks);
        if (options.calls) { // white space just before a call goes with it
            const size_t last = safe == 0 ? std::string::npos : buffer.find_last_not_of(white_space, safe - 1);
            const size_t solid = last == std::string::npos ? 0 : last + 1;
            safe = safe - solid <= space_limit ? solid : safe;
        }
        text_begun = text_begun || safe > 0;
        emit(AnswerPiece::Kind::text, safe, out);
        return false;
    }
    if (which < options.stop.size()) {
        emit(AnswerPiece::Kind::text, first, out);
        stop_found = true;
        return false;
    }
    const size_t last = first == 0 ? std::string::npos : buffer.find_last_not_of(white_space, first - 1);
    const size_t solid = last == std::string::npos ? 0 : last + 1;
    const size_t after = first + marks[which].size() - solid;
    emit(AnswerPiece::Kind::text, solid, out);
    buffer.erase(0, after);
    call = ToolCallParser();
    call_started = call_count == 0;
    call_rest = buffer;
    mode = Mode::call;
    return true;
}

bool AnswerParser::step_call(std::vector<AnswerPiece> &out) {
    const uint32_t index = call_count;
    const ToolCallParser::Output output{
        [&](const std::string &name) { out.push_back({AnswerPiece::Kind::call, index, name}); },
        [&](std::string_view json) { out.push_back({AnswerPiece::Kind::arguments, index, std::string(json)}); }};
    if (!call.complete()) {
        buffer.erase(0, call.feed(buffer, output));
        if (!call.complete()) {
            return false;
        }
        out.push_back({AnswerPiece::Kind::call_end, index, {}});
    }
    const size_t closing = buffer.find(call_closing);
    if (closing == std::string::npos) {
        buffer.erase(0, buffer.size() - held({call_closing}));
        return false;
    }
    buffer.erase(0, closing + std::string_view(call_closing).size());
    ++call_count;
    mode = Mode::between_calls;
    return true;
}

bool AnswerParser::take_call_start(std::string &rest) {
    const bool started = call_started;
    call_started = false;
    rest = std::move(call_rest);
    call_rest.clear();
    return started;
}

std::vector<AnswerPiece> AnswerParser::finish(bool cut) {
    std::vector<AnswerPiece> out;
    if (stop_found) {
        return out;
    }
    buffer += assembler.finish();
    advance(out);
    if (stop_found || buffer.empty()) {
        return out;
    }
    if (mode == Mode::reasoning) {
        emit(AnswerPiece::Kind::reasoning, buffer.size(), out);
    } else if (mode == Mode::text || mode == Mode::beginning) {
        // Of a mark that a limit cut in two, the beginning is no text. A single `<` says nothing yet.
        const size_t half = cut && options.calls ? held({call_opening}) : 0;
        emit(AnswerPiece::Kind::text, buffer.size() - (half > 1 ? half : 0), out);
    }
    buffer.clear();
    return out;
}

} // namespace patchbay::llama
