#include "Finder.h"

#include "Shapes.h"

namespace patchbay::redact {

namespace {

constexpr int64_t one_regex_memory = 8 << 20; // program and automaton
constexpr int64_t all_regex_memory = 64 << 20;

std::unique_ptr<re2::RE2> compile(const std::string &regex, int64_t memory) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(memory);
    return std::make_unique<re2::RE2>(regex, options);
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

} // namespace

void Finder::add(const std::string &name, const std::string &regex, std::optional<Kind> kind, const std::string &path) {
    Rule rule{name, compile(regex, one_regex_memory), kind};
    if (!rule.regex->ok()) {
        refuse(path, "This is no regular expression (RE2), or one too large: " + rule.regex->error() + ".");
    }
    // `a)(b` is none by itself, `\Qa` is one by itself alone.
    if (!compile("(?:" + regex + ")", one_regex_memory)->ok()) {
        refuse(path, "This regular expression can't be joined with others: end each \\Q with \\E.");
    }
    if (rule.regex->Match(re2::StringPiece(), 0, 0, re2::RE2::ANCHOR_BOTH, nullptr, 0)) {
        refuse(path, "This regular expression matches the empty text.");
    }
    rules.push_back(std::move(rule));
}

Finder::Finder(const Settings &settings) {
    std::string joined;
    for (size_t i = 0; i < settings.patterns.size(); i++) {
        const Pattern &pattern = settings.patterns[i];
        add(pattern.name, pattern.regex, std::nullopt, "patterns[" + std::to_string(i) + "].regex");
    }
    for (size_t i = 0; i < kind_count; i++) {
        const Kind kind = static_cast<Kind>(i);
        if (settings.kinds[i]) {
            add(kind_name(kind), shape(kind), kind, "kinds");
        }
    }
    for (const Rule &rule : rules) {
        joined += (joined.empty() ? "(?:" : "|(?:") + rule.regex->pattern() + ")";
    }
    all = compile(joined, all_regex_memory);
    if (!all->ok()) {
        refuse("patterns", "The patterns are too large together: " + all->error() + ".");
    }
}

// The candidate [start, end) is the match of the first rule that matches at `start`. Rules that refuse what they match
// come last, and their matches are short: so nothing is read twice but a few dozen bytes.
std::optional<Found> Finder::judge(std::string_view text, size_t start, size_t end) const {
    bool refused = false;
    for (uint32_t i = 0; i < rules.size(); i++) {
        const Rule &rule = rules[i];
        re2::StringPiece match;
        const bool matches = refused ? rule.regex->Match(piece(text), start, text.size(), re2::RE2::ANCHOR_START, &match, 1)
                                     : rule.regex->Match(piece(text), start, end, re2::RE2::ANCHOR_BOTH, &match, 1);
        if (!matches || match.empty()) {
            continue;
        }
        const size_t last = rule.kind ? accept(*rule.kind, text, start, start + match.size()) : end;
        if (last > start) {
            return Found{start, last, i};
        }
        refused = true;
    }
    return std::nullopt;
}

void Finder::find(std::string_view text, std::vector<Found> &out) const {
    re2::StringPiece match;
    size_t at = 0;
    while (at < text.size() && all->Match(piece(text), at, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
        size_t start = static_cast<size_t>(match.data() - text.data());
        size_t end = start + match.size();
        const std::optional<Found> found = match.empty() ? std::nullopt : judge(text, start, end);
        if (!found) {
            at = start + 1;
            while (at < text.size() && is_continuation(text[at])) {
                at++;
            }
            continue;
        }
        end = found->end;
        while (start > at && is_continuation(text[start])) { // a pattern with \C may cut a character
            start--;
        }
        while (end < text.size() && is_continuation(text[end])) {
            end++;
        }
        out.push_back({start, end, found->rule});
        at = end;
    }
}

} // namespace patchbay::redact
