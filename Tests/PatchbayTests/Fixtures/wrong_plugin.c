/*
 * Plugins that are wrong in one way each: NO_ENTRY exports something else, NEXT_MAJOR speaks another major of the ABI, NEWER_MINOR needs a
 * newer host, REFUSES finds a setting wrong, FAILS_TO_START can't start, ENTRY_FAILS says so at once, NO_INTERFACE offers nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "patchbay.h"

#include <string.h>

static int32_t complain(pbay_error *err, int32_t code, const char *param, const char *message) {
    err->code = code;
    strcpy(err->param, param);
    strcpy(err->message, message);
    return code;
}

static const void *extension(void *self, const char *id) {
    (void)self, (void)id;
    return NULL;
}

static int32_t start(void *self, pbay_error *err) {
    (void)self;
#ifdef FAILS_TO_START
    return complain(err, PBAY_EIO, "", "the model file is damaged");
#else
    (void)err;
    return PBAY_OK;
#endif
}

static void end(void *self) { (void)self; }

static const pbay_instance instance = {sizeof instance, 0, NULL, extension, start, NULL, NULL, end, end};

static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    (void)id, (void)config;
#ifdef REFUSES
    (void)out;
    return complain(err, PBAY_EINVALID, "headers.x-team", "must be one word");
#else
    (void)err, (void)complain;
    *out = &instance;
    return PBAY_OK;
#endif
}

static const char *const interfaces[] = {NULL};
static const pbay_module module = {
    sizeof module,
#ifdef NEWER_MINOR
    PBAY_ABI_MINOR + 7,
#else
    0,
#endif
    "test.wrong", "1.0.0", "Apache-2.0", "Wrong.", interfaces, create};

#if defined(NO_ENTRY)
#define ENTRY some_other_function
#elif defined(NEXT_MAJOR)
#define ENTRY patchbay_plugin_entry_v2
#else
#define ENTRY patchbay_plugin_entry_v1
#endif

PBAY_EXPORT int32_t ENTRY(const pbay_host *host, const pbay_module **out, pbay_error *err);
PBAY_EXPORT int32_t ENTRY(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    (void)host;
#ifdef ENTRY_FAILS
    (void)out;
    return complain(err, PBAY_EUNSUPPORTED, "", "this machine has no such processor");
#else
    (void)err;
    *out = &module;
    return PBAY_OK;
#endif
}
