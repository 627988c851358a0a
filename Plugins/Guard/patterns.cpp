/*
 * Regular expressions and words. RE2 takes time that grows with the text's length and nothing else, whatever the text and the pattern:
 * the texts here come from strangers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

namespace guard {

static re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    return options;
}

static std::unique_ptr<re2::RE2> compiled(const std::string &pattern) {
    return std::make_unique<re2::RE2>(pattern, options());
}

std::unique_ptr<re2::RE2> compile_pattern(const std::string &pattern, const std::string &path) {
    if (pattern.size() > 4096) throw BadConfig{path, "A pattern has at most 4096 bytes."};
    auto expression = compiled(pattern);
    if (!expression->ok()) throw BadConfig{path, "That is no regular expression of RE2: " + expression->error() + "."};
    if (re2::RE2::PartialMatch("", *expression)) throw BadConfig{path, "The pattern matches an empty text, and so every text."};
    return expression;
}

std::unique_ptr<re2::RE2> compile_words(const std::vector<std::string> &words, const std::string &path) {
    /* RE2's \b knows ASCII alone. */
    std::string pattern = "(?i)(?:\\A|[^\\pL\\pN_])(?:";
    for (size_t i = 0; i < words.size(); i++) {
        if (words[i].empty()) throw BadConfig{path + "[" + std::to_string(i) + "]", "A word must not be empty."};
        pattern += (i == 0 ? "" : "|") + re2::RE2::QuoteMeta(words[i]);
    }
    auto expression = compiled(pattern + ")(?:\\z|[^\\pL\\pN_])");
    if (!expression->ok()) throw BadConfig{path, "These are too many words for one rule."};
    return expression;
}

static bool is_in(const re2::RE2 &expression, std::string_view text, size_t from, size_t to) {
    return expression.Match(re2::StringPiece(text.data(), text.size()), from, to, re2::RE2::UNANCHORED, nullptr, 0);
}

void Patterns::compile() {
    if (patterns_.size() < 2) return;
    std::string all;
    for (const auto &pattern : patterns_) all += (all.empty() ? "(?:" : "|(?:") + pattern.expression->pattern() + ")";
    any_ = compiled(all);
    if (!any_->ok()) any_ = nullptr;
}

const Pattern *Patterns::find(std::string_view text, size_t from, size_t to) const {
    if (from >= to || (any_ != nullptr && !is_in(*any_, text, from, to))) return nullptr;
    for (const auto &pattern : patterns_) {
        if (is_in(*pattern.expression, text, from, to)) return &pattern;
    }
    return nullptr;
}

/* A name against a pattern with `*`, without recursion: on a mismatch the last `*` takes one character more. */
static bool fits(std::string_view pattern, std::string_view name) {
    size_t p = 0, n = 0, star = std::string_view::npos, taken = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = n;
        } else if (p < pattern.size() && pattern[p] == name[n]) {
            p++;
            n++;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') p++;
    return p == pattern.size();
}

const char *Names::refuses(std::string_view name) const {
    for (const auto &pattern : deny) {
        if (fits(pattern, name)) return "deny";
    }
    if (!has_allow) return nullptr;
    for (const auto &pattern : allow) {
        if (fits(pattern, name)) return nullptr;
    }
    return "allow";
}

} // namespace guard
