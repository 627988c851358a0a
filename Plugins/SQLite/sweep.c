/*
 * Expiry and eviction. A sweep may be long, so it is done in slices of a few hundred rows, each a transaction of its own, and the
 * writes that wait have their turn between two of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include <string.h>

#define SLICE_ROWS 256

static void finish(store *store) {
    operation *operation = store->sweep.operation;
    store->sweep.operation = NULL;
    operation_complete(operation);
}

static int failed(store *store) {
    int code = sqlite3_extended_errcode(store->writer.handle);
    return code == SQLITE_OK ? SQLITE_ERROR : code;
}

/*
 * The next expired rows, in the order of their expiry: those without a child go, and take with them the ancestors that nobody else
 * needs. One with a child stays; should its child go later in this sweep, it goes with it.
 */
static int expire(store *store) {
    sweep *sweep = &store->sweep;
    sqlite3_stmt *statement = store->writer.statements[SQL_EXPIRED_LEAVES];
    int64_t expires[SLICE_ROWS], keys[SLICE_ROWS];
    int code, count = 0;
    sqlite3_bind_int64(statement, 1, sweep->operation->now_ms);
    sqlite3_bind_int64(statement, 2, sweep->expires);
    sqlite3_bind_int64(statement, 3, sweep->key);
    sqlite3_bind_int64(statement, 4, SLICE_ROWS);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        expires[count] = sqlite3_column_int64(statement, 0);
        keys[count++] = sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    if (code != SQLITE_DONE) return code;
    for (int i = 0; i < count; i++) {
        sqlite3_stmt *child = store->writer.statements[SQL_HAS_CHILD];
        sqlite3_bind_int64(child, 1, keys[i]);
        code = sqlite3_step(child);
        sqlite3_reset(child);
        if (code != SQLITE_ROW && code != SQLITE_DONE) return code;
        if (code == SQLITE_DONE && records_erase(store, keys[i], sweep->operation->now_ms) != PBAY_OK) return failed(store);
        sweep->expires = expires[i];
        sweep->key = keys[i];
    }
    if (count < SLICE_ROWS) sweep->phase = SWEEP_OWNERS;
    return SQLITE_OK;
}

/* Brings the owners to their bound, as far as a put hasn't: it may have been made less since. */
static int trim_owners(store *store) {
    sweep *sweep = &store->sweep;
    eviction eviction = {.now_ms = sweep->operation->now_ms};
    int64_t room = SLICE_ROWS, most = (int64_t)store->max_bytes_per_owner;
    while (most > 0 && room > 0) {
        int fits = 0;
        sqlite3_stmt *statement = store->writer.statements[SQL_OWNER_OVER];
        sqlite3_bind_int64(statement, 1, sweep->owner);
        sqlite3_bind_int64(statement, 2, most);
        int code = sqlite3_step(statement);
        eviction.owner = sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
        if (code == SQLITE_DONE) break;
        if (code != SQLITE_ROW) return code;
        if (evict(store, &eviction, most, &room, &fits) != PBAY_OK) return failed(store);
        sweep->owner = room > 0 ? eviction.owner + 1 : eviction.owner;
    }
    if (room > 0) sweep->phase = SWEEP_TOTAL;
    return SQLITE_OK;
}

/* Takes rows from the chains that were used longest ago. *done: little enough is left. */
static int evict_from_all(store *store, int *done) {
    uint64_t bytes = store->sweep.operation->max_bytes;
    eviction eviction = {.now_ms = store->sweep.operation->now_ms};
    int64_t room = SLICE_ROWS, most = bytes == 0 || bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
    int fits = 0;
    if (evict(store, &eviction, most, &room, &fits) != PBAY_OK) return failed(store);
    *done = fits || room > 0;
    return SQLITE_OK;
}

static int advance(store *store, int *done) {
    switch (store->sweep.phase) {
    case SWEEP_EXPIRED: return expire(store);
    case SWEEP_OWNERS: return trim_owners(store);
    default: return evict_from_all(store, done);
    }
}

void sweep_slice(store *store) {
    sweep *sweep = &store->sweep;
    int is_first = sweep->operation == NULL, done = 0;
    if (is_first) {
        memset(sweep, 0, sizeof *sweep);
        sweep->operation = store->waiting_sweeps;
        store->waiting_sweeps = sweep->operation->next;
        sweep->operation->next = NULL;
    }
    int code = writer_begin(store, sweep->operation->durable);
    if (code == SQLITE_OK) {
        if (is_first) code = writer_flush_uses(store);
        if (code == SQLITE_OK) code = advance(store, &done);
        if (code == SQLITE_OK) code = writer_commit(store);
        else writer_rollback(store);
    }
    if (code != SQLITE_OK) {
        const char *message;
        int32_t answer = database_error(code, &message);
        store_log(store, PBAY_LOG_ERROR, "A sweep failed: %s (%d)", sqlite3_errstr(code), code);
        operation_fail(sweep->operation, answer, NULL, message);
        done = 1;
    }
    if (done) finish(store);
}
