/*
 * The rules of a request, of a history and of a tool's output. Each is walked over once; the first rule that refuses it is the one that is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

namespace guard {

namespace {

enum class Source { user, instructions, tools };

/* Members of an item, at any depth, that name or address something, or are no text. */
bool is_no_text(pjson_value key) {
    static const char *const names[] = {"type", "id", "call_id", "role", "status", "name", "encrypted_content", "image_url", "file_url", "file_data",
                                        "file_id", "data", "detail", "result", "logprobs"};
    for (const char *name : names) {
        if (pjson_equals(key, name)) return true;
    }
    return false;
}

/* One walk over a request's body, or over what a provider is about to be given. Each function answers true where a rule refuses it. */
class Walk {
public:
    Walk(const Config &config, Refusal &refusal, Said &said) : config_(config), refusal_(refusal), said_(said) {}

    bool body(pjson_value body) {
        pjson_iterator members = pjson_iterate(body);
        pjson_value key, value;
        while (pjson_next(&members, &key, &value)) {
            if (pjson_equals(key, "model") && model(value)) return true;
            if (pjson_equals(key, "instructions") && instructions(value)) return true;
            if (pjson_equals(key, "input") && input(value, true)) return true;
            if (pjson_equals(key, "tools") && tools(value)) return true;
            if (pjson_equals(key, "prompt") && texts(pjson_member(value, "variables"), Source::user, "prompt.variables")) return true;
            if (pjson_equals(key, "text") && descriptions(value, "text")) return true;
            if (pjson_equals(key, "max_output_tokens") && output_tokens(value)) return true;
        }
        return bytes();
    }

    /* `with_model`: no body has been looked at before. The places in it aren't the client's. */
    bool history(pjson_value document, bool with_model) {
        if (with_model && model(pjson_member(document, "model"))) return true;
        if (text(pjson_member(document, "instructions"), Source::instructions, "instructions", true)) return true;
        if (!input(pjson_member(document, "input"), false)) return false;
        refusal_.param = "input";
        return true;
    }

    bool tool_result(pjson_value document) { return text(pjson_member(document, "output"), Source::tools, "", true); }

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
        if (name.kind == PJSON_NONE) return false;
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
            const std::string path = "tools[" + std::to_string(count) + "]";
            if (descriptions(tool, path)) return true;
            if (config_.tools.empty()) continue;
            pjson_value name = pjson_member(tool, "name");
            bool named = name.kind == PJSON_STRING; /* else a hosted tool, known by its type */
            const char *refusing = config_.tools.refuses(decoded(named ? name : pjson_member(tool, "type")));
            if (refusing == nullptr) continue;
            return refuse(("tools." + std::string(refusing)).c_str(), path + (named ? ".name" : ".type"), config_.tools.message, PBAY_EUNSUPPORTED);
        }
        return too_many(count, config_.limits.tools, "limits.tools", "tools", "Tools");
    }

    /* What a tool, or a schema, says of itself and of its members. */
    bool descriptions(pjson_value value, const std::string &path) {
        if (!is_looked_at(Source::instructions)) return false;
        pjson_iterator members = pjson_iterate(value);
        pjson_value key, inner;
        while (pjson_next(&members, &key, &inner)) {
            bool is_description = value.kind == PJSON_OBJECT && inner.kind == PJSON_STRING && pjson_equals(key, "description");
            if (is_description ? text(inner, Source::instructions, path, false) : descriptions(inner, path)) return true;
        }
        return false;
    }

    bool instructions(pjson_value value) {
        bytes_ += static_cast<int64_t>(value.size);
        return text(value, Source::instructions, "instructions", true);
    }

    bool input(pjson_value value, bool with_limits) {
        pjson_iterator items = pjson_iterate(value);
        pjson_value item;
        if (with_limits) bytes_ += static_cast<int64_t>(value.size);
        if (value.kind == PJSON_STRING) return text(value, Source::user, "input", true);
        int64_t count = 0;
        is_limited_ = with_limits;
        for (; pjson_next(&items, nullptr, &item); count++) {
            if (this->item(item, "input[" + std::to_string(count) + "]")) return true;
        }
        return with_limits && too_many(count, config_.limits.items, "limits.items", "input", "Items of the input");
    }

    /* Whatever isn't an instruction or a tool's output is the client's own: also what it says that the model has said or called. */
    static Source source_of(const std::string &type, const std::string &role) {
        if (!role.empty()) return role == "user" || role == "assistant" ? Source::user : Source::instructions;
        bool is_output = type.size() > 7 && type.compare(type.size() - 7, 7, "_output") == 0;
        return is_output ? Source::tools : Source::user;
    }

    bool item(pjson_value item, const std::string &path) {
        const std::string role = decoded(pjson_member(item, "role"));
        const Source source = source_of(decoded(pjson_member(item, "type")), role);
        /* `allow` is for what a request is about, not for earlier answers and calls. */
        const bool is_subject = role.empty() ? source == Source::tools : role != "assistant";
        joined_.clear();
        pieces_ = 0;
        if (item.kind != PJSON_OBJECT) return false;
        if (texts(item, source, path, is_subject)) return true;
        if (pieces_ < 2) return false;
        const Pattern *denied = config_.texts.deny.find(joined_); /* a word that goes over two parts */
        return denied != nullptr && refuse(denied->path.c_str(), path, denied->message);
    }

    /* Every text inside a value. */
    bool texts(pjson_value value, Source source, const std::string &path, bool is_subject = false) {
        pjson_iterator inner = pjson_iterate(value);
        pjson_value key, element;
        if (value.kind == PJSON_STRING) return text(value, source, path, is_subject);
        if (value.kind == PJSON_ARRAY) {
            for (size_t i = 0; pjson_next(&inner, nullptr, &element); i++) {
                if (texts(element, source, path + "[" + std::to_string(i) + "]", is_subject)) return true;
            }
        }
        if (value.kind != PJSON_OBJECT) return false;
        pjson_value type = pjson_member(value, "type");
        if (is_limited_ && (pjson_equals(type, "input_image") || pjson_equals(type, "computer_screenshot")) &&
            too_many(++images_, config_.limits.images, "limits.images", "input", "Images")) {
            return true;
        }
        while (pjson_next(&inner, &key, &element)) {
            if (is_no_text(key) && element.kind == PJSON_STRING) continue;
            bool is_said = is_subject && (pjson_equals(key, "content") || pjson_equals(key, "output") || pjson_equals(key, "text"));
            if (texts(element, source, path + "." + decoded(key), is_said)) return true;
        }
        return false;
    }

    bool is_looked_at(Source source) const {
        switch (source) {
        case Source::user: return config_.texts.user;
        case Source::instructions: return config_.texts.instructions;
        case Source::tools: return config_.texts.tools;
        }
        return false;
    }

    bool text(pjson_value value, Source source, const std::string &path, bool is_subject) {
        bool moderated = config_.moderation.input && !config_.moderation.model.empty();
        if (value.kind != PJSON_STRING || !is_looked_at(source) || (config_.texts.empty() && !moderated)) return false;
        std::string text = decoded(value);
        const Pattern *denied = config_.texts.deny.find(text);
        if (denied != nullptr) return refuse(denied->path.c_str(), path, denied->message);
        if (is_subject && !config_.texts.allow.empty() && config_.texts.allow.find(text) == nullptr) {
            return refuse("texts.allow", path, config_.texts.message);
        }
        if (!text.empty()) pieces_++;
        joined_ += text;
        if (moderated) said_.add(std::move(text));
        return false;
    }

    const Config &config_;
    Refusal &refusal_;
    Said &said_;
    int64_t bytes_ = 0, images_ = 0;
    bool is_limited_ = false;
    std::string joined_; /* an item's texts, one right after another */
    size_t pieces_ = 0;
};

} // namespace

bool check_document(const Config &config, uint32_t point, bool with_model, pbay_text text, Refusal &refusal, Said &said) {
    pjson_value document;
    if (!pjson_parse(text.data, static_cast<size_t>(text.size), &document, nullptr) || document.kind != PJSON_OBJECT) {
        refusal = Refusal{PBAY_EINVALID, "", "The request is nested too deeply to be checked.", "request"};
        return true;
    }
    Walk walk(config, refusal, said);
    if (point == PBAY_POINT_HISTORY_LOADED) return walk.history(document, with_model);
    return point == PBAY_POINT_TOOL_RESULT ? walk.tool_result(document) : walk.body(document);
}

} // namespace guard
