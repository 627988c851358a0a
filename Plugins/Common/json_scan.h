/*
 * json_scan.h - what the check (json_check.c) and the reading (json.c) of JSON share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PATCHBAY_JSON_SCAN_H
#define PATCHBAY_JSON_SCAN_H

#include <stddef.h>

static inline const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
    return at;
}

static inline int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The length of the well-formed UTF-8 character at `at` (no overlong form, no surrogate, at most U+10FFFF), or 0. */
static inline size_t utf8_length(const unsigned char *at, size_t left) {
    unsigned char first = at[0];
    if (first < 0x80) return 1;
    size_t length = first >= 0xC2 && first <= 0xDF ? 2 : first >= 0xE0 && first <= 0xEF ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
    if (length == 0 || left < length) return 0;
    unsigned char low = 0x80, high = 0xBF; /* of the second byte */
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    if (at[1] < low || at[1] > high) return 0;
    for (size_t i = 2; i < length; i++) {
        if (at[i] < 0x80 || at[i] > 0xBF) return 0;
    }
    return length;
}

#endif
