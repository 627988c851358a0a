/*
 * checks.h - what the programs of this folder share: named checks that go on after a failure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HOOK_PLUGINS_CHECKS_H
#define HOOK_PLUGINS_CHECKS_H

#include "host.h"

#include <stdio.h>
#include <string.h>

extern int check_failed; /* the running check */

#define EXPECT(condition, ...)                                                                                         \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            check_failed = 1;                                                                                          \
            fprintf(stderr, "    %s:%d: %s: ", __FILE__, __LINE__, #condition);                                        \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
        }                                                                                                              \
    } while (0)

typedef struct check {
    const char *name;
    void (*run)(void);
} check;

/* Runs them, says how many passed, and answers the program's exit code. `only`: one of the names, or null. */
int checks_run(const check *checks, size_t count, const char *only);

#endif
