/*
 * What a write does to the tables. All of this runs on the writer's thread, inside its transaction.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include <string.h>

/* A row as it is before the write. */
typedef struct row {
    int found;
    int64_t key;
    int64_t owner;
    int64_t parent; /* 0: none */
    int64_t root;   /* its own key for the first of a chain */
    int64_t expires_ms;
    uint64_t version;
    int hidden;
    int64_t value_bytes; /* without its blobs */
    int64_t blobs;
} row;

static const char *const not_found = "There is no such record.";
static const char *const in_use = "There is a record of that id.";

static int is_living(const row *row, int64_t now_ms) {
    return row->found && !row->hidden && (row->expires_ms == 0 || row->expires_ms > now_ms);
}

static int same(pbay_text a, pbay_text b) { return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0); }

/* PBAY_OK or FATAL; row->found says whether there is one. */
static int32_t find(store *store, pbay_text id, row *row) {
    sqlite3_stmt *statement = store->writer.statements[SQL_FIND];
    memset(row, 0, sizeof *row);
    bind_text(statement, 1, id);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        row->found = 1;
        row->key = sqlite3_column_int64(statement, 0);
        row->owner = sqlite3_column_int64(statement, 1);
        row->parent = sqlite3_column_int64(statement, 2);
        row->root = sqlite3_column_type(statement, 3) == SQLITE_NULL ? row->key : sqlite3_column_int64(statement, 3);
        row->expires_ms = sqlite3_column_int64(statement, 4);
        row->version = (uint64_t)sqlite3_column_int64(statement, 5);
        row->hidden = sqlite3_column_int(statement, 6);
        row->value_bytes = sqlite3_column_int64(statement, 7);
        row->blobs = sqlite3_column_int64(statement, 8);
    }
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? PBAY_OK : FATAL;
}

int32_t records_have_child(store *store, int64_t key, int *yes) {
    sqlite3_stmt *statement = store->writer.statements[SQL_HAS_CHILD];
    sqlite3_bind_int64(statement, 1, key);
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    *yes = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? PBAY_OK : FATAL;
}

static int32_t run(store *store, int sql) { return database_run(&store->writer, sql) == SQLITE_OK ? PBAY_OK : FATAL; }

/* Whether the row of that key has this id. */
static int32_t has_id(store *store, int64_t key, pbay_text id, int *yes) {
    sqlite3_stmt *statement = store->writer.statements[SQL_ID_OF];
    sqlite3_bind_int64(statement, 1, key);
    int code = sqlite3_step(statement);
    *yes = code == SQLITE_ROW && same(column_text(statement, 0), id);
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? PBAY_OK : FATAL;
}

/* Notes a use; the writer itself needs no waking for it. */
static void use(store *store, int64_t root, int64_t now_ms) { uses_add(&store->uses, root, now_ms); }

/* What decides whether a row may go. PBAY_OK or FATAL. */
static int32_t read_row(store *store, int64_t key, row *row) {
    sqlite3_stmt *statement = store->writer.statements[SQL_ROW];
    memset(row, 0, sizeof *row);
    sqlite3_bind_int64(statement, 1, key);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        row->found = 1;
        row->key = key;
        row->parent = sqlite3_column_int64(statement, 0);
        row->expires_ms = sqlite3_column_int64(statement, 1);
        row->hidden = sqlite3_column_int(statement, 2);
        row->value_bytes = sqlite3_column_int64(statement, 3);
        row->blobs = sqlite3_column_int64(statement, 4);
        row->owner = sqlite3_column_int64(statement, 5);
    }
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? PBAY_OK : FATAL;
}

int32_t records_erase(store *store, int64_t key, int64_t now_ms) {
    row row;
    int needed = 0;
    if (read_row(store, key, &row) != PBAY_OK) return FATAL;
    /* The row that was asked for goes whatever it is; an ancestor only where it isn't living and has no other child. */
    while (row.found && !needed) {
        sqlite3_bind_int64(store->writer.statements[SQL_DELETE], 1, row.key);
        if (run(store, SQL_DELETE) != PBAY_OK) return FATAL;
        if (row.blobs > 0 && blobs_detach(store, row.key, row.owner) != PBAY_OK) return FATAL;
        if (owners_count(store, row.owner, -row.value_bytes) != PBAY_OK) return FATAL;
        store->change.records--;
        store->change.hidden -= row.hidden;
        if (row.parent == 0) {
            sqlite3_bind_int64(store->writer.statements[SQL_DELETE_CHAIN], 1, row.key);
            return run(store, SQL_DELETE_CHAIN);
        }
        if (read_row(store, row.parent, &row) != PBAY_OK) return FATAL;
        needed = is_living(&row, now_ms);
        if (row.found && !needed && records_have_child(store, row.key, &needed) != PBAY_OK) return FATAL;
    }
    return PBAY_OK;
}

static int32_t insert(store *store, const operation *operation, write_step *step, int64_t owner, const row *parent) {
    const pbay_record *record = &step->record;
    sqlite3_stmt *statement = store->writer.statements[SQL_INSERT];
    bind_text(statement, 1, record->id);
    sqlite3_bind_int64(statement, 2, owner);
    bind_text(statement, 3, record->kind);
    if (parent->found) {
        sqlite3_bind_int64(statement, 4, parent->key);
        sqlite3_bind_int64(statement, 5, parent->root);
    } else {
        sqlite3_bind_null(statement, 4);
        sqlite3_bind_null(statement, 5);
    }
    sqlite3_bind_int64(statement, 6, record->created_ms);
    sqlite3_bind_int64(statement, 7, record->expires_ms);
    sqlite3_bind_int64(statement, 8, record->status);
    sqlite3_bind_blob64(statement, 9, record->value.size == 0 ? "" : record->value.data, record->value.size, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 10, (int64_t)record->blob_count);
    if (run(store, SQL_INSERT) != PBAY_OK) return FATAL;
    int64_t key = sqlite3_last_insert_rowid(store->writer.handle);
    store->change.records++;
    if (owners_count(store, owner, (int64_t)record->value.size) != PBAY_OK) return FATAL;
    if (blobs_attach(store, key, owner, record->blobs, record->blob_count) != PBAY_OK) return FATAL;
    step->key = key;
    step->root = parent->found ? parent->root : key;
    if (parent->found) return PBAY_OK;
    sqlite3_stmt *chain = store->writer.statements[SQL_ADD_CHAIN];
    sqlite3_bind_int64(chain, 1, key);
    sqlite3_bind_int64(chain, 2, operation->now_ms);
    sqlite3_bind_int64(chain, 3, owner);
    return run(store, SQL_ADD_CHAIN);
}

static int32_t update(store *store, operation *operation, write_step *step, const row *old) {
    const pbay_record *record = &step->record;
    /* A record stays where it is in its chain: another parent could make a cycle, and would change what descendants replay. */
    int fits = old->parent == 0 ? record->parent.size == 0 : 0;
    if (old->parent != 0 && has_id(store, old->parent, record->parent, &fits) != PBAY_OK) return FATAL;
    if (!fits) return operation_fail(operation, PBAY_EINVALID, "parent", "A record's parent can't be changed.");
    if (record->root.size > 0 && has_id(store, old->root, record->root, &fits) != PBAY_OK) return FATAL;
    if (!fits) return operation_fail(operation, PBAY_EINVALID, "root", "root is not the first of the record's chain.");
    sqlite3_stmt *statement = store->writer.statements[SQL_UPDATE];
    sqlite3_bind_int64(statement, 1, old->key);
    bind_text(statement, 2, record->kind);
    sqlite3_bind_int64(statement, 3, record->created_ms);
    sqlite3_bind_int64(statement, 4, record->expires_ms);
    sqlite3_bind_int64(statement, 5, record->status);
    sqlite3_bind_blob64(statement, 6, record->value.size == 0 ? "" : record->value.data, record->value.size, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 7, (int64_t)record->blob_count);
    if (run(store, SQL_UPDATE) != PBAY_OK) return FATAL;
    if (owners_count(store, old->owner, (int64_t)record->value.size - old->value_bytes) != PBAY_OK) return FATAL;
    if (old->blobs > 0 && blobs_detach(store, old->key, old->owner) != PBAY_OK) return FATAL;
    step->key = old->key;
    step->root = old->root;
    return blobs_attach(store, old->key, old->owner, record->blobs, record->blob_count);
}

static int32_t put(store *store, operation *operation, write_step *step) {
    const pbay_record *record = &step->record;
    int64_t owner = 0;
    row old, parent = {0};
    int child = 0, fits = 1;
    if (owners_find(store, operation->owner, 1, &owner) != PBAY_OK) return FATAL;
    if (find(store, record->id, &old) != PBAY_OK) return FATAL;
    int needs_version = step->precondition == PBAY_PUT_VERSION;
    int is_own = old.found && old.owner == owner;
    if (needs_version && (!is_own || !is_living(&old, operation->now_ms))) {
        return operation_fail(operation, PBAY_ENOTFOUND, "id", not_found);
    }
    if (needs_version && old.version != record->version) {
        return operation_fail(operation, PBAY_ECONFLICT, "version", "The record has another version.");
    }
    if (old.found && !is_own) return operation_fail(operation, PBAY_ECONFLICT, "id", in_use);
    if (is_living(&old, operation->now_ms)) {
        if (step->precondition == PBAY_PUT_ABSENT) return operation_fail(operation, PBAY_ECONFLICT, "id", in_use);
        return update(store, operation, step, &old);
    }
    if (old.found) {
        /* Deleted or expired. Kept for descendants it blocks its id; expired and needed by nobody, it only hasn't been swept. */
        if (records_have_child(store, old.key, &child) != PBAY_OK) return FATAL;
        if (old.hidden || child) return operation_fail(operation, PBAY_ECONFLICT, "id", in_use);
    }
    if (record->parent.size > 0) {
        if (find(store, record->parent, &parent) != PBAY_OK) return FATAL;
        if (parent.owner != owner || !is_living(&parent, operation->now_ms)) {
            return operation_fail(operation, PBAY_ENOTFOUND, "parent", "There is no such parent.");
        }
        if (record->root.size > 0 && has_id(store, parent.root, record->root, &fits) != PBAY_OK) return FATAL;
    } else {
        fits = record->root.size == 0 || same(record->root, record->id);
    }
    if (!fits) return operation_fail(operation, PBAY_EINVALID, "root", "root is not the first of the record's chain.");
    if (old.found && records_erase(store, old.key, operation->now_ms) != PBAY_OK) return FATAL;
    return insert(store, operation, step, owner, &parent);
}

/* Finds a living record of the operation's owner. PBAY_OK, PBAY_ENOTFOUND (set in the operation) or FATAL. */
static int32_t find_living(store *store, operation *operation, pbay_text id, row *row) {
    int64_t owner = 0;
    if (owners_find(store, operation->owner, 0, &owner) != PBAY_OK || find(store, id, row) != PBAY_OK) return FATAL;
    if (!is_living(row, operation->now_ms) || row->owner != owner) {
        return operation_fail(operation, PBAY_ENOTFOUND, "id", not_found);
    }
    return PBAY_OK;
}

static int32_t delete(store *store, operation *operation, const write_step *step) {
    row row;
    int child = 0;
    int32_t code = find_living(store, operation, step->record.id, &row);
    if (code != PBAY_OK) return code;
    if (records_have_child(store, row.key, &child) != PBAY_OK) return FATAL;
    if (!child) return records_erase(store, row.key, operation->now_ms);
    sqlite3_bind_int64(store->writer.statements[SQL_HIDE], 1, row.key);
    store->change.hidden++;
    return run(store, SQL_HIDE);
}

int32_t records_touch(store *store, operation *operation) {
    row row;
    int32_t code = find_living(store, operation, operation->record_id, &row);
    if (code != PBAY_OK) return code;
    use(store, row.root, operation->now_ms);
    if (row.expires_ms == operation->expires_ms) return PBAY_OK;
    sqlite3_stmt *statement = store->writer.statements[SQL_EXPIRE];
    sqlite3_bind_int64(statement, 1, row.key);
    sqlite3_bind_int64(statement, 2, operation->expires_ms);
    return run(store, SQL_EXPIRE);
}

/* ------------------------------------------------------------------------------------------- an operation's writes */

/* Notes the uses of the chains that were written. */
static int32_t use_written(store *store, const operation *operation, int at_once) {
    sqlite3_stmt *statement = store->writer.statements[SQL_USE_CHAIN];
    for (uint64_t i = 0; i < operation->step_count; i++) {
        const write_step *step = &operation->steps[i];
        if (step->verb != PBAY_WRITE_PUT) continue;
        sqlite3_bind_int64(statement, 1, step->root);
        sqlite3_bind_int64(statement, 2, operation->now_ms);
        if (!at_once) use(store, step->root, operation->now_ms);
        else if (run(store, SQL_USE_CHAIN) != PBAY_OK) return FATAL;
    }
    return PBAY_OK;
}

/* Evicts what the owner has not used for longest, but nothing that was just written. */
static int32_t make_room(store *store, operation *operation, int64_t owner, int64_t most) {
    eviction eviction = {owner, operation->now_ms, operation->steps, operation->step_count};
    int64_t room = INT64_MAX;
    int fits = 0;
    if (use_written(store, operation, 1) != PBAY_OK) return FATAL;
    if (evict(store, &eviction, most, &room, &fits) != PBAY_OK) return FATAL;
    if (fits) return PBAY_OK;
    return operation_fail(operation, PBAY_ELIMIT, "value", "The record and its ancestors are larger than what one owner may keep.");
}

int32_t records_write(store *store, operation *operation) {
    totals before = store->change;
    int64_t owner = 0, most = NO_BOUND;
    if (owners_bound(store, operation, &owner, &most) != PBAY_OK) return FATAL;
    if (most != NO_BOUND && uses_count(&store->uses) > 0 && writer_flush_uses(store) != SQLITE_OK) return FATAL;
    int guarded = operation->step_count > 1 || most != NO_BOUND; /* else all is checked before anything is changed */
    int32_t code = guarded ? run(store, SQL_SAVEPOINT) : PBAY_OK;
    for (uint64_t i = 0; i < operation->step_count && code == PBAY_OK; i++) {
        write_step *step = &operation->steps[i];
        code = step->verb == PBAY_WRITE_PUT ? put(store, operation, step) : delete(store, operation, step);
    }
    if (code == PBAY_OK) {
        code = most == NO_BOUND ? use_written(store, operation, 0) : make_room(store, operation, owner, most);
    }
    if (code < 0 && guarded) {
        store->change = before;
        if (run(store, SQL_ROLLBACK_TO) != PBAY_OK) return FATAL;
    }
    if (code <= 0 && guarded && run(store, SQL_RELEASE) != PBAY_OK) return FATAL;
    return code;
}

int records_write_totals(store *store) {
    totals change = store->change;
    int code = owners_write(store);
    if (code != SQLITE_OK) return code;
    if (change.records == 0 && change.hidden == 0 && change.value_bytes == 0) return SQLITE_OK;
    sqlite3_stmt *statement = store->writer.statements[SQL_ADD_TOTALS];
    sqlite3_bind_int64(statement, 1, change.records);
    sqlite3_bind_int64(statement, 2, change.hidden);
    sqlite3_bind_int64(statement, 3, change.value_bytes);
    return database_run(&store->writer, SQL_ADD_TOTALS);
}
