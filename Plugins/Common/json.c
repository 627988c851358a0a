/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin_json.h"

#include <string.h>

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) at++;
    return at;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The length of the well-formed UTF-8 character at `at` (no overlong form, no surrogate, at most U+10FFFF), or 0. */
static size_t utf8_length(const unsigned char *at, size_t left) {
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

/* ------------------------------------------------------------------------------------------------ the strict check */

/* Each `check_` reads one thing that begins at `at`: answers its end, or null with the offending place in *bad. */

static const char *check_string(const char *at, const char *end, const char **bad) {
    at++; /* the opening quote */
    while (at < end) {
        unsigned char c = (unsigned char)*at;
        if (c == '"') return at + 1;
        if (c == '\\') {
            *bad = at;
            if (end - at < 2) return NULL;
            if (at[1] == 'u') {
                if (end - at < 6) return NULL;
                for (int i = 2; i < 6; i++) {
                    if (hex_digit(at[i]) < 0) return NULL;
                }
                at += 6;
            } else if (at[1] != 0 && strchr("\"\\/bfnrt", at[1]) != NULL) {
                at += 2;
            } else {
                return NULL;
            }
        } else {
            size_t length = c < 0x20 ? 0 : utf8_length((const unsigned char *)at, (size_t)(end - at));
            *bad = at;
            if (length == 0) return NULL;
            at += length;
        }
    }
    *bad = end;
    return NULL;
}

static const char *skip_digits(const char *at, const char *end) {
    while (at < end && *at >= '0' && *at <= '9') at++;
    return at;
}

static const char *check_number(const char *at, const char *end, const char **bad) {
    if (at < end && *at == '-') at++;
    const char *digits = at;
    at = skip_digits(at, end);
    *bad = digits;
    if (at == digits || (*digits == '0' && at - digits > 1)) return NULL;
    if (at < end && *at == '.') {
        digits = ++at;
        at = skip_digits(at, end);
        *bad = at;
        if (at == digits) return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        digits = at;
        at = skip_digits(at, end);
        *bad = at;
        if (at == digits) return NULL;
    }
    return at;
}

/* A value that is no array and no object. */
static const char *check_scalar(const char *at, const char *end, int *kind, const char **bad) {
    static const struct {
        const char *text;
        size_t size;
        int kind;
    } words[] = {{"null", 4, PJSON_NULL}, {"true", 4, PJSON_TRUE}, {"false", 5, PJSON_FALSE}};
    *bad = at;
    if (at == end) return NULL;
    if (*at == '"') {
        *kind = PJSON_STRING;
        return check_string(at, end, bad);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if ((size_t)(end - at) >= words[i].size && memcmp(at, words[i].text, words[i].size) == 0) {
            *kind = words[i].kind;
            return at + words[i].size;
        }
    }
    *kind = PJSON_NUMBER;
    return check_number(at, end, bad);
}

/* A key and its colon. */
static const char *check_key(const char *at, const char *end, const char **bad) {
    *bad = at;
    if (at == end || *at != '"') return NULL;
    at = check_string(at, end, bad);
    if (at == NULL) return NULL;
    at = skip_space(at, end);
    *bad = at;
    if (at == end || *at != ':') return NULL;
    return skip_space(at + 1, end);
}

/*
 * One value of any kind, without recursion: `objects` has a bit for each level that is open, 1 for an object. `kind` is that of
 * the outermost value.
 */
static const char *check_value(const char *at, const char *end, int *kind, const char **bad) {
    uint64_t objects = 0;
    int depth = 0, inner;
    *kind = PJSON_NONE;
    for (;;) {
        /* Here a value begins. */
        *bad = at;
        if (at < end && (*at == '{' || *at == '[')) {
            int is_object = *at == '{';
            if (depth == PJSON_MAX_DEPTH) return NULL;
            if (depth == 0) *kind = is_object ? PJSON_OBJECT : PJSON_ARRAY;
            objects = objects << 1 | (uint64_t)is_object;
            depth++;
            at = skip_space(at + 1, end);
            if (!(at < end && *at == (is_object ? '}' : ']'))) {
                if (is_object && (at = check_key(at, end, bad)) == NULL) return NULL;
                continue;
            }
        } else {
            if ((at = check_scalar(at, end, &inner, bad)) == NULL) return NULL;
            if (depth == 0) {
                *kind = inner;
                return at;
            }
        }
        /* Here a value has ended inside a container, or an empty container is about to be closed. */
        for (;;) {
            int is_object = (int)(objects & 1);
            at = skip_space(at, end);
            *bad = at;
            if (at == end) return NULL;
            if (*at == ',') {
                at = skip_space(at + 1, end);
                if (is_object && (at = check_key(at, end, bad)) == NULL) return NULL;
                break;
            }
            if (*at != (is_object ? '}' : ']')) return NULL;
            at++;
            objects >>= 1;
            if (--depth == 0) return at;
        }
    }
}

int pjson_parse(const char *data, size_t size, pjson_value *out, size_t *error_at) {
    const char *end = data + size, *bad = data;
    const char *begin = skip_space(data, end);
    int kind = PJSON_NONE;
    const char *after = check_value(begin, end, &kind, &bad);
    if (after != NULL) {
        bad = skip_space(after, end);
        if (bad == end) {
            *out = (pjson_value){begin, (size_t)(after - begin), kind};
            return 1;
        }
    }
    if (error_at != NULL) *error_at = (size_t)(bad - data);
    *out = (pjson_value){NULL, 0, PJSON_NONE};
    return 0;
}

/* -------------------------------------------------------------------------------- walking over what has been checked */

/* These never look past `end`, whatever the text. */

static const char *skip_string(const char *at, const char *end) {
    for (at++; at < end; at++) {
        if (*at == '"') return at + 1;
        if (*at == '\\') at++;
    }
    return end;
}

static const char *skip_value(const char *at, const char *end) {
    size_t depth = 0;
    while (at < end) {
        char c = *at;
        if (c == '"') {
            at = skip_string(at, end);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
            continue;
        } else if (c == '}' || c == ']') {
            if (depth == 0) return at; /* the end of the container that the value is in */
            depth--;
            at++;
        } else if (c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            if (depth == 0) return at;
            at++;
            continue;
        } else {
            at++;
            while (at < end && strchr(",:]} \t\n\r\"", *at) == NULL) at++;
        }
        if (depth == 0) return at;
    }
    return end;
}

static pjson_value slice(const char *at, const char *end) {
    int kind = PJSON_NONE;
    if (at < end) {
        switch (*at) {
        case '"': kind = PJSON_STRING; break;
        case '{': kind = PJSON_OBJECT; break;
        case '[': kind = PJSON_ARRAY; break;
        case 'n': kind = PJSON_NULL; break;
        case 't': kind = PJSON_TRUE; break;
        case 'f': kind = PJSON_FALSE; break;
        default: kind = PJSON_NUMBER; break;
        }
    }
    return (pjson_value){at, (size_t)(end - at), kind};
}

pjson_iterator pjson_iterate(pjson_value container) {
    if ((container.kind != PJSON_ARRAY && container.kind != PJSON_OBJECT) || container.size < 2) {
        return (pjson_iterator){NULL, NULL, 0};
    }
    return (pjson_iterator){container.data + 1, container.data + container.size - 1, container.kind == PJSON_OBJECT};
}

int pjson_next(pjson_iterator *iterator, pjson_value *key, pjson_value *value) {
    const char *at = iterator->at, *end = iterator->end;
    if (at == NULL) return 0;
    at = skip_space(at, end);
    if (at < end && *at == ',') at = skip_space(at + 1, end);
    if (at >= end) return 0;
    if (iterator->is_object) {
        const char *after = skip_value(at, end);
        if (key != NULL) *key = slice(at, after);
        at = skip_space(after, end);
        if (at < end && *at == ':') at = skip_space(at + 1, end);
    } else if (key != NULL) {
        *key = (pjson_value){NULL, 0, PJSON_NONE};
    }
    const char *after = skip_value(at, end);
    *value = slice(at, after);
    iterator->at = after;
    return after > at;
}

pjson_value pjson_member(pjson_value object, const char *name) {
    pjson_iterator members = pjson_iterate(object);
    pjson_value key, value;
    if (object.kind == PJSON_OBJECT) {
        while (pjson_next(&members, &key, &value)) {
            if (pjson_equals(key, name)) return value;
        }
    }
    return (pjson_value){NULL, 0, PJSON_NONE};
}

size_t pjson_count(pjson_value container) {
    pjson_iterator elements = pjson_iterate(container);
    pjson_value value;
    size_t count = 0;
    while (pjson_next(&elements, NULL, &value)) count++;
    return count;
}

/* The four hexadecimal digits after a \u, or -1. */
static int32_t hex4(const char *at, const char *end) {
    int32_t unit = 0;
    if (end - at < 4) return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static size_t encode(uint32_t c, char out[4]) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* One character of a string's inside, as UTF-8. Half of a surrogate pair reads as U+FFFD. Answers where the next begins. */
static const char *next_character(const char *at, const char *end, char out[4], size_t *size) {
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (*at != '\\' || end - at < 2) {
        size_t length = utf8_length((const unsigned char *)at, (size_t)(end - at));
        if (length == 0) length = 1;
        memcpy(out, at, length);
        *size = length;
        return at + length;
    }
    if (at[1] != 'u') {
        const char *name = at[1] == 0 ? NULL : strchr(names, at[1]);
        out[0] = name == NULL ? at[1] : meant[name - names];
        *size = 1;
        return at + 2;
    }
    int32_t unit = hex4(at + 2, end);
    if (unit < 0) { /* never in a text that pjson_parse took */
        *size = encode(0xFFFD, out);
        return end;
    }
    at += 6;
    uint32_t c = (uint32_t)unit;
    if (unit >= 0xD800 && unit <= 0xDBFF && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
        int32_t second = hex4(at + 2, end);
        if (second >= 0xDC00 && second <= 0xDFFF) {
            c = 0x10000u + (((uint32_t)unit - 0xD800u) << 10) + ((uint32_t)second - 0xDC00u);
            at += 6;
        }
    }
    if (c >= 0xD800 && c <= 0xDFFF) c = 0xFFFD;
    *size = encode(c, out);
    return at;
}

int pjson_equals(pjson_value string, const char *text) {
    if (string.kind != PJSON_STRING || string.size < 2) return 0;
    const char *at = string.data + 1, *end = string.data + string.size - 1;
    size_t left = strlen(text);
    while (at < end) {
        char c[4];
        size_t size;
        at = next_character(at, end, c, &size);
        if (size > left || memcmp(c, text, size) != 0) return 0;
        text += size;
        left -= size;
    }
    return left == 0;
}

size_t pjson_decode(pjson_value string, char *buffer, size_t capacity) {
    if (string.kind != PJSON_STRING || string.size < 2) return 0;
    const char *at = string.data + 1, *end = string.data + string.size - 1;
    size_t total = 0;
    int fits = 1;
    while (at < end) {
        char c[4];
        size_t size;
        at = next_character(at, end, c, &size);
        if (fits && size <= capacity - total) {
            memcpy(buffer + total, c, size);
        } else {
            fits = 0;
        }
        total += size;
    }
    return total;
}

int pjson_int(pjson_value number, int64_t *out) {
    if (number.kind != PJSON_NUMBER || number.size == 0) return 0;
    const char *at = number.data, *end = number.data + number.size;
    int negative = *at == '-';
    if (negative) at++;
    if (at == end) return 0;
    int64_t value = 0; /* kept negative: the negative range is the larger */
    for (; at < end; at++) {
        if (*at < '0' || *at > '9') return 0;
        int digit = *at - '0';
        if (value < (INT64_MIN + digit) / 10) return 0;
        value = value * 10 - digit;
    }
    if (!negative && value == INT64_MIN) return 0;
    *out = negative ? value : -value;
    return 1;
}
