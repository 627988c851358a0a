// Reads one tool call, `{"name": "…", "arguments": {…}}`, as it comes, so that its arguments can be passed on at once.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace patchbay::llama {

class ToolCallParser {
public:
    struct Output {
        std::function<void(const std::string &name)> begin;
        std::function<void(std::string_view json)> arguments;
    };

    // Takes what comes; answers how many bytes belong to the call (all, until it is complete).
    size_t feed(std::string_view words, const Output &output);
    bool complete() const { return state == State::done; }

private:
    enum class State { start, key, colon, value, comma, done };

    void take(char byte, const Output &output);
    void take_value(char byte, const Output &output);
    void end_value(const Output &output);
    void pass_arguments(const Output &output);

    State state = State::start;
    bool in_string = false;
    bool escaped = false;
    bool begun = false;      // the name has been told
    size_t depth = 0;        // of brackets within the value
    std::string key;         // with its quotes while it is read
    std::string value;       // JSON text, as far as it has not been passed on
    std::string unsaid;      // arguments that came before the name
};

} // namespace patchbay::llama
