/*
 * The rules of a request. Its body is walked over once; the first rule that refuses it is the one that is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

#include <cstring>

namespace guard {

/* How long the escape at `at` is; two that make one character are one. */
static size_t escape_length(const char *at, size_t left) {
    bool is_unit = left >= 6 && at[1] == 'u';
    bool is_high = is_unit && (at[2] == 'd' || at[2] == 'D') && std::strchr("89abAB", at[3]) != nullptr;
    if (is_high && left >= 12 && at[6] == '\\' && at[7] == 'u') return 12;
    return is_unit ? 6 : left < 2 ? left : 2;
}

/* What has no escape is copied in one piece: most of a long text, where pjson_decode goes by characters. */
std::string decoded(pjson_value string) {
    std::string text;
    if (string.kind != PJSON_STRING || string.size < 2) return text;
    const char *at = string.data + 1, *end = string.data + string.size - 1;
    text.reserve(static_cast<size_t>(end - at));
    while (at < end) {
        const auto *escape = static_cast<const char *>(std::memchr(at, '\\', static_cast<size_t>(end - at)));
        text.append(at, escape == nullptr ? end : escape);
        if (escape == nullptr) break;
        size_t length = escape_length(escape, static_cast<size_t>(end - escape));
        char quoted[16], character[16];
        quoted[0] = quoted[length + 1] = '"';
        std::memcpy(quoted + 1, escape, length);
        size_t size = pjson_decode(pjson_value{quoted, length + 2, PJSON_STRING}, character, sizeof character);
        text.append(character, size);
        at = escape + length;
    }
    return text;
}

namespace {

enum class Source { user, instructions, tools, none };

/* One walk over a request's body. Each function answers true where a rule refuses the request. */
class Walk {
public:
    Walk(const Config &config, Refusal &refusal, Said &said) : config_(config), refusal_(refusal), said_(said) {}

    bool body(pjson_value body) {
        pjson_iterator members = pjson_iterate(body);
        pjson_value key, value;
        while (pjson_next(&members, &key, &value)) {
            if (pjson_equals(key, "model") && model(value)) return true;
            if (pjson_equals(key, "instructions") && instructions(value)) return true;
            if (pjson_equals(key, "input") && input(value)) return true;
            if (pjson_equals(key, "tools") && tools(value)) return true;
            if (pjson_equals(key, "max_output_tokens") && output_tokens(value)) return true;
        }
        return bytes();
    }

private:
    bool refuse(const char *rule, std::string param, std::string message, int32_t code = PBAY_EINVALID) {
        refusal_ = Refusal{code, std::move(param), std::move(message), rule};
        return true;
    }

    bool too_many(int64_t number, int64_t limit, const char *rule, const char *param, const char *what) {
        if (limit < 0 || number <= limit) return false;
        return refuse(rule, param, std::string(what) + " are bounded to " + std::to_string(limit) + " here.");
    }

    bool model(pjson_value name) {
        const char *list = config_.models.refuses(decoded(name));
        if (list == nullptr) return false;
        return refuse(("models." + std::string(list)).c_str(), "model", config_.models.message, PBAY_ENOTFOUND);
    }

    bool output_tokens(pjson_value value) {
        int64_t number = 0;
        if (config_.limits.output_tokens < 0 || value.kind != PJSON_NUMBER) return false;
        if (!pjson_int(value, &number)) number = INT64_MAX; /* what can't be read isn't less than the bound */
        return too_many(number, config_.limits.output_tokens, "limits.output_tokens", "max_output_tokens", "Output tokens");
    }

    bool bytes() {
        int64_t limit = config_.limits.input_bytes;
        if (limit < 0 || bytes_ <= limit) return false;
        return refuse("limits.input_bytes", "input", "The input and the instructions are bounded to " + std::to_string(limit) + " bytes here.",
                      PBAY_ECONTEXT_LENGTH);
    }

    bool tools(pjson_value list) {
        pjson_iterator elements = pjson_iterate(list);
        pjson_value tool;
        int64_t count = 0;
        for (; pjson_next(&elements, nullptr, &tool); count++) {
            if (config_.tools.empty()) continue;
            pjson_value name = pjson_member(tool, "name");
            bool named = name.kind == PJSON_STRING; /* else a hosted tool, known by its type */
            const char *refusing = config_.tools.refuses(decoded(named ? name : pjson_member(tool, "type")));
            if (refusing == nullptr) continue;
            return refuse(("tools." + std::string(refusing)).c_str(), "tools[" + std::to_string(count) + (named ? "].name" : "].type"),
                          config_.tools.message, PBAY_EUNSUPPORTED);
        }
        return too_many(count, config_.limits.tools, "limits.tools", "tools", "Tools");
    }

    bool instructions(pjson_value value) {
        bytes_ += static_cast<int64_t>(value.size);
        return text(value, Source::instructions, "instructions");
    }

    bool input(pjson_value value) {
        pjson_iterator items = pjson_iterate(value);
        pjson_value item;
        bytes_ += static_cast<int64_t>(value.size);
        if (value.kind == PJSON_STRING) return text(value, Source::user, "input");
        int64_t count = 0;
        for (; pjson_next(&items, nullptr, &item); count++) {
            if (this->item(item, "input[" + std::to_string(count) + "]")) return true;
        }
        return too_many(count, config_.limits.items, "limits.items", "input", "Items of the input");
    }

    static Source source_of(pjson_value type, pjson_value role) {
        if (role.kind == PJSON_STRING) {
            if (pjson_equals(role, "user")) return Source::user;
            return pjson_equals(role, "assistant") ? Source::none : Source::instructions;
        }
        std::string name = decoded(type);
        bool is_output = name.size() > 7 && name.compare(name.size() - 7, 7, "_output") == 0;
        return is_output ? Source::tools : Source::none;
    }

    bool item(pjson_value item, const std::string &path) {
        pjson_iterator members = pjson_iterate(item);
        pjson_value key, value, type{}, role{}, content{}, output{};
        while (pjson_next(&members, &key, &value)) {
            if (pjson_equals(key, "type")) type = value;
            else if (pjson_equals(key, "role")) role = value;
            else if (pjson_equals(key, "content")) content = value;
            else if (pjson_equals(key, "output")) output = value;
        }
        Source source = source_of(type, role);
        return parts(content, source, path + ".content") || parts(output, source, path + ".output");
    }

    /* A text, or a list of parts. */
    bool parts(pjson_value value, Source source, const std::string &path) {
        pjson_iterator elements = pjson_iterate(value);
        pjson_value part;
        if (value.kind == PJSON_STRING) return text(value, source, path);
        if (value.kind != PJSON_ARRAY) return false;
        for (size_t i = 0; pjson_next(&elements, nullptr, &part); i++) {
            if (pjson_equals(pjson_member(part, "type"), "input_image") &&
                too_many(++images_, config_.limits.images, "limits.images", "input", "Images")) {
                return true;
            }
            pjson_value inner = pjson_member(part, "text");
            if (inner.kind == PJSON_STRING && text(inner, source, path + "[" + std::to_string(i) + "].text")) return true;
        }
        return false;
    }

    bool is_looked_at(Source source) const {
        switch (source) {
        case Source::user: return config_.texts.user;
        case Source::instructions: return config_.texts.instructions;
        case Source::tools: return config_.texts.tools;
        case Source::none: return false;
        }
        return false;
    }

    bool text(pjson_value value, Source source, const std::string &path) {
        bool moderated = config_.moderation.input && !config_.moderation.model.empty();
        if (value.kind != PJSON_STRING || !is_looked_at(source) || (config_.texts.empty() && !moderated)) return false;
        std::string text = decoded(value);
        const Pattern *denied = config_.texts.deny.find(text);
        if (denied != nullptr) return refuse(denied->path.c_str(), path, denied->message);
        if (!config_.texts.allow.empty() && config_.texts.allow.find(text) == nullptr) {
            return refuse("texts.allow", path, config_.texts.message);
        }
        if (!moderated || text.empty()) return false;
        if (!said_.text.empty()) said_.text += '\n';
        said_.text += text;
        return false;
    }

    const Config &config_;
    Refusal &refusal_;
    Said &said_;
    int64_t bytes_ = 0, images_ = 0;
};

} // namespace

bool check_request(const Config &config, pbay_text text, Refusal &refusal, Said &said) {
    pjson_value body;
    if (!pjson_parse(text.data, static_cast<size_t>(text.size), &body, nullptr) || body.kind != PJSON_OBJECT) {
        refusal = Refusal{PBAY_EINVALID, "", "The request is nested too deeply to be checked.", "request"};
        return true;
    }
    return Walk(config, refusal, said).body(body);
}

std::string output_text(pbay_text response) {
    pjson_value document, item, part;
    std::string all;
    if (!pjson_parse(response.data, static_cast<size_t>(response.size), &document, nullptr)) return all;
    pjson_iterator items = pjson_iterate(pjson_member(document, "output"));
    while (pjson_next(&items, nullptr, &item)) {
        if (!pjson_equals(pjson_member(item, "type"), "message")) continue;
        pjson_iterator parts = pjson_iterate(pjson_member(item, "content"));
        while (pjson_next(&parts, nullptr, &part)) {
            pjson_value text = pjson_member(part, "text");
            if (text.kind != PJSON_STRING) text = pjson_member(part, "refusal");
            if (text.kind != PJSON_STRING) continue;
            if (!all.empty()) all += '\n';
            all += decoded(text);
        }
    }
    return all;
}

} // namespace guard
