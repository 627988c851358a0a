/*
 * A buffer that JSON is written into.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `size` more bytes; 0 where there is none. */
static int make_room(out *out, size_t size) {
    if (out->failed) return 0;
    if (size <= out->capacity - out->size) return 1;
    size_t capacity = out->capacity < 4096 ? 4096 : out->capacity;
    while (capacity - out->size < size) capacity *= 2;
    char *data = realloc(out->data, capacity);
    if (data == NULL) {
        out->failed = 1;
        return 0;
    }
    out->data = data;
    out->capacity = capacity;
    return 1;
}

void out_bytes(out *out, const char *bytes, size_t size) {
    if (size == 0 || !make_room(out, size)) return;
    memcpy(out->data + out->size, bytes, size);
    out->size += size;
}

void out_text(out *out, const char *text) { out_bytes(out, text, strlen(text)); }

void out_string(out *out, const char *bytes, size_t size) {
    size_t from = 0; /* what is copied as it is begins here */
    out_bytes(out, "\"", 1);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) continue;
        char escape[8];
        int length = c == '"' || c == '\\' ? snprintf(escape, sizeof escape, "\\%c", c) : snprintf(escape, sizeof escape, "\\u%04x", c);
        out_bytes(out, bytes + from, i - from);
        out_bytes(out, escape, (size_t)length);
        from = i + 1;
    }
    out_bytes(out, bytes + from, size - from);
    out_bytes(out, "\"", 1);
}

void out_value(out *out, pjson_value value) {
    int in_string = 0;
    if (value.kind == PJSON_NONE) {
        out_text(out, "null");
        return;
    }
    if (!make_room(out, value.size)) return;
    char *to = out->data + out->size;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (in_string) {
            if (c == '\\') {
                *to++ = c;
                c = value.data[++i]; /* there is one: the document has been checked */
            } else if (c == '"') {
                in_string = 0;
            }
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            continue;
        } else if (c == '"') {
            in_string = 1;
        }
        *to++ = c;
    }
    out->size = (size_t)(to - out->data);
}

void out_number(out *out, int64_t number) {
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)number);
    out_bytes(out, text, (size_t)length);
}
