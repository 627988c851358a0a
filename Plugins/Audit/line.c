/*
 * A request as a line of JSON. Only what is known is there; without `contents` nothing is that somebody said.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* A document that is JSON, or no value: then the line says what else is known. */
static pjson_value parsed(owned_text text) {
    pjson_value value = {NULL, 0, PJSON_NONE};
    if (text.data != NULL) pjson_parse(text.data, text.size, &value, NULL);
    return value;
}

static int is_there(pjson_value value) { return value.kind != PJSON_NONE && value.kind != PJSON_NULL; }

static void key(out *out, const char *name) {
    out_text(out, ",\"");
    out_text(out, name);
    out_text(out, "\":");
}

static void text_member(out *out, const char *name, owned_text text) {
    if (text.size == 0) return;
    key(out, name);
    out_string(out, text.data, text.size);
}

static void flag_member(out *out, const char *name, int flag) {
    key(out, name);
    out_text(out, flag ? "true" : "false");
}

/* A member of a document under a name of the line's. */
static void copy_member(out *out, const char *name, pjson_value object, const char *member) {
    pjson_value value = pjson_member(object, member);
    if (!is_there(value)) return;
    key(out, name);
    out_value(out, value);
}

static void time_member(out *out, int64_t unix_ms) {
    char text[64];
    time_t seconds = (time_t)(unix_ms / 1000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t size = strftime(text, sizeof text, "{\"time\":\"%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + size, sizeof text - size, ".%03dZ\"", (int)(unix_ms % 1000));
    out_text(out, text);
}

static void missing_member(out *out, uint64_t missing) {
    if (missing == 0) return;
    key(out, "dropped");
    out_number(out, (int64_t)missing);
}

/* ------------------------------------------------------------------------------------------------- the route taken */

static pjson_value fallback_of(pjson_value route, pjson_value provider) {
    pjson_iterator fallbacks = pjson_iterate(pjson_member(route, "fallbacks"));
    pjson_value none = {NULL, 0, PJSON_NONE}, fallback;
    while (pjson_next(&fallbacks, NULL, &fallback)) {
        pjson_value name = pjson_member(fallback, "provider");
        if (name.size == provider.size && memcmp(name.data, provider.data, name.size) == 0) {
            return pjson_member(fallback, "upstream_model");
        }
    }
    return none;
}

/* The provider that was asked last, and those that had failed before. */
static void write_route(out *out, const entry *entry) {
    pjson_value route = parsed(entry->route), none = {NULL, 0, PJSON_NONE};
    pjson_value provider = pjson_member(route, "provider"), upstream = pjson_member(route, "upstream_model");
    uint64_t kept = entry->attempt_count < MAX_ATTEMPTS ? entry->attempt_count : MAX_ATTEMPTS;
    for (uint64_t i = 0; i < kept; i++) {
        pjson_value attempt = parsed(entry->attempts[i]), next = pjson_member(attempt, "next");
        if (next.kind == PJSON_STRING) {
            provider = next;
            upstream = fallback_of(route, next);
        } else {
            provider = pjson_member(attempt, "provider");
            upstream = pjson_member(attempt, "upstream_model");
        }
    }
    if (entry->attempt_count > kept) provider = upstream = none; /* the last of them wasn't kept */
    if (is_there(provider)) {
        key(out, "provider");
        out_value(out, provider);
    }
    if (is_there(upstream)) {
        key(out, "upstream_model");
        out_value(out, upstream);
    }
    if (entry->attempt_count == 0) return;
    key(out, "failed_attempt_count");
    out_number(out, (int64_t)entry->attempt_count);
    key(out, "failed_attempts");
    for (uint64_t i = 0; i < kept; i++) {
        pjson_value attempt = parsed(entry->attempts[i]), error = pjson_member(attempt, "error");
        out_text(out, i == 0 ? "[{\"provider\":" : ",{\"provider\":");
        out_value(out, pjson_member(attempt, "provider"));
        copy_member(out, "kind", error, "kind");
        copy_member(out, "code", error, "code");
        out_text(out, "}");
    }
    out_text(out, "]");
}

/* ------------------------------------------------------------------------------------------------------- the answer */

/* A call of a tool, whoever runs it: function_call, custom_tool_call, web_search_call ... */
static int is_call(pjson_value item, char type[64]) {
    size_t size = pjson_decode(pjson_member(item, "type"), type, 63);
    if (size > 63) size = 63;
    type[size] = 0;
    return size > 5 && strcmp(type + size - 5, "_call") == 0;
}

static void write_items(out *out, pjson_value items) {
    pjson_iterator at = pjson_iterate(items);
    pjson_value item;
    char type[64];
    int64_t calls = 0;
    key(out, "items");
    out_number(out, (int64_t)pjson_count(items));
    while (pjson_next(&at, NULL, &item)) calls += is_call(item, type);
    key(out, "tool_call_count");
    out_number(out, calls);
    if (calls == 0) return;
    key(out, "tool_calls");
    at = pjson_iterate(items);
    for (int64_t named = 0; named < MAX_TOOL_NAMES && pjson_next(&at, NULL, &item);) {
        if (!is_call(item, type)) continue;
        pjson_value name = pjson_member(item, "name");
        out_text(out, named++ == 0 ? "[" : ",");
        if (name.kind == PJSON_STRING) out_value(out, name);
        else out_string(out, type, strlen(type));
    }
    out_text(out, "]");
}

static void write_error(out *out, const audit *audit, pjson_value failure) {
    pjson_value error = pjson_member(failure, "error"), kind = pjson_member(error, "kind");
    key(out, "error");
    out_text(out, "{\"kind\":");
    out_value(out, kind);
    copy_member(out, "code", error, "code");
    if (audit->contents) copy_member(out, "message", error, "message"); /* an upstream's words may be the user's */
    out_text(out, "}");
}

/* A content, or its size where that is more than is kept. */
static void content_member(out *out, const audit *audit, const char *name, pjson_value value) {
    if (!is_there(value)) return;
    key(out, name);
    if (value.size <= audit->max_content_bytes) {
        out_value(out, value);
        return;
    }
    out_text(out, "{\"omitted_bytes\":");
    out_number(out, (int64_t)value.size);
    out_text(out, "}");
}

static void write_contents(out *out, const entry *entry, pjson_value response) {
    const audit *audit = entry->audit;
    if (!audit->contents) return;
    if (entry->body.data == NULL && entry->body_size > 0) {
        out_text(out, ",\"input\":{\"omitted_bytes\":");
        out_number(out, (int64_t)entry->body_size);
        out_text(out, "}");
    }
    pjson_value body = parsed(entry->body);
    content_member(out, audit, "instructions", pjson_member(body, "instructions"));
    content_member(out, audit, "input", pjson_member(body, "input"));
    content_member(out, audit, "output", pjson_member(response, "output"));
}

static void write_end(out *out, const entry *entry) {
    pjson_value failure = parsed(entry->failure), response = parsed(entry->response);
    int failed = entry->failure.data != NULL, cancelled = pjson_equals(pjson_member(pjson_member(failure, "error"), "kind"), "cancelled");
    if (failed && is_there(pjson_member(failure, "response"))) response = pjson_member(failure, "response");
    write_route(out, entry);
    copy_member(out, "response_id", response, "id");
    if (failed) {
        key(out, "status");
        out_text(out, cancelled ? "\"cancelled\"" : "\"failed\"");
        write_error(out, entry->audit, failure);
    } else if (is_there(pjson_member(response, "status"))) {
        copy_member(out, "status", response, "status");
        copy_member(out, "reason", pjson_member(response, "incomplete_details"), "reason");
    } else {
        key(out, "status");
        out_text(out, "\"unknown\"");
    }
    pjson_value rejected = parsed(entry->rejected);
    if (rejected.kind == PJSON_OBJECT) {
        key(out, "rejected");
        out_value(out, rejected);
    }
    copy_member(out, "usage", response, "usage");
    if (is_there(response)) write_items(out, pjson_member(response, "output"));
    write_contents(out, entry, response);
    key(out, "duration_ms");
    char text[48];
    int64_t microseconds = (entry->ended_ns - entry->began_ns) / 1000;
    snprintf(text, sizeof text, "%lld.%03lld", (long long)(microseconds / 1000), (long long)(microseconds % 1000));
    out_text(out, text);
}

void line_write(out *out, const job *job, uint64_t missing) {
    const entry *entry = job->entry;
    time_member(out, entry->ended_unix_ms);
    if (job->begins) out_text(out, ",\"event\":\"begin\"");
    text_member(out, "request_id", entry->request_id);
    text_member(out, "owner", entry->owner);
    text_member(out, "model", entry->model);
    flag_member(out, "stream", (entry->flags & PBAY_HOOKED_STREAM) != 0);
    flag_member(out, "background", (entry->flags & PBAY_HOOKED_BACKGROUND) != 0);
    flag_member(out, "store", (entry->flags & PBAY_HOOKED_STORE) != 0);
    if (!job->begins) write_end(out, entry);
    missing_member(out, missing);
    out_text(out, "}\n");
}

void line_write_missing(out *out, uint64_t missing) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time_member(out, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    out_text(out, ",\"event\":\"dropped\"");
    missing_member(out, missing);
    out_text(out, "}\n");
}
