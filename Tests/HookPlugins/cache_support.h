/*
 * cache_support.h - what the tests of Plugins/Cache share: a clock of their own, and requests from their beginning to their
 * end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HOOK_PLUGINS_CACHE_SUPPORT_H
#define HOOK_PLUGINS_CACHE_SUPPORT_H

#include "host.h"

#include <stdio.h>

extern unsigned checks_passed, checks_failed;
#define CHECK(what)                                                                                                    \
    do {                                                                                                               \
        if (what) {                                                                                                    \
            __atomic_add_fetch(&checks_passed, 1, __ATOMIC_RELAXED);                                                   \
        } else {                                                                                                       \
            __atomic_add_fetch(&checks_failed, 1, __ATOMIC_RELAXED);                                                   \
            fprintf(stderr, "%s:%d: FAIL: %s\n", __FILE__, __LINE__, #what);                                           \
        }                                                                                                              \
    } while (0)

/* The same in what is done thousands of times: counted where it fails. */
#define EXPECT(what)                                                                                                   \
    do {                                                                                                               \
        if (!(what)) CHECK(!#what);                                                                                    \
    } while (0)

/* The clock stands still until it is moved. */
void clock_offer(void);
void clock_move(uint64_t nanoseconds);
#define MILLISECONDS(n) ((uint64_t)(n) * 1000000)

/* What a request asks for. What is null is as in plain_ask. */
typedef struct ask_for {
    const char *owner;
    const char *fields;       /* members of the request's body, with a comma in front: ",\"temperature\":0" */
    const char *instructions; /* JSON */
    const char *input;        /* JSON of the items */
    const char *model, *provider, *upstream_model;
    uint32_t flags;
} ask_for;

/* Starts an instance; ends the program where it can't. */
instance started(const char *config);
/* Stops it, and checks that nothing is left waiting or under way. */
void stopped(instance *instance);

/* Opens a request and takes it to its lookup, without waiting for the verdict. */
request *asked(instance *instance, ask_for ask);
/* Opens a request and waits for the verdict of its lookup. */
const verdict *looked_up(instance *instance, ask_for ask, request **out);
/* The provider says one text, and the answer is complete and closed. */
void completed(request *request, const char *text);
/* The end of an answer that has said all: the point complete with this document, and the close. */
void finished(request *request, const char *response);
extern const char *const complete_response;

/* A whole request, which a provider answers with "hello" where it is asked. 1: answered by the cache. */
int is_hit(instance *instance, ask_for ask);
/* Whether the second of two such requests is answered by the cache of an instance with this configuration. */
int is_kept(const char *config, ask_for ask);

typedef struct report {
    unsigned hits, misses, entries, bytes, waiting, under_way;
} report;
/* The instance's words about its health, as numbers. */
report reported(instance *instance);
/* Waits until so many wait. */
void await_waiting(instance *instance, unsigned count);

void test_keys(void);
void test_refusals(void);
void test_replay(void);
void test_bounds(void);
void test_flights(void);
void test_ends(void);
void test_stress(void);
void test_real_clock(void);

#endif
