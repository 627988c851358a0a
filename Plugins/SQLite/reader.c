/*
 * The threads that read, each with its own connection, so that a read waits for no write: in WAL mode it sees the last commit, and
 * a write is answered after its commit only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---------------------------------------------------------------------------------------------------- whole records */

/* The columns of WHOLE in database.c, but for the blobs. */
static pbay_record whole_record(sqlite3_stmt *statement) {
    pbay_record record = {.size = sizeof record};
    record.id = column_text(statement, 0);
    record.kind = column_text(statement, 1);
    record.parent = column_text(statement, 2);
    record.root = sqlite3_column_type(statement, 3) == SQLITE_NULL ? record.id : column_text(statement, 3);
    record.created_ms = sqlite3_column_int64(statement, 4);
    record.expires_ms = sqlite3_column_int64(statement, 5);
    record.version = (uint64_t)sqlite3_column_int64(statement, 6);
    record.status = (uint32_t)sqlite3_column_int64(statement, 7);
    record.value = column_blob(statement, 8);
    return record;
}

static int32_t not_found(operation *operation) {
    return operation_fail(operation, PBAY_ENOTFOUND, "id", "There is no such record.");
}

/* The answer where SQLite ended with `code`: PBAY_OK for the end of the rows. */
static int32_t ended(operation *operation, int code) {
    const char *message;
    if (code == SQLITE_DONE || code == SQLITE_ROW) return PBAY_OK;
    int32_t answer = database_error(code, &message);
    return operation_fail(operation, answer, NULL, message);
}

static void bind_common(sqlite3_stmt *statement, const operation *operation, pbay_text first) {
    bind_text(statement, 1, first);
    bind_text(statement, 2, operation->owner);
    sqlite3_bind_int64(statement, 3, operation->now_ms);
}

/* Hands out the row under the statement's cursor; *closed: nobody waits any more. PBAY_OK, or an error in the operation. */
static int32_t give(database *database, operation *operation, sqlite3_stmt *statement, gathered *gathered, int *closed) {
    pbay_record record = whole_record(statement);
    int64_t key = sqlite3_column_int64(statement, 9);
    record.blob_count = (uint64_t)sqlite3_column_int64(statement, 10);
    gathered->used = gathered->blob_count = 0;
    if (record.blob_count > 0) {
        uint64_t unbounded = UINT64_MAX;
        int32_t code = gathered_read_blobs(gathered, database, operation, key, record.blob_count, &unbounded);
        if (code != PBAY_OK) return code;
        record.blobs = gathered_blobs(gathered, 0, record.blob_count, 0);
    }
    *closed = sqlite_results->record(operation->id, &record) != PBAY_OK;
    return PBAY_OK;
}

static int32_t get(database *database, operation *operation) {
    sqlite3_stmt *statement = database->statements[SQL_GET];
    bind_common(statement, operation, operation->record_id);
    int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return not_found(operation);
    if (code != SQLITE_ROW) return ended(operation, code);
    gathered gathered = {0};
    int closed;
    int32_t answer = give(database, operation, statement, &gathered, &closed);
    gathered_free(&gathered);
    return answer;
}

static int32_t list(database *database, operation *operation) {
    sqlite3_stmt *statement = database->statements[SQL_LIST];
    int64_t newest = INT64_MAX;
    uint64_t most = operation->max_count < INT64_MAX ? operation->max_count : INT64_MAX;
    int code = SQLITE_DONE;
    if (operation->record_id.size > 0) {
        sqlite3_stmt *cursor = database->statements[SQL_CURSOR];
        bind_common(cursor, operation, operation->record_id);
        code = sqlite3_step(cursor);
        newest = sqlite3_column_int64(cursor, 0);
        sqlite3_reset(cursor);
        if (code == SQLITE_DONE) return operation_fail(operation, PBAY_ENOTFOUND, "after", "There is no such record to go on after.");
        if (code != SQLITE_ROW) return ended(operation, code);
        bind_text(statement, 5, operation->record_id);
    } else {
        sqlite3_bind_null(statement, 5);
    }
    bind_common(statement, operation, operation->kind);
    sqlite3_bind_int64(statement, 4, newest);
    sqlite3_bind_int64(statement, 6, (int64_t)most);
    gathered gathered = {0};
    int32_t answer = PBAY_OK;
    int closed = 0;
    while (answer == PBAY_OK && !closed && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        answer = give(database, operation, statement, &gathered, &closed);
    }
    gathered_free(&gathered);
    return answer == PBAY_OK ? ended(operation, code) : answer;
}

/* ------------------------------------------------------------------------------------------------------------ chains */

/* A row of a chain, its texts as offsets into the chain's bytes, since those may move. */
typedef struct link {
    pbay_record record;
    size_t id_at, kind_at, value_at, blobs_at;
    size_t first_blob; /* its number in the chain */
} link;

/* A chain as it is read, before any of it is handed out: a row's parent is named by the row that follows. */
typedef struct chain {
    link *links;
    size_t count, links_room;
    gathered gathered;
} chain;

/* Adds the row under the statement's cursor; 0 where there is no memory. */
static int add_link(chain *chain, sqlite3_stmt *statement, int64_t now_ms) {
    if (!gathered_reserve((void **)&chain->links, &chain->links_room, chain->count + 1, sizeof *chain->links)) return 0;
    link *link = &chain->links[chain->count++];
    pbay_record *record = &link->record;
    memset(link, 0, sizeof *link);
    record->size = sizeof *record;
    record->id = column_text(statement, 0);
    record->kind = column_text(statement, 1);
    record->created_ms = sqlite3_column_int64(statement, 4);
    record->expires_ms = sqlite3_column_int64(statement, 5);
    record->version = (uint64_t)sqlite3_column_int64(statement, 6);
    record->status = (uint32_t)sqlite3_column_int64(statement, 7);
    record->value = column_blob(statement, 8);
    int expired = record->expires_ms > 0 && record->expires_ms <= now_ms;
    if (sqlite3_column_int(statement, 9) || expired) record->flags = PBAY_RECORD_HIDDEN;
    record->blob_count = (uint64_t)sqlite3_column_int64(statement, 10);
    gathered *gathered = &chain->gathered;
    link->first_blob = gathered->blob_count;
    int added = gathered_text(gathered, record->id, &link->id_at) && gathered_text(gathered, record->kind, &link->kind_at) &&
                gathered_text(gathered, record->value, &link->value_at);
    link->blobs_at = gathered->used;
    return added;
}

static void hand_out(chain *chain, pbay_op_id id) {
    for (size_t i = 0; i < chain->count; i++) {
        link *link = &chain->links[i];
        link->record.id.data = chain->gathered.bytes + link->id_at;
        link->record.kind.data = chain->gathered.bytes + link->kind_at;
        link->record.value.data = chain->gathered.bytes + link->value_at;
        link->record.blobs = gathered_blobs(&chain->gathered, link->first_blob, link->record.blob_count, link->blobs_at);
    }
    pbay_text root = chain->links[chain->count - 1].record.id;
    for (size_t i = 0; i < chain->count; i++) {
        pbay_record *record = &chain->links[i].record;
        if (i + 1 < chain->count) record->parent = chain->links[i + 1].record.id;
        record->root = root;
        if (sqlite_results->record(id, record) != PBAY_OK) return; /* nobody waits any more */
    }
}

/* Reads the rows from the leaf to the root. *root becomes the first one's key. */
static int32_t read_chain(database *database, operation *operation, chain *chain, int64_t *root) {
    sqlite3_stmt *statement = database->statements[SQL_LOAD_CHAIN];
    uint64_t most = operation->max_count < INT32_MAX ? operation->max_count : INT32_MAX;
    uint64_t bytes_left = operation->max_bytes;
    int64_t parent = 0;
    int code;
    bind_common(statement, operation, operation->record_id);
    sqlite3_bind_int64(statement, 4, (int64_t)most);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        parent = sqlite3_column_int64(statement, 2);
        *root = sqlite3_column_int64(statement, 3);
        uint64_t bytes = (uint64_t)sqlite3_column_bytes(statement, 8);
        if (chain->count == most) {
            return operation_fail(operation, PBAY_ELIMIT, NULL, "The chain has more records than may be loaded.");
        }
        if (bytes > bytes_left) return gathered_too_large(operation);
        bytes_left -= bytes;
        if (!add_link(chain, statement, operation->now_ms)) return gathered_no_memory(operation);
        uint64_t blobs = chain->links[chain->count - 1].record.blob_count;
        if (blobs > 0) {
            int32_t answer = gathered_read_blobs(&chain->gathered, database, operation, *root, blobs, &bytes_left);
            if (answer != PBAY_OK) return answer;
        }
    }
    if (code != SQLITE_DONE) return ended(operation, code);
    if (chain->count == 0) return not_found(operation);
    if (parent != 0) return operation_fail(operation, PBAY_EDATALOSS, NULL, "A record of the chain is missing.");
    return PBAY_OK;
}

static int32_t load_chain(store *store, database *database, operation *operation) {
    chain chain = {0};
    int64_t root = 0;
    int32_t code = read_chain(database, operation, &chain, &root);
    sqlite3_reset(database->statements[SQL_LOAD_CHAIN]); /* nothing of the database is held while the host is called */
    if (code == PBAY_OK) {
        if (uses_add(&store->uses, root, operation->now_ms)) queue_wake(&store->writes);
        hand_out(&chain, operation->id);
    }
    free(chain.links);
    gathered_free(&chain.gathered);
    return code;
}

/* ------------------------------------------------------------------------------------------------------- the thread */

static uint64_t file_bytes(const store *store, const char *suffix) {
    char path[4096];
    struct stat file;
    int length = snprintf(path, sizeof path, "%s%s", store->path, suffix);
    return length < (int)sizeof path && stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
}

static int32_t stats(store *store, database *database, operation *operation) {
    sqlite3_stmt *statement = database->statements[SQL_STATS];
    sqlite3_bind_int64(statement, 1, operation->now_ms);
    int code = sqlite3_step(statement);
    if (code != SQLITE_ROW) return code == SQLITE_DONE ? ended(operation, SQLITE_CORRUPT) : ended(operation, code);
    pbay_storage_stats stats = {.size = sizeof stats};
    uint64_t expired = (uint64_t)sqlite3_column_int64(statement, 3);
    stats.hidden = (uint64_t)sqlite3_column_int64(statement, 1) + expired;
    stats.records = (uint64_t)sqlite3_column_int64(statement, 0) - stats.hidden;
    stats.value_bytes = (uint64_t)sqlite3_column_int64(statement, 2);
    stats.medium_bytes = file_bytes(store, "") + file_bytes(store, "-wal");
    sqlite_results->stats(operation->id, &stats);
    return PBAY_OK;
}

static void answer(store *store, database *database, operation *operation) {
    static const int statement_of[] = {[VERB_GET] = SQL_GET, [VERB_LIST] = SQL_LIST, [VERB_STATS] = SQL_STATS, [VERB_LOAD_CHAIN] = SQL_LOAD_CHAIN};
    switch (operation->verb) {
    case VERB_GET: operation->code = get(database, operation); break;
    case VERB_LIST: operation->code = list(database, operation); break;
    case VERB_LOAD_CHAIN: operation->code = load_chain(store, database, operation); break;
    default: operation->code = stats(store, database, operation); break;
    }
    sqlite3_reset(database->statements[statement_of[operation->verb]]);
    if (operation->code == PBAY_EIO || operation->code == PBAY_EDATALOSS) {
        store_log(store, PBAY_LOG_ERROR, "A read failed: %s: %s", operation->message, sqlite3_errmsg(database->handle));
    }
    operation_complete(operation);
}

void *reader_main(void *argument) {
    reader_argument mine = *(reader_argument *)argument;
    int stopped = 0;
    free(argument);
    while (!stopped) {
        operation *operation = queue_take(&mine.store->reads, 1, 0, -1, &stopped);
        if (operation != NULL) answer(mine.store, mine.database, operation);
    }
    return NULL;
}
