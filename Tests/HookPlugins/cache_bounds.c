/* How much is kept, and for how long. SPDX-License-Identifier: Apache-2.0 */
#include "cache_support.h"

#include <stdlib.h>
#include <string.h>

/* Requests that differ in their model. An answer has 10 bytes and the provider's name 1. */
enum { ENTRY = 11 };

static int asks(instance *instance, const char *model) { return is_hit(instance, (ask_for){.model = model}); }

/* Whether it would be answered, without making an answer: which is a use, and no insertion. */
static int has(instance *instance, const char *model) {
    request *request;
    int has = looked_up(instance, (ask_for){.model = model}, &request)->kind == VERDICT_ANSWER;
    host_close(request);
    return has;
}

static void test_ttl(void) {
    instance instance = started("{\"ttl\":\"10s\"}");
    CHECK(!asks(&instance, "a"));
    clock_move(MILLISECONDS(10000) - 1);
    CHECK(asks(&instance, "a"));
    clock_move(1); /* a use doesn't make it younger */
    CHECK(!has(&instance, "a"));
    CHECK(reported(&instance).entries == 0);
    CHECK(reported(&instance).bytes == 0);
    CHECK(!asks(&instance, "a"));
    CHECK(asks(&instance, "a"));
    stopped(&instance);

    instance = started("{\"ttl\":7}"); /* milliseconds */
    CHECK(!asks(&instance, "a"));
    clock_move(MILLISECONDS(7) - 1);
    CHECK(has(&instance, "a"));
    clock_move(1);
    CHECK(!has(&instance, "a"));
    stopped(&instance);
}

static void test_entries(void) {
    instance instance = started("{\"max_entries\":3}");
    asks(&instance, "a");
    asks(&instance, "b");
    asks(&instance, "c");
    CHECK(reported(&instance).entries == 3);
    CHECK(has(&instance, "a"));
    asks(&instance, "d"); /* b is what was used longest ago */
    CHECK(reported(&instance).entries == 3);
    CHECK(!has(&instance, "b"));
    CHECK(has(&instance, "c") && has(&instance, "a") && has(&instance, "d"));
    asks(&instance, "e");
    CHECK(!has(&instance, "c"));
    CHECK(has(&instance, "a") && has(&instance, "d") && has(&instance, "e"));
    stopped(&instance);
}

static void ask_with(instance *instance, const char *model, size_t text) {
    request *request;
    char *said = malloc(text + 1);
    memset(said, 'x', text);
    said[text] = 0;
    CHECK(looked_up(instance, (ask_for){.model = model}, &request)->kind == VERDICT_CONTINUE);
    completed(request, said);
    free(said);
}

static void test_bytes(void) {
    instance instance = started("{\"max_bytes\":44,\"max_entry_bytes\":44}");
    asks(&instance, "a");
    CHECK(reported(&instance).bytes == ENTRY);
    asks(&instance, "b");
    asks(&instance, "c");
    asks(&instance, "d");
    CHECK(reported(&instance).bytes == 4 * ENTRY);
    CHECK(has(&instance, "a"));
    ask_with(&instance, "e", 6); /* one byte more than one place: two go */
    CHECK(reported(&instance).bytes == 3 * ENTRY + 1);
    CHECK(!has(&instance, "b") && !has(&instance, "c"));
    CHECK(has(&instance, "d") && has(&instance, "a") && has(&instance, "e"));
    ask_with(&instance, "f", 44 - 6); /* all that there is */
    CHECK(reported(&instance).entries == 1 && reported(&instance).bytes == 44);
    CHECK(has(&instance, "f"));
    ask_with(&instance, "g", 45 - 6); /* more than that: nothing goes for it */
    CHECK(!has(&instance, "g"));
    CHECK(has(&instance, "f"));
    stopped(&instance);
}

/* The provider's name counts, also where there is nothing else. */
static void test_names(void) {
    instance instance = started("{\"max_bytes\":2,\"max_entry_bytes\":1}");
    static const char *const providers[] = {"p", "pp"};
    for (int i = 0; i < 2; i++) {
        request *request;
        CHECK(looked_up(&instance, (ask_for){.provider = providers[i]}, &request)->kind == VERDICT_CONTINUE);
        host_events(request, PBAY_VISIT_LAST, NULL, 0);
        finished(request, complete_response);
        CHECK(reported(&instance).entries == 1 && reported(&instance).bytes == 1);
    }
    stopped(&instance);
}

/* The lengths of texts take one byte more from 128 and from 16,384 on. */
static void test_sizes(void) {
    static const struct {
        size_t text;
        unsigned bytes;
    } sizes[] = {{127, 127 + 6}, {128, 128 + 7}, {16383, 16383 + 7}, {16384, 16384 + 8}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char config[100];
        for (unsigned short_by = 0; short_by < 2; short_by++) {
            snprintf(config, sizeof config, "{\"max_entry_bytes\":%u}", sizes[i].bytes - short_by);
            instance instance = started(config);
            ask_with(&instance, "a", sizes[i].text);
            CHECK(reported(&instance).bytes == (short_by ? 0 : sizes[i].bytes));
            stopped(&instance);
        }
    }
}

/* What has expired goes before what lives, however it was used. */
static void test_expired_first(void) {
    instance instance = started("{\"max_entries\":3,\"ttl\":100}");
    asks(&instance, "a");
    clock_move(MILLISECONDS(50));
    asks(&instance, "b");
    asks(&instance, "c");
    CHECK(has(&instance, "a"));
    clock_move(MILLISECONDS(50));
    asks(&instance, "d");
    CHECK(reported(&instance).entries == 3);
    CHECK(has(&instance, "b") && has(&instance, "c") && has(&instance, "d"));
    clock_move(MILLISECONDS(50));
    asks(&instance, "e"); /* all that expired is given back */
    CHECK(reported(&instance).entries == 2);
    stopped(&instance);
}

/* Also where there are more of them than one insertion looks for. */
static void test_many_expired(void) {
    instance instance = started("{\"max_bytes\":781,\"max_entry_bytes\":781,\"ttl\":100}");
    char model[8];
    for (int step = 0; step < 2; step++) {
        for (int i = 0; i < 70; i++) {
            snprintf(model, sizeof model, "k%d", i);
            EXPECT(asks(&instance, model) == step);
        }
        if (step == 0) clock_move(MILLISECONDS(50));
        if (step == 0) asks(&instance, "lives"); /* and is what was used longest ago when the others have been used again */
    }
    CHECK(reported(&instance).bytes == 71 * ENTRY);
    clock_move(MILLISECONDS(50));
    ask_with(&instance, "new", 781 - 6 * ENTRY - 7); /* six of the seven that 64 leave may stay */
    CHECK(reported(&instance).bytes == 781);
    CHECK(has(&instance, "lives") && has(&instance, "new"));
    stopped(&instance);
}

/* A key that is made again takes the place of what it had. */
static void test_again(void) {
    instance instance = started("{\"wait\":0}");
    request *one, *other;
    looked_up(&instance, (ask_for){0}, &one);
    CHECK(looked_up(&instance, (ask_for){0}, &other)->kind == VERDICT_CONTINUE); /* wait: 0 */
    completed(one, "one");
    completed(other, "another");
    CHECK(reported(&instance).entries == 1 && reported(&instance).bytes == 7 + 6);
    const verdict *verdict = looked_up(&instance, (ask_for){0}, &one);
    CHECK(verdict->kind == VERDICT_ANSWER && strcmp(verdict->events[0].text, "another") == 0);
    host_close(one);
    stopped(&instance);
}

/* The same as a list that is searched from one end to the other. */
static void test_order(void) {
    enum { KEYS = 12, PLACES = 5 };
    instance instance = started("{\"max_entries\":5}");
    int used[PLACES], count = 0, seed = 1;
    for (int step = 0; step < 3000; step++) {
        seed = (int)((unsigned)seed * 1103515245u + 12345u) & 0x7FFFFFFF;
        int key = (seed >> 8) % KEYS, at = 0;
        char model[8];
        snprintf(model, sizeof model, "k%d", key);
        while (at < count && used[at] != key) at++;
        int hit = asks(&instance, model);
        EXPECT(hit == (at < count));
        if (at == count && count == PLACES) at = 0;
        if (at < count) memmove(used + at, used + at + 1, (size_t)(--count - at) * sizeof *used);
        used[count++] = key;
    }
    CHECK(reported(&instance).entries == PLACES);
    stopped(&instance);
}

void test_bounds(void) {
    test_ttl();
    test_entries();
    test_bytes();
    test_names();
    test_sizes();
    test_expired_first();
    test_many_expired();
    test_again();
    test_order();
}
