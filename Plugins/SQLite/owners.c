/*
 * How many bytes each owner has, in its row, so that a write reads and changes one number. Most writes of a group are of the owner of
 * the write before: what is counted is kept until another owner's turn, or the commit. A savepoint that is rolled back takes `change`
 * back to what it was, so this too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

int32_t owners_find(store *store, pbay_text name, int make, int64_t *key) {
    sqlite3_stmt *statement = store->writer.statements[SQL_OWNER];
    bind_text(statement, 1, name);
    int code = sqlite3_step(statement);
    *key = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    if (code == SQLITE_ROW || (code == SQLITE_DONE && !make)) return PBAY_OK;
    if (code != SQLITE_DONE) return FATAL;
    bind_text(store->writer.statements[SQL_ADD_OWNER], 1, name);
    if (database_run(&store->writer, SQL_ADD_OWNER) != SQLITE_OK) return FATAL;
    *key = sqlite3_last_insert_rowid(store->writer.handle);
    return PBAY_OK;
}

int owners_write(store *store) {
    totals *change = &store->change;
    if (change->owner_bytes == 0) return SQLITE_OK;
    sqlite3_bind_int64(store->writer.statements[SQL_ADD_OWNER_BYTES], 1, change->owner);
    sqlite3_bind_int64(store->writer.statements[SQL_ADD_OWNER_BYTES], 2, change->owner_bytes);
    change->owner_bytes = 0;
    return database_run(&store->writer, SQL_ADD_OWNER_BYTES);
}

int32_t owners_count(store *store, int64_t owner, int64_t bytes) {
    totals *change = &store->change;
    if (change->owner != owner && owners_write(store) != SQLITE_OK) return FATAL;
    change->owner = owner;
    change->owner_bytes += bytes;
    change->value_bytes += bytes;
    return PBAY_OK;
}

int32_t owners_bytes(store *store, int64_t owner, int64_t *bytes) {
    sqlite3_stmt *statement = store->writer.statements[owner == 0 ? SQL_VALUE_BYTES : SQL_OWNER_BYTES];
    if (owner != 0) sqlite3_bind_int64(statement, 1, owner);
    int code = sqlite3_step(statement);
    *bytes = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    if (owner == 0) *bytes += store->change.value_bytes;
    else if (owner == store->change.owner) *bytes += store->change.owner_bytes;
    return code == SQLITE_ROW || code == SQLITE_DONE ? PBAY_OK : FATAL;
}

int32_t owners_bound(store *store, const operation *operation, int64_t *owner, int64_t *most) {
    int64_t bytes = 0, added = 0, bound = (int64_t)store->max_bytes_per_owner;
    *most = NO_BOUND;
    if (bound == 0) return PBAY_OK;
    for (uint64_t i = 0; i < operation->step_count; i++) {
        const pbay_record *record = &operation->steps[i].record;
        if (operation->steps[i].verb != PBAY_WRITE_PUT) continue;
        added += (int64_t)record->value.size;
        for (uint64_t j = 0; j < record->blob_count; j++) added += (int64_t)record->blobs[j].data.size;
    }
    if (added == 0) return PBAY_OK;
    if (owners_find(store, operation->owner, 1, owner) != PBAY_OK) return FATAL;
    if (owners_bytes(store, *owner, &bytes) != PBAY_OK) return FATAL;
    if (bytes + added > bound) *most = bytes > bound ? bytes : bound;
    return PBAY_OK;
}
