// What was masked in one request, so that it can be put back: a value and the token that stands for it.
#pragma once

#include "Finder.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patchbay::redact {

// The tokens that a text has of its own: those that nobody may take for ours. A token is [NAME_1] or, where a text has
// something like that, [NAME_a1]: the letters before the number are the salt.
class Salts {
public:
    // Notes what in `text` looks like a token of any name.
    void note(std::string_view text);
    // The first salt that no text has: "", "a" ... "zzz". False where all are taken.
    bool first_free(std::string &salt) const;

private:
    std::vector<bool> taken; // by the salt's number; empty: none
};

class Vault {
public:
    explicit Vault(const Finder &finder) : finder(finder) {}

    // The number of the value's token, from 1; the same value of the same rule has the same. 0: there are too many.
    uint32_t number(uint32_t rule, std::string_view value);

    // The tokens from now on: what `number` gave, with this salt.
    void issue(const std::string &salt);
    [[nodiscard]] const std::string &salt() const { return salt_; }
    [[nodiscard]] bool empty() const { return tokens.empty(); }

    // What stands at the beginning of `text`, whose first character is "[".
    struct Reading {
        size_t size;                   // of the token; 0: there is none
        const std::string *value;      // what it stands for
        bool unfinished;               // no token yet, but the whole of `text` begins one
    };
    [[nodiscard]] Reading read(std::string_view text) const;

    static constexpr size_t max_values = 65536;

private:
    struct Entry {
        uint32_t rule;
        uint32_t number;
        std::string value;
    };

    const Finder &finder;
    std::vector<std::unordered_map<std::string, uint32_t>> numbers; // by rule: values and their numbers
    std::vector<Entry> entries;
    std::map<std::string, size_t, std::less<>> tokens; // to the index of the entry
    size_t issued = 0;
    size_t longest = 0;
    std::string salt_;
};

// [NAME], or [NAME_1] where there is a number.
std::string token_of(const std::string &name, const std::string &salt, uint32_t number);

} // namespace patchbay::redact
