/*
 * The configuration. Whatever is wrong with it is thrown as BadConfig with its path, and becomes PBAY_EINVALID.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

#include <initializer_list>

namespace guard {

constexpr size_t kMaxPatterns = 256, kMaxNames = 4096;

namespace {

std::string member_path(const std::string &path, const std::string &key) { return path.empty() ? key : path + "." + key; }

std::string element_path(const std::string &path, size_t index) { return path + "[" + std::to_string(index) + "]"; }

/* Calls `read(key, value, path)` for each member; it answers whether it knows the key. */
template <typename Read> void read_object(pjson_value object, const std::string &path, const char *keys, Read read) {
    if (object.kind != PJSON_OBJECT) throw BadConfig{path, "This must be an object with " + std::string(keys) + "."};
    pjson_iterator members = pjson_iterate(object);
    pjson_value key, value;
    while (pjson_next(&members, &key, &value)) {
        std::string name = decoded(key), where = member_path(path, name);
        if (!read(name, value, where)) throw BadConfig{where, "Unknown key; there are " + std::string(keys) + "."};
    }
}

std::string read_text(pjson_value value, const std::string &path) {
    std::string text = value.kind == PJSON_STRING ? decoded(value) : "";
    if (text.empty()) throw BadConfig{path, "This must be a text that isn't empty."};
    return text;
}

/* A message that reaches clients has to fit into an error. */
std::string read_message(pjson_value value, const std::string &path) {
    std::string text = read_text(value, path);
    if (text.size() >= PBAY_MESSAGE_CAPACITY) throw BadConfig{path, "A message has at most 511 bytes."};
    return text;
}

int64_t read_number(pjson_value value, const std::string &path, int64_t least, int64_t most) {
    int64_t number = 0;
    if (!pjson_int(value, &number) || number < least || number > most) {
        throw BadConfig{path, "This must be an integer from " + std::to_string(least) + " to " + std::to_string(most) + "."};
    }
    return number;
}

std::vector<std::string> read_list(pjson_value list, const std::string &path, size_t most) {
    std::vector<std::string> texts;
    pjson_iterator elements = pjson_iterate(list);
    pjson_value value;
    if (list.kind != PJSON_ARRAY) throw BadConfig{path, "This must be a list of texts."};
    while (pjson_next(&elements, nullptr, &value)) {
        if (texts.size() == most) throw BadConfig{path, "This list has at most " + std::to_string(most) + " entries."};
        texts.push_back(read_text(value, element_path(path, texts.size())));
    }
    return texts;
}

/* One of the words, as its number in the list. */
size_t read_choice(pjson_value value, const std::string &path, std::initializer_list<const char *> words) {
    std::string all;
    size_t index = 0;
    for (const char *word : words) {
        if (pjson_equals(value, word)) return index;
        all += (index++ == 0 ? "" : ", ") + std::string(word);
    }
    throw BadConfig{path, "This must be one of " + all + "."};
}

/* ----------------------------------------------------------------------------------------------------------- sections */

/* `"pattern"`, `{pattern, message}` or `{words, message}`. */
Pattern read_pattern(pjson_value value, const std::string &path, const std::string &message) {
    Pattern pattern{nullptr, message, path};
    if (value.kind == PJSON_STRING) {
        pattern.expression = compile_pattern(read_text(value, path), path);
        return pattern;
    }
    read_object(value, path, "pattern or words, and message", [&](const std::string &key, pjson_value value, const std::string &path) {
        if (key == "message") {
            if (message.empty()) throw BadConfig{path, "The message of what isn't allowed is texts.message."};
            pattern.message = read_message(value, path);
            return true;
        }
        if (key != "pattern" && key != "words") return false;
        if (pattern.expression != nullptr) throw BadConfig{path, "An entry has a pattern or words, and not both."};
        if (pjson_count(value) == 0 && value.kind == PJSON_ARRAY) throw BadConfig{path, "An empty list has no meaning."};
        if (key == "pattern") pattern.expression = compile_pattern(read_text(value, path), path);
        else pattern.expression = compile_words(read_list(value, path, kMaxNames), path);
        return true;
    });
    if (pattern.expression == nullptr) throw BadConfig{path, "An entry needs a pattern or words."};
    return pattern;
}

void read_patterns(pjson_value list, const std::string &path, const std::string &message, Patterns &out) {
    pjson_iterator elements = pjson_iterate(list);
    pjson_value value;
    size_t count = 0;
    if (list.kind != PJSON_ARRAY) throw BadConfig{path, "This must be a list of patterns."};
    while (pjson_next(&elements, nullptr, &value)) {
        if (count == kMaxPatterns) throw BadConfig{path, "This list has at most 256 entries."};
        out.add(read_pattern(value, element_path(path, count++), message));
    }
    if (count == 0) throw BadConfig{path, "An empty list has no meaning."};
    out.compile();
}

bool read_names(Names &names, const std::string &key, pjson_value value, const std::string &path) {
    if (key == "allow") names.allow = read_list(value, path, kMaxNames);
    else if (key == "deny") names.deny = read_list(value, path, kMaxNames);
    else if (key == "message") names.message = read_message(value, path);
    else return false;
    if (key == "allow") names.has_allow = true;
    return true;
}

bool read_limit(Limits &limits, const std::string &key, pjson_value value, const std::string &path) {
    int64_t *limit = key == "input_bytes" ? &limits.input_bytes : key == "items" ? &limits.items : key == "images" ? &limits.images
        : key == "tools" ? &limits.tools : key == "output_tokens" ? &limits.output_tokens : nullptr;
    if (limit != nullptr) *limit = read_number(value, path, 0, int64_t{1} << 40);
    return limit != nullptr;
}

bool read_texts(Texts &texts, const std::string &key, pjson_value value, const std::string &path) {
    if (key == "deny") {
        read_patterns(value, path, "The request's text isn't allowed here.", texts.deny);
    } else if (key == "allow") {
        read_patterns(value, path, "", texts.allow);
    } else if (key == "message") {
        texts.message = read_message(value, path);
    } else if (key == "from") {
        pjson_iterator elements = pjson_iterate(value);
        pjson_value element;
        texts.user = texts.instructions = texts.tools = false;
        if (pjson_count(value) == 0) throw BadConfig{path, "This must be a list of user, instructions and tools."};
        for (size_t i = 0; pjson_next(&elements, nullptr, &element); i++) {
            bool *sources[] = {&texts.user, &texts.instructions, &texts.tools};
            *sources[read_choice(element, element_path(path, i), {"user", "instructions", "tools"})] = true;
        }
    } else {
        return false;
    }
    return true;
}

bool read_answers(Answers &answers, const std::string &key, pjson_value value, const std::string &path) {
    if (key == "deny") {
        read_patterns(value, path, "The answer's text isn't allowed here.", answers.deny);
    } else if (key == "reasoning") {
        if (value.kind != PJSON_TRUE && value.kind != PJSON_FALSE) throw BadConfig{path, "This must be true or false."};
        answers.reasoning = value.kind == PJSON_TRUE;
    } else if (key == "max_match") {
        answers.max_match = static_cast<size_t>(read_number(value, path, 16, 65536));
    } else {
        return false;
    }
    return true;
}

void read_block_if(Moderation &moderation, pjson_value value, const std::string &path) {
    if (value.kind == PJSON_STRING) {
        moderation.pattern = compile_pattern(read_text(value, path), path);
        return;
    }
    read_object(value, path, "field and pattern", [&](const std::string &key, pjson_value value, const std::string &path) {
        if (key == "pattern") {
            moderation.pattern = compile_pattern(read_text(value, path), path);
        } else if (key == "field") {
            std::string field = read_text(value, path) + ".";
            for (size_t from = 0, dot; (dot = field.find('.', from)) != std::string::npos; from = dot + 1) {
                if (dot == from) throw BadConfig{path, "This must be names with points between them."};
                moderation.field.push_back(field.substr(from, dot - from));
            }
        } else {
            return false;
        }
        return true;
    });
    if (moderation.field.empty()) throw BadConfig{path, "field is missing: the member of the JSON answer that decides."};
}

bool read_moderation(Moderation &moderation, const std::string &key, pjson_value value, const std::string &path) {
    if (key == "model") moderation.model = read_text(value, path);
    else if (key == "instructions") moderation.instructions = read_text(value, path);
    else if (key == "message") moderation.message = read_message(value, path);
    else if (key == "max_bytes") moderation.max_bytes = static_cast<size_t>(read_number(value, path, 1, 16 << 20));
    else if (key == "block_if") read_block_if(moderation, value, path);
    else if (key == "on") {
        size_t on = read_choice(value, path, {"input", "output", "both"});
        moderation.input = on != 1;
        moderation.output = on != 0;
    } else {
        return false;
    }
    return true;
}

bool read_section(Config &config, const std::string &key, pjson_value value, const std::string &path) {
    auto with = [&](const char *keys, auto &section, auto read) {
        read_object(value, path, keys, [&](const std::string &key, pjson_value value, const std::string &path) {
            return read(section, key, value, path);
        });
        return true;
    };
    if (key == "models") return with("allow, deny and message", config.models, read_names);
    if (key == "limits") return with("input_bytes, items, images, tools and output_tokens", config.limits, read_limit);
    if (key == "texts") return with("deny, allow, message and from", config.texts, read_texts);
    if (key == "answers") return with("deny, reasoning and max_match", config.answers, read_answers);
    if (key == "moderation") {
        return with("model, instructions, block_if, on, max_bytes and message", config.moderation, read_moderation);
    }
    if (key != "tools") return false;
    return with("allow, deny, message and on_call", config, [](Config &config, const std::string &key, pjson_value value, const std::string &path) {
        if (key != "on_call") return read_names(config.tools, key, value, path);
        config.tell = read_choice(value, path, {"reject", "tell"}) == 1;
        return true;
    });
}

} // namespace

Config read_config(std::string_view text) {
    Config config;
    pjson_value value;
    config.models.message = "This model isn't available here.";
    config.tools.message = "This tool isn't allowed here.";
    config.texts.message = "The request's text isn't about anything that is allowed here.";
    config.moderation.message = "The moderation of this server refuses it.";
    if (!pjson_parse(text.data(), text.size(), &value, nullptr)) throw BadConfig{"", "The configuration must be one JSON object."};
    read_object(value, "", "models, tools, limits, texts, answers and moderation",
                [&](const std::string &key, pjson_value value, const std::string &path) { return read_section(config, key, value, path); });
    const Moderation &moderation = config.moderation;
    bool moderated = pjson_member(value, "moderation").kind != PJSON_NONE;
    if (moderated && moderation.model.empty()) throw BadConfig{"moderation.model", "model is missing: the model that is asked."};
    if (moderated && moderation.instructions.empty()) throw BadConfig{"moderation.instructions", "instructions are missing: what the model is to decide."};
    if (moderated && moderation.pattern == nullptr && moderation.field.empty()) {
        throw BadConfig{"moderation.block_if", "block_if is missing: which answers of the model refuse."};
    }
    if (config.answers.deny.empty() && pjson_member(value, "answers").kind != PJSON_NONE) throw BadConfig{"answers.deny", "deny is missing."};
    if (config.points() == 0) throw BadConfig{"", "There is no rule; there are models, tools, limits, texts, answers and moderation."};
    return config;
}

} // namespace guard
