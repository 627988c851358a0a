/*
 * A hook and tools in one plugin, with or without each: NO_HOOK, NO_TOOLS.
 *
 * The hook is visited at `request`: it rejects a request that holds "forbidden", fails at one that holds "broken", and
 * gives no verdict on one that holds "late" before it is cancelled. The tool `say` (TOOL, if defined, in its place) says
 * its arguments, `lose` fails.
 *
 * A configuration that holds the word "wrong" is refused, by its setting `words.first`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "patchbay.h"

#include <string.h>

#ifndef TOOL
#define TOOL "say"
#endif

static const pbay_hook_api *hook;
static const pbay_stream_api *stream;

static pbay_text text(const char *s) {
    pbay_text t = {s, strlen(s)};
    return t;
}

static int holds(pbay_text text, const char *word) {
    const uint64_t length = strlen(word);
    for (uint64_t at = 0; at + length <= text.size; at++)
        if (memcmp(text.data + at, word, length) == 0) return 1;
    return 0;
}

static int32_t complain(pbay_error *err, int32_t code, const char *param, const char *message) {
    err->size = sizeof *err;
    err->code = code;
    strcpy(err->param, param);
    strcpy(err->message, message);
    return code;
}

#ifndef NO_HOOK
static int32_t visit(void *self, void *state, const pbay_visit *visit, pbay_error *err) {
    (void)self, (void)state;
    pbay_text body;
    if (hook->document(visit->id, &body) != PBAY_OK) return complain(err, PBAY_EINTERNAL, "", "no document");
    if (holds(body, "broken")) return complain(err, PBAY_EINTERNAL, "", "the hook is broken");
    if (holds(body, "late")) return PBAY_DEFER;
    if (holds(body, "forbidden")) {
        pbay_error error;
        memset(&error, 0, sizeof error);
        complain(&error, PBAY_EINVALID, "input", "This isn't to be asked.");
        hook->reject(visit->id, &error);
    }
    return PBAY_OK;
}

static void cancel(void *self, void *state, pbay_visit_id id) {
    (void)self, (void)state;
    hook->proceed(id);
}

static const pbay_hooks hooks = {sizeof hooks, 0, PBAY_POINT_REQUEST, 0, NULL, visit, cancel, NULL};
#endif

#ifndef NO_TOOLS
static int32_t list(void *self, void (*emit)(void *context, const pbay_tool_info *info), void *context) {
    (void)self;
    const char *parameters = "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"},\"times\":{\"type\":"
                             "[\"integer\",\"null\"]}},\"required\":[\"text\"]}";
    pbay_tool_info say = {sizeof say, 0, text(TOOL), text("Says what it is told."), text(parameters)};
    pbay_tool_info lose = {sizeof lose, 0, text("lose"), text("Fails."), text("")};
    emit(context, &say);
    emit(context, &lose);
    return PBAY_OK;
}

static int32_t invoke(void *self, const pbay_tool_call *call, pbay_stream_id id, void **out, pbay_error *err) {
    (void)self, (void)out;
    if (holds(call->name, "lose")) return complain(err, PBAY_EUPSTREAM, "", "it is lost");
    pbay_event event;
    memset(&event, 0, sizeof event);
    event.size = sizeof event;
    event.kind = PBAY_EVENT_TEXT;
    event.text = call->arguments;
    stream->push(id, &event);
    stream->finish(id, PBAY_FINISH_STOP, NULL);
    return PBAY_OK;
}

static const pbay_tools tools = {sizeof tools, 0, list, invoke, NULL, NULL};
#endif

static const void *extension(void *self, const char *id) {
    (void)self;
#ifndef NO_HOOK
    if (strcmp(id, PBAY_HOOKS) == 0) return &hooks;
#endif
#ifndef NO_TOOLS
    if (strcmp(id, PBAY_TOOLS) == 0) return &tools;
#endif
    (void)id;
    return NULL;
}

static int32_t start(void *self, pbay_error *err) {
    (void)self, (void)err;
    return PBAY_OK;
}

static void end(void *self) { (void)self; }

static const pbay_instance instance = {sizeof instance, 0, NULL, extension, start, NULL, NULL, end, end};

static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    (void)id;
    if (holds(config, "wrong")) return complain(err, PBAY_EINVALID, "words.first", "must be another word");
    *out = &instance;
    return PBAY_OK;
}

static const char *const interfaces[] = {
#ifndef NO_HOOK
    PBAY_HOOKS,
#endif
#ifndef NO_TOOLS
    PBAY_TOOLS,
#endif
    NULL};
static const pbay_module module = {sizeof module, 2,          "test.both", "1.0.0", "Apache-2.0",
                                   "Both.",       interfaces, create};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    (void)err, (void)complain, (void)text;
    hook = host->get_extension(PBAY_HOST_HOOK);
    stream = host->get_extension(PBAY_HOST_STREAM);
    *out = &module;
    return PBAY_OK;
}
