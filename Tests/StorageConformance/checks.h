/*
 * checks.h - what the checks of the conformance suite share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONFORMANCE_CHECKS_H
#define CONFORMANCE_CHECKS_H

#include "host.h"

#include <stdio.h>

extern instance store; /* the instance under test */
extern int failed;     /* the running check */

/* A condition of a check; the check goes on, so that one failure doesn't hide another. */
#define EXPECT(condition, ...)                                                                                         \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            failed = 1;                                                                                                \
            fprintf(stderr, "    line %d: %s: ", __LINE__, #condition);                                                \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
        }                                                                                                              \
    } while (0)

void expect_code(int line, const char *what, answer *answer, int32_t wanted);
#define CODE(call, wanted) expect_code(__LINE__, #call, call, wanted)

/* Each check has its own owner, named after it, and begins at this time. */
caller me(const char *owner);
pbay_storage_stats stats_of(const caller *caller);

/* Another instance, empty where the plugin keeps files; the one before must have been stopped. */
void start_fresh(void);
/* Stops the instance and starts it again with the same configuration. */
void start_again(void);

/* blobs.c */
void check_blobs(void);
void check_blobs_once(void);
void check_blobs_of_owners(void);
void check_blobs_end(void);
void check_blobs_evicted(void);
void check_blobs_hidden(void);
void check_blobs_shared(void);
void check_blobs_replaced(void);
void check_blobs_batch(void);
void check_blobs_limits(void);
void check_blobs_malformed(void);
void check_blobs_sizes(void);
void check_blobs_persistence(void);
void check_blobs_disk(void);

#endif
