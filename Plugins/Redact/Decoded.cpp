#include "Decoded.h"

#include <algorithm>
#include <cstring>

namespace patchbay::redact {

namespace {

// The four hexadecimal digits at `at`, or -1.
int32_t hex4(std::string_view text, size_t at) {
    int32_t unit = 0;
    if (at + 4 > text.size()) {
        return -1;
    }
    for (size_t i = at; i < at + 4; i++) {
        const char c = text[i];
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

void append_utf8(std::string &out, uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | (c >> 6));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | (c >> 12));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (c >> 18));
        out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    }
}

} // namespace

// The escape at `at` (a backslash); answers where it ends.
size_t Decoded::escape(size_t at) {
    static constexpr char names[] = "\"\\/bfnrt";
    static constexpr char meant[] = "\"\\/\b\f\n\r\t";
    if (at + 1 >= raw.size()) {
        copy += '\\';
        return at + 1;
    }
    const char kind = raw[at + 1];
    const int32_t unit = kind == 'u' ? hex4(raw, at + 2) : -1;
    if (unit < 0) {
        const char *name = kind == 0 ? nullptr : std::strchr(names, kind);
        copy += name == nullptr ? kind : meant[name - names];
        return at + 2;
    }
    uint32_t c = static_cast<uint32_t>(unit);
    at += 6;
    if (unit >= 0xD800 && unit <= 0xDBFF && raw.substr(at, 2) == "\\u") {
        const int32_t second = hex4(raw, at + 2);
        if (second >= 0xDC00 && second <= 0xDFFF) {
            c = 0x10000 + ((c - 0xD800) << 10) + (static_cast<uint32_t>(second) - 0xDC00);
            at += 6;
        }
    }
    append_utf8(copy, c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c);
    return at;
}

Decoded::Decoded(std::string_view raw) : raw(raw), copied(raw.find('\\') != std::string_view::npos) {
    size_t at = 0;
    if (!copied) {
        return;
    }
    copy.reserve(raw.size());
    while (at < raw.size()) {
        const size_t next = std::min(raw.find('\\', at), raw.size());
        copy.append(raw.substr(at, next - at));
        at = next;
        if (at < raw.size()) {
            at = escape(at);
            marks.emplace_back(static_cast<uint32_t>(copy.size()), static_cast<uint32_t>(at));
        }
    }
}

size_t Decoded::place(size_t offset) const {
    const auto after = std::upper_bound(marks.begin(), marks.end(), offset,
                                        [](size_t offset, const std::pair<uint32_t, uint32_t> &mark) { return offset < mark.first; });
    if (after == marks.begin()) {
        return offset;
    }
    const auto &mark = *(after - 1);
    return mark.second + (offset - mark.first);
}

void append_escaped(std::string &out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    for (const char c : text) {
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                out += "\\u00";
                out += digits[(c >> 4) & 15];
                out += digits[c & 15];
            } else {
                out += c;
            }
        }
    }
}

} // namespace patchbay::redact
