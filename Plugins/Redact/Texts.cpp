#include "Texts.h"

#include "Common.h"

#include <algorithm>

namespace patchbay::redact {

namespace {

constexpr unsigned max_depth = 128;

// What the strings of a value are.
enum class Mode {
    skip,      // no texts
    text,      // texts; an object's members by their names
    json,      // texts that may hold JSON text
    variables, // an object whose every string is a text
    logprobs,
};

struct Meaning {
    std::string_view key;
    Mode mode;
};

constexpr Meaning document_members[] = {{"input", Mode::text}, {"instructions", Mode::text}, {"prompt", Mode::text}};
constexpr Meaning result_members[] = {{"output", Mode::json}};
// Of items, their parts, and what is in them.
constexpr Meaning item_members[] = {
    {"text", Mode::text},      {"content", Mode::text},  {"arguments", Mode::json}, {"output", Mode::json},
    {"input", Mode::json},     {"summary", Mode::text},  {"refusal", Mode::text},   {"logprobs", Mode::logprobs},
    {"query", Mode::text},     {"queries", Mode::text},  {"code", Mode::text},      {"logs", Mode::text},
    {"results", Mode::text},   {"outputs", Mode::text},  {"action", Mode::text},    {"command", Mode::text},
    {"commands", Mode::text},  {"stdout", Mode::text},   {"stderr", Mode::text},    {"operation", Mode::text},
    {"diff", Mode::text},      {"error", Mode::text},    {"message", Mode::text},   {"reason", Mode::text},
    {"variables", Mode::variables},
};

class Walker {
public:
    Walker(std::string_view json, TextVisitor &visitor) : json(json), visitor(visitor) {}

    template <typename Handle>
    bool document(const Handle &handle) {
        space();
        if (!members(handle)) {
            return false;
        }
        space();
        return at == json.size();
    }

    bool value(Mode mode, unsigned depth);
    [[nodiscard]] size_t position() const { return at; }

private:
    std::string_view json;
    TextVisitor &visitor;
    size_t at = 0;

    void space() {
        while (at < json.size() && (json[at] == ' ' || json[at] == '\t' || json[at] == '\n' || json[at] == '\r')) {
            at++;
        }
    }

    bool take(char c) {
        if (at >= json.size() || json[at] != c) {
            return false;
        }
        at++;
        return true;
    }

    bool string(Mode mode);
    bool array(Mode mode, unsigned depth);
    bool skip_container();
    template <typename Handle>
    bool members(const Handle &handle);
    Mode meaning(const Meaning *begin, const Meaning *end, Place key) const;
    friend bool patchbay::redact::walk(DocumentKind, std::string_view, TextVisitor &, Members &);
};

Mode Walker::meaning(const Meaning *begin, const Meaning *end, Place key) const {
    std::string_view name = json.substr(key.start, key.end - key.start);
    char decoded[64];
    if (name.find('\\') != std::string_view::npos) { // "t\u0065xt" is text as well
        const size_t size = pjson_decode({name.data() - 1, name.size() + 2, PJSON_STRING}, decoded, sizeof decoded);
        name = {decoded, std::min(size, sizeof decoded)};
    }
    const Meaning *known = std::find_if(begin, end, [&](const Meaning &one) { return one.key == name; });
    return known == end ? Mode::skip : known->mode;
}

bool Walker::string(Mode mode) {
    const size_t end = string_end(json, at);
    if (end == std::string_view::npos) {
        return false;
    }
    if (mode == Mode::text || mode == Mode::json || mode == Mode::variables) {
        visitor.text({at + 1, end - 1}, mode == Mode::json);
    }
    at = end;
    return true;
}

// Calls `handle(key)` for each member, which reads its value.
template <typename Handle>
bool Walker::members(const Handle &handle) {
    if (!take('{')) {
        return false;
    }
    space();
    if (take('}')) {
        return true;
    }
    while (true) {
        space();
        const size_t key = at;
        if (at >= json.size() || json[at] != '"' || !string(Mode::skip)) {
            return false;
        }
        const Place name{key + 1, at - 1};
        space();
        if (!take(':')) {
            return false;
        }
        space();
        if (!handle(name)) {
            return false;
        }
        space();
        if (take('}')) {
            return true;
        }
        if (!take(',')) {
            return false;
        }
    }
}

bool Walker::array(Mode mode, unsigned depth) {
    at++;
    space();
    if (take(']')) {
        return true;
    }
    while (true) {
        space();
        if (!value(mode, depth + 1)) {
            return false;
        }
        space();
        if (take(']')) {
            return true;
        }
        if (!take(',')) {
            return false;
        }
    }
}

// Without recursion, and without a look at what is inside.
bool Walker::skip_container() {
    size_t depth = 0;
    while (at < json.size()) {
        const char c = json[at];
        if (c == '"') {
            if (!string(Mode::skip)) {
                return false;
            }
            continue;
        }
        at++;
        if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return true;
        }
    }
    return false;
}

bool Walker::value(Mode mode, unsigned depth) {
    if (at >= json.size() || depth > max_depth) {
        return false;
    }
    const char c = json[at];
    if (c == '"') {
        return string(mode);
    }
    if (c == '[' || c == '{') {
        const size_t start = at;
        if (mode == Mode::skip || mode == Mode::logprobs) {
            const bool whole = skip_container();
            if (whole && mode == Mode::logprobs && c == '[') {
                visitor.logprobs({start, at});
            }
            return whole;
        }
        if (c == '[') {
            return array(mode, depth);
        }
        return members([&](Place key) {
            const Mode named = meaning(std::begin(item_members), std::end(item_members), key);
            const bool is_variable = mode == Mode::variables && at < json.size() && json[at] == '"';
            return value(is_variable ? Mode::text : mode == Mode::variables ? Mode::text : named, depth + 1);
        });
    }
    const size_t start = at;
    while (at < json.size() && std::string_view(",:]} \t\n\r\"").find(json[at]) == std::string_view::npos) {
        at++;
    }
    return at > start;
}

} // namespace

size_t string_end(std::string_view json, size_t at) {
    size_t from = at + 1;
    while (true) {
        const size_t quote = json.find('"', from);
        if (quote == std::string_view::npos) {
            return std::string_view::npos;
        }
        size_t backslashes = 0;
        while (quote - backslashes > from && json[quote - backslashes - 1] == '\\') {
            backslashes++;
        }
        if (backslashes % 2 == 0) {
            return quote + 1;
        }
        from = quote + 1;
    }
}

bool walk(DocumentKind kind, std::string_view json, TextVisitor &visitor, Members &members) {
    Walker walker(json, visitor);
    return walker.document([&](Place key) {
        const size_t start = walker.position();
        const std::string_view name = json.substr(key.start, key.end - key.start);
        const Mode mode = kind == DocumentKind::tool_result
                              ? walker.meaning(std::begin(result_members), std::end(result_members), key)
                              : walker.meaning(std::begin(document_members), std::end(document_members), key);
        if (!walker.value(mode, 1)) {
            return false;
        }
        const Place place{start, walker.position()};
        if (name == "input") {
            members.input = place;
        } else if (name == "instructions") {
            members.instructions = place;
        } else if (name == "output") {
            members.output = place;
        }
        return true;
    });
}

} // namespace patchbay::redact
