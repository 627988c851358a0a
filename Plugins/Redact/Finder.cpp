#include "Finder.h"

#include "Shapes.h"

#include <algorithm>

namespace patchbay::redact {

namespace {

constexpr int64_t one_regex_memory = 8 << 20; // program and automaton
constexpr int64_t joined_memory = 64 << 20;

std::unique_ptr<re2::RE2> compile(const std::string &regex, int64_t memory) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(memory);
    return std::make_unique<re2::RE2>(regex, options);
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The first digit at `from` or later, or the text's end: 32 bytes at a time, in a form that compilers make vectors of.
size_t next_digit(std::string_view text, size_t from) {
    while (text.size() - from >= 32) {
        unsigned any = 0;
        for (size_t i = 0; i < 32; i++) {
            any |= static_cast<unsigned char>(text[from + i] - '0') < 10 ? 1U : 0U;
        }
        if (any != 0) {
            break;
        }
        from += 32;
    }
    while (from < text.size() && !is_digit(text[from])) {
        from++;
    }
    return from;
}

// Whether what begins at `at` may be a number worth a closer look: eight digits, with nothing but gaps between them.
bool has_digits(std::string_view text, size_t at) {
    unsigned digits = 0;
    unsigned gap = 0; // bytes since the last digit; two characters at most, of three bytes
    for (; at < text.size() && digits < 8 && gap <= 6; at++) {
        const char c = text[at];
        if (is_digit(c)) {
            digits++;
            gap = 0;
        } else if (static_cast<unsigned char>(c) >= 0x80 || std::string_view(" -.()/").find(c) != std::string_view::npos) {
            gap++;
        } else {
            break;
        }
    }
    return digits == 8;
}

} // namespace

uint32_t Finder::add(const std::string &name, const std::string &regex, const std::string &path) {
    Rule rule{name, compile(regex, one_regex_memory)};
    if (!rule.regex->ok()) {
        refuse(path, "This is no regular expression (RE2), or one too large: " + rule.regex->error() + ".");
    }
    if (rule.regex->Match(re2::StringPiece(), 0, 0, re2::RE2::ANCHOR_BOTH, nullptr, 0)) {
        refuse(path, "This regular expression matches the empty text.");
    }
    rules.push_back(std::move(rule));
    return static_cast<uint32_t>(rules.size() - 1);
}

Finder::Finder(const Settings &settings) {
    for (size_t i = 0; i < settings.patterns.size(); i++) {
        const Pattern &pattern = settings.patterns[i];
        const std::string path = "patterns[" + std::to_string(i) + "].regex";
        of_joined.push_back(add(pattern.name, pattern.regex, path));
        // `\Qa` is one by itself alone.
        if (!compile("(?:" + pattern.regex + ")", one_regex_memory)->ok()) {
            refuse(path, "This regular expression can't be joined with others: end each \\Q with \\E.");
        }
    }
    for (size_t i = 0; i < kind_count; i++) {
        const Kind kind = static_cast<Kind>(i);
        if (!settings.kinds[i]) {
            continue;
        }
        const uint32_t rule = add(kind_name(kind), shape(kind), "kinds");
        if (kind == Kind::key) {
            of_joined.push_back(rule);
        } else if (kind == Kind::email) {
            email = rule;
        } else {
            numbers.push_back({kind, rule});
        }
    }
    join();
}

void Finder::join() {
    std::string regex;
    for (const uint32_t rule : of_joined) {
        regex += (regex.empty() ? "(?:" : "|(?:") + rules[rule].regex->pattern() + ")";
    }
    if (regex.empty()) {
        return;
    }
    joined = compile(regex, joined_memory);
    if (!joined->ok()) {
        refuse("patterns", "The patterns are too large together: " + joined->error() + ".");
    }
}

std::optional<Found> Finder::next_joined(std::string_view text, size_t from) const {
    re2::StringPiece match;
    while (joined && from < text.size() && joined->Match(piece(text), from, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
        size_t start = static_cast<size_t>(match.data() - text.data());
        size_t end = start + match.size();
        if (match.empty()) { // \b, say: nothing to mask
            from = start + 1;
            while (from < text.size() && is_continuation(text[from])) {
                from++;
            }
            continue;
        }
        // Whose match it is: the first's that matches the same.
        const auto rule = std::find_if(of_joined.begin(), of_joined.end(), [&](uint32_t rule) {
            return rules[rule].regex->Match(piece(text), start, end, re2::RE2::ANCHOR_BOTH, nullptr, 0);
        });
        while (start > from && is_continuation(text[start])) { // a pattern with \C may cut a character
            start--;
        }
        while (end < text.size() && is_continuation(text[end])) {
            end++;
        }
        return Found{start, end, rule == of_joined.end() ? of_joined.front() : *rule};
    }
    return std::nullopt;
}

std::optional<Found> Finder::next_email(std::string_view text, size_t from) const {
    if (!email) {
        return std::nullopt;
    }
    for (size_t at = text.find('@', from); at != std::string_view::npos; at = text.find('@', at + 1)) {
        const size_t start = local_part(text, from, at);
        re2::StringPiece domain;
        const size_t last = std::min(text.size(), at + max_domain);
        if (start < at && rules[*email].regex->Match(piece(text), at, last, re2::RE2::ANCHOR_START, &domain, 1)) {
            return Found{start, at + domain.size(), *email};
        }
    }
    return std::nullopt;
}

// A number begins at a group of digits, or at a sign or a bracket before it.
std::optional<Found> Finder::next_number(std::string_view text, size_t from) const {
    if (numbers.empty()) {
        return std::nullopt;
    }
    for (size_t at = next_digit(text, from); at < text.size(); at = next_digit(text, at)) {
        const bool may_be = has_digits(text, at);
        const bool has_sign = at > from && (text[at - 1] == '+' || text[at - 1] == '(');
        for (size_t start = has_sign ? at - 1 : at; may_be && start <= at; start++) {
            for (const Number &number : numbers) {
                re2::StringPiece match;
                if (rules[number.rule].regex->Match(piece(text), start, text.size(), re2::RE2::ANCHOR_START, &match, 1)) {
                    const size_t end = accept(number.kind, text, start, start + match.size());
                    if (end > start) {
                        return Found{start, end, number.rule};
                    }
                }
            }
        }
        while (at < text.size() && is_digit(text[at])) {
            at++;
        }
    }
    return std::nullopt;
}

void Finder::find(std::string_view text, std::vector<Found> &out) const {
    std::optional<Found> key = next_joined(text, 0);
    std::optional<Found> address = next_email(text, 0);
    std::optional<Found> number = next_number(text, 0);
    while (key || address || number) {
        const Found *first = key ? &*key : nullptr;
        first = address && (first == nullptr || address->start < first->start) ? &*address : first;
        first = number && (first == nullptr || number->start < first->start) ? &*number : first;
        const Found found = *first;
        out.push_back(found);
        if (key && key->start < found.end) {
            key = next_joined(text, found.end);
        }
        if (address && address->start < found.end) {
            address = next_email(text, found.end);
        }
        if (number && number->start < found.end) {
            number = next_number(text, found.end);
        }
    }
}

} // namespace patchbay::redact
