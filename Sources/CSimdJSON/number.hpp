// Numbers: the grammar of RFC 8259, and the range that a node may have.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "csimdjson.h"

namespace csj {

inline bool is_digit(uint8_t byte) noexcept { return static_cast<uint8_t>(byte - '0') < 10; }

/// The double that is nearest to a number that is valid JSON; infinite when there is no finite one.
inline double to_double(const uint8_t *text, const uint8_t *end) noexcept {
    double value = 0;
    auto parsed = std::from_chars(
        reinterpret_cast<const char *>(text), reinterpret_cast<const char *>(end), value, std::chars_format::general);
    if (parsed.ec != std::errc::result_out_of_range) return value;
    // Too large or too small isn't told apart, so count: the decimal place of the first digit that isn't zero.
    int64_t place = 0;
    bool point = false, seen = false;
    const uint8_t *at = *text == '-' ? text + 1 : text;
    for (; at < end && (*at == '.' || is_digit(*at)); ++at) {
        if (*at == '.') {
            point = true;
        } else {
            seen = seen || *at != '0';
            if (seen && !point) ++place;
            if (!seen && point) --place;
        }
    }
    int64_t exponent = 0;
    bool negative = false;
    if (at < end) ++at;  // the e
    if (at < end && !is_digit(*at)) negative = *at++ == '-';
    for (; at < end && is_digit(*at); ++at) {
        if (exponent < INT64_C(1) << 40) exponent = exponent * 10 + (*at - '0');
    }
    place += negative ? -exponent : exponent;
    return place > 0 ? std::numeric_limits<double>::infinity() : 0.0;
}

struct number {
    int32_t code;   // CSJ_OK, CSJ_BAD_NUMBER, CSJ_NUMBER_RANGE
    uint32_t kind;  // CSJ_INTEGER, CSJ_DOUBLE
};

/// Judges the token [text, end): all of it must be one number.
inline number check_number(const uint8_t *const text, const uint8_t *const end) noexcept {
    const uint8_t *at = text;
    const bool negative = *at == '-';
    if (negative) ++at;
    const uint8_t *const digits = at;
    while (at < end && is_digit(*at)) ++at;
    const size_t count = static_cast<size_t>(at - digits);
    if (count == 0 || (count > 1 && *digits == '0')) return {CSJ_BAD_NUMBER, 0};

    if (at == end) {
        if (count < 19) return {CSJ_OK, CSJ_INTEGER};
        if (count > 20) return {CSJ_NUMBER_RANGE, 0};
        uint64_t value = 0;
        for (const uint8_t *digit = digits; digit < end; ++digit) {
            if (__builtin_mul_overflow(value, uint64_t{10}, &value)) return {CSJ_NUMBER_RANGE, 0};
            if (__builtin_add_overflow(value, uint64_t{*digit} - '0', &value)) return {CSJ_NUMBER_RANGE, 0};
        }
        const bool fits = !negative || value <= uint64_t{1} << 63;
        return fits ? number{CSJ_OK, CSJ_INTEGER} : number{CSJ_NUMBER_RANGE, 0};
    }

    if (*at == '.') {
        const uint8_t *const fraction = ++at;
        while (at < end && is_digit(*at)) ++at;
        if (at == fraction) return {CSJ_BAD_NUMBER, 0};
    }
    uint32_t exponent = 0;  // its size, without its sign; saturates
    if (at < end && (*at == 'e' || *at == 'E')) {
        ++at;
        if (at < end && (*at == '+' || *at == '-')) ++at;
        const uint8_t *const power = at;
        for (; at < end && is_digit(*at); ++at) {
            if (exponent < 100000) exponent = exponent * 10 + (*at - '0');
        }
        if (at == power) return {CSJ_BAD_NUMBER, 0};
    }
    if (at != end) return {CSJ_BAD_NUMBER, 0};
    // Below 1e300 it is finite for sure; else the exact answer is worth its price.
    if (count + exponent > 300 && std::isinf(to_double(text, end))) return {CSJ_NUMBER_RANGE, 0};
    return {CSJ_OK, CSJ_DOUBLE};
}

}  // namespace csj
