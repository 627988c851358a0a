/*
 * Tools that do as they should, and others: `add` adds, from a thread of its own; `fail` fails; `hang` never ends until it
 * is cancelled; `huge` says ten megabytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "patchbay.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const pbay_stream_api *stream;

typedef struct call {
    pbay_stream_id stream;
    char words[64];
} call;

static pbay_text text(const char *s) {
    pbay_text t = {s, strlen(s)};
    return t;
}

static void push(pbay_stream_id id, const char *data, size_t size) {
    pbay_event event;
    memset(&event, 0, sizeof event);
    event.size = sizeof event;
    event.kind = PBAY_EVENT_TEXT;
    event.text.data = data;
    event.text.size = size;
    stream->push(id, &event);
}

static void fail(pbay_stream_id id, int32_t code, const char *message) {
    pbay_error error;
    memset(&error, 0, sizeof error);
    error.size = sizeof error;
    error.code = code;
    strcpy(error.message, message);
    stream->fail(id, &error);
}

/* The number after the member's name; the arguments fit the parameters. */
static long number(pbay_text arguments, const char *name) {
    char copy[256];
    snprintf(copy, sizeof copy, "%.*s", (int)arguments.size, arguments.data);
    char *at = strstr(copy, name);
    return at ? strtol(strchr(at, ':') + 1, NULL, 10) : 0;
}

static void *answer(void *context) {
    call *c = context;
    push(c->stream, c->words, strlen(c->words));
    stream->finish(c->stream, PBAY_FINISH_STOP, NULL);
    return NULL;
}

static int32_t list(void *self, void (*emit)(void *context, const pbay_tool_info *info), void *context) {
    (void)self;
    pbay_tool_info tools[] = {
        {sizeof *tools, 0, text("add"), text("Adds two numbers."),
         text("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"}},"
              "\"required\":[\"a\",\"b\"],\"additionalProperties\":false}")},
        {sizeof *tools, 0, text("fail"), text("Fails."), text("")},
        {sizeof *tools, 0, text("hang"), text("Hangs."), text("")},
        {sizeof *tools, 0, text("huge"), text("Says much."), text("")},
    };
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) emit(context, tools + i);
    return PBAY_OK;
}

static int named(const pbay_tool_call *asked, const char *name) {
    return asked->name.size == strlen(name) && memcmp(asked->name.data, name, strlen(name)) == 0;
}

static int32_t invoke(void *self, const pbay_tool_call *asked, pbay_stream_id id, void **out, pbay_error *err) {
    (void)self, (void)err;
    call *c = calloc(1, sizeof *c);
    c->stream = id;
    *out = c;
    if (named(asked, "add")) {
        pthread_t thread;
        snprintf(c->words, sizeof c->words, "%ld", number(asked->arguments, "\"a\"") + number(asked->arguments, "\"b\""));
        pthread_create(&thread, NULL, answer, c);
        pthread_detach(thread);
    } else if (named(asked, "fail")) {
        fail(id, PBAY_EUPSTREAM, "The service is down.");
    } else if (named(asked, "huge")) {
        char *much = malloc(10 << 20);
        memset(much, 'x', 10 << 20);
        push(id, much, 10 << 20);
        free(much);
        stream->finish(id, PBAY_FINISH_STOP, NULL);
    }
    return PBAY_OK;
}

static void cancel(void *self, void *context, int32_t reason) {
    (void)self, (void)reason;
    fail(((call *)context)->stream, PBAY_ECANCELLED, "cancelled");
}

static void release(void *self, void *context) {
    (void)self;
    free(context);
}

static const pbay_tools tools = {sizeof tools, 0, list, invoke, cancel, release};

static const void *get_extension(void *self, const char *id) {
    (void)self;
    return strcmp(id, PBAY_TOOLS) == 0 ? &tools : NULL;
}
static int32_t start(void *self, pbay_error *err) {
    (void)self, (void)err;
    return PBAY_OK;
}
static void nothing(void *self) { (void)self; }

static const pbay_instance the_instance = {
    .size = sizeof the_instance, .get_extension = get_extension, .start = start, .stop = nothing, .destroy = nothing};

static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    (void)id, (void)config, (void)err;
    *out = &the_instance;
    return PBAY_OK;
}

static const char *const interfaces[] = {PBAY_TOOLS, NULL};
static const pbay_module module = {
    .size = sizeof module, .abi_minor = 2, .id = "org.example.tools", .version = "1.0.0", .licence = "Apache-2.0",
    .description = "Tools for tests", .interfaces = interfaces, .create = create};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    (void)err;
    stream = host->get_extension(PBAY_HOST_STREAM);
    *out = &module;
    return PBAY_OK;
}
