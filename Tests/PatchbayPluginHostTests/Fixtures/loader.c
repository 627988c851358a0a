/* Libraries that break the loader's rules, one for each define. */
#include <stdio.h>
#include <string.h>
#include "patchbay.h"

#ifdef CONSTRUCTOR
/* Says so when any of its code is run. */
__attribute__((constructor)) static void constructed(void) {
    FILE *file = fopen(CONSTRUCTOR, "w");
    if (file) fclose(file);
}
#endif

#ifdef NO_ENTRY
PBAY_EXPORT int something_else(void) { return 1; }
#elif defined(ENTRY_V2)
PBAY_EXPORT int32_t patchbay_plugin_entry_v2(void) { return 0; }
#else

static const pbay_provider provider;
static int32_t begin(void *self, const pbay_request *r, pbay_stream_id s, void **c, pbay_error *e) {
    (void)self; (void)r; (void)s; (void)c; (void)e;
    return PBAY_EINTERNAL;
}
static void call(void *self, void *c) { (void)self; (void)c; }
static void cancel(void *self, void *c, int32_t r) { (void)self; (void)c; (void)r; }
static const pbay_provider provider = {
#ifdef SMALL_PROVIDER
    .size = 16,
#else
    .size = sizeof provider,
#endif
    .begin = begin, .cancel = cancel,
#ifndef NULL_RESUME
    .resume = call,
#endif
    .release = call};

static int destroyed;
PBAY_EXPORT int fixture_count(const char *what) { return strcmp(what, "destroys") ? -1 : destroyed; }
static const void *extension(void *self, const char *id) {
    (void)self;
#ifdef NOT_A_PROVIDER
    (void)id;
    return strcmp(id, "example.other/1") ? 0 : &provider;
#else
    return strcmp(id, PBAY_PROVIDER) ? 0 : &provider;
#endif
}
static int32_t start(void *self, pbay_error *err) { (void)self; (void)err; return 0; }
static void nothing(void *self) { (void)self; }
static void destroy(void *self) { (void)self; destroyed++; }
static const pbay_instance instance = {
#ifdef SMALL_INSTANCE
    .size = 8,
#else
    .size = sizeof instance,
#endif
#ifndef NULL_START
    .start = start,
#endif
    .get_extension = extension, .stop = nothing, .destroy = destroy};

static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    (void)id; (void)config; (void)err;
#ifdef NO_INSTANCE
    (void)out;
#else
    *out = &instance;
#endif
    return PBAY_OK;
}
#ifdef NOT_A_PROVIDER
static const char *const interfaces[] = {"example.other/1", 0};
#else
static const char *const interfaces[] = {PBAY_PROVIDER, 0};
#endif
static const pbay_module module = {
#ifdef SMALL_MODULE
    .size = 12,
#else
    .size = sizeof module,
#endif
#ifdef NEWER_MINOR
    .abi_minor = 7,
#endif
#ifdef BAD_NAME
    .id = "bad\xff",
#elif !defined(NO_ID)
    .id = "org.example.loader",
#endif
#ifndef NULL_CREATE
    .create = create,
#endif
    .version = "1", .interfaces = interfaces};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    (void)host; (void)err;
#ifdef ENTRY_FAILS
    snprintf(err->message, sizeof err->message, "no licence found");
    return PBAY_EUNSUPPORTED;
#elif !defined(NO_MODULE)
    *out = &module;
#endif
    return PBAY_OK;
}
#endif
