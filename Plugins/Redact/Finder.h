// Finds what is to be masked in a text.
#pragma once

#include "Settings.h"

#include <re2/re2.h>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace patchbay::redact {

struct Found {
    size_t start; // bytes of the text, on characters' borders
    size_t end;
    uint32_t rule; // see Finder::name
};

// The patterns of the configuration, in their order, then the built-in kinds. Used by several threads at once.
class Finder {
public:
    // Throws Failure where a pattern is no regular expression, or one too large.
    explicit Finder(const Settings &settings);

    // Appends to `out` what is found in a text of valid UTF-8, in its order, without overlaps.
    void find(std::string_view text, std::vector<Found> &out) const;

    // "EMAIL", or a pattern's name.
    [[nodiscard]] const std::string &name(uint32_t rule) const { return rules[rule].name; }

private:
    struct Rule {
        std::string name;
        std::unique_ptr<re2::RE2> regex;
        std::optional<Kind> kind;
    };

    std::vector<Rule> rules;
    // All rules as one: one pass over a text says where the next candidate is; most texts have none.
    std::unique_ptr<re2::RE2> all;

    void add(const std::string &name, const std::string &regex, std::optional<Kind> kind, const std::string &path);
    [[nodiscard]] std::optional<Found> judge(std::string_view text, size_t start, size_t end) const;
};

} // namespace patchbay::redact
