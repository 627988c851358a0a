/*
 * A store for tests that finds nothing and whose writes fail, as a full disk would make them: at once (AT_ONCE), or in the answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "patchbay.h"

#include <string.h>

static const pbay_storage_results *results;

static int32_t failure(pbay_error *err) {
    memset(err, 0, sizeof *err);
    err->size = sizeof *err;
    err->code = PBAY_EIO;
    strcpy(err->message, "The response could not be stored.");
    strcpy(err->detail, "disk full, for the operator alone");
    return PBAY_EIO;
}

static int32_t fail(const pbay_op *op, pbay_error *err) {
#ifdef AT_ONCE
    (void)op;
    return failure(err);
#else
    pbay_error answer;
    (void)err;
    results->complete(op->id, failure(&answer), &answer);
    return PBAY_OK;
#endif
}

static int32_t nothing(const pbay_op *op, int32_t code) {
    results->complete(op->id, code, NULL);
    return PBAY_OK;
}

static int32_t put(void *self, const pbay_op *op, const pbay_record *record, uint32_t precondition, pbay_error *err) {
    (void)self, (void)record, (void)precondition;
    return fail(op, err);
}

static int32_t get(void *self, const pbay_op *op, pbay_text id, pbay_error *err) {
    (void)self, (void)id, (void)err;
    return nothing(op, PBAY_ENOTFOUND);
}

static int32_t load_chain(void *self, const pbay_op *op, pbay_text leaf, uint64_t depth, uint64_t bytes, pbay_error *err) {
    (void)self, (void)leaf, (void)depth, (void)bytes, (void)err;
    return nothing(op, PBAY_ENOTFOUND);
}

static int32_t list(void *self, const pbay_op *op, pbay_text kind, pbay_text after, uint64_t limit, pbay_error *err) {
    (void)self, (void)kind, (void)after, (void)limit, (void)err;
    return nothing(op, PBAY_OK);
}

static int32_t batch(void *self, const pbay_op *op, const pbay_write *writes, uint64_t count, pbay_error *err) {
    (void)self, (void)writes, (void)count;
    return fail(op, err);
}

static int32_t touch(void *self, const pbay_op *op, pbay_text id, int64_t expires_ms, pbay_error *err) {
    (void)self, (void)id, (void)expires_ms, (void)err;
    return nothing(op, PBAY_ENOTFOUND);
}

static int32_t sweep(void *self, const pbay_op *op, uint64_t most, pbay_error *err) {
    (void)self, (void)most, (void)err;
    return nothing(op, PBAY_OK);
}

static int32_t stats(void *self, const pbay_op *op, pbay_error *err) {
    pbay_storage_stats none = {sizeof none, 0, 0, 0, 0, 0};
    (void)self, (void)err;
    results->stats(op->id, &none);
    return nothing(op, PBAY_OK);
}

static const pbay_storage table = {sizeof table, 0, put, get, get, load_chain, list, batch, touch, sweep, stats};

static const void *extension(void *self, const char *id) {
    (void)self;
    return strcmp(id, PBAY_STORAGE) == 0 ? &table : NULL;
}

static int32_t start(void *self, pbay_error *err) {
    (void)self, (void)err;
    return PBAY_OK;
}

static void end(void *self) { (void)self; }

static const pbay_instance instance = {sizeof instance, 0, NULL, extension, start, NULL, NULL, end, end};

static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    (void)id, (void)config, (void)err;
    *out = &instance;
    return PBAY_OK;
}

static const char *const interfaces[] = {PBAY_STORAGE, NULL};
static const pbay_module module = {sizeof module, 0, "test.failing-store", "1.0.0", "Apache-2.0", "Fails.", interfaces, create};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    (void)err;
    results = host->get_extension(PBAY_HOST_STORAGE_RESULTS);
    *out = &module;
    return PBAY_OK;
}
