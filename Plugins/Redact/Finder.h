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
//
// Three searches go through a text side by side, and of what they find the first counts: one regular expression for keys
// and patterns together; addresses, from one "@" to the next; numbers, from one group of digits to the next. So a text
// without any of them is passed over quickly, and none of them makes another look at a text again and again.
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
    };
    struct Number {
        Kind kind;
        uint32_t rule;
    };

    std::vector<Rule> rules;
    std::unique_ptr<re2::RE2> joined; // keys and patterns; null: there are none
    std::vector<uint32_t> of_joined;
    std::optional<uint32_t> email;
    std::vector<Number> numbers; // cards before phones

    uint32_t add(const std::string &name, const std::string &regex, const std::string &path);
    void join();
    // The first that begins at `from` or later, by each search.
    [[nodiscard]] std::optional<Found> next_joined(std::string_view text, size_t from) const;
    [[nodiscard]] std::optional<Found> next_email(std::string_view text, size_t from) const;
    [[nodiscard]] std::optional<Found> next_number(std::string_view text, size_t from) const;
};

} // namespace patchbay::redact
