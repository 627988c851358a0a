/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOTS 65536

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static answer *slots[SLOTS];
static uint64_t generation[SLOTS];
static unsigned next_slot, pending, violations;
static const pbay_module *module;

/* ------------------------------------------------------------------------------------------- what the plugin calls */

/* With the mutex held: the operation of that id, or null. */
static answer *find(pbay_op_id id) {
    answer *answer = slots[id % SLOTS];
    return answer != NULL && answer->id == id && !answer->done ? answer : NULL;
}

static void copy_text(char *target, size_t capacity, pbay_text text) {
    size_t size = text.size < capacity ? (size_t)text.size : capacity - 1;
    if (size > 0) memcpy(target, text.data, size);
    target[size] = 0;
}

static char *copy_bytes(pbay_text text) {
    char *copy = malloc((size_t)text.size + 1);
    if (text.size > 0) memcpy(copy, text.data, (size_t)text.size);
    return copy;
}

static void copy_blobs(kept *kept, const pbay_record *record) {
    kept->blob_count = (size_t)record->blob_count;
    kept->blobs = calloc(kept->blob_count + 1, sizeof *kept->blobs);
    for (size_t i = 0; i < kept->blob_count; i++) {
        kept->blobs[i] = record->blobs[i];
        kept->blobs[i].hash.data = copy_bytes(record->blobs[i].hash);
        kept->blobs[i].data.data = copy_bytes(record->blobs[i].data);
    }
}

static void free_kept(kept *kept) {
    for (size_t i = 0; i < kept->blob_count; i++) {
        free((void *)kept->blobs[i].hash.data);
        free((void *)kept->blobs[i].data.data);
    }
    free(kept->blobs);
    free(kept->value);
}

static int32_t on_record(pbay_op_id op, const pbay_record *record) {
    kept kept = {.flags = record->flags, .created_ms = record->created_ms, .expires_ms = record->expires_ms,
                 .version = record->version, .status = record->status, .value_size = (size_t)record->value.size};
    copy_text(kept.id, sizeof kept.id, record->id);
    copy_text(kept.kind, sizeof kept.kind, record->kind);
    copy_text(kept.parent, sizeof kept.parent, record->parent);
    copy_text(kept.root, sizeof kept.root, record->root);
    kept.value = malloc(kept.value_size + 1);
    if (kept.value_size > 0) memcpy(kept.value, record->value.data, kept.value_size);
    kept.value[kept.value_size] = 0;
    if (record->size >= offsetof(pbay_record, blob_count) + sizeof record->blob_count) copy_blobs(&kept, record);
    pthread_mutex_lock(&mutex);
    answer *answer = find(op);
    if (answer == NULL) {
        violations++;
        free_kept(&kept);
    } else {
        answer->records = realloc(answer->records, (answer->count + 1) * sizeof kept);
        answer->records[answer->count++] = kept;
    }
    pthread_mutex_unlock(&mutex);
    return answer == NULL ? PBAY_CLOSED : PBAY_OK;
}

static int32_t on_stats(pbay_op_id op, const pbay_storage_stats *stats) {
    pthread_mutex_lock(&mutex);
    answer *answer = find(op);
    if (answer == NULL) {
        violations++;
    } else {
        answer->stats = *stats;
        answer->has_stats = 1;
    }
    pthread_mutex_unlock(&mutex);
    return answer == NULL ? PBAY_CLOSED : PBAY_OK;
}

static int32_t on_complete(pbay_op_id op, int32_t code, const pbay_error *error) {
    void (*then)(answer *answer, void *context) = NULL; /* without it the answer may be freed as soon as the mutex is */
    pthread_mutex_lock(&mutex);
    answer *answer = find(op);
    if (answer == NULL) {
        violations++;
    } else {
        then = answer->then;
        answer->code = code;
        if (error != NULL) memcpy(&answer->error, error, sizeof *error < error->size ? sizeof *error : error->size);
        answer->done = 1;
        slots[op % SLOTS] = NULL;
        if (then == NULL) {
            pending--;
            sem_post(&answer->answered);
        }
    }
    pthread_mutex_unlock(&mutex);
    if (then == NULL) return answer == NULL ? PBAY_CLOSED : PBAY_OK;
    then(answer, answer->context);
    pthread_mutex_lock(&mutex);
    pending--; /* only now: who waits for all of them reads what `then` has counted */
    pthread_mutex_unlock(&mutex);
    return PBAY_OK;
}

static void on_log(pbay_instance_id instance, int32_t level, pbay_text message) {
    (void)instance;
    if (getenv("CONFORMANCE_LOG") != NULL) fprintf(stderr, "log %d: %.*s\n", level, (int)message.size, message.data);
}

static const void *get_extension(const char *id) {
    static const pbay_storage_results results = {.size = sizeof results, .record = on_record, .stats = on_stats, .complete = on_complete};
    static const pbay_log_api logs = {.size = sizeof logs, .write = on_log};
    if (strcmp(id, PBAY_HOST_STORAGE_RESULTS) == 0) return &results;
    if (strcmp(id, PBAY_HOST_LOG) == 0) return &logs;
    return NULL;
}

/* ---------------------------------------------------------------------------------------------- loading, operations */

static pbay_error empty_error(void) {
    pbay_error error;
    memset(&error, 0, sizeof error);
    error.size = sizeof error;
    return error;
}

void host_load(const char *path) {
    static const pbay_host host = {.size = sizeof host, .name = "conformance", .version = "1", .get_extension = get_extension};
    pbay_error error = empty_error();
    void *image = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    pbay_entry_v1 entry = NULL;
    if (image != NULL) *(void **)&entry = dlsym(image, PBAY_ENTRY_SYMBOL);
    if (entry == NULL || entry(&host, &module, &error) != PBAY_OK) {
        fprintf(stderr, "%s: %s\n", path, entry == NULL ? dlerror() : error.message);
        exit(2);
    }
}

int32_t host_start(instance *instance, const char *config, pbay_error *error) {
    memset(instance, 0, sizeof *instance);
    *error = empty_error();
    int32_t code = module->create(1, text_of(config), &instance->table, error);
    if (code < 0) return code;
    instance->self = instance->table->self;
    instance->storage = instance->table->get_extension(instance->self, PBAY_STORAGE);
    code = instance->table->start(instance->self, error);
    if (code < 0) instance->table->destroy(instance->self);
    return code;
}

void host_stop(instance *instance) {
    if (instance->table->drain != NULL) instance->table->drain(instance->self, 1000);
    instance->table->stop(instance->self);
    instance->table->destroy(instance->self);
}

unsigned host_violations(void) {
    pthread_mutex_lock(&mutex);
    unsigned count = violations;
    pthread_mutex_unlock(&mutex);
    return count;
}

unsigned host_pending(void) {
    pthread_mutex_lock(&mutex);
    unsigned count = pending;
    pthread_mutex_unlock(&mutex);
    return count;
}

answer *host_begin(void) {
    answer *answer = calloc(1, sizeof *answer);
    answer->error = empty_error();
    sem_init(&answer->answered, 0, 0);
    pthread_mutex_lock(&mutex);
    unsigned slot = next_slot;
    while (slots[slot] != NULL || slot == 0) slot = (slot + 1) % SLOTS;
    next_slot = (slot + 1) % SLOTS;
    answer->id = ++generation[slot] * SLOTS + slot;
    slots[slot] = answer;
    pending++;
    pthread_mutex_unlock(&mutex);
    return answer;
}

void host_refused(answer *answer, int32_t code) {
    pthread_mutex_lock(&mutex);
    if (answer->done) violations++; /* refused, and answered all the same */
    else pending--;
    slots[answer->id % SLOTS] = NULL;
    answer->done = 1;
    answer->code = code;
    sem_post(&answer->answered);
    pthread_mutex_unlock(&mutex);
}

void host_wait(answer *answer) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 30;
    int waited;
    while ((waited = sem_timedwait(&answer->answered, &until)) != 0 && errno == EINTR) continue;
    if (waited != 0) {
        fprintf(stderr, "an operation was not answered within 30 s\n");
        abort();
    }
    pthread_mutex_lock(&mutex); /* on_complete has let go of it */
    pthread_mutex_unlock(&mutex);
}

void host_free(answer *answer) {
    for (size_t i = 0; i < answer->count; i++) free_kept(&answer->records[i]);
    free(answer->records);
    sem_destroy(&answer->answered);
    free(answer);
}

/* ------------------------------------------------------------------------------------------------------- the verbs */

pbay_text text_of(const char *zero_terminated) {
    pbay_text text = {zero_terminated, strlen(zero_terminated)};
    return text;
}

pbay_op op_of(const caller *caller, const answer *answer) {
    pbay_op op = {.size = sizeof op, .flags = caller->durable ? PBAY_OP_DURABLE : 0, .id = answer->id, .now_ms = caller->now_ms};
    op.owner = text_of(caller->owner);
    return op;
}

pbay_record record_of(const char *id, const char *parent, const char *root, const char *value) {
    pbay_record record = {.size = sizeof record, .created_ms = 1};
    record.id = text_of(id);
    record.kind = text_of("response");
    record.parent = text_of(parent);
    record.root = text_of(root);
    record.value = text_of(value);
    return record;
}

pbay_blob blob_of(unsigned number, char hash[65], char *data, size_t size) {
    for (int i = 0; i < 64; i++) hash[i] = "0123456789abcdef"[(number >> i % 8 * 4) & 15];
    hash[64] = 0;
    for (size_t i = 0; i < size; i++) data[i] = (char)(number * 31 + i);
    return (pbay_blob){{hash, 64}, {data, size}};
}

int is_blob(const pbay_blob *blob, unsigned number, size_t size) {
    char hash[65], *data = malloc(size + 1);
    pbay_blob wanted = blob_of(number, hash, data, size);
    int same = blob->hash.size == 64 && memcmp(blob->hash.data, hash, 64) == 0 && blob->data.size == size &&
               memcmp(blob->data.data, wanted.data.data, size) == 0;
    free(data);
    return same;
}

int32_t code_of(answer *answer) {
    int32_t code = answer->code;
    host_free(answer);
    return code;
}

/* Begins an operation, calls `expression` with op and error, and waits. */
#define CALL(expression)                                                                                                  \
    answer *answer = host_begin();                                                                                        \
    pbay_op op = op_of(caller, answer);                                                                                   \
    pbay_error error = empty_error();                                                                                     \
    const pbay_storage *storage = caller->instance->storage;                                                              \
    void *self = caller->instance->self;                                                                                  \
    int32_t code = (expression);                                                                                          \
    if (code < 0) {                                                                                                       \
        answer->error = error;                                                                                            \
        host_refused(answer, code);                                                                                       \
    }                                                                                                                     \
    host_wait(answer);                                                                                                    \
    return answer

answer *do_put(const caller *caller, const pbay_record *record, uint32_t precondition) {
    CALL(storage->put(self, &op, record, precondition, &error));
}
answer *do_get(const caller *caller, const char *id) { CALL(storage->get(self, &op, text_of(id), &error)); }
answer *do_remove(const caller *caller, const char *id) { CALL(storage->remove(self, &op, text_of(id), &error)); }
answer *do_load_chain(const caller *caller, const char *leaf, uint64_t max_depth, uint64_t max_bytes) {
    CALL(storage->load_chain(self, &op, text_of(leaf), max_depth, max_bytes, &error));
}
answer *do_list(const caller *caller, const char *kind, const char *after, uint64_t limit) {
    CALL(storage->list(self, &op, text_of(kind), text_of(after), limit, &error));
}
answer *do_batch(const caller *caller, const pbay_write *writes, uint64_t count) {
    CALL(storage->batch(self, &op, writes, count, &error));
}
answer *do_touch(const caller *caller, const char *id, int64_t expires_ms) {
    CALL(storage->touch(self, &op, text_of(id), expires_ms, &error));
}
answer *do_sweep(const caller *caller, uint64_t max_value_bytes) { CALL(storage->sweep(self, &op, max_value_bytes, &error)); }
answer *do_stats(const caller *caller) { CALL(storage->stats(self, &op, &error)); }
