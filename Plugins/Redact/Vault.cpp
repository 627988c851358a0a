#include "Vault.h"

#include <algorithm>

namespace patchbay::redact {

namespace {

constexpr size_t max_salt = 3;                             // letters
constexpr size_t salt_count = 1 + 26 + 26 * 26 + 26 * 26 * 26;

// "" is 0, "a" is 1, "aa" is 27.
size_t number_of(std::string_view salt) {
    size_t number = 0;
    for (const char c : salt) {
        number = number * 26 + static_cast<size_t>(c - 'a') + 1;
    }
    return number;
}

std::string salt_of(size_t number) {
    std::string salt;
    while (number > 0) {
        number--;
        salt.insert(salt.begin(), static_cast<char>('a' + number % 26));
        number /= 26;
    }
    return salt;
}

bool in_name(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

} // namespace

// Anything of the form [NAME_salt1], whatever its name: rules may come to be in a configuration later.
void Salts::note(std::string_view text) {
    size_t open = text.find('[');
    while (open != std::string_view::npos) {
        size_t at = open + 1;
        while (at < text.size() && in_name(text[at])) {
            at++;
        }
        // The name ends with an underscore, or with one and digits where there is no salt.
        const size_t last = text.substr(open, at - open).rfind('_');
        if (last != std::string_view::npos) {
            const size_t underscore = open + last;
            size_t letters = underscore + 1;
            while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') {
                letters++;
            }
            size_t digits = letters;
            while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
                digits++;
            }
            const size_t size = letters - underscore - 1;
            if (digits > letters && digits < text.size() && text[digits] == ']' && size <= max_salt) {
                taken.resize(salt_count);
                taken[number_of(text.substr(underscore + 1, size))] = true;
            }
        }
        open = text.find('[', open + 1);
    }
}

bool Salts::first_free(std::string &salt) const {
    const size_t first = static_cast<size_t>(std::find(taken.begin(), taken.end(), false) - taken.begin());
    salt = salt_of(first);
    return first < salt_count;
}

uint32_t Vault::number(uint32_t rule, std::string_view value) {
    if (numbers.size() <= rule) {
        numbers.resize(rule + 1);
    }
    std::string key(value);
    const auto known = numbers[rule].find(key);
    if (known != numbers[rule].end()) {
        return known->second;
    }
    if (entries.size() == max_values) {
        return 0;
    }
    const uint32_t number = static_cast<uint32_t>(numbers[rule].size()) + 1;
    entries.push_back({rule, number, key});
    numbers[rule].emplace(std::move(key), number);
    return number;
}

void Vault::issue(const std::string &salt) {
    if (salt != salt_) {
        tokens.clear();
        issued = 0;
    }
    salt_ = salt;
    for (; issued < entries.size(); issued++) {
        const Entry &entry = entries[issued];
        const auto [token, is_new] = tokens.emplace(token_of(finder.name(entry.rule), salt, entry.number), issued);
        (void)is_new;
        longest = std::max(longest, token->first.size());
    }
}

Vault::Reading Vault::read(std::string_view text) const {
    const std::string_view begin = text.substr(0, longest);
    const size_t close = begin.find(']');
    if (close != std::string_view::npos) {
        const auto token = tokens.find(begin.substr(0, close + 1));
        if (token == tokens.end()) {
            return {0, nullptr, false};
        }
        return {close + 1, &entries[token->second].value, false};
    }
    if (begin.size() < text.size()) {
        return {0, nullptr, false};
    }
    const auto next = tokens.lower_bound(begin);
    const bool unfinished = next != tokens.end() && next->first.compare(0, begin.size(), begin) == 0;
    return {0, nullptr, unfinished};
}

std::string token_of(const std::string &name, const std::string &salt, uint32_t number) {
    std::string token = "[" + name;
    if (number > 0) {
        token += "_" + salt + std::to_string(number);
    }
    return token + "]";
}

} // namespace patchbay::redact
