// Strings: finding what needs a closer look, undoing escapes, and naming the place of a fault.
#pragma once

#include <cstdint>
#include <cstring>

#include "csimdjson.h"

namespace csj {

/// Eight bytes at once: the high bit of every byte that equals `byte`; exact for the lowest such byte.
inline uint64_t bytes_equal(uint64_t word, uint8_t byte) noexcept {
    const uint64_t ones = 0x0101010101010101u;
    const uint64_t difference = word ^ (ones * byte);
    return (difference - ones) & ~difference & 0x8080808080808080u;
}

/// Two texts of the same length; for short ones quicker than a call of memcmp.
inline bool same(const uint8_t *one, const uint8_t *other, size_t length) noexcept {
    uint64_t a, b;
    if (length >= 8) {
        std::memcpy(&a, one, 8);
        std::memcpy(&b, other, 8);
        if (a != b) return false;
        if (length > 16) return std::memcmp(one + 8, other + 8, length - 8) == 0;
        std::memcpy(&a, one + length - 8, 8);
        std::memcpy(&b, other + length - 8, 8);
        return a == b;
    }
    for (size_t i = 0; i < length; ++i) {
        if (one[i] != other[i]) return false;
    }
    return true;
}

/// True if a string's body is its own text: it has no backslash (and no quote, which stage 1 excludes).
inline bool is_plain(const uint8_t *body, size_t length, const uint8_t *limit) noexcept {
    uint64_t word;
    const uint8_t *const end = body + length;
    for (; end - body >= 8; body += 8) {
        std::memcpy(&word, body, 8);
        if (bytes_equal(word, '\\') | bytes_equal(word, '"')) return false;
    }
    const size_t rest = static_cast<size_t>(end - body);
    if (rest == 0) return true;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (limit - body >= 8) {
        std::memcpy(&word, body, 8);
        word &= (uint64_t{1} << (8 * rest)) - 1;
        return !(bytes_equal(word, '\\') | bytes_equal(word, '"'));
    }
#endif
    (void)limit;
    for (; body < end; ++body) {
        if (*body == '\\' || *body == '"') return false;
    }
    return true;
}

/// What an escape of one letter stands for; 0 for all else. A table, since a text's escapes follow no pattern that a
/// processor could learn.
inline uint8_t escaped_byte(uint8_t letter) noexcept {
    static constexpr struct table {
        uint8_t bytes[256] = {};
        constexpr table() {
            bytes[uint8_t{'"'}] = '"', bytes[uint8_t{'\\'}] = '\\', bytes[uint8_t{'/'}] = '/', bytes[uint8_t{'b'}] = '\b';
            bytes[uint8_t{'f'}] = '\f', bytes[uint8_t{'n'}] = '\n', bytes[uint8_t{'r'}] = '\r', bytes[uint8_t{'t'}] = '\t';
        }
    } escapes;
    return escapes.bytes[letter];
}

/// Four hexadecimal digits, or -1.
inline int32_t hex4(const uint8_t *at, const uint8_t *end) noexcept {
    if (end - at < 4) return -1;
    int32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const uint8_t byte = at[i];
        int32_t digit;
        if (byte >= '0' && byte <= '9') {
            digit = byte - '0';
        } else if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f') {
            digit = (byte | 0x20) - 'a' + 10;
        } else {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

inline uint8_t *put_utf8(uint8_t *out, int32_t scalar) noexcept {
    if (scalar < 0x80) {
        *out++ = static_cast<uint8_t>(scalar);
    } else if (scalar < 0x800) {
        *out++ = static_cast<uint8_t>(0xC0 | scalar >> 6);
        *out++ = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        *out++ = static_cast<uint8_t>(0xE0 | scalar >> 12);
        *out++ = static_cast<uint8_t>(0x80 | (scalar >> 6 & 0x3F));
        *out++ = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    } else {
        *out++ = static_cast<uint8_t>(0xF0 | scalar >> 18);
        *out++ = static_cast<uint8_t>(0x80 | (scalar >> 12 & 0x3F));
        *out++ = static_cast<uint8_t>(0x80 | (scalar >> 6 & 0x3F));
        *out++ = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    }
    return out;
}

/// Copies [body, end) up to the next backslash or quote, whose place it returns, or all of it. `out`, which it moves, has
/// room for as many bytes.
inline const uint8_t *copy_plain(const uint8_t *body, const uint8_t *end, uint8_t *&out) noexcept {
    while (end - body >= 8) {
        uint64_t word;
        std::memcpy(&word, body, 8);
        std::memcpy(out, &word, 8);
        if (const uint64_t found = bytes_equal(word, '\\') | bytes_equal(word, '"')) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            const int before = __builtin_ctzll(found) / 8;
            out += before;
            return body + before;
#else
            break;
#endif
        }
        body += 8;
        out += 8;
    }
    while (body < end && *body != '\\' && *body != '"') *out++ = *body++;
    return body;
}

/// Undoes the escapes of [body, end) into `out`, which has room for as many bytes. Moves `out` to its end.
/// On failure `fault` is the place of the escape.
inline int32_t unescape(const uint8_t *body, const uint8_t *end, uint8_t *&out, const uint8_t *&fault) noexcept {
    for (;;) {
        body = copy_plain(body, end, out);
        if (body == end) return CSJ_OK;
        fault = body;
        // Stage 1 ended the string at its first bare quote, so there is none here; if there were, refuse.
        if (*body == '"') return CSJ_EXPECTED_VALUE;
        if (end - body < 2) return CSJ_BAD_ESCAPE;
        const uint8_t escape = body[1];
        body += 2;
        if (const uint8_t byte = escaped_byte(escape)) {
            *out++ = byte;
            continue;
        }
        if (escape != 'u') return CSJ_BAD_ESCAPE;
        int32_t scalar = hex4(body, end);
        if (scalar < 0) return CSJ_BAD_ESCAPE;
        body += 4;
        if (scalar >= 0xD800 && scalar < 0xE000) {
            if (scalar >= 0xDC00 || end - body < 6 || body[0] != '\\' || body[1] != 'u') return CSJ_LONE_SURROGATE;
            const int32_t low = hex4(body + 2, end);
            if (low < 0) {
                fault = body;
                return CSJ_BAD_ESCAPE;
            }
            if (low < 0xDC00 || low >= 0xE000) return CSJ_LONE_SURROGATE;
            scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00);
            body += 6;
        }
        out = put_utf8(out, scalar);
    }
}

/// The place of the first byte that isn't UTF-8. Only for messages: stage 1 has found that there is one, but not where.
inline size_t find_invalid_utf8(const uint8_t *text, size_t length) noexcept {
    size_t at = 0;
    while (at < length) {
        const uint8_t lead = text[at];
        size_t more;
        uint8_t low = 0x80, high = 0xBF;  // the range of the second byte
        if (lead < 0x80) {
            ++at;
            continue;
        } else if (lead >= 0xC2 && lead <= 0xDF) {
            more = 1;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            more = 2;
            if (lead == 0xE0) low = 0xA0;
            if (lead == 0xED) high = 0x9F;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            more = 3;
            if (lead == 0xF0) low = 0x90;
            if (lead == 0xF4) high = 0x8F;
        } else {
            return at;
        }
        for (size_t i = 1; i <= more; ++i) {
            if (at + i >= length || text[at + i] < low || text[at + i] > high) return at;
            low = 0x80;
            high = 0xBF;
        }
        at += more + 1;
    }
    return CSJ_NO_OFFSET;
}

/// The place of the first control character in a string, or of the quote of a string that doesn't end. Only for messages.
inline size_t find_bad_string(const uint8_t *text, size_t length) noexcept {
    size_t quote = CSJ_NO_OFFSET;
    for (size_t at = 0; at < length; ++at) {
        if (text[at] == '"') {
            quote = quote == CSJ_NO_OFFSET ? at : CSJ_NO_OFFSET;
        } else if (quote != CSJ_NO_OFFSET) {
            if (text[at] < 0x20) return at;
            if (text[at] == '\\') ++at;
        }
    }
    return quote;
}

}  // namespace csj
