/*
 * Walking over a document that json_check.c has taken. Nothing here looks past the end of its slice, whatever the text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "json_scan.h"
#include "plugin_json.h"

#include <string.h>

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
