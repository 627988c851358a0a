/* SPDX-License-Identifier: Apache-2.0 */
#include "cache_support.h"

#include "plugin_clock.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

unsigned checks_passed, checks_failed;

/* ------------------------------------------------------------------------------------------------------------- clock */

static uint64_t now = 1000000000;
static pthread_mutex_t watchers_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
    void (*changed)(void *context);
    void *context;
} watchers[8];

static uint64_t clock_now(void) { return __atomic_load_n(&now, __ATOMIC_ACQUIRE); }

static void clock_watch(void (*changed)(void *context), void *context) {
    pthread_mutex_lock(&watchers_mutex);
    unsigned at = 0;
    while (at < 8 && watchers[at].context != (changed == NULL ? context : NULL)) at++;
    if (at == 8) abort();
    watchers[at].changed = changed;
    watchers[at].context = changed == NULL ? NULL : context;
    pthread_mutex_unlock(&watchers_mutex);
}

void clock_offer(void) {
    static const pclock clock = {sizeof clock, 0, clock_now, clock_watch};
    host_offer(PCLOCK_ID, &clock);
}

void clock_move(uint64_t nanoseconds) {
    __atomic_add_fetch(&now, nanoseconds, __ATOMIC_ACQ_REL);
    pthread_mutex_lock(&watchers_mutex);
    for (unsigned at = 0; at < 8; at++) {
        if (watchers[at].changed != NULL) watchers[at].changed(watchers[at].context);
    }
    pthread_mutex_unlock(&watchers_mutex);
}

/* --------------------------------------------------------------------------------------------------------- instances */

instance started(const char *config) {
    instance instance;
    pbay_error error;
    if (host_start(&instance, config, &error) < 0) {
        fprintf(stderr, "%s: %s: %s\n", config, error.param, error.message);
        exit(2);
    }
    return instance;
}

void stopped(instance *instance) {
    report report = reported(instance);
    EXPECT(report.waiting == 0);
    EXPECT(report.under_way == 0);
    host_stop(instance);
}

report reported(instance *instance) {
    report report = {0};
    pbay_health health = {.size = sizeof health};
    instance->table->health(instance->self, &health);
    int count = sscanf(health.message, "%u hits, %u misses, %u entries, %u bytes, %u waiting for %u under way", &report.hits,
                       &report.misses, &report.entries, &report.bytes, &report.waiting, &report.under_way);
    if (count != 6 || health.state != PBAY_HEALTHY) {
        fprintf(stderr, "health: %s\n", health.message);
        exit(2);
    }
    return report;
}

void await_waiting(instance *instance, unsigned count) {
    while (reported(instance).waiting != count) sched_yield();
}

/* ---------------------------------------------------------------------------------------------------------- requests */

const char *const complete_response =
    "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"usage\":{\"input_tokens\":11,"
    "\"input_tokens_details\":{\"cached_tokens\":2},\"output_tokens\":7,\"output_tokens_details\":"
    "{\"reasoning_tokens\":3},\"total_tokens\":18}}";

static const char *or(const char *text, const char *other) { return text != NULL ? text : other; }

static char *formatted(const char *format, const char *a, const char *b, const char *c) {
    size_t size = strlen(format) + strlen(a) + strlen(b) + strlen(c) + 1;
    char *text = malloc(size);
    snprintf(text, size, format, a, b, c);
    return text;
}

request *asked(instance *instance, ask_for ask) {
    const char *model = or(ask.model, "m"), *input = or(ask.input, "{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"}");
    request *request = host_open(instance, "req_1", or(ask.owner, "owner"), model, ask.flags, NULL);
    char *body = formatted("{\"model\":\"%s\",\"input\":[%s]%s}", model, input, or(ask.fields, ""));
    char *route = formatted("{\"model\":\"%s\",\"provider\":\"%s\",\"upstream_model\":\"%s\",\"fallbacks\":[]}", model,
                            or(ask.provider, "p"), or(ask.upstream_model, "u"));
    char *prompt = ask.instructions != NULL
                       ? formatted("{\"model\":\"%s\",\"instructions\":%s,\"input\":[%s]}", model, ask.instructions, input)
                       : formatted("{\"model\":\"%s\",\"input\":[%s]%s}", model, input, "");
    EXPECT(host_visit(request, PBAY_POINT_REQUEST, body)->kind == VERDICT_CONTINUE);
    EXPECT(host_visit(request, PBAY_POINT_ROUTE, route)->kind == VERDICT_CONTINUE);
    host_begin(request, PBAY_POINT_HISTORY_LOADED, 0, prompt, NULL, 0);
    free(body);
    free(route);
    free(prompt);
    return request;
}

const verdict *looked_up(instance *instance, ask_for ask, request **out) {
    *out = asked(instance, ask);
    return host_wait(*out);
}

void completed(request *request, const char *text) {
    pbay_event event = event_of(PBAY_EVENT_TEXT, text);
    EXPECT(host_events(request, 0, &event, 1)->kind == VERDICT_CONTINUE);
    EXPECT(host_events(request, PBAY_VISIT_LAST, NULL, 0)->kind == VERDICT_CONTINUE);
    finished(request, complete_response);
}

void finished(request *request, const char *response) {
    EXPECT(host_visit(request, PBAY_POINT_COMPLETE, response)->kind == VERDICT_CONTINUE);
    EXPECT(host_visit(request, PBAY_POINT_PERSISTED, response)->kind == VERDICT_CONTINUE);
    host_close(request);
}

int is_hit(instance *instance, ask_for ask) {
    request *request;
    if (looked_up(instance, ask, &request)->kind != VERDICT_ANSWER) {
        completed(request, "hello");
        return 0;
    }
    /* The host shows it nothing of its own answer; another one's end does it no harm. */
    EXPECT(strcmp(host_bag(request, "cache"), "hit") == 0);
    finished(request, complete_response);
    return 1;
}

int is_kept(const char *config, ask_for ask) {
    instance instance = started(config);
    CHECK(!is_hit(&instance, ask));
    int kept = is_hit(&instance, ask);
    CHECK(reported(&instance).entries == (unsigned)kept);
    stopped(&instance);
    return kept;
}
