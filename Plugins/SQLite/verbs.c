/*
 * The table pbay_storage: each function checks its arguments, copies them into one block, and queues that. None of them waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ID 128
#define MAX_KIND 32
#define MAX_OWNER 1024
#define MAX_STEPS 1024
#define HASH_SIZE 64

/* ------------------------------------------------------------------------------------------------- answers */

int32_t operation_fail(operation *operation, int32_t code, const char *param, const char *message) {
    operation->code = code;
    operation->param = param;
    operation->message = message;
    return code;
}

void operation_complete(operation *operation) {
    if (operation->code == PBAY_OK) {
        sqlite_results->complete(operation->id, PBAY_OK, NULL);
    } else {
        pbay_error error = perror_empty();
        perror_set(&error, operation->code, operation->param, "%s", operation->message == NULL ? "" : operation->message);
        if (operation->code == PBAY_EOVERLOADED) error.flags = PBAY_ERROR_RETRYABLE;
        sqlite_results->complete(operation->id, operation->code, &error);
    }
    free(operation);
}

/* ------------------------------------------------------------------------------------------------- checks */

static int32_t check_text(pbay_text text, const char *param, uint64_t least, uint64_t most, pbay_error *err) {
    if (text.size < least || text.size > most) {
        return perror_set(err, PBAY_EINVALID, param, "%s must have %llu to %llu bytes.", param, (unsigned long long)least,
                          (unsigned long long)most);
    }
    if (text.size > 0 && memchr(text.data, 0, (size_t)text.size) != NULL) {
        return perror_set(err, PBAY_EINVALID, param, "%s must not hold a zero byte.", param);
    }
    return PBAY_OK;
}

/* What the caller's struct has of ours; the rest is zero. */
static pbay_op read_op(const pbay_op *op) {
    pbay_op own = {0};
    memcpy(&own, op, op->size < sizeof own ? op->size : sizeof own);
    return own;
}

static pbay_record read_record(const pbay_record *record, uint64_t room) {
    pbay_record own = {0};
    uint64_t size = record->size < sizeof own ? record->size : sizeof own;
    memcpy(&own, record, (size_t)(size < room ? size : room));
    return own;
}

static int is_hash(pbay_text text) {
    if (text.size != HASH_SIZE) return 0;
    for (size_t i = 0; i < HASH_SIZE; i++) {
        char c = text.data[i];
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F')) return 0;
    }
    return 1;
}

/* The value and the blobs together are bounded. */
static int32_t check_bytes(const store *store, const pbay_record *record, pbay_error *err) {
    uint64_t bytes = record->value.size, most = store->max_value_bytes;
    if (record->blob_count > PBAY_MAX_BLOBS) {
        return perror_set(err, PBAY_ELIMIT, "blobs", "A record may have %u blobs.", PBAY_MAX_BLOBS);
    }
    if (record->blob_count > 0 && record->blobs == NULL) return perror_set(err, PBAY_EINVALID, "blobs", "There are no blobs.");
    for (uint64_t i = 0; i < record->blob_count && bytes <= most; i++) {
        const pbay_blob *blob = &record->blobs[i];
        if (!is_hash(blob->hash) || (blob->data.size > 0 && blob->data.data == NULL)) {
            return perror_set(err, PBAY_EINVALID, "blobs", "A blob must have data, and a hash of %d hexadecimal digits.", HASH_SIZE);
        }
        bytes = blob->data.size > most ? blob->data.size : bytes + blob->data.size;
    }
    if (bytes <= most) return PBAY_OK;
    return perror_set(err, PBAY_ELIMIT, "value", "A record may have %llu bytes, this one has %llu or more.", (unsigned long long)most,
                      (unsigned long long)bytes);
}

static int32_t check_record(const store *store, const pbay_record *record, pbay_error *err) {
    int32_t code = check_text(record->id, "id", 1, MAX_ID, err);
    if (code == PBAY_OK) code = check_text(record->kind, "kind", 1, MAX_KIND, err);
    if (code == PBAY_OK) code = check_text(record->parent, "parent", 0, MAX_ID, err);
    if (code == PBAY_OK) code = check_text(record->root, "root", 0, MAX_ID, err);
    return code == PBAY_OK ? check_bytes(store, record, err) : code;
}

/* ------------------------------------------------------------------------------------------------- copies */

/* An operation with room for `bytes` more after it, which *rest points to. */
static operation *allocate(int verb, const pbay_op *op, size_t bytes, char **rest) {
    size_t size = sizeof(operation) + bytes + (size_t)op->owner.size;
    operation *operation = calloc(1, sizeof *operation + bytes + (size_t)op->owner.size);
    if (operation == NULL) return NULL;
    operation->bytes = size;
    operation->verb = verb;
    operation->durable = (op->flags & PBAY_OP_DURABLE) != 0;
    operation->id = op->id;
    operation->now_ms = op->now_ms;
    *rest = (char *)(operation + 1);
    return operation;
}

static pbay_text copy(char **rest, pbay_text text) {
    pbay_text copied = {*rest, text.size};
    if (text.size > 0) memcpy(*rest, text.data, (size_t)text.size);
    *rest += text.size;
    return copied;
}

static void copy_blobs(char **rest, const pbay_blob *blobs, uint64_t count, pbay_blob *copies) {
    for (uint64_t i = 0; i < count; i++) {
        copies[i].hash = copy(rest, blobs[i].hash);
        copies[i].data = copy(rest, blobs[i].data);
    }
}

static int32_t out_of_memory(pbay_error *err) {
    perror_set(err, PBAY_EOVERLOADED, NULL, "The store is out of memory.");
    err->flags |= PBAY_ERROR_RETRYABLE;
    return PBAY_EOVERLOADED;
}

static int32_t enqueue(queue *queue, operation *operation, pbay_error *err) {
    int32_t code = queue_add(queue, operation);
    if (code == PBAY_OK) return PBAY_OK;
    free(operation);
    if (code == PBAY_CLOSED) return perror_set(err, PBAY_CLOSED, NULL, "The store is stopped.");
    perror_set(err, code, NULL, "Too many operations wait for the store.");
    err->flags |= PBAY_ERROR_RETRYABLE;
    err->retry_after_ms = 100;
    return code;
}

/* The common part of all verbs but the writes: one id, maybe a kind, some numbers. */
static int32_t simple(store *store, int verb, const pbay_op *op, pbay_text id, pbay_text kind, operation *numbers, pbay_error *err) {
    char *rest;
    pbay_op own = read_op(op);
    int32_t code = check_text(own.owner, "owner", 0, MAX_OWNER, err);
    if (code != PBAY_OK) return code;
    operation *operation = allocate(verb, &own, (size_t)(id.size + kind.size), &rest);
    if (operation == NULL) return out_of_memory(err);
    operation->owner = copy(&rest, own.owner);
    operation->record_id = copy(&rest, id);
    operation->kind = copy(&rest, kind);
    operation->expires_ms = numbers->expires_ms;
    operation->max_count = numbers->max_count;
    operation->max_bytes = numbers->max_bytes;
    int is_write = verb == VERB_TOUCH || verb == VERB_SWEEP;
    return enqueue(is_write ? &store->writes : &store->reads, operation, err);
}

/* Copies the steps, already checked and read into `steps`, and queues them. */
static int32_t write(store *store, const pbay_op *op, const write_step *steps, uint64_t count, pbay_error *err) {
    char *rest;
    pbay_op own = read_op(op);
    int32_t code = check_text(own.owner, "owner", 0, MAX_OWNER, err);
    if (code != PBAY_OK) return code;
    size_t bytes = (size_t)count * sizeof *steps;
    for (uint64_t i = 0; i < count; i++) {
        const pbay_record *record = &steps[i].record;
        bytes += (size_t)(record->id.size + record->kind.size + record->parent.size + record->root.size + record->value.size);
        bytes += (size_t)record->blob_count * sizeof(pbay_blob);
        for (uint64_t j = 0; j < record->blob_count; j++) {
            bytes += (size_t)(record->blobs[j].hash.size + record->blobs[j].data.size);
        }
    }
    operation *operation = allocate(VERB_WRITE, &own, bytes, &rest);
    if (operation == NULL) return out_of_memory(err);
    operation->steps = (write_step *)(void *)rest; /* first, where it is aligned */
    operation->step_count = count;
    rest += (size_t)count * sizeof *steps;
    pbay_blob *blobs = (pbay_blob *)(void *)rest; /* aligned too */
    for (uint64_t i = 0; i < count; i++) rest += (size_t)steps[i].record.blob_count * sizeof *blobs;
    operation->owner = copy(&rest, own.owner);
    for (uint64_t i = 0; i < count; i++) {
        pbay_record *record = &operation->steps[i].record;
        operation->steps[i] = steps[i];
        copy_blobs(&rest, record->blobs, record->blob_count, blobs);
        record->blobs = blobs;
        blobs += record->blob_count;
        record->id = copy(&rest, record->id);
        record->kind = copy(&rest, record->kind);
        record->parent = copy(&rest, record->parent);
        record->root = copy(&rest, record->root);
        record->value = copy(&rest, record->value);
    }
    return enqueue(&store->writes, operation, err);
}

/* A step from its parts, checked. */
static int32_t make_step(const store *store, uint32_t verb, uint32_t precondition, const pbay_record *record, write_step *step,
                         pbay_error *err) {
    memset(step, 0, sizeof *step);
    step->verb = verb;
    step->precondition = precondition;
    step->record = *record;
    if (verb == PBAY_WRITE_DELETE) {
        memset(&step->record, 0, sizeof step->record);
        step->record.id = record->id;
        return check_text(record->id, "id", 1, MAX_ID, err);
    }
    if (verb != PBAY_WRITE_PUT) return perror_set(err, PBAY_EINVALID, "verb", "There is no such verb.");
    if (precondition > PBAY_PUT_VERSION) return perror_set(err, PBAY_EINVALID, "precondition", "There is no such precondition.");
    return check_record(store, record, err);
}

/* ------------------------------------------------------------------------------------------------- the table */

static const pbay_text none = {NULL, 0};

static int32_t storage_put(void *self, const pbay_op *op, const pbay_record *record, uint32_t precondition, pbay_error *err) {
    pbay_record own = read_record(record, sizeof own);
    write_step step;
    int32_t code = make_step(self, PBAY_WRITE_PUT, precondition, &own, &step, err);
    return code == PBAY_OK ? write(self, op, &step, 1, err) : code;
}

static int32_t storage_remove(void *self, const pbay_op *op, pbay_text id, pbay_error *err) {
    pbay_record record = {.id = id};
    write_step step;
    int32_t code = make_step(self, PBAY_WRITE_DELETE, 0, &record, &step, err);
    return code == PBAY_OK ? write(self, op, &step, 1, err) : code;
}

static int32_t storage_batch(void *self, const pbay_op *op, const pbay_write *writes, uint64_t count, pbay_error *err) {
    if (count > MAX_STEPS) return perror_set(err, PBAY_ELIMIT, NULL, "A batch may have %d writes.", MAX_STEPS);
    if (count == 0) return write(self, op, NULL, 0, err);
    write_step *steps = calloc((size_t)count, sizeof *steps);
    if (steps == NULL) return out_of_memory(err);
    int32_t code = PBAY_OK;
    const char *at = (const char *)writes; /* the writer's structs may be longer than ours: its `size` is the distance */
    uint32_t distance = writes->size;
    uint64_t header = offsetof(pbay_write, record);
    if (distance < header + sizeof(uint32_t)) code = perror_set(err, PBAY_EINVALID, "size", "The writes have no size.");
    for (uint64_t i = 0; i < count && code == PBAY_OK; i++, at += distance) {
        const pbay_write *one = (const pbay_write *)(const void *)at;
        pbay_record record = read_record(&one->record, distance - header);
        code = make_step(self, one->verb, one->precondition, &record, &steps[i], err);
    }
    if (code == PBAY_OK) code = write(self, op, steps, count, err);
    free(steps);
    return code;
}

static int32_t storage_get(void *self, const pbay_op *op, pbay_text id, pbay_error *err) {
    operation numbers = {0};
    int32_t code = check_text(id, "id", 1, MAX_ID, err);
    return code == PBAY_OK ? simple(self, VERB_GET, op, id, none, &numbers, err) : code;
}

static int32_t storage_load_chain(void *self, const pbay_op *op, pbay_text leaf, uint64_t max_depth, uint64_t max_bytes,
                                  pbay_error *err) {
    operation numbers = {.max_count = max_depth, .max_bytes = max_bytes};
    int32_t code = check_text(leaf, "id", 1, MAX_ID, err);
    return code == PBAY_OK ? simple(self, VERB_LOAD_CHAIN, op, leaf, none, &numbers, err) : code;
}

static int32_t storage_list(void *self, const pbay_op *op, pbay_text kind, pbay_text after, uint64_t limit, pbay_error *err) {
    operation numbers = {.max_count = limit};
    int32_t code = check_text(kind, "kind", 1, MAX_KIND, err);
    if (code == PBAY_OK) code = check_text(after, "after", 0, MAX_ID, err);
    return code == PBAY_OK ? simple(self, VERB_LIST, op, after, kind, &numbers, err) : code;
}

static int32_t storage_touch(void *self, const pbay_op *op, pbay_text id, int64_t expires_ms, pbay_error *err) {
    operation numbers = {.expires_ms = expires_ms};
    int32_t code = check_text(id, "id", 1, MAX_ID, err);
    return code == PBAY_OK ? simple(self, VERB_TOUCH, op, id, none, &numbers, err) : code;
}

static int32_t storage_sweep(void *self, const pbay_op *op, uint64_t max_value_bytes, pbay_error *err) {
    operation numbers = {.max_bytes = max_value_bytes};
    return simple(self, VERB_SWEEP, op, none, none, &numbers, err);
}

static int32_t storage_stats(void *self, const pbay_op *op, pbay_error *err) {
    operation numbers = {0};
    return simple(self, VERB_STATS, op, none, none, &numbers, err);
}

const pbay_storage sqlite_storage = {
    .size = sizeof sqlite_storage,
    .put = storage_put,
    .get = storage_get,
    .remove = storage_remove,
    .load_chain = storage_load_chain,
    .list = storage_list,
    .batch = storage_batch,
    .touch = storage_touch,
    .sweep = storage_sweep,
    .stats = storage_stats,
};
