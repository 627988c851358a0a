/*
 * A store that answers as the owner's name says: the owner is the script. It keeps nothing.
 *
 *   sync      answers before it has returned            thread     answers from a thread
 *   never     never                                     twice      two times
 *   refuse=N  an error code at once                     fail=N     an error code as the answer
 *   none      success without a record                  other      another record than the one asked for
 *   hidden    a hidden record                           badutf8    an id that isn't UTF-8
 *   null      a null record                             two        two records for a get
 *   chain     a good chain of three                     broken     a gap in the chain
 *   orphan    the oldest has a parent                   roots      different roots
 *   foreign   begins with another leaf                  endless    records without end
 *   blobs     a record with two blobs, of 5 bytes and 0   bad=N      one of the malformed blobs below
 *   older     a record of a shorter struct, with blobs behind its end
 *   large     a value larger than asked for             late       answers when fixture_go is called
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "patchbay.h"

static const pbay_storage_results *results;
static int answers[4096];
static atomic_int answer_count, puts_seen, durable_seen, sweeps;
static int64_t last_now, last_created, last_expires;
static uint64_t last_max;
static uint32_t last_precondition;
static char last_put[512];
static sem_t go;

static void answered(int code) {
    int at = atomic_fetch_add(&answer_count, 1);
    if (at < 4096) answers[at] = code;
}
PBAY_EXPORT int fixture_answers(int *out, int max) {
    int count = answer_count < max ? answer_count : max;
    memcpy(out, answers, (size_t)count * sizeof(int));
    return count;
}
PBAY_EXPORT int fixture_count(const char *what) {
    if (!strcmp(what, "puts")) return puts_seen;
    if (!strcmp(what, "durable")) return durable_seen;
    if (!strcmp(what, "sweeps")) return sweeps;
    if (!strcmp(what, "now")) return (int)last_now;
    if (!strcmp(what, "created")) return (int)last_created;
    if (!strcmp(what, "expires")) return (int)last_expires;
    if (!strcmp(what, "max")) return (int)last_max;
    if (!strcmp(what, "precondition")) return (int)last_precondition;
    /* Any other: whether the last put was exactly this. */
    return !strcmp(what, last_put);
}
PBAY_EXPORT void fixture_go(void) { sem_post(&go); }

typedef struct job {
    pbay_op_id id;
    char script[256];
    char key[256];
    int verb;
} job;
enum { PUT, GET, REMOVE, CHAIN, SWEEP };

static int is(const job *j, const char *word) { return !strncmp(j->script, word, strlen(word)); }
static int number(const job *j) { return atoi(strchr(j->script, '=') + 1); }

static void give(const job *j, const char *id, const char *parent, const char *root, const char *value, size_t size, uint32_t flags) {
    pbay_record record = {.size = sizeof record, .flags = flags, .id = {id, strlen(id)}, .kind = {"response", 8}, .parent = {parent, strlen(parent)},
                          .root = {root, strlen(root)}, .created_ms = 11, .expires_ms = 22, .version = 1, .value = {value, size}};
    answered(results->record(j->id, &record));
}

static const char hash_a[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
static const char hash_b[] = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

static void give_blobs(const job *j) {
    static const char not_hex[] = "0g112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    pbay_blob blobs[2] = {{{hash_a, 64}, {"image", 5}}, {{hash_b, 64}, {0, 0}}};
    pbay_record record = {.size = sizeof record, .id = {j->key, strlen(j->key)}, .kind = {"response", 8}, .root = {j->key, strlen(j->key)}, .value = {"value", 5},
                          .blobs = blobs, .blob_count = 2};
    switch (is(j, "bad=") ? number(j) : 0) {
    case 1: record.blobs = 0; break;
    case 2: blobs[1].hash.size = 63; break;
    case 3: blobs[1].hash.data = not_hex; break;
    case 4: blobs[1].data.size = 3; break; /* and no place for them */
    case 5: record.blob_count = PBAY_MAX_BLOBS + 1ull; break;
    case 6: blobs[0].data.size = UINT64_MAX; break;
    case 7: blobs[0].hash = (pbay_text){0, 64}; break;
    }
    if (is(j, "older")) record.size = offsetof(pbay_record, blobs);
    answered(results->record(j->id, &record));
}

static void answer(const job *j) {
    if (is(j, "fail=")) {
        pbay_error error = {.size = sizeof error, .code = number(j)};
        snprintf(error.detail, sizeof error.detail, "the disk is on fire");
        answered(results->complete(j->id, number(j), &error));
        return;
    }
    if (is(j, "endless")) {
        for (int i = 0; i < 100000; i++) {
            char id[32], parent[32];
            snprintf(id, sizeof id, "r%d", i);
            snprintf(parent, sizeof parent, "r%d", i + 1);
            pbay_record record = {.size = sizeof record, .kind = {"response", 8}, .id = {id, strlen(id)}, .parent = {parent, strlen(parent)}, .root = {"r", 1}, .value = {"x", 1}};
            int code = results->record(j->id, &record);
            if (code < 0) { answered(code); answered(i); break; }
        }
    } else if (is(j, "large")) {
        char *value = malloc(1 << 20);
        memset(value, 'v', 1 << 20);
        give(j, j->key, "", j->key, value, 1 << 20, 0);
        free(value);
    } else if (is(j, "blobs") || is(j, "bad=") || is(j, "older")) give_blobs(j);
    else if (is(j, "null")) answered(results->record(j->id, 0));
    else if (is(j, "none")) {}
    else if (is(j, "other")) give(j, "other", "", "other", "v", 1, 0);
    else if (is(j, "hidden")) give(j, j->key, "", j->key, "v", 1, PBAY_RECORD_HIDDEN);
    else if (is(j, "badutf8")) give(j, "\xff", "", "r", "v", 1, 0);
    else if (is(j, "two")) { give(j, j->key, "", j->key, "v", 1, 0); give(j, j->key, "", j->key, "v", 1, 0); }
    else if (j->verb == GET) give(j, j->key, "", j->key, "value", 5, 0);
    else if (j->verb == CHAIN) {
        give(j, is(j, "foreign") ? "b" : j->key, "b", is(j, "roots") ? "z" : "a", "3", 1, 0);
        give(j, "b", is(j, "broken") ? "x" : "a", "a", "2", 1, PBAY_RECORD_HIDDEN);
        give(j, "a", is(j, "orphan") ? "x" : "", "a", "1", 1, PBAY_RECORD_HIDDEN);
    }
    answered(results->complete(j->id, PBAY_OK, 0));
    if (is(j, "twice")) { answered(results->complete(j->id, PBAY_OK, 0)); answered(results->complete(j->id, PBAY_EIO, 0)); }
}
static void *on_thread(void *context) {
    job *j = context;
    if (is(j, "late")) sem_wait(&go);
    answer(j);
    free(j);
    return 0;
}
static int32_t accept_job(const pbay_op *op, pbay_text key, int verb, pbay_error *err) {
    job j = {.id = op->id, .verb = verb};
    last_now = op->now_ms;
    if (op->flags & PBAY_OP_DURABLE) durable_seen++;
    snprintf(j.script, sizeof j.script, "%.*s", (int)op->owner.size, op->owner.data ? op->owner.data : "");
    snprintf(j.key, sizeof j.key, "%.*s", (int)key.size, key.data ? key.data : "");
    if (is(&j, "refuse=")) {
        snprintf(err->detail, sizeof err->detail, "the queue is full");
        /* A store that also answers what it refused. */
        answered(results->complete(op->id, PBAY_OK, 0));
        return number(&j);
    }
    if (is(&j, "never")) return PBAY_OK;
    if (is(&j, "thread") || is(&j, "late")) {
        job *copy = malloc(sizeof *copy);
        *copy = j;
        pthread_t thread;
        pthread_create(&thread, 0, on_thread, copy);
        pthread_detach(thread);
        return PBAY_OK;
    }
    answer(&j);
    return PBAY_OK;
}

static int32_t put(void *self, const pbay_op *op, const pbay_record *r, uint32_t precondition, pbay_error *err) {
    (void)self;
    puts_seen++;
    last_precondition = precondition;
    last_created = r->created_ms;
    last_expires = r->expires_ms;
    snprintf(last_put, sizeof last_put, "%.*s %.*s %.*s %.*s %.*s", (int)r->id.size, r->id.data, (int)r->kind.size, r->kind.data,
             (int)r->parent.size, r->parent.data, (int)r->root.size, r->root.data, (int)r->value.size, r->value.data);
    for (uint64_t i = 0; i < r->blob_count; i++) {
        size_t at = strlen(last_put);
        snprintf(last_put + at, sizeof last_put - at, " %.*s=%.*s", (int)r->blobs[i].hash.size, r->blobs[i].hash.data,
                 (int)r->blobs[i].data.size, r->blobs[i].data.data);
    }
    return accept_job(op, r->id, PUT, err);
}
static int32_t get(void *self, const pbay_op *op, pbay_text id, pbay_error *err) { (void)self; return accept_job(op, id, GET, err); }
static int32_t remove_record(void *self, const pbay_op *op, pbay_text id, pbay_error *err) { (void)self; return accept_job(op, id, REMOVE, err); }
static int32_t load_chain(void *self, const pbay_op *op, pbay_text leaf, uint64_t depth, uint64_t bytes, pbay_error *err) {
    (void)self; (void)depth; (void)bytes;
    return accept_job(op, leaf, CHAIN, err);
}
static int32_t list(void *self, const pbay_op *op, pbay_text kind, pbay_text after, uint64_t limit, pbay_error *err) {
    (void)self; (void)err;
    snprintf(last_put, sizeof last_put, "list %.*s after %.*s limit %d", (int)kind.size, kind.data, (int)after.size, after.data, (int)limit);
    return accept_job(op, (pbay_text){"x", 1}, GET, err);
}
static int32_t batch(void *self, const pbay_op *op, const pbay_write *writes, uint64_t count, pbay_error *err) {
    (void)self;
    size_t at = 0;
    for (uint64_t i = 0; i < count; i++) {
        const pbay_record *r = &writes[i].record;
        at += (size_t)snprintf(last_put + at, sizeof last_put - at, "%s%u %.*s %.*s %u v%d %.*s", i ? "; " : "", writes[i].verb, (int)r->id.size, r->id.data,
                               (int)r->kind.size, r->kind.data, writes[i].precondition, (int)r->version, (int)r->value.size, r->value.data);
    }
    return accept_job(op, writes[0].record.id, PUT, err);
}
static int32_t touch(void *self, const pbay_op *op, pbay_text id, int64_t expires, pbay_error *err) {
    (void)self; (void)op; (void)id; (void)expires; (void)err;
    return PBAY_EUNSUPPORTED;
}
static int32_t sweep(void *self, const pbay_op *op, uint64_t max, pbay_error *err) {
    (void)self;
    sweeps++;
    last_max = max;
    return accept_job(op, (pbay_text){0, 0}, SWEEP, err);
}
static int32_t stats(void *self, const pbay_op *op, pbay_error *err) { (void)self; (void)op; (void)err; return PBAY_EUNSUPPORTED; }

static const pbay_storage storage = {.size = sizeof storage, .put = put, .get = get, .remove = remove_record, .load_chain = load_chain, .list = list,
                                     .batch = batch, .touch = touch, .sweep = sweep, .stats = stats};
static const void *extension(void *self, const char *id) { (void)self; return strcmp(id, PBAY_STORAGE) ? 0 : &storage; }
static int32_t start(void *self, pbay_error *err) { (void)self; (void)err; return PBAY_OK; }
static void nothing(void *self) { (void)self; }
static const pbay_instance instance = {.size = sizeof instance, .get_extension = extension, .start = start, .stop = nothing, .destroy = nothing};
static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    (void)id; (void)config; (void)err;
    *out = &instance;
    return PBAY_OK;
}
static const char *const interfaces[] = {PBAY_STORAGE, 0};
static const pbay_module module = {.size = sizeof module, .id = "org.example.store", .version = "1", .interfaces = interfaces, .create = create};
PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *h, const pbay_module **out, pbay_error *err) {
    (void)err;
    sem_init(&go, 0, 0);
    results = h->get_extension(PBAY_HOST_STORAGE_RESULTS);
    if (!results) return PBAY_EINTERNAL;
    *out = &module;
    return PBAY_OK;
}
