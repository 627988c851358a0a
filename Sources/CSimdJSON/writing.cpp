#include <charconv>
#include <cstring>

#include "csimdjson.h"
#include "text.hpp"

static uint8_t *put_escape(uint8_t *out, uint8_t byte) {
    static const char digits[] = "0123456789abcdef";
    *out++ = '\\';
    switch (byte) {
    case '"':
    case '\\': *out++ = byte; return out;
    case '\b': *out++ = 'b'; return out;
    case '\f': *out++ = 'f'; return out;
    case '\n': *out++ = 'n'; return out;
    case '\r': *out++ = 'r'; return out;
    case '\t': *out++ = 't'; return out;
    default:
        std::memcpy(out, "u00", 3);
        out[3] = static_cast<uint8_t>(digits[byte >> 4]);
        out[4] = static_cast<uint8_t>(digits[byte & 15]);
        return out + 5;
    }
}

extern "C" size_t csj_escape(uint8_t *const out, const uint8_t *text, size_t length) {
    const uint64_t ones = 0x0101010101010101u;
    const uint8_t *const end = text + length;
    uint8_t *to = out;
    while (text < end) {
        // Eight bytes at a time while they are plain, then bytes up to and with the one that isn't, or to the end.
        while (end - text >= 8) {
            uint64_t word;
            std::memcpy(&word, text, 8);
            const uint64_t control = (word - ones * 0x20) & ~word & ones * 0x80;
            if (control | csj::bytes_equal(word, '"') | csj::bytes_equal(word, '\\')) break;
            std::memcpy(to, text, 8);
            text += 8;
            to += 8;
        }
        while (text < end) {
            const uint8_t byte = *text++;
            if (byte < 0x20 || byte == '"' || byte == '\\') {
                to = put_escape(to, byte);
                break;
            }
            *to++ = byte;
        }
    }
    return static_cast<size_t>(to - out);
}

template <typename Integer> static size_t write_integer(uint8_t *out, Integer value) {
    char *const begin = reinterpret_cast<char *>(out);
    return static_cast<size_t>(std::to_chars(begin, begin + 20, value).ptr - begin);
}

extern "C" size_t csj_write_int64(uint8_t *out, int64_t value) { return write_integer(out, value); }

extern "C" size_t csj_write_uint64(uint8_t *out, uint64_t value) { return write_integer(out, value); }

extern "C" size_t csj_write_floats(uint8_t *out, const float *numbers, size_t count) {
    char *const begin = reinterpret_cast<char *>(out);
    char *at = begin;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) *at++ = ',';
        at = std::to_chars(at, at + CSJ_FLOAT_MAX - 1, numbers[i]).ptr;
    }
    return static_cast<size_t>(at - begin);
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "base64 of floats takes them as they lie in memory: little-endian"
#endif

namespace {

/// Two letters for each 12 bits.
struct Base64Pairs {
    char letters[4096][2];

    constexpr Base64Pairs() : letters() {
        constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (unsigned i = 0; i < 4096; i++) {
            letters[i][0] = alphabet[i >> 6];
            letters[i][1] = alphabet[i & 63];
        }
    }
};

constexpr Base64Pairs pairs;

} // namespace

extern "C" size_t csj_write_base64(uint8_t *out, const uint8_t *bytes, size_t length) {
    uint8_t *at = out;
    size_t i = 0;
    for (; i + 3 <= length; i += 3, at += 4) {
        const uint32_t bits = uint32_t(bytes[i]) << 16 | uint32_t(bytes[i + 1]) << 8 | bytes[i + 2];
        std::memcpy(at, pairs.letters[bits >> 12], 2);
        std::memcpy(at + 2, pairs.letters[bits & 4095], 2);
    }
    if (i < length) {
        const bool two = i + 2 == length;
        const uint32_t bits = uint32_t(bytes[i]) << 16 | (two ? uint32_t(bytes[i + 1]) << 8 : 0);
        std::memcpy(at, pairs.letters[bits >> 12], 2);
        at[2] = two ? uint8_t(pairs.letters[bits & 4095][0]) : '=';
        at[3] = '=';
        at += 4;
    }
    return static_cast<size_t>(at - out);
}
