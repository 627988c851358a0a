/*
 * Random requests of several threads: whatever happens to them, each gets its verdict, nobody is given another key's answer, and the
 * counts come out. STRESS_ROUNDS: requests a thread (2000).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cache_support.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, KEYS = 6, MAX_ENTRIES = 4, MAX_BYTES = 60 };

static instance cache;
static unsigned rounds, looked_up_count, answered, let_go, running;

typedef struct thread {
    pthread_t thread;
    unsigned seed;
} thread;

static unsigned next(unsigned *seed) {
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) & 0x7FFF;
}

static void count(unsigned *counter) { __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED); }

static void say(request *request, uint32_t kind, const char *text) {
    pbay_event event = event_of(kind, text);
    host_events(request, 0, &event, 1);
}

/* One that goes on: one of the ways in which a request can end. */
static void go_on(request *request, unsigned way, const char *model) {
    switch (way % 8) {
    case 0:
        host_visit(request, PBAY_POINT_FAILURE, "{}");
        host_close(request);
        return;
    case 1:
        say(request, PBAY_EVENT_TOOL_CALL, "");
        break;
    case 2:
        say(request, PBAY_EVENT_TEXT, "what is far too long to be kept by a cache that is as small as this");
        break;
    case 3:
        host_visit(request, PBAY_POINT_ATTEMPT_FAILED, "{}");
        break;
    default: break;
    }
    say(request, PBAY_EVENT_TEXT, model);
    if (way % 8 == 4) {
        host_close(request);
        return;
    }
    host_events(request, PBAY_VISIT_LAST, NULL, 0);
    finished(request, way % 8 == 5 ? "{\"status\":\"incomplete\"}" : complete_response);
}

static void ask_once(thread *me) {
    char model[8];
    snprintf(model, sizeof model, "k%u", next(&me->seed) % KEYS);
    request *request = asked(&cache, (ask_for){.model = model});
    count(&looked_up_count);
    if (next(&me->seed) % 4 == 0) host_cancel(request);
    const verdict *verdict = host_wait(request);
    if (verdict->kind == VERDICT_ANSWER) {
        EXPECT(verdict->event_count == 1 && strcmp(verdict->events[0].text, model) == 0);
        count(&answered);
        host_close(request);
    } else {
        EXPECT(verdict->kind == VERDICT_CONTINUE);
        count(&let_go);
        go_on(request, next(&me->seed), model);
    }
    report report = reported(&cache);
    EXPECT(report.entries <= MAX_ENTRIES && report.bytes <= MAX_BYTES && report.waiting <= THREADS && report.under_way <= KEYS);
}

static void *run_thread(void *context) {
    for (unsigned i = 0; i < rounds; i++) ask_once(context);
    __atomic_sub_fetch(&running, 1, __ATOMIC_RELEASE);
    return NULL;
}

static void stress(const char *config, unsigned move) {
    thread threads[THREADS];
    cache = started(config);
    looked_up_count = answered = let_go = 0;
    running = THREADS;
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i].seed = i + 1;
        if (pthread_create(&threads[i].thread, NULL, run_thread, &threads[i]) != 0) abort();
    }
    while (__atomic_load_n(&running, __ATOMIC_ACQUIRE) > 0) {
        clock_move(MILLISECONDS(move));
        sched_yield();
    }
    for (unsigned i = 0; i < THREADS; i++) pthread_join(threads[i].thread, NULL);
    report report = reported(&cache);
    CHECK(looked_up_count == THREADS * rounds && answered + let_go == looked_up_count);
    CHECK(answered > 0 && let_go > 0);
    CHECK(report.hits == answered);
    /* A waiter that was cancelled is no miss: it was let go, and not counted. */
    CHECK(report.misses <= let_go);
    stopped(&cache);
}

void test_stress(void) {
    const char *wanted = getenv("STRESS_ROUNDS");
    rounds = wanted != NULL ? (unsigned)atoi(wanted) : 2000;
    stress("{\"wait\":50,\"ttl\":200,\"max_entries\":4,\"max_bytes\":60,\"max_entry_bytes\":20}", 1);
    stress("{\"wait\":1000000,\"ttl\":1,\"max_entries\":1,\"max_bytes\":20,\"max_entry_bytes\":20}", 1); /* flights and nothing else */
    stress("{\"wait\":0,\"ttl\":5,\"max_entries\":4,\"max_bytes\":60,\"max_entry_bytes\":20}", 1);
}
