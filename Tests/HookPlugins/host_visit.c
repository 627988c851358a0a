/*
 * Visits: what a hook is shown, the call, and the wait for its verdict.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t generations[HOST_SLOTS];

void host_forget(request *request) {
    verdict *verdict = &request->verdict;
    for (size_t i = 0; i < verdict->event_count; i++) {
        free(verdict->events[i].text);
        free(verdict->events[i].id);
        free(verdict->events[i].name);
    }
    free(verdict->events);
    free(verdict->json);
    free(request->document);
    free(request->texts);
    memset(verdict, 0, sizeof *verdict);
    request->document = request->texts = NULL;
    request->texts_size = 0;
}

/* The call itself, and what its return value means. */
static void *run_visit(void *context) {
    request *request = context;
    instance *instance = request->instance;
    pbay_error error = host_empty_error();
    pbay_visit visit = request->visit;
    int32_t code = instance->hooks->visit(instance->self, request->state, &visit, &error);
    pthread_mutex_lock(&host_mutex);
    if (code == PBAY_DEFER) {
        request->verdict.was_deferred = 1;
    } else if (request->has_verdict) {
        if (code < 0) host_violation("a negative code of a visit that has its verdict");
    } else if (code < 0) {
        request->verdict.kind = VERDICT_FAIL;
        request->verdict.error = error;
        request->verdict.error.code = code;
        host_settle(request);
    } else {
        request->verdict.kind = VERDICT_CONTINUE;
        host_settle(request);
    }
    if (code != PBAY_DEFER && request->ask_count > 0) host_violation("a visit that asks and doesn't defer");
    request->has_returned = 1;
    pthread_cond_broadcast(&host_changed);
    pthread_mutex_unlock(&host_mutex);
    return NULL;
}

/* Copies what the visit shows. Answers 0 where there is nothing that the plugin wants to see. */
static int set_visit(request *request, uint32_t point, uint32_t flags, const char *document, const pbay_event *events,
                     size_t count) {
    const pbay_hooks *hooks = request->instance->hooks;
    size_t taken = 0, size = 0;
    for (size_t i = 0; i < count; i++) size += (size_t)(events[i].text.size + events[i].id.size + events[i].name.size);
    request->texts = malloc(size + 1);
    request->events = calloc(count + 1, sizeof *request->events);
    for (size_t i = 0; i < count; i++) {
        if ((hooks->events & PBAY_EVENT_BIT(events[i].kind)) == 0) continue;
        pbay_event *event = &request->events[taken++].event;
        *event = events[i];
        event->size = sizeof *request->events;
        pbay_text *parts[3] = {&event->text, &event->id, &event->name};
        for (int part = 0; part < 3; part++) {
            char *to = request->texts + request->texts_size;
            if (parts[part]->size > 0) memcpy(to, parts[part]->data, (size_t)parts[part]->size);
            parts[part]->data = parts[part]->size > 0 ? to : NULL;
            request->texts_size += (size_t)parts[part]->size;
        }
    }
    if (document != NULL) request->document = host_copy(document, strlen(document));
    pbay_visit visit = {sizeof visit, point, 0, flags, request->round, taken > 0 ? &request->events->event : NULL, taken};
    request->visit = visit;
    request->visit.id = ++generations[request->slot] * HOST_SLOTS + request->slot;
    if ((hooks->points & point) == 0) return 0;
    return point != PBAY_POINT_EVENTS || taken > 0 || (flags & PBAY_VISIT_LAST) != 0;
}

void host_begin(request *request, uint32_t point, uint32_t flags, const char *document, const pbay_event *events,
                size_t count) {
    if (request->visit.id != 0 && !request->has_verdict) abort(); /* the test: one visit after another */
    if (request->has_thread) pthread_join(request->thread, NULL);
    pthread_mutex_lock(&host_mutex);
    host_forget(request);
    request->has_thread = request->has_verdict = request->has_returned = request->cancelled = 0;
    if (request->visit.point == PBAY_POINT_EVENTS) {
        free(request->before);
        request->before = request->events;
        request->before_count = (size_t)request->visit.event_count;
    } else {
        free(request->events);
    }
    request->events = NULL;
    int called = set_visit(request, point, flags, document, events, count);
    request->verdict.was_called = called;
    if (!called) {
        request->verdict.kind = VERDICT_CONTINUE;
        host_settle(request);
        request->has_returned = 1;
    }
    pthread_mutex_unlock(&host_mutex);
    if (!called) return;
    if ((request->instance->hooks->flags & PBAY_HOOKS_MAY_BLOCK) == 0) {
        run_visit(request);
    } else {
        if (pthread_create(&request->thread, NULL, run_visit, request) != 0) abort();
        request->has_thread = 1;
    }
}

/* Answers the oldest ask. With the mutex, which it lets go of. */
static void answer_ask(request *request) {
    ask ask = request->asks[0];
    const char *text = "";
    memmove(request->asks, request->asks + 1, --request->ask_count * sizeof ask);
    int cancelled = request->cancelled;
    pthread_mutex_unlock(&host_mutex);
    int32_t code = cancelled ? PBAY_ECANCELLED : PBAY_EUPSTREAM;
    if (!cancelled && request->on_ask != NULL) code = request->on_ask(request->ask_context, ask.body, &text);
    pbay_error error = host_empty_error();
    error.code = code;
    if (code < 0) snprintf(error.message, sizeof error.message, "%s", text);
    ask.done(ask.context, code, text_of(code < 0 ? "" : text), code < 0 ? &error : NULL);
    free(ask.body);
    pthread_mutex_lock(&host_mutex);
}

const verdict *host_wait(request *request) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    pthread_mutex_lock(&host_mutex);
    while (!request->has_verdict || !request->has_returned || request->ask_count > 0) {
        if (request->ask_count > 0 && request->has_returned) {
            answer_ask(request);
        } else if (pthread_cond_timedwait(&host_changed, &host_mutex, &until) == ETIMEDOUT) {
            fprintf(stderr, "a visit had no verdict within 30 s\n");
            abort();
        }
    }
    pthread_mutex_unlock(&host_mutex);
    return &request->verdict;
}

int host_has_verdict(request *request) {
    pthread_mutex_lock(&host_mutex);
    int has = request->has_verdict;
    pthread_mutex_unlock(&host_mutex);
    return has;
}

void host_cancel(request *request) {
    pthread_mutex_lock(&host_mutex);
    while (!request->has_returned) pthread_cond_wait(&host_changed, &host_mutex);
    int due = !request->has_verdict && !request->cancelled;
    request->cancelled = 1;
    pthread_mutex_unlock(&host_mutex);
    const pbay_hooks *hooks = request->instance->hooks;
    if (due && hooks->cancel != NULL) hooks->cancel(request->instance->self, request->state, request->visit.id);
}

void host_round(request *request, uint32_t round) { request->round = round; }

const verdict *host_visit(request *request, uint32_t point, const char *document) {
    host_begin(request, point, 0, document, NULL, 0);
    return host_wait(request);
}

const verdict *host_events(request *request, uint32_t flags, const pbay_event *events, size_t count) {
    host_begin(request, PBAY_POINT_EVENTS, flags, NULL, events, count);
    return host_wait(request);
}

void host_on_ask(request *request, host_ask ask, void *context) {
    request->on_ask = ask;
    request->ask_context = context;
}

const char *host_bag(request *request, const char *name) {
    for (unsigned i = 0; i < request->bag_count; i++) {
        if (!request->bag[i].gone && strcmp(request->bag[i].name, name) == 0) return request->bag[i].value;
    }
    return NULL;
}
