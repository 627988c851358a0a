/* Nobody waits for ever. SPDX-License-Identifier: Apache-2.0 */
#include "cache_support.h"

#include <stdlib.h>
#include <string.h>

/* Who has waited long enough goes on by itself; who came later waits on. */
static void test_wait_ends(void) {
    instance instance = started("{\"wait\":\"400ms\"}");
    request *leader = asked(&instance, (ask_for){0}), *first = asked(&instance, (ask_for){0});
    clock_move(MILLISECONDS(300));
    request *second = asked(&instance, (ask_for){0});
    clock_move(MILLISECONDS(100) - 1);
    CHECK(!host_has_verdict(first));
    clock_move(1);
    CHECK(host_wait(first)->kind == VERDICT_CONTINUE && first != NULL);
    CHECK(strcmp(host_bag(first, "cache"), "miss") == 0);
    CHECK(!host_has_verdict(second));
    CHECK(reported(&instance).waiting == 1);
    /* It isn't the leader: its failure changes nothing. */
    host_close(first);
    CHECK(!host_has_verdict(second));
    completed(leader, "hello");
    const verdict *verdict = host_wait(second);
    CHECK(verdict->kind == VERDICT_ANSWER && verdict->was_deferred);
    host_close(second);
    /* Deadlines of those who are gone do nothing. */
    clock_move(MILLISECONDS(1000));
    CHECK(is_hit(&instance, (ask_for){0}));
    stopped(&instance);
}

/* Whoever has an answer first gives it to all. */
static void test_late_one_is_first(void) {
    instance instance = started("{\"wait\":100}");
    request *leader = asked(&instance, (ask_for){0}), *late = asked(&instance, (ask_for){0});
    clock_move(MILLISECONDS(100));
    CHECK(host_wait(late)->kind == VERDICT_CONTINUE);
    request *waiter = asked(&instance, (ask_for){0});
    CHECK(!host_has_verdict(waiter));
    completed(late, "first");
    const verdict *verdict = host_wait(waiter);
    CHECK(verdict->kind == VERDICT_ANSWER && strcmp(verdict->events[0].text, "first") == 0);
    host_close(waiter);
    /* The flight is over; its leader's end is that of none. */
    clock_move(MILLISECONDS(3600 * 1000));
    request *next = asked(&instance, (ask_for){0}), *behind = asked(&instance, (ask_for){0});
    CHECK(host_wait(next)->kind == VERDICT_CONTINUE);
    host_close(leader);
    CHECK(!host_has_verdict(behind));
    completed(next, "again");
    CHECK(host_wait(behind)->kind == VERDICT_ANSWER);
    host_close(behind);
    stopped(&instance);
}

/* All that wait are let go at the time, whoever leads. */
static void test_many_waits_end(void) {
    enum { KEYS = 10, EACH = 20 };
    instance instance = started("{\"wait\":100}");
    request *leaders[KEYS], *waiters[KEYS][EACH];
    char model[8];
    for (int key = 0; key < KEYS; key++) {
        snprintf(model, sizeof model, "k%d", key);
        leaders[key] = asked(&instance, (ask_for){.model = model});
        for (int i = 0; i < EACH; i++) waiters[key][i] = asked(&instance, (ask_for){.model = model});
    }
    CHECK(reported(&instance).waiting == KEYS * EACH);
    clock_move(MILLISECONDS(100));
    for (int key = 0; key < KEYS; key++) {
        for (int i = 0; i < EACH; i++) {
            CHECK(host_wait(waiters[key][i])->kind == VERDICT_CONTINUE);
            host_close(waiters[key][i]);
        }
        host_close(leaders[key]);
    }
    CHECK(reported(&instance).misses == KEYS * (EACH + 1));
    stopped(&instance);
}

/* Those who wait when the instance stops go on. */
static void test_stop(void) {
    enum { WAITERS = 50 };
    instance instance = started("{\"wait\":\"1m\"}");
    request *leader = asked(&instance, (ask_for){0}), *waiters[WAITERS];
    for (int i = 0; i < WAITERS; i++) waiters[i] = asked(&instance, (ask_for){0});
    instance.table->stop(instance.self);
    for (int i = 0; i < WAITERS; i++) {
        CHECK(host_has_verdict(waiters[i]));
        CHECK(host_wait(waiters[i])->kind == VERDICT_CONTINUE);
        host_close(waiters[i]);
    }
    completed(leader, "hello");
    stopped(&instance); /* stops it again, which does nothing */
}

/* Others may hold an answer while it is given, and the cache lets go of it. */
static void test_answer_outlives_entry(void) {
    instance instance = started("{\"wait\":\"1m\",\"max_entries\":1}");
    request *leader = asked(&instance, (ask_for){0}), *waiters[100];
    for (int i = 0; i < 100; i++) waiters[i] = asked(&instance, (ask_for){0});
    completed(leader, "kept for a moment");
    CHECK(!is_hit(&instance, (ask_for){.model = "n"})); /* the first entry goes */
    for (int i = 0; i < 100; i++) {
        const verdict *verdict = host_wait(waiters[i]);
        CHECK(verdict->kind == VERDICT_ANSWER && strcmp(verdict->events[0].text, "kept for a moment") == 0);
        host_close(waiters[i]);
    }
    stopped(&instance);
}

void test_ends(void) {
    test_wait_ends();
    test_late_one_is_first();
    test_many_waits_end();
    test_stop();
    test_answer_outlives_entry();
}

/* With the machine's clock: a wait ends by itself. The test waits for the verdict, for no time. */
void test_real_clock(void) {
    instance instance = started("{\"wait\":\"20ms\"}");
    for (int i = 0; i < 3; i++) {
        request *leader = asked(&instance, (ask_for){0}), *waiters[3];
        for (int k = 0; k < 3; k++) waiters[k] = asked(&instance, (ask_for){0});
        for (int k = 0; k < 3; k++) {
            CHECK(host_wait(waiters[k])->kind == VERDICT_CONTINUE);
            CHECK(host_wait(waiters[k])->was_deferred);
            host_close(waiters[k]);
        }
        host_close(leader);
    }
    CHECK(!is_hit(&instance, (ask_for){0}));
    CHECK(is_hit(&instance, (ask_for){0}));
    stopped(&instance);
}
