// The plugin's configuration.
#pragma once

#include "Common.h"

#include <cstdint>
#include <vector>

namespace patchbay::redact {

// What is built in, in the order in which they are tried where two begin at the same place.
enum class Kind : uint8_t { key, email, card, phone };
constexpr size_t kind_count = 4;

struct Pattern {
    std::string name; // upper case, as it stands in tokens
    std::string regex;
};

struct Settings {
    bool kinds[kind_count] = {true, true, true, true};
    std::vector<Pattern> patterns;
    bool unmask = false;
    uint64_t max_bytes = 16 << 20; // of a document; a larger one is rejected

    static constexpr size_t max_patterns = 64;
    static constexpr size_t max_name = 32;    // bytes
    static constexpr size_t max_regex = 4096; // bytes

    // Throws Failure with the path of what is wrong. Whether the regular expressions are any is found out by Finder.
    static Settings parse(std::string_view json);
};

// "EMAIL" and so on.
const char *kind_name(Kind kind);

} // namespace patchbay::redact
