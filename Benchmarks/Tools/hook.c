/*
 * A hook that does nothing, so that what is measured is the host's side of a visit. The request's model says how it does nothing: "function"
 * says so by a function of the host, "document" looks at the document first, anything else only returns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <patchbay.h>

#include <string.h>

static const pbay_hook_api *hooks;
static char by_function, by_document;

static int32_t open_request(void *self, const pbay_hooked_request *request, void **state, pbay_error *err) {
    (void)self;
    (void)err;
    if (request->model.size == 8 && memcmp(request->model.data, "function", 8) == 0) *state = &by_function;
    if (request->model.size == 8 && memcmp(request->model.data, "document", 8) == 0) *state = &by_document;
    return PBAY_OK;
}

static int32_t visit(void *self, void *state, const pbay_visit *visit, pbay_error *err) {
    (void)self;
    (void)err;
    pbay_text text;
    if (state == &by_document) return hooks->document(visit->id, &text);
    return state == &by_function ? hooks->proceed(visit->id) : PBAY_OK;
}

static const pbay_hooks table = {
    .size = sizeof table, .points = 0x3FF, .events = PBAY_EVENTS_ALL, .open = open_request, .visit = visit};

static const void *get_extension(void *self, const char *id) {
    (void)self;
    return strcmp(id, PBAY_HOOKS) == 0 ? &table : NULL;
}

static int32_t start(void *self, pbay_error *err) {
    (void)self;
    (void)err;
    return PBAY_OK;
}

static void nothing(void *self) { (void)self; }

static const pbay_instance instance = {
    .size = sizeof instance, .get_extension = get_extension, .start = start, .stop = nothing, .destroy = nothing};

static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    (void)id;
    (void)config;
    (void)err;
    *out = &instance;
    return PBAY_OK;
}

static const char *const interfaces[] = {PBAY_HOOKS, NULL};
static const pbay_module module = {
    .size = sizeof module,
    .abi_minor = 2,
    .id = "patchbay.benchmark.hook",
    .version = "1.0.0",
    .licence = "Apache-2.0",
    .description = "A hook that does nothing",
    .interfaces = interfaces,
    .create = create,
};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err);

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    hooks = host->get_extension(PBAY_HOST_HOOK);
    if (hooks == NULL) {
        err->code = PBAY_EUNSUPPORTED;
        return PBAY_EUNSUPPORTED;
    }
    *out = &module;
    return PBAY_OK;
}
