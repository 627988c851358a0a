/*
 * An answer's text, which events split anywhere. A match is sure once a character stands behind it, or the text has ended: until then
 * "cat" may still become "catalogue", and \b and $ can't be known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

namespace guard {

static bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/* Where the last character of a text begins. */
static size_t last_character(const std::string &text) {
    size_t at = text.size();
    while (at > 0 && continues(text[at - 1])) at--;
    return at > 0 ? at - 1 : 0;
}

/* The text has ended: what is in the window is all there is. */
const Pattern *Watch::end(const Answers &answers) {
    const Pattern *found = answers.deny.find(window_, from_, window_.size());
    window_.clear();
    from_ = 0;
    return found;
}

/* Looks at what the window has become, and keeps of it what may yet be a part of a match. */
const Pattern *Watch::add(const Answers &answers) {
    const Pattern *found = answers.deny.find(window_, from_, last_character(window_));
    if (found != nullptr || window_.size() <= answers.max_match + 4) return found;
    size_t from = window_.size() - answers.max_match;
    while (from > 0 && continues(window_[from])) from--;
    size_t before = from - 1; /* one character more, for what looks back */
    while (before > 0 && continues(window_[before])) before--;
    window_.erase(0, before);
    from_ = from - before;
    return nullptr;
}

static bool is_watched(const Answers &answers, uint32_t kind) {
    bool reasoning = kind == PBAY_EVENT_REASONING || kind == PBAY_EVENT_REASONING_SUMMARY;
    return kind == PBAY_EVENT_TEXT || kind == PBAY_EVENT_REFUSAL || (reasoning && answers.reasoning);
}

const Pattern *Watch::look(const Answers &answers, const pbay_visit &visit) {
    const Pattern *found = nullptr;
    const char *at = reinterpret_cast<const char *>(visit.events);
    bool added = false;
    for (uint64_t i = 0; i < visit.event_count && found == nullptr; i++, at += visit.events[0].size) {
        const pbay_event &event = *reinterpret_cast<const pbay_event *>(at);
        if (event.kind == PBAY_EVENT_LOGPROBS || event.kind == PBAY_EVENT_ANNOTATION) continue;
        if (!is_watched(answers, event.kind) || event.kind != kind_) found = end(answers); /* another text begins, or none */
        kind_ = event.kind;
        if (!is_watched(answers, event.kind)) continue;
        window_.append(event.text.data == nullptr ? "" : event.text.data, static_cast<size_t>(event.text.size));
        added = true;
    }
    if (found == nullptr && added) found = add(answers);
    if (found == nullptr && (visit.flags & PBAY_VISIT_LAST) != 0) found = end(answers);
    return found;
}

} // namespace guard
