/*
 * Large pieces of records, kept once for each owner and hash, in a table of their own. Which record has which says a
 * table of links: whoever takes the last link of a blob takes the blob, in the same transaction, so there is no count
 * that could go wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------------------------------------------------- writes */

/* The key of an owner's blob, which is added where there is none. */
static int32_t keep(store *store, int64_t owner, const pbay_blob *blob, int64_t *key) {
    sqlite3_stmt *statement = store->writer.statements[SQL_FIND_BLOB];
    sqlite3_bind_int64(statement, 1, owner);
    bind_text(statement, 2, blob->hash);
    int code = sqlite3_step(statement);
    *key = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    if (code == SQLITE_ROW) return PBAY_OK;
    if (code != SQLITE_DONE) return FATAL;
    statement = store->writer.statements[SQL_ADD_BLOB];
    sqlite3_bind_int64(statement, 1, owner);
    bind_text(statement, 2, blob->hash);
    sqlite3_bind_blob64(statement, 3, blob->data.size == 0 ? "" : blob->data.data, blob->data.size, SQLITE_STATIC);
    if (database_run(&store->writer, SQL_ADD_BLOB) != SQLITE_OK) return FATAL;
    *key = sqlite3_last_insert_rowid(store->writer.handle);
    return owners_count(store, owner, (int64_t)blob->data.size);
}

int32_t blobs_attach(store *store, int64_t record, int64_t owner, const pbay_blob *blobs, uint64_t count) {
    sqlite3_stmt *statement = store->writer.statements[SQL_LINK_BLOB];
    for (uint64_t i = 0; i < count; i++) {
        int64_t key;
        if (keep(store, owner, &blobs[i], &key) != PBAY_OK) return FATAL;
        sqlite3_bind_int64(statement, 1, record);
        sqlite3_bind_int64(statement, 2, (int64_t)i);
        sqlite3_bind_int64(statement, 3, key);
        if (database_run(&store->writer, SQL_LINK_BLOB) != SQLITE_OK) return FATAL;
    }
    return PBAY_OK;
}

int32_t blobs_detach(store *store, int64_t record, int64_t owner) {
    sqlite3_stmt *statement = store->writer.statements[SQL_FREE_BLOBS];
    int64_t freed = 0;
    int code;
    sqlite3_bind_int64(statement, 1, record);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) freed += sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    if (code != SQLITE_DONE || owners_count(store, owner, -freed) != PBAY_OK) return FATAL;
    sqlite3_bind_int64(store->writer.statements[SQL_UNLINK_BLOBS], 1, record);
    return database_run(&store->writer, SQL_UNLINK_BLOBS) == SQLITE_OK ? PBAY_OK : FATAL;
}

/* ------------------------------------------------------------------------------------------------------------ reads */

int32_t gathered_too_large(operation *operation) {
    return operation_fail(operation, PBAY_ELIMIT, NULL, "The chain is larger than may be loaded.");
}

int32_t gathered_no_memory(operation *operation) {
    return operation_fail(operation, PBAY_EOVERLOADED, NULL, "The store is out of memory.");
}

int gathered_reserve(void **block, size_t *room, size_t wanted, size_t each) {
    if (wanted <= *room) return 1;
    size_t larger = *room * 2 > wanted ? *room * 2 : wanted;
    void *moved = realloc(*block, larger * each);
    if (moved == NULL) return 0;
    *block = moved;
    *room = larger;
    return 1;
}

int gathered_text(gathered *gathered, pbay_text text, size_t *at) {
    size_t wanted = gathered->used + (size_t)text.size;
    if (!gathered_reserve((void **)&gathered->bytes, &gathered->bytes_room, wanted, 1)) return 0;
    if (text.size > 0) memcpy(gathered->bytes + gathered->used, text.data, (size_t)text.size);
    *at = gathered->used;
    gathered->used += (size_t)text.size;
    return 1;
}

/* A blob lies in the bytes as its hash and its data. 0 where there is no memory. */
static int add(gathered *gathered, pbay_blob blob) {
    size_t at, wanted = gathered->blob_count + 1;
    if (!gathered_reserve((void **)&gathered->blobs, &gathered->blobs_room, wanted, sizeof blob)) return 0;
    gathered->blobs[gathered->blob_count++] = blob;
    return gathered_text(gathered, blob.hash, &at) && gathered_text(gathered, blob.data, &at);
}

static int32_t read_blobs(gathered *gathered, sqlite3_stmt *statement, operation *operation, uint64_t count,
                          uint64_t *bytes_left) {
    const char *message;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (sqlite3_column_type(statement, 0) == SQLITE_NULL) break;
        pbay_blob blob = {column_text(statement, 0), column_blob(statement, 1)};
        if (blob.data.size > *bytes_left) return gathered_too_large(operation);
        if (!add(gathered, blob)) return gathered_no_memory(operation);
        *bytes_left -= blob.data.size;
        count--;
    }
    if (code == SQLITE_DONE && count == 0) return PBAY_OK;
    int32_t answer = database_error(code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_CORRUPT : code, &message);
    return operation_fail(operation, answer, NULL, message);
}

int32_t gathered_read_blobs(gathered *gathered, database *database, operation *operation, int64_t record,
                            uint64_t count, uint64_t *bytes_left) {
    sqlite3_stmt *statement = database->statements[SQL_BLOBS];
    sqlite3_bind_int64(statement, 1, record);
    int32_t code = read_blobs(gathered, statement, operation, count, bytes_left);
    sqlite3_reset(statement);
    return code;
}

const pbay_blob *gathered_blobs(gathered *gathered, size_t first, uint64_t count, size_t at) {
    if (count == 0) return NULL;
    for (size_t i = first; i < first + count; i++) {
        pbay_blob *blob = &gathered->blobs[i];
        blob->hash.data = gathered->bytes + at;
        blob->data.data = blob->hash.data + blob->hash.size;
        at += (size_t)(blob->hash.size + blob->data.size);
    }
    return &gathered->blobs[first];
}

void gathered_free(gathered *gathered) {
    free(gathered->bytes);
    free(gathered->blobs);
}
