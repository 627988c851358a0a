/*
 * plugin_error.h - filling a pbay_error, for plugins written in C.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PATCHBAY_PLUGIN_ERROR_H
#define PATCHBAY_PLUGIN_ERROR_H

#include "patchbay.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills `err` (the fields that its size has room for) and answers `code`, so that one can `return perror_set(...)`. `param` may
 * be null. The message is printf's, cut on a character's border. Memory that the caller has only sized, but not zeroed, is
 * zeroed first.
 */
int32_t perror_set(pbay_error *err, int32_t code, const char *param, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same with a ready message, for languages that have no variadic calls. */
int32_t perror_message(pbay_error *err, int32_t code, const char *param, const char *message);

/* A zeroed error of this header's size. */
pbay_error perror_empty(void);

/* Copies at most capacity - 1 bytes of `text`, cut on a character's border, and ends them with a zero. */
void perror_copy(char *target, uint64_t capacity, const char *text);

#ifdef __cplusplus
}
#endif

#endif
