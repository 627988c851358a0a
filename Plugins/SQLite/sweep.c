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

/* Reads the keys that a statement answers, which are at most as many as there is room for. An SQLite code. */
static int read_keys(sqlite3_stmt *statement, int64_t *keys, int *count) {
    int code;
    *count = 0;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) keys[(*count)++] = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
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
    sweep->evicting = count < SLICE_ROWS;
    return SQLITE_OK;
}

/* The stored bytes as this transaction sees them. */
static int value_bytes(store *store, uint64_t *bytes) {
    sqlite3_stmt *statement = store->writer.statements[SQL_VALUE_BYTES];
    int code = sqlite3_step(statement);
    *bytes = (uint64_t)(sqlite3_column_int64(statement, 0) + store->change.value_bytes);
    sqlite3_reset(statement);
    return code == SQLITE_ROW ? SQLITE_OK : code == SQLITE_DONE ? SQLITE_CORRUPT : code;
}

/* Takes rows from one chain, the deepest first, until little enough is left; at most *room of them. */
static int evict_from(store *store, int64_t root, int *room) {
    uint64_t most = store->sweep.operation->max_bytes, left = 0;
    int64_t keys[SLICE_ROWS];
    int count = 0, i = 0;
    sqlite3_stmt *statement = store->writer.statements[SQL_CHAIN_KEYS];
    sqlite3_bind_int64(statement, 1, root);
    sqlite3_bind_int64(statement, 2, *room);
    int code = read_keys(statement, keys, &count);
    for (; i < count && code == SQLITE_OK; i++) {
        code = value_bytes(store, &left);
        if (code != SQLITE_OK || left <= most) break;
        /* A row may have gone already, with a descendant that was the last to need it: then this does nothing. */
        if (records_erase(store, keys[i], store->sweep.operation->now_ms) != PBAY_OK) return failed(store);
    }
    if (code == SQLITE_OK && i == count && count < *room) {
        /* All of the chain has gone. In a damaged file, its first record may have been missing, and this line have been left. */
        sqlite3_bind_int64(store->writer.statements[SQL_DELETE_CHAIN], 1, root);
        code = database_run(&store->writer, SQL_DELETE_CHAIN);
    }
    *room -= count;
    return code;
}

/* Takes rows from the chains that were used longest ago. *done: little enough is left. */
static int evict(store *store, int *done) {
    uint64_t most = store->sweep.operation->max_bytes, left = 0;
    int code = SQLITE_OK;
    for (int room = SLICE_ROWS; room > 0 && code == SQLITE_OK;) {
        int64_t roots[1];
        int count = 0;
        *done = 1;
        if (most == 0) return SQLITE_OK;
        code = value_bytes(store, &left);
        if (code != SQLITE_OK || left <= most) return code;
        code = read_keys(store->writer.statements[SQL_OLDEST_CHAIN], roots, &count);
        if (code != SQLITE_OK || count == 0) return code;
        *done = 0;
        code = evict_from(store, roots[0], &room);
    }
    return code;
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
        if (code == SQLITE_OK) code = sweep->evicting ? evict(store, &done) : expire(store);
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
