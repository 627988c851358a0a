/* Equal requests at the same time. SPDX-License-Identifier: Apache-2.0 */
#include "cache_support.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char *const minute = "{\"wait\":\"1m\"}";

/* One that goes on: it was told so, and counts as a miss. */
static void check_goes_on(request *request) {
    CHECK(host_wait(request)->kind == VERDICT_CONTINUE);
    CHECK(strcmp(host_bag(request, "cache"), "miss") == 0);
}

static void check_answered(request *request, const char *text) {
    const verdict *verdict = host_wait(request);
    CHECK(verdict->kind == VERDICT_ANSWER && verdict->event_count == 1 && strcmp(verdict->events[0].text, text) == 0);
    CHECK(strcmp(host_bag(request, "cache"), "hit") == 0);
    finished(request, complete_response);
}

static void test_one_waits(void) {
    instance instance = started(minute);
    request *leader = asked(&instance, (ask_for){0}), *waiter = asked(&instance, (ask_for){0});
    request *other = asked(&instance, (ask_for){.owner = "another"});
    check_goes_on(leader);
    check_goes_on(other);
    CHECK(!host_has_verdict(waiter));
    CHECK(reported(&instance).waiting == 1 && reported(&instance).under_way == 2);
    completed(other, "for another");
    CHECK(!host_has_verdict(waiter));
    completed(leader, "once");
    check_answered(waiter, "once");
    CHECK(reported(&instance).entries == 2);
    check_answered(asked(&instance, (ask_for){0}), "once"); /* it has kept nothing over it */
    CHECK(reported(&instance).hits == 2 && reported(&instance).misses == 2);
    stopped(&instance);
}

typedef struct thread {
    pthread_t thread;
    instance *instance;
    int was_answered;
} thread;

static void *run_thread(void *context) {
    thread *me = context;
    request *request;
    const verdict *verdict = looked_up(me->instance, (ask_for){0}, &request);
    me->was_answered = verdict->kind == VERDICT_ANSWER;
    if (me->was_answered) {
        CHECK(verdict->event_count == 1 && strcmp(verdict->events[0].text, "for all") == 0);
        host_close(request);
    } else {
        await_waiting(me->instance, 99);
        completed(request, "for all");
    }
    return NULL;
}

static void test_hundred_threads(void) {
    instance instance = started(minute);
    thread threads[100];
    int answered = 0;
    for (int i = 0; i < 100; i++) {
        threads[i] = (thread){.instance = &instance};
        if (pthread_create(&threads[i].thread, NULL, run_thread, &threads[i]) != 0) abort();
    }
    for (int i = 0; i < 100; i++) {
        pthread_join(threads[i].thread, NULL);
        answered += threads[i].was_answered;
    }
    CHECK(answered == 99);
    CHECK(reported(&instance).hits == 99 && reported(&instance).misses == 1 && reported(&instance).entries == 1);
    stopped(&instance);
}

/* What a leader does that makes no answer to keep. Each lets go of those who wait at once. */
static void is_closed(request *request) { (void)request; }

static void fails(request *request) {
    host_visit(request, PBAY_POINT_FAILURE, "{\"error\":{\"kind\":\"upstream\"},\"response\":null}");
}

static void calls_a_tool(request *request) {
    pbay_event event = event_of(PBAY_EVENT_TOOL_CALL, "");
    host_events(request, 0, &event, 1);
}

static void is_incomplete(request *request) {
    host_events(request, PBAY_VISIT_LAST, NULL, 0);
    host_visit(request, PBAY_POINT_COMPLETE, "{\"status\":\"incomplete\"}");
}

static void falls_back(request *request) {
    host_visit(request, PBAY_POINT_ATTEMPT_FAILED, "{\"attempt\":1,\"next\":\"q\"}");
}

static void runs_a_tool(request *request) {
    host_round(request, 1);
    host_visit(request, PBAY_POINT_HISTORY_LOADED, "{\"model\":\"m\",\"input\":[]}");
}

static void says_too_much(request *request) {
    static char text[2001];
    memset(text, 'x', 2000);
    pbay_event event = event_of(PBAY_EVENT_TEXT, text);
    host_events(request, 0, &event, 1);
}

/* The next in line leads, and the others wait for it. `early`: before the leader is closed. */
static void test_next_leads(void (*ends)(request *), int early) {
    instance instance = started("{\"wait\":\"1m\",\"max_entry_bytes\":1000}");
    request *leader = asked(&instance, (ask_for){0}), *waiters[4];
    for (int i = 0; i < 4; i++) waiters[i] = asked(&instance, (ask_for){0});
    check_goes_on(leader);
    ends(leader);
    CHECK(host_has_verdict(waiters[0]) == early);
    host_close(leader);
    check_goes_on(waiters[0]);
    for (int i = 1; i < 4; i++) CHECK(!host_has_verdict(waiters[i]));
    ends(waiters[0]);
    host_close(waiters[0]);
    check_goes_on(waiters[1]);
    CHECK(!host_has_verdict(waiters[2]) && !host_has_verdict(waiters[3]));
    completed(waiters[1], "at last");
    check_answered(waiters[2], "at last");
    check_answered(waiters[3], "at last");
    CHECK(reported(&instance).hits == 2 && reported(&instance).misses == 3);
    stopped(&instance);
}

/* Who is cancelled gets a verdict all the same, and nobody waits for him. */
static void test_cancelled_waiters(void) {
    instance instance = started(minute);
    request *leader = asked(&instance, (ask_for){0}), *waiters[4];
    for (int i = 0; i < 4; i++) waiters[i] = asked(&instance, (ask_for){0});
    host_cancel(waiters[0]);
    CHECK(host_wait(waiters[0])->kind == VERDICT_CONTINUE);
    host_close(waiters[0]);
    host_cancel(waiters[2]);
    CHECK(host_wait(waiters[2])->kind == VERDICT_CONTINUE);
    CHECK(reported(&instance).waiting == 2);
    host_close(leader);
    check_goes_on(waiters[1]); /* the first that still waits */
    host_close(waiters[2]);
    CHECK(!host_has_verdict(waiters[3]));
    completed(waiters[1], "hello");
    check_answered(waiters[3], "hello");
    stopped(&instance);
}

/* A waiter that was cancelled by its budget may go on; what it makes is as good as a leader's. */
static void test_cancelled_waiter_completes(void) {
    instance instance = started(minute);
    request *leader = asked(&instance, (ask_for){0}), *late = asked(&instance, (ask_for){0});
    request *waiter = asked(&instance, (ask_for){0});
    host_cancel(late);
    host_wait(late);
    completed(late, "from the late one");
    check_answered(waiter, "from the late one");
    completed(leader, "from the leader");
    CHECK(reported(&instance).entries == 1);
    stopped(&instance);
}

void test_flights(void) {
    test_one_waits();
    test_hundred_threads();
    test_next_leads(is_closed, 0);
    test_next_leads(fails, 0);
    test_next_leads(calls_a_tool, 1);
    test_next_leads(is_incomplete, 1);
    test_next_leads(falls_back, 1);
    test_next_leads(runs_a_tool, 1);
    test_next_leads(says_too_much, 1);
    test_cancelled_waiters();
    test_cancelled_waiter_completes();
}
