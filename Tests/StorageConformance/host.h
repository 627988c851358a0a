/*
 * host.h - a host just large enough for a storage plugin, for the programs of this folder: it loads one, calls it and waits for the
 * answers, and notices every answer too many.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONFORMANCE_HOST_H
#define CONFORMANCE_HOST_H

#include "patchbay.h"

#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

/* A record as it was handed out, copied. */
typedef struct kept {
    uint32_t flags;
    char id[129], kind[33], parent[129], root[129];
    int64_t created_ms, expires_ms;
    uint64_t version;
    uint32_t status;
    size_t value_size;
    char *value;
    size_t blob_count;
    pbay_blob *blobs;
} kept;

/* One operation and what was answered. */
typedef struct answer {
    pbay_op_id id;
    int32_t code;
    int done;
    sem_t answered; /* each its own: with 64 that wait, one for all would wake 63 for nothing */
    pbay_error error;
    kept *records;
    size_t count;
    pbay_storage_stats stats;
    int has_stats;
    void (*then)(struct answer *answer, void *context); /* called at the end, from the plugin's thread; null: somebody waits */
    void *context;
} answer;

/* A loaded plugin with one instance. */
typedef struct instance {
    const pbay_instance *table;
    const pbay_storage *storage;
    void *self;
} instance;

/* Loads the library and calls its entry; ends the program where that fails. */
void host_load(const char *path);
/* Makes and starts an instance. PBAY_OK or the plugin's error, in *error. `config` is JSON text. */
int32_t host_start(instance *instance, const char *config, pbay_error *error);
void host_stop(instance *instance);

/* Answers that came twice, too late or for nobody, and operations that never got one. */
unsigned host_violations(void);

/* An operation of its own id. */
answer *host_begin(void);
/* Ends an operation that the plugin refused at once. */
void host_refused(answer *answer, int32_t code);
/* Waits for the answer, 30 s at most: then the program ends, since nothing after it would mean anything. */
void host_wait(answer *answer);
void host_free(answer *answer);
/* The operations that are not answered yet. */
unsigned host_pending(void);

/* What the calls below send with each operation. */
typedef struct caller {
    instance *instance;
    const char *owner;
    int64_t now_ms;
    int durable;
} caller;

pbay_text text_of(const char *zero_terminated);
pbay_op op_of(const caller *caller, const answer *answer);

/* A record to put: root from the caller, "" for none. */
pbay_record record_of(const char *id, const char *parent, const char *root, const char *value);

/* Writes the hash (64 digits) and `size` bytes of data, both made from the number. The blob lends from both. */
pbay_blob blob_of(unsigned number, char hash[65], char *data, size_t size);
/* Whether the blob that came back is this one. */
int is_blob(const pbay_blob *blob, unsigned number, size_t size);

/* Each calls and waits. The answer is the caller's to free. */
answer *do_put(const caller *caller, const pbay_record *record, uint32_t precondition);
answer *do_get(const caller *caller, const char *id);
answer *do_remove(const caller *caller, const char *id);
answer *do_load_chain(const caller *caller, const char *leaf, uint64_t max_depth, uint64_t max_bytes);
answer *do_list(const caller *caller, const char *kind, const char *after, uint64_t limit);
answer *do_batch(const caller *caller, const pbay_write *writes, uint64_t count);
answer *do_touch(const caller *caller, const char *id, int64_t expires_ms);
answer *do_sweep(const caller *caller, uint64_t max_value_bytes);
answer *do_stats(const caller *caller);

/* The same, for the code alone. */
int32_t code_of(answer *answer);

/* faults.c: the disk as the plugin sees it. */

/* Files synced so far. */
unsigned faults_syncs(void);
enum { FAULT_NONE, FAULT_FULL /* writes answer ENOSPC */, FAULT_SYNC /* syncs answer EIO */ };
void faults_set(int fault);

/* random.c: a random driver against a model. `bytes_per_owner`: the store's bound, or 0. Answers null, or what went wrong. */
const char *random_check(caller caller, unsigned seed, unsigned steps, int64_t epoch, uint64_t bytes_per_owner);

#endif
