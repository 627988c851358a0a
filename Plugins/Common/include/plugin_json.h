/*
 * plugin_json.h - a small JSON reader for plugins written in C (and, through a module map, in Swift).
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * It allocates nothing and keeps nothing: a value is a slice of the text that it was read from, and is good as long as that
 * text is. `pjson_parse` checks a whole document once, strictly (RFC 8259, UTF-8 included, bounded depth); every other
 * function takes a slice that came out of it, and stays inside that slice.
 */
#ifndef PATCHBAY_PLUGIN_JSON_H
#define PATCHBAY_PLUGIN_JSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Arrays and objects may be nested this deep; deeper is refused. */
#define PJSON_MAX_DEPTH 64

enum {
    PJSON_NONE = 0, /* no value: a member that isn't there */
    PJSON_NULL = 1,
    PJSON_TRUE = 2,
    PJSON_FALSE = 3,
    PJSON_NUMBER = 4,
    PJSON_STRING = 5,
    PJSON_ARRAY = 6,
    PJSON_OBJECT = 7
};

/* One value: its text, from its first byte to its last (quotes and brackets included). */
typedef struct pjson_value {
    const char *data;
    size_t size; /* bytes */
    int kind;    /* PJSON_* */
} pjson_value;

/* Where an iteration stands. */
typedef struct pjson_iterator {
    const char *at;
    const char *end;
    int is_object;
} pjson_iterator;

/*
 * Checks the whole of `data` and hands out its one value. Answers 1, or 0 with the offset of the offending byte in *error_at
 * (which may be null).
 */
int pjson_parse(const char *data, size_t size, pjson_value *out, size_t *error_at);

/* Begins an iteration over an array or an object; over anything else it ends at once. */
pjson_iterator pjson_iterate(pjson_value container);

/* The next element, or member with its key (a string value). `key` may be null. Answers 1, or 0 at the end. */
int pjson_next(pjson_iterator *iterator, pjson_value *key, pjson_value *value);

/* The first member of that name, or a value of kind PJSON_NONE. `name` is zero-terminated. */
pjson_value pjson_member(pjson_value object, const char *name);

/* How many elements or members there are. */
size_t pjson_count(pjson_value container);

/* 1 where the value is a string that reads, escapes resolved, as `text` (zero-terminated). */
int pjson_equals(pjson_value string, const char *text);

/*
 * Writes a string's characters, escapes resolved, as far as whole characters fit into `capacity` bytes; answers how many bytes
 * the whole takes (never more than string.size). No terminating zero is written. Anything but a string has 0.
 */
size_t pjson_decode(pjson_value string, char *buffer, size_t capacity);

/* 1 and the number where the value is an integer that fits; 0 otherwise (1.0 and 1e3 are no integers here). */
int pjson_int(pjson_value number, int64_t *out);

#ifdef __cplusplus
}
#endif

#endif
