#include "Settings.h"

#include <algorithm>

namespace patchbay::redact {

namespace {

struct KindName {
    Kind kind;
    const char *key;  // in the configuration
    const char *name; // in tokens
};

constexpr KindName kinds[kind_count] = {
    {Kind::key, "key", "KEY"},
    {Kind::email, "email", "EMAIL"},
    {Kind::card, "card", "CARD"},
    {Kind::phone, "phone", "PHONE"},
};

std::string decoded(pjson_value value) {
    std::string text(pjson_decode(value, nullptr, 0), '\0');
    pjson_decode(value, text.data(), text.size());
    return text;
}

std::string element(const char *list, size_t index) { return std::string(list) + "[" + std::to_string(index) + "]"; }

void read_kinds(Settings &settings, pjson_value value) {
    if (value.kind != PJSON_ARRAY) {
        refuse("kinds", "kinds must be a list of email, card, key and phone.");
    }
    std::fill(std::begin(settings.kinds), std::end(settings.kinds), false);
    pjson_iterator elements = pjson_iterate(value);
    pjson_value one;
    for (size_t i = 0; pjson_next(&elements, nullptr, &one) != 0; i++) {
        const auto known = std::find_if(std::begin(kinds), std::end(kinds),
                                        [&](const KindName &kind) { return pjson_equals(one, kind.key) != 0; });
        if (known == std::end(kinds)) {
            refuse(element("kinds", i), "Unknown kind; there are email, card, key and phone.");
        }
        settings.kinds[static_cast<size_t>(known->kind)] = true;
    }
}

// A name as it stands in tokens: letters, digits and underscores, made upper case.
std::string read_name(const Settings &settings, pjson_value value, const std::string &path) {
    std::string name = decoded(value);
    bool good = value.kind == PJSON_STRING && !name.empty() && name.size() <= Settings::max_name;
    for (char &c : name) {
        if (c >= 'a' && c <= 'z') {
            c = static_cast<char>(c - 'a' + 'A');
        }
        good = good && ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
    }
    if (!good) {
        refuse(path, "A pattern's name is 1 to 32 letters, digits and underscores: it stands in place of what was found.");
    }
    const bool taken = std::any_of(std::begin(kinds), std::end(kinds), [&](const KindName &kind) { return name == kind.name; }) ||
                       std::any_of(settings.patterns.begin(), settings.patterns.end(),
                                   [&](const Pattern &other) { return name == other.name; });
    if (taken) {
        refuse(path, "There is another kind or pattern of this name.");
    }
    return name;
}

Pattern read_pattern(const Settings &settings, pjson_value value, const std::string &path) {
    Pattern pattern;
    pjson_iterator members = pjson_iterate(value);
    pjson_value key;
    pjson_value one;
    if (value.kind != PJSON_OBJECT) {
        refuse(path, "A pattern is {name, regex}.");
    }
    bool named = false;
    bool has_regex = false;
    while (pjson_next(&members, &key, &one) != 0) {
        if (pjson_equals(key, "name") != 0) {
            pattern.name = read_name(settings, one, path + ".name");
            named = true;
        } else if (pjson_equals(key, "regex") != 0) {
            pattern.regex = decoded(one);
            has_regex = true;
            if (one.kind != PJSON_STRING || pattern.regex.empty() || pattern.regex.size() > Settings::max_regex) {
                refuse(path + ".regex", "regex must be a regular expression of 1 to 4096 bytes.");
            }
        } else {
            refuse(path + "." + decoded(key), "Unknown key; a pattern has name and regex.");
        }
    }
    if (!named || !has_regex) {
        refuse(path + (named ? ".regex" : ".name"), "A pattern needs name and regex.");
    }
    return pattern;
}

void read_patterns(Settings &settings, pjson_value value) {
    pjson_iterator elements = pjson_iterate(value);
    pjson_value one;
    if (value.kind != PJSON_ARRAY) {
        refuse("patterns", "patterns must be a list of {name, regex}.");
    }
    for (size_t i = 0; pjson_next(&elements, nullptr, &one) != 0; i++) {
        if (i == Settings::max_patterns) {
            refuse("patterns", "There are too many patterns: 64 at most.");
        }
        settings.patterns.push_back(read_pattern(settings, one, element("patterns", i)));
    }
}

void read_max_bytes(Settings &settings, pjson_value value) {
    int64_t number = 0;
    if (pjson_int(value, &number) == 0 || number < 1024 || number > (256 << 20)) {
        refuse("max_bytes", "max_bytes must be an integer from 1024 to 268435456.");
    }
    settings.max_bytes = static_cast<uint64_t>(number);
}

} // namespace

const char *kind_name(Kind kind) { return kinds[static_cast<size_t>(kind)].name; }

Settings Settings::parse(std::string_view json) {
    Settings settings;
    pjson_value config;
    pjson_value key;
    pjson_value value;
    if (pjson_parse(json.data(), json.size(), &config, nullptr) == 0 || config.kind != PJSON_OBJECT) {
        refuse("", "The configuration must be one JSON object.");
    }
    pjson_iterator members = pjson_iterate(config);
    while (pjson_next(&members, &key, &value) != 0) {
        if (pjson_equals(key, "kinds") != 0) {
            read_kinds(settings, value);
        } else if (pjson_equals(key, "patterns") != 0) {
            read_patterns(settings, value);
        } else if (pjson_equals(key, "unmask") != 0) {
            if (value.kind != PJSON_TRUE && value.kind != PJSON_FALSE) {
                refuse("unmask", "unmask must be true or false.");
            }
            settings.unmask = value.kind == PJSON_TRUE;
        } else if (pjson_equals(key, "max_bytes") != 0) {
            read_max_bytes(settings, value);
        } else {
            refuse(decoded(key), "Unknown key; there are kinds, patterns, unmask and max_bytes.");
        }
    }
    if (settings.patterns.empty() && std::none_of(std::begin(settings.kinds), std::end(settings.kinds), [](bool on) { return on; })) {
        refuse("kinds", "There is nothing to look for: name a kind or a pattern.");
    }
    return settings;
}

} // namespace patchbay::redact
