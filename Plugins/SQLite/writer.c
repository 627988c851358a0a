/*
 * The one thread that writes. It takes all operations that wait, does them in one transaction, and answers them after its COMMIT
 * (group commit): while the disk syncs, the next group gathers.
 *
 * Durability. In WAL mode a COMMIT with synchronous = FULL syncs the WAL, which then holds this group and all before it; with NORMAL
 * nothing is synced, so that the group survives the end of the process but maybe not that of the machine. A group is FULL as soon as
 * one of its operations asks for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include <time.h>

#define GROUP_MAX_COUNT 512
#define GROUP_MAX_BYTES (32u << 20)
#define USES_FLUSH_MS 5000
/* After so many pages the WAL's content is moved to the file; after so many more it is waited for until no reader needs the WAL. */
#define CHECKPOINT_PAGES 4000
#define TRUNCATE_PAGES 16000

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------------------------------------------- transactions */

static int checkpoint(store *store, int mode) {
    int pages = 0;
    int code = sqlite3_wal_checkpoint_v2(store->writer.handle, NULL, mode, &pages, NULL);
    if (code == SQLITE_OK) store->wal_pages = mode == SQLITE_CHECKPOINT_TRUNCATE ? 0 : pages;
    return code;
}

static int set_synchronous(store *store, int full) {
    if (store->synchronous_full == full) return SQLITE_OK;
    int code = sqlite3_exec(store->writer.handle, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
    store->synchronous_full = code == SQLITE_OK ? full : -1;
    return code;
}

/*
 * After a sync that failed: the kernel may have dropped what it could not write, without saying so twice, and what was not committed may
 * stand in the WAL all the same. All that is committed goes to the file, synced, and a new WAL begins; until that works nothing is
 * acknowledged.
 */
static int trust_wal(store *store) {
    if (!store->distrust_wal) return SQLITE_OK;
    int code = checkpoint(store, SQLITE_CHECKPOINT_TRUNCATE);
    if (code == SQLITE_OK) store->distrust_wal = 0;
    return code;
}

int writer_begin(store *store, int durable) {
    int code = trust_wal(store);
    if (code == SQLITE_OK) code = set_synchronous(store, durable);
    if (code == SQLITE_OK) code = database_run(&store->writer, SQL_BEGIN);
    if (code == SQLITE_OK) store->change = (totals){0};
    return code;
}

void writer_rollback(store *store) {
    /* SQLite itself has rolled back after some errors; then this is an error that means nothing. */
    if (!sqlite3_get_autocommit(store->writer.handle)) database_run(&store->writer, SQL_ROLLBACK);
}

int writer_commit(store *store) {
    int code = records_write_totals(store);
    if (code == SQLITE_OK) code = database_run(&store->writer, SQL_COMMIT);
    if (code != SQLITE_OK) {
        if ((code & 0xFF) == SQLITE_IOERR) store->distrust_wal = 1;
        writer_rollback(store);
    }
    return code;
}

int writer_flush_uses(store *store) {
    int64_t keys[USES_CAPACITY], times[USES_CAPACITY];
    uint64_t count = uses_take(&store->uses, keys, times);
    sqlite3_stmt *statement = store->writer.statements[SQL_USE_CHAIN];
    int code = SQLITE_OK;
    for (uint64_t i = 0; i < count && code == SQLITE_OK; i++) {
        sqlite3_bind_int64(statement, 1, keys[i]);
        sqlite3_bind_int64(statement, 2, times[i]);
        code = database_run(&store->writer, SQL_USE_CHAIN);
    }
    store->uses_written_ms = monotonic_ms();
    return code;
}

/* ---------------------------------------------------------------------------------------------------------- groups */

static int32_t apply(store *store, operation *operation) {
    return operation->verb == VERB_TOUCH ? records_touch(store, operation) : records_write(store, operation);
}

/* Everything of the group fails with the database's error: nothing of it was stored. */
static void fail_group(store *store, operation *group, int code) {
    const char *message;
    int32_t answer = database_error(code, &message);
    store_log(store, PBAY_LOG_ERROR, "A write failed: %s (%d): %s", sqlite3_errstr(code), code, sqlite3_errmsg(store->writer.handle));
    __atomic_store_n(&store->failing, 1, __ATOMIC_RELAXED);
    for (operation *operation = group; operation != NULL; operation = operation->next) {
        operation_fail(operation, answer, NULL, message);
    }
}

static int uses_are_due(store *store) {
    uint64_t count = uses_count(&store->uses);
    return count > USES_CAPACITY / 2 || (count > 0 && monotonic_ms() - store->uses_written_ms >= USES_FLUSH_MS);
}

/* Does a group in one transaction. An SQLite code. */
static int run_group(store *store, operation *group) {
    int durable = 0;
    for (operation *operation = group; operation != NULL; operation = operation->next) durable |= operation->durable;
    int code = writer_begin(store, durable);
    if (code != SQLITE_OK) return code;
    for (operation *operation = group; operation != NULL; operation = operation->next) {
        if (apply(store, operation) == FATAL) {
            code = sqlite3_extended_errcode(store->writer.handle);
            writer_rollback(store);
            return code == SQLITE_OK ? SQLITE_ERROR : code;
        }
    }
    if (uses_are_due(store)) code = writer_flush_uses(store);
    if (code == SQLITE_OK) return writer_commit(store);
    writer_rollback(store);
    return code;
}

/* Sweeps come after the group that they were taken with, so that each sees the writes before it; they wait in their own order. */
static operation *split_off_sweeps(store *store, operation *taken) {
    operation *group = NULL, **end = &group, **sweeps = &store->waiting_sweeps;
    while (*sweeps != NULL) sweeps = &(*sweeps)->next;
    while (taken != NULL) {
        operation *next = taken->next;
        taken->next = NULL;
        if (taken->verb == VERB_SWEEP) {
            *sweeps = taken;
            sweeps = &taken->next;
        } else {
            *end = taken;
            end = &taken->next;
        }
        taken = next;
    }
    return group;
}

static void do_group(store *store, operation *group) {
    if (group == NULL) return;
    int code = run_group(store, group);
    if (code == SQLITE_OK) __atomic_store_n(&store->failing, 0, __ATOMIC_RELAXED);
    else fail_group(store, group, code);
    while (group != NULL) {
        operation *next = group->next;
        operation_complete(group);
        group = next;
    }
}

/* ------------------------------------------------------------------------------------------------------- the thread */

static void bound_wal(store *store) {
    if (trust_wal(store) != SQLITE_OK || store->wal_pages < CHECKPOINT_PAGES) return;
    int mode = store->wal_pages < TRUNCATE_PAGES ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
    int code = checkpoint(store, mode);
    if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) {
        store_log(store, PBAY_LOG_ERROR, "A checkpoint failed: %s (%d)", sqlite3_errstr(code), code);
        if ((code & 0xFF) == SQLITE_IOERR) store->distrust_wal = 1;
    }
    if (mode == SQLITE_CHECKPOINT_PASSIVE) store->wal_pages = 0; /* the next commit tells how long the WAL still is */
}

static void flush_uses_alone(store *store) {
    if (uses_count(&store->uses) == 0 || writer_begin(store, 0) != SQLITE_OK) return;
    if (writer_flush_uses(store) == SQLITE_OK) writer_commit(store);
    else writer_rollback(store);
}

static void end_sweeps(store *store) {
    while (store->sweep.operation != NULL || store->waiting_sweeps != NULL) {
        operation *operation = store->sweep.operation;
        store->sweep.operation = NULL;
        if (operation == NULL) {
            operation = store->waiting_sweeps;
            store->waiting_sweeps = operation->next;
        }
        operation_fail(operation, PBAY_ECANCELLED, NULL, "The store is being stopped.");
        operation_complete(operation);
    }
}

void *writer_main(void *argument) {
    store *store = argument;
    int stopped = 0;
    while (!stopped) {
        int sweeping = store->sweep.operation != NULL || store->waiting_sweeps != NULL;
        int64_t wait_ms = sweeping ? 0 : uses_count(&store->uses) > 0 ? USES_FLUSH_MS : -1;
        operation *taken = queue_take(&store->writes, GROUP_MAX_COUNT, GROUP_MAX_BYTES, wait_ms, &stopped);
        do_group(store, split_off_sweeps(store, taken));
        if (taken == NULL && !stopped && uses_are_due(store)) flush_uses_alone(store);
        bound_wal(store);
        sweeping = store->sweep.operation != NULL || store->waiting_sweeps != NULL;
        if (sweeping && !stopped) sweep_slice(store);
    }
    end_sweeps(store);
    flush_uses_alone(store);
    return NULL;
}
