/*
 * Characters of JSON strings, and what an answer says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

#include <cstring>

namespace guard {

/* How long the escape at `at` is; two that make one character are one. */
static size_t escape_length(const char *at, size_t left) {
    bool is_unit = left >= 6 && at[1] == 'u';
    bool is_high = is_unit && (at[2] == 'd' || at[2] == 'D') && std::strchr("89abAB", at[3]) != nullptr;
    if (is_high && left >= 12 && at[6] == '\\' && at[7] == 'u') return 12;
    return is_unit ? 6 : left < 2 ? left : 2;
}

/* What has no escape is copied in one piece: most of a long text, where pjson_decode goes by characters. */
std::string decoded(pjson_value string) {
    std::string text;
    if (string.kind != PJSON_STRING || string.size < 2) return text;
    const char *at = string.data + 1, *end = string.data + string.size - 1;
    text.reserve(static_cast<size_t>(end - at));
    while (at < end) {
        const auto *escape = static_cast<const char *>(std::memchr(at, '\\', static_cast<size_t>(end - at)));
        text.append(at, escape == nullptr ? end : escape);
        if (escape == nullptr) break;
        size_t length = escape_length(escape, static_cast<size_t>(end - escape));
        char quoted[16], character[16];
        quoted[0] = quoted[length + 1] = '"';
        std::memcpy(quoted + 1, escape, length);
        size_t size = pjson_decode(pjson_value{quoted, length + 2, PJSON_STRING}, character, sizeof character);
        text.append(character, size);
        at = escape + length;
    }
    return text;
}

std::string output_text(pbay_text response) {
    pjson_value document, item, part;
    std::string all;
    if (!pjson_parse(response.data, static_cast<size_t>(response.size), &document, nullptr)) return all;
    pjson_iterator items = pjson_iterate(pjson_member(document, "output"));
    while (pjson_next(&items, nullptr, &item)) {
        if (!pjson_equals(pjson_member(item, "type"), "message")) continue;
        pjson_iterator parts = pjson_iterate(pjson_member(item, "content"));
        while (pjson_next(&parts, nullptr, &part)) {
            pjson_value text = pjson_member(part, "text");
            if (text.kind != PJSON_STRING) text = pjson_member(part, "refusal");
            if (text.kind != PJSON_STRING) continue;
            if (!all.empty()) all += '\n';
            all += decoded(text);
        }
    }
    return all;
}

} // namespace guard
