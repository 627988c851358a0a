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
/* The same with more settings: members of a JSON object, without its braces. */
void start_fresh_with(const char *settings);
/* Stops the instance and starts it again with the same configuration, or with the same file and other settings. */
void start_again(void);
void start_again_with(const char *settings);

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


/* owners.c */
void check_owners_bound(void);
void check_owners_chains(void);
void check_owners_blobs(void);
void check_owners_batch(void);
void check_owners_expiry(void);
void check_owners_threads(void);
void check_owners_configuration(void);
void check_owners_persistence(void);

#endif
