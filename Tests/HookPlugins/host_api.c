/*
 * What the plugin calls: the tables of hooks and of the log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host_state.h"

#include "plugin_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned logged;
static char last_logged[4097];

/* ----------------------------------------------------------------------------------------------------------- verdicts */

/* The request whose visit waits for its verdict; else counts the break of a rule, and null. Takes the mutex. */
static request *begin(pbay_visit_id id, const char *what) {
    pthread_mutex_lock(&host_mutex);
    request *request = host_find(id);
    if (request != NULL && !request->has_verdict) return request;
    if (request == NULL || !request->cancelled) host_violation(what);
    pthread_mutex_unlock(&host_mutex);
    return NULL;
}

static int32_t end(int32_t code) {
    pthread_mutex_unlock(&host_mutex);
    return code;
}

static int is_text(uint32_t kind) {
    return (kind >= PBAY_EVENT_TEXT && kind <= PBAY_EVENT_REASONING_SUMMARY) || kind == PBAY_EVENT_ARGUMENTS;
}

/* Whether one of the events is a text that `kept` may go on with: of its kind and, where there are several, its number. */
static int goes_on(const wide_event *events, size_t count, const kept_event *kept) {
    int numbered = kept->kind == PBAY_EVENT_ARGUMENTS || kept->kind == PBAY_EVENT_REASONING_SUMMARY;
    for (size_t i = 0; i < count; i++) {
        if (events[i].event.kind == kept->kind && (!numbered || events[i].event.index == kept->index)) return 1;
    }
    return 0;
}

/* A call moves on with an event that the hook has left. */
static void follow_call(request *request, uint32_t kind, uint64_t index) {
    uint64_t bit = index < 64 ? (uint64_t)1 << index : 0;
    if (kind == PBAY_EVENT_TOOL_CALL) request->open_calls |= bit;
    if (kind == PBAY_EVENT_TOOL_CALL_END) request->open_calls &= ~bit;
}

/* Nonzero: arguments of a call whose begin the hook was shown, and which is open among what it has left. */
static int is_of_call(request *request, const kept_event *kept) {
    uint64_t bit = kept->index < 64 ? (uint64_t)1 << kept->index : 0;
    if (kept->kind != PBAY_EVENT_ARGUMENTS || (request->shown_calls & bit) == 0) return 0;
    if ((request->open_calls & bit) == 0) host_violation("arguments of a call that isn't open");
    return 1;
}

/* The calls of a visit that shows events; what it shows is left as it is where the hook doesn't replace it. */
static void check_calls(request *request) {
    for (size_t i = 0; i < (size_t)request->visit.event_count; i++) {
        const pbay_event *event = &request->events[i].event;
        if (event->kind == PBAY_EVENT_TOOL_CALL && event->index < 64) request->shown_calls |= (uint64_t)1 << event->index;
        if (request->verdict.kind != VERDICT_REPLACE_EVENTS) follow_call(request, event->kind, event->index);
    }
}

/*
 * Texts of kinds that this visit or the one before it had, and arguments of calls that are open; of the others no more
 * than there were.
 */
static void check_events(request *request) {
    unsigned budget[32] = {0};
    size_t count = (size_t)request->visit.event_count;
    for (size_t i = 0; i < count; i++) budget[request->events[i].event.kind % 32]++;
    for (size_t i = 0; i < request->verdict.event_count; i++) {
        const kept_event *kept = &request->verdict.events[i];
        follow_call(request, kept->kind, kept->index);
        if (is_of_call(request, kept)) continue;
        if (is_text(kept->kind)) {
            if (!goes_on(request->events, count, kept) && !goes_on(request->before, request->before_count, kept)) {
                host_violation("a text of a kind that neither this visit nor the one before it had");
            }
        } else if (budget[kept->kind % 32]-- == 0) {
            host_violation("an event was added that is no text");
            return;
        }
    }
}

static const uint32_t may_replace = PBAY_POINT_REQUEST | PBAY_POINT_HISTORY_LOADED | PBAY_POINT_ROUTE |
                                    PBAY_POINT_ATTEMPT_FAILED | PBAY_POINT_TOOL_CALL | PBAY_POINT_TOOL_RESULT |
                                    PBAY_POINT_COMPLETE;
static const uint32_t may_answer =
    PBAY_POINT_REQUEST | PBAY_POINT_HISTORY_LOADED | PBAY_POINT_ROUTE | PBAY_POINT_ATTEMPT_FAILED;
static const uint32_t may_reject = may_replace | PBAY_POINT_EVENTS;

void host_settle(request *request) {
    uint32_t point = request->visit.point;
    int kind = request->verdict.kind;
    if ((kind == VERDICT_REPLACE && (may_replace & point) == 0) || (kind == VERDICT_ANSWER && (may_answer & point) == 0) ||
        (kind == VERDICT_REJECT && (may_reject & point) == 0) ||
        (kind == VERDICT_REPLACE_EVENTS && point != PBAY_POINT_EVENTS)) {
        host_violation("a verdict that can't be at its point");
    }
    if (point == PBAY_POINT_EVENTS) check_calls(request);
    if (kind == VERDICT_REPLACE_EVENTS) check_events(request);
    /* Nobody may read these from now on. */
    if (request->document != NULL) memset(request->document, 0xDD, strlen(request->document));
    if (request->texts_size > 0) memset(request->texts, 0xDD, request->texts_size);
    request->has_verdict = 1;
    pthread_cond_broadcast(&host_changed);
}

static int32_t settle(request *request, int kind) {
    request->verdict.kind = kind;
    host_settle(request);
    return end(request->cancelled ? PBAY_CLOSED : PBAY_OK);
}

static int32_t on_document(pbay_visit_id id, pbay_text *out) {
    request *request = begin(id, "the document of a visit that has its verdict");
    if (request == NULL) return PBAY_CLOSED;
    if (request->cancelled) return end(PBAY_CLOSED);
    if (request->document == NULL) return end(PBAY_EUNSUPPORTED);
    *out = text_of(request->document);
    return end(PBAY_OK);
}

static int32_t on_proceed(pbay_visit_id id) {
    request *request = begin(id, "a verdict too many: proceed");
    return request == NULL ? PBAY_CLOSED : settle(request, VERDICT_CONTINUE);
}

static int32_t on_replace(pbay_visit_id id, pbay_text json) {
    pjson_value value;
    request *request = begin(id, "a verdict too many: replace");
    if (request == NULL) return PBAY_CLOSED;
    if (!pjson_parse(json.data, (size_t)json.size, &value, NULL)) return end(PBAY_EINVALID);
    request->verdict.json = host_copy(json.data, (size_t)json.size);
    request->verdict.json_size = (size_t)json.size;
    return settle(request, VERDICT_REPLACE);
}

static int32_t on_emit(pbay_visit_id id, const pbay_event *event) {
    pjson_value unused;
    request *request = begin(id, "an event for a visit that has its verdict");
    if (request == NULL) return PBAY_CLOSED;
    if (event->kind < PBAY_EVENT_TEXT || event->kind > PBAY_EVENT_ITEM_END) return end(PBAY_EUNSUPPORTED);
    /* UTF-8 by the JSON reader: the text as a string, its own quotes and controls made harmless. */
    char *quoted = malloc((size_t)event->text.size + 2);
    quoted[0] = quoted[event->text.size + 1] = '"';
    for (size_t i = 0; i < event->text.size; i++) {
        char c = event->text.data[i];
        quoted[i + 1] = c == '"' || c == '\\' || (unsigned char)c < 0x20 ? ' ' : c;
    }
    int valid = pjson_parse(quoted, (size_t)event->text.size + 2, &unused, NULL);
    free(quoted);
    if (!valid) host_violation("an event's text is no UTF-8");
    if (!valid) return end(PBAY_EINVALID);
    verdict *verdict = &request->verdict;
    if ((verdict->event_count & (verdict->event_count - 1)) == 0) {
        verdict->events = realloc(verdict->events, (2 * verdict->event_count + 1) * sizeof *verdict->events);
    }
    kept_event *kept = &verdict->events[verdict->event_count++];
    kept->kind = event->kind;
    kept->index = event->index;
    kept->text = host_copy(event->text.data, (size_t)event->text.size);
    kept->text_size = (size_t)event->text.size;
    kept->id = host_copy(event->id.data, (size_t)event->id.size);
    kept->name = host_copy(event->name.data, (size_t)event->name.size);
    return end(PBAY_OK);
}

static int32_t on_replace_events(pbay_visit_id id) {
    request *request = begin(id, "a verdict too many: replace_events");
    return request == NULL ? PBAY_CLOSED : settle(request, VERDICT_REPLACE_EVENTS);
}

static int32_t on_answer(pbay_visit_id id, const pbay_hook_answer *answer) {
    request *request = begin(id, "a verdict too many: answer");
    if (request == NULL) return PBAY_CLOSED;
    verdict *verdict = &request->verdict;
    verdict->reason = answer->reason;
    verdict->has_usage = answer->usage != NULL;
    if (answer->usage != NULL) verdict->usage = *answer->usage;
    snprintf(verdict->provider, sizeof verdict->provider, "%.*s", (int)answer->provider.size, answer->provider.data);
    return settle(request, VERDICT_ANSWER);
}

static int32_t settle_error(pbay_visit_id id, const pbay_error *error, int kind, const char *what) {
    request *request = begin(id, what);
    if (request == NULL) return PBAY_CLOSED;
    request->verdict.error = *error;
    return settle(request, kind);
}

static int32_t on_reject(pbay_visit_id id, const pbay_error *error) {
    return settle_error(id, error, VERDICT_REJECT, "a verdict too many: reject");
}

static int32_t on_fail(pbay_visit_id id, const pbay_error *error) {
    return settle_error(id, error, VERDICT_FAIL, "a verdict too many: fail");
}

/* ------------------------------------------------------------------------------------------------- the bag, and asking */

static int32_t on_put(pbay_visit_id id, pbay_text name, pbay_text value) {
    unsigned count = 0;
    size_t bytes = (size_t)value.size;
    request *request = begin(id, "put for a visit that has its verdict");
    if (request == NULL) return PBAY_CLOSED;
    if (name.size == 0 || name.size > 128) return end(PBAY_EINVALID);
    int found = -1;
    for (unsigned i = 0; i < request->bag_count; i++) {
        if (request->bag[i].gone) continue;
        if (strlen(request->bag[i].name) == name.size && memcmp(request->bag[i].name, name.data, name.size) == 0) {
            found = (int)i;
            continue;
        }
        count++;
        bytes += request->bag[i].size;
    }
    if (value.size > 0 && (count >= MAX_BAG || bytes > 1 << 20 || request->bag_count == MAX_PUTS)) return end(PBAY_ELIMIT);
    if (found >= 0) request->bag[found].gone = 1; /* kept: somebody may have borrowed it */
    if (value.size > 0) {
        unsigned at = request->bag_count++;
        request->bag[at].name = host_copy(name.data, (size_t)name.size);
        request->bag[at].value = host_copy(value.data, (size_t)value.size);
        request->bag[at].size = (size_t)value.size;
        request->bag[at].gone = 0;
    }
    return end(PBAY_OK);
}

static int32_t on_get(pbay_visit_id id, pbay_text name, pbay_text *out) {
    request *request = begin(id, "get for a visit that has its verdict");
    if (request == NULL) return PBAY_CLOSED;
    for (unsigned i = 0; i < request->bag_count; i++) {
        if (request->bag[i].gone || strlen(request->bag[i].name) != name.size) continue;
        if (memcmp(request->bag[i].name, name.data, (size_t)name.size) != 0) continue;
        out->data = request->bag[i].value;
        out->size = request->bag[i].size;
        return end(PBAY_OK);
    }
    return end(PBAY_ENOTFOUND);
}

static int32_t on_ask(pbay_visit_id id, pbay_text body,
                      void (*done)(void *context, int32_t code, pbay_text text, const pbay_error *error), void *context,
                      pbay_error *err) {
    pjson_value value;
    request *request = begin(id, "an ask for a visit that has its verdict");
    if (request == NULL) return PBAY_CLOSED;
    if (!pjson_parse(body.data, (size_t)body.size, &value, NULL) || value.kind != PJSON_OBJECT) {
        err->code = PBAY_EINVALID;
        return end(PBAY_EINVALID);
    }
    if (request->ask_count == MAX_ASKS) return end(PBAY_EOVERLOADED);
    request->asks[request->ask_count++] = (ask){host_copy(body.data, (size_t)body.size), done, context};
    pthread_cond_broadcast(&host_changed);
    return end(PBAY_OK);
}

/* --------------------------------------------------------------------------------------------------------------- log */

static void on_log(pbay_instance_id instance, int32_t level, pbay_text message) {
    (void)instance;
    pthread_mutex_lock(&host_mutex);
    logged++;
    snprintf(last_logged, sizeof last_logged, "%.*s", (int)message.size, message.data);
    if (getenv("HOST_LOG") != NULL) fprintf(stderr, "log %d: %s\n", level, last_logged);
    pthread_mutex_unlock(&host_mutex);
}

unsigned host_logged(char *last, size_t capacity) {
    pthread_mutex_lock(&host_mutex);
    unsigned count = logged;
    if (capacity > 0) snprintf(last, capacity, "%s", last_logged);
    pthread_mutex_unlock(&host_mutex);
    return count;
}

static const char *offered_id;
static const void *offered;

void host_offer(const char *id, const void *table) {
    offered_id = id;
    offered = table;
}

const void *host_extension(const char *id) {
    static const pbay_hook_api hooks = {
        sizeof hooks, 0,      on_document, on_proceed, on_replace, on_emit, on_replace_events,
        on_answer,    on_reject, on_fail,  on_put,     on_get,     on_ask,
    };
    static const pbay_log_api logs = {sizeof logs, 0, on_log};
    if (strcmp(id, PBAY_HOST_HOOK) == 0) return &hooks;
    if (offered != NULL && strcmp(id, offered_id) == 0) return offered;
    return strcmp(id, PBAY_HOST_LOG) == 0 ? &logs : NULL;
}
