/*
 * The table pbay_hooks. What a point tells is copied and kept until the request's end; reading it is the writer's. So these functions
 * take as long as a copy does, and are fit for a strand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Keeps a copy in the place of what was there. 0 where there is no memory: then nothing is there. */
static int keep(owned_text *target, pbay_text text) {
    free(target->data);
    *target = (owned_text){malloc((size_t)text.size + 1), 0};
    if (target->data == NULL) return 0;
    if (text.size > 0) memcpy(target->data, text.data, (size_t)text.size);
    target->size = (size_t)text.size;
    return 1;
}

void entry_free(entry *entry) {
    if (entry == NULL) return;
    free(entry->request_id.data);
    free(entry->owner.data);
    free(entry->model.data);
    free(entry->body.data);
    free(entry->route.data);
    for (int i = 0; i < MAX_ATTEMPTS; i++) free(entry->attempts[i].data);
    free(entry->response.data);
    free(entry->failure.data);
    free(entry->rejected.data);
    free(entry);
}

static size_t entry_bytes(const entry *entry) {
    size_t bytes = sizeof *entry + entry->request_id.size + entry->owner.size + entry->model.size + entry->body.size;
    for (int i = 0; i < MAX_ATTEMPTS; i++) bytes += entry->attempts[i].size;
    return bytes + entry->route.size + entry->response.size + entry->failure.size + entry->rejected.size;
}

static void note_end(entry *entry) {
    entry->ended_ns = nanoseconds(CLOCK_MONOTONIC);
    entry->ended_unix_ms = nanoseconds(CLOCK_REALTIME) / 1000000;
}

/*
 * Queues the entry's line. With a visit the verdict is the writer's, and the entry stays the request's; without one the entry is given
 * away. 0 where it wasn't taken: then nothing has been given away.
 */
static int queue_line(entry *entry, int begins, pbay_visit_id visit, int wait) {
    job *job = calloc(1, sizeof *job);
    if (job == NULL) return 0;
    job->entry = entry;
    job->begins = begins;
    job->visit = visit;
    job->bytes = entry_bytes(entry);
    if (queue_add(entry->audit, job, wait)) return 1;
    free(job);
    return 0;
}

static int32_t open_request(void *self, const pbay_hooked_request *request, void **state, pbay_error *err) {
    entry *entry = calloc(1, sizeof *entry);
    if (entry != NULL) {
        entry->audit = self;
        entry->flags = request->flags;
        entry->began_ns = nanoseconds(CLOCK_MONOTONIC);
        if (keep(&entry->request_id, request->request_id) && keep(&entry->owner, request->owner) && keep(&entry->model, request->model)) {
            *state = entry;
            return PBAY_OK;
        }
        entry_free(entry);
    }
    return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
}

/* Keeps the point's document. */
static int32_t keep_document(const pbay_visit *visit, owned_text *target, pbay_error *err) {
    pbay_text document;
    int32_t code = audit_host->document(visit->id, &document);
    if (code != PBAY_OK) return code == PBAY_CLOSED ? PBAY_OK : perror_set(err, code, NULL, "There is no document.");
    return keep(target, document) ? PBAY_OK : perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
}

/* The body is for the line's contents; one that is too large is only measured. */
static int32_t keep_body(entry *entry, const pbay_visit *visit, pbay_error *err) {
    pbay_text document;
    int32_t code = audit_host->document(visit->id, &document);
    if (code != PBAY_OK) return code == PBAY_CLOSED ? PBAY_OK : perror_set(err, code, NULL, "There is no document.");
    entry->body_size = (size_t)document.size;
    if (document.size > entry->audit->max_content_bytes) return PBAY_OK;
    return keep(&entry->body, document) ? PBAY_OK : perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
}

static int32_t keep_attempt(entry *entry, const pbay_visit *visit, pbay_error *err) {
    uint64_t number = entry->attempt_count++;
    return number < MAX_ATTEMPTS ? keep_document(visit, &entry->attempts[number], err) : PBAY_OK;
}

static void keep_rejection(entry *entry, const pbay_visit *visit) {
    pbay_text value, name = {REJECTED_BY, sizeof REJECTED_BY - 1};
    if (audit_host->get(visit->id, name, &value) == PBAY_OK && value.size <= 1024) keep(&entry->rejected, value);
}

/* With `required`: the visit waits until the line is in the file. */
static int32_t wait_for_line(entry *entry, const pbay_visit *visit, int begins, pbay_error *err) {
    note_end(entry);
    if (!begins) entry->written = 1;
    if (queue_line(entry, begins, visit->id, 0)) return PBAY_DEFER; /* from here on the entry may be read, and the verdict given */
    entry->written = 0;
    return perror_set(err, PBAY_EOVERLOADED, NULL, "The request can't be recorded: too many wait for it.");
}

static int32_t visit_request(void *self, void *state, const pbay_visit *visit, pbay_error *err) {
    const audit *audit = self;
    entry *entry = state;
    int32_t code = PBAY_OK;
    switch (visit->point) {
    case PBAY_POINT_REQUEST:
        if (audit->contents) code = keep_body(entry, visit, err);
        return code == PBAY_OK && audit->required ? wait_for_line(entry, visit, 1, err) : code;
    case PBAY_POINT_ROUTE: return keep_document(visit, &entry->route, err);
    case PBAY_POINT_ATTEMPT_FAILED: return keep_attempt(entry, visit, err);
    case PBAY_POINT_COMPLETE:
        code = keep_document(visit, &entry->response, err);
        return code == PBAY_OK && audit->required ? wait_for_line(entry, visit, 0, err) : code;
    case PBAY_POINT_FAILURE:
        entry->written = 0; /* what was written said that it was complete */
        keep_rejection(entry, visit);
        return keep_document(visit, &entry->failure, err);
    default: return PBAY_OK;
    }
}

static void close_request(void *self, void *state) {
    const audit *audit = self;
    entry *entry = state;
    if (entry == NULL) return;
    note_end(entry);
    if (entry->written || !queue_line(entry, 0, 0, audit->block)) entry_free(entry);
}

void hooks_fill(audit *audit) {
    audit->hooks.size = sizeof audit->hooks;
    audit->hooks.flags = audit->block ? PBAY_HOOKS_MAY_BLOCK : 0;
    audit->hooks.points = PBAY_POINT_ROUTE | PBAY_POINT_ATTEMPT_FAILED | PBAY_POINT_COMPLETE | PBAY_POINT_FAILURE;
    if (audit->contents || audit->required) audit->hooks.points |= PBAY_POINT_REQUEST;
    audit->hooks.open = open_request;
    audit->hooks.visit = visit_request;
    audit->hooks.close = close_request;
}
