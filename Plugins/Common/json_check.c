/*
 * The strict check of a whole document: what it takes, json.c may walk over.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "json_scan.h"
#include "plugin_json.h"

#include <string.h>

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
