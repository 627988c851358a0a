#include "ToolCallParser.h"

#include "json.h"

namespace patchbay::llama {

static bool is_space(char byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

static std::string decoded(const std::string &json) {
    const common_json parsed = common_json::parse_no_throw(json);
    return !parsed.is_discarded() && parsed.is_string() ? parsed.get<std::string>() : std::string();
}

size_t ToolCallParser::feed(std::string_view words, const Output &output) {
    size_t used = 0;
    while (used < words.size() && state != State::done) {
        take(words[used++], output);
    }
    if (state == State::value) {
        pass_arguments(output);
    }
    return used;
}

void ToolCallParser::take(char byte, const Output &output) {
    switch (state) {
    case State::start:
        state = byte == '{' ? State::comma : state;
        break;
    case State::comma: // between two members
        if (byte == '"') {
            key = "\"";
            escaped = false;
            state = State::key;
        } else if (byte == '}') {
            state = State::done;
        }
        break;
    case State::key:
        key += byte;
        if (!escaped && byte == '"') {
            key = decoded(key);
            state = State::colon;
        }
        escaped = !escaped && byte == '\\';
        break;
    case State::colon:
        if (byte == ':') {
            value.clear();
            in_string = escaped = false;
            depth = 0;
            state = State::value;
        }
        break;
    case State::value:
        take_value(byte, output);
        break;
    case State::done:
        break;
    }
}

void ToolCallParser::take_value(char byte, const Output &output) {
    if (in_string) {
        value += byte;
        const bool closes = !escaped && byte == '"';
        escaped = !escaped && byte == '\\';
        if (closes) {
            in_string = false;
            if (depth == 0) {
                end_value(output);
            }
        }
        return;
    }
    if (value.empty() && unsaid.empty() && is_space(byte) && depth == 0) {
        return;
    }
    if (depth == 0 && (byte == ',' || byte == '}')) { // ends a number, true, false, null
        end_value(output);
        state = byte == '}' ? State::done : State::comma;
        return;
    }
    value += byte;
    if (byte == '"') {
        in_string = true;
    } else if (byte == '{' || byte == '[') {
        ++depth;
    } else if ((byte == '}' || byte == ']') && --depth == 0) {
        end_value(output);
    }
}

void ToolCallParser::end_value(const Output &output) {
    if (key == "name" && !begun) {
        begun = true;
        output.begin(decoded(value));
        if (!unsaid.empty()) {
            output.arguments(unsaid);
            unsaid.clear();
        }
    } else {
        pass_arguments(output);
    }
    value.clear();
    state = State::comma;
}

void ToolCallParser::pass_arguments(const Output &output) {
    if ((key != "arguments" && key != "parameters") || value.empty()) {
        return;
    }
    if (begun) {
        output.arguments(value);
    } else {
        unsaid += value;
    }
    value.clear();
}

} // namespace patchbay::llama
