/* SPDX-License-Identifier: Apache-2.0 */
#include "plugin_error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

pbay_error perror_empty(void) {
    pbay_error error;
    memset(&error, 0, sizeof error);
    error.size = sizeof error;
    return error;
}

/* Takes away the first bytes of a character whose last ones were cut off. */
static void end_on_a_border(char *text, size_t length) {
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
    if (start == 0) return;
    unsigned char first = (unsigned char)text[start - 1];
    size_t wanted = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (length - (start - 1) < wanted) text[start - 1] = 0;
}

void perror_copy(char *target, uint64_t capacity, const char *text) {
    size_t length = strlen(text);
    int cut = length >= capacity;
    if (cut) length = (size_t)capacity - 1;
    memcpy(target, text, length);
    target[length] = 0;
    if (cut) end_on_a_border(target, length);
}

int32_t perror_set(pbay_error *err, int32_t code, const char *param, const char *format, ...) {
    pbay_error full = perror_empty();
    char message[2 * PBAY_MESSAGE_CAPACITY];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    full.code = code;
    if (param != NULL) perror_copy(full.param, sizeof full.param, param);
    perror_copy(full.message, sizeof full.message, message);
    /* An older host's error may be shorter: what it has no room for is left out. */
    full.size = err->size < sizeof full ? err->size : (uint32_t)sizeof full;
    memcpy(err, &full, full.size);
    return code;
}

int32_t perror_message(pbay_error *err, int32_t code, const char *param, const char *message) {
    return perror_set(err, code, param, "%s", message);
}
