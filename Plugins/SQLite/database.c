/*
 * Opening, schema and its migrations, prepared statements.
 *
 * Integer keys keep rows and indexes small and make a parent a lookup by row number; a chain's bytes grow with its turns. A row with
 * a `root` of null is the first of its chain.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID 0x50426179 /* "PBay" in the file's header: whose file it is */
#define FULL_CHECK_BYTES (64 << 20) /* files up to this size are checked whole at the start */

/* Step n brings version n to n + 1. What was released stays as it is; a change is a new step. */
static const char *const migrations[] = {
    "CREATE TABLE owners(key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE records("
    "  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, owner INTEGER NOT NULL, kind TEXT NOT NULL,"
    "  parent INTEGER, root INTEGER, created INTEGER NOT NULL, expires INTEGER NOT NULL,"
    "  version INTEGER NOT NULL, status INTEGER NOT NULL, hidden INTEGER NOT NULL, value BLOB NOT NULL) STRICT;"
    "CREATE INDEX children ON records(parent) WHERE parent IS NOT NULL;"
    "CREATE INDEX listing ON records(owner, kind, created) WHERE hidden = 0;"
    "CREATE INDEX expiring ON records(expires) WHERE expires > 0;"
    "CREATE TABLE chains(root INTEGER PRIMARY KEY, used INTEGER NOT NULL) STRICT;"
    "CREATE INDEX idle ON chains(used);"
    "CREATE TABLE totals(records INTEGER NOT NULL, hidden INTEGER NOT NULL, value_bytes INTEGER NOT NULL) STRICT;"
    "INSERT INTO totals VALUES(0, 0, 0);",
    /* `blobs` of a record: how many it has. Which ones says record_blobs; a blob that stands in no line of it goes. */
    "ALTER TABLE records ADD COLUMN blobs INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE blobs(key INTEGER PRIMARY KEY, owner INTEGER NOT NULL, hash TEXT NOT NULL, data BLOB NOT NULL,"
    "  UNIQUE(owner, hash)) STRICT;"
    "CREATE TABLE record_blobs(record INTEGER NOT NULL, place INTEGER NOT NULL, blob INTEGER NOT NULL,"
    "  PRIMARY KEY(record, place)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX blob_uses ON record_blobs(blob);",
    /* What each owner has, so that it can be bounded; its chains in the order of use, and a chain's records by age. */
    "ALTER TABLE owners ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;"
    "UPDATE owners SET bytes = sums.bytes FROM (SELECT owner, sum(bytes) AS bytes FROM"
    "  (SELECT owner, length(value) AS bytes FROM records UNION ALL SELECT owner, length(data) FROM blobs) GROUP BY owner) sums"
    "  WHERE sums.owner = owners.key;"
    "ALTER TABLE chains ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;"
    "UPDATE chains SET owner = coalesce((SELECT r.owner FROM records r WHERE r.key = chains.root), 0);"
    "CREATE INDEX idle_of_owner ON chains(owner, used);"
    "CREATE INDEX members ON records(root) WHERE root IS NOT NULL;",
};
#define SCHEMA_VERSION ((int)(sizeof migrations / sizeof *migrations))

#define OWNED "r.owner = (SELECT key FROM owners WHERE name = ?2)"
#define ALIVE "r.hidden = 0 AND (r.expires = 0 OR r.expires > ?3)"
/* With the ids of parent and root. */
#define WHOLE                                                                                                             \
    "r.id, r.kind, (SELECT id FROM records WHERE key = r.parent), (SELECT id FROM records WHERE key = r.root),"            \
    " r.created, r.expires, r.version, r.status, r.value, r.key, r.blobs"

static const char *const statements[SQL_END] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_SAVEPOINT] = "SAVEPOINT batch",
    [SQL_RELEASE] = "RELEASE batch",
    [SQL_ROLLBACK_TO] = "ROLLBACK TO batch",
    [SQL_OWNER] = "SELECT key FROM owners WHERE name = ?1",
    [SQL_ADD_OWNER] = "INSERT INTO owners(name) VALUES(?1)",
    [SQL_FIND] = "SELECT key, owner, parent, root, expires, version, hidden, length(value), blobs FROM records WHERE id = ?1",
    [SQL_ID_OF] = "SELECT id FROM records WHERE key = ?1",
    [SQL_INSERT] = "INSERT INTO records(id, owner, kind, parent, root, created, expires, version, status, hidden, value,"
                   " blobs) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, 0, ?9, ?10)",
    [SQL_UPDATE] = "UPDATE records SET kind = ?2, created = ?3, expires = ?4, version = version + 1, status = ?5, value = ?6,"
                   " blobs = ?7 WHERE key = ?1",
    [SQL_HIDE] = "UPDATE records SET hidden = 1 WHERE key = ?1",
    [SQL_EXPIRE] = "UPDATE records SET expires = ?2 WHERE key = ?1",
    [SQL_DELETE] = "DELETE FROM records WHERE key = ?1",
    [SQL_HAS_CHILD] = "SELECT 1 FROM records WHERE parent = ?1 LIMIT 1",
    [SQL_ROW] = "SELECT parent, expires, hidden, length(value), blobs, owner FROM records WHERE key = ?1",
    [SQL_ADD_CHAIN] = "INSERT OR REPLACE INTO chains(root, used, owner) VALUES(?1, ?2, ?3)",
    [SQL_DELETE_CHAIN] = "DELETE FROM chains WHERE root = ?1",
    [SQL_USE_CHAIN] = "UPDATE chains SET used = ?2 WHERE root = ?1 AND used < ?2",
    [SQL_ADD_TOTALS] = "UPDATE totals SET records = records + ?1, hidden = hidden + ?2, value_bytes = value_bytes + ?3",
    [SQL_VALUE_BYTES] = "SELECT value_bytes FROM totals",
    [SQL_ADD_OWNER_BYTES] = "UPDATE owners SET bytes = bytes + ?2 WHERE key = ?1",
    [SQL_OWNER_BYTES] = "SELECT bytes FROM owners WHERE key = ?1",
    [SQL_OWNER_OVER] = "SELECT key FROM owners WHERE key >= ?1 AND bytes > ?2 ORDER BY key LIMIT 1",
    [SQL_EXPIRED_LEAVES] = "SELECT r.expires, r.key FROM records r WHERE r.expires > 0 AND r.expires <= ?1"
                           " AND r.expires >= ?2 AND (r.expires > ?2 OR r.key > ?3)"
                           " ORDER BY r.expires, r.key LIMIT ?4",
    [SQL_OLDEST_CHAIN] = "SELECT root, used FROM chains WHERE used >= ?1 AND (used > ?1 OR root > ?2)"
                         " ORDER BY used, root LIMIT 1",
    [SQL_OLDEST_CHAIN_OF] = "SELECT root, used FROM chains WHERE owner = ?3 AND used >= ?1 AND (used > ?1 OR root > ?2)"
                            " ORDER BY used, root LIMIT 1",
    [SQL_NEWEST_OF_CHAIN] = "SELECT key FROM records WHERE root = ?1 AND key < ?2 ORDER BY key DESC LIMIT 1",
    [SQL_FIND_BLOB] = "SELECT key FROM blobs WHERE owner = ?1 AND hash = ?2",
    [SQL_ADD_BLOB] = "INSERT INTO blobs(owner, hash, data) VALUES(?1, ?2, ?3)",
    [SQL_LINK_BLOB] = "INSERT INTO record_blobs(record, place, blob) VALUES(?1, ?2, ?3)",
    [SQL_FREE_BLOBS] = "DELETE FROM blobs WHERE key IN (SELECT blob FROM record_blobs WHERE record = ?1) AND NOT EXISTS"
                       " (SELECT 1 FROM record_blobs other WHERE other.blob = blobs.key AND other.record <> ?1)"
                       " RETURNING length(data)",
    [SQL_UNLINK_BLOBS] = "DELETE FROM record_blobs WHERE record = ?1",
    [SQL_GET] = "SELECT " WHOLE " FROM records r WHERE r.id = ?1 AND " OWNED " AND " ALIVE,
    /* The recursion's queue is first in, first out, and holds one row: the rows come from the leaf to the root. */
    [SQL_LOAD_CHAIN] =
        "WITH RECURSIVE up(key, parent, depth) AS ("
        " SELECT r.key, r.parent, 1 FROM records r WHERE r.id = ?1 AND " OWNED " AND " ALIVE
        " UNION ALL"
        " SELECT r.key, r.parent, up.depth + 1 FROM up CROSS JOIN records r ON r.key = up.parent WHERE up.depth <= ?4)"
        " SELECT r.id, r.kind, r.parent, r.key, r.created, r.expires, r.version, r.status, r.value, r.hidden, r.blobs"
        " FROM up CROSS JOIN records r ON r.key = up.key",
    [SQL_CURSOR] = "SELECT r.created FROM records r WHERE r.id = ?1 AND " OWNED " AND " ALIVE,
    [SQL_LIST] = "SELECT " WHOLE " FROM records r WHERE " OWNED " AND " ALIVE " AND r.kind = ?1 AND r.created <= ?4"
                 " AND (?5 IS NULL OR r.created < ?4 OR r.id < ?5) ORDER BY r.created DESC, r.id DESC LIMIT ?6",
    [SQL_STATS] = "SELECT records, hidden, value_bytes,"
                  " (SELECT count(*) FROM records WHERE expires > 0 AND expires <= ?1 AND hidden = 0) FROM totals",
    /* A blob that is missing comes as a row of nulls. */
    [SQL_BLOBS] = "SELECT b.hash, b.data FROM record_blobs l LEFT JOIN blobs b ON b.key = l.blob WHERE l.record = ?1"
                  " ORDER BY l.place",
};

void bind_text(sqlite3_stmt *statement, int index, pbay_text text) {
    sqlite3_bind_text64(statement, index, text.size == 0 ? "" : text.data, text.size, SQLITE_STATIC, SQLITE_UTF8);
}

pbay_text column_text(sqlite3_stmt *statement, int index) {
    const char *data = (const char *)sqlite3_column_text(statement, index);
    pbay_text text = {data, (uint64_t)sqlite3_column_bytes(statement, index)};
    return text;
}

pbay_text column_blob(sqlite3_stmt *statement, int index) {
    const char *data = sqlite3_column_blob(statement, index);
    pbay_text text = {data, (uint64_t)sqlite3_column_bytes(statement, index)};
    return text;
}

int database_run(database *database, int statement) {
    sqlite3_stmt *prepared = database->statements[statement];
    int code = sqlite3_step(prepared);
    sqlite3_reset(prepared);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int32_t database_error(int sqlite_code, const char **message) {
    switch (sqlite_code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        *message = "The store is locked by another process.";
        return PBAY_EOVERLOADED;
    case SQLITE_NOMEM:
        *message = "The store is out of memory.";
        return PBAY_EOVERLOADED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        *message = "The store's file is damaged.";
        return PBAY_EDATALOSS;
    case SQLITE_TOOBIG:
        *message = "The record is larger than the store takes.";
        return PBAY_ELIMIT;
    case SQLITE_FULL:
        *message = "The store's disk is full: nothing was stored.";
        return PBAY_EIO;
    default:
        *message = "The store's disk failed.";
        return PBAY_EIO;
    }
}

/* --------------------------------------------------------------------------------------------------------- opening */

static int32_t refuse(database *database, const store *store, pbay_error *err, int sqlite_code, const char *what) {
    const char *message;
    int32_t code = database_error(sqlite_code, &message);
    perror_set(err, code, "path", "%s: %s: %s.", store->path, what,
               database->handle != NULL ? sqlite3_errmsg(database->handle) : sqlite3_errstr(sqlite_code));
    return code;
}

/* The first column of a query's first row, as a number, or `otherwise`. */
static int query_number(sqlite3 *handle, const char *sql, sqlite3_int64 *out) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *out = sqlite3_column_int64(statement, 0);
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int prepare(database *database, int from, int to) {
    int code = SQLITE_OK;
    for (int i = from; i < to && code == SQLITE_OK; i++) {
        code = sqlite3_prepare_v3(database->handle, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &database->statements[i], NULL);
    }
    return code;
}

static int connect_to_file(const store *store, database *database) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(store->path, &database->handle, flags, NULL);
    if (code != SQLITE_OK) return code;
    sqlite3_busy_timeout(database->handle, (int)store->busy_timeout_ms);
    /* The schema comes from a file: it shall call no function that has side effects, and a damaged page shall be noticed. */
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    return sqlite3_exec(database->handle, "PRAGMA cell_size_check = ON; PRAGMA cache_size = -8192", NULL, NULL, NULL);
}

/* Makes the file where there is none, for its owner alone; the WAL takes the mode over. */
static int32_t make_file(const store *store, pbay_error *err) {
    int file = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return perror_set(err, PBAY_EIO, "path", "%s: %s.", store->path, strerror(errno));
    }
    close(file);
    return PBAY_OK;
}

/* Looks whose file it is before anything in it is changed. */
static int32_t check_identity(store *store, sqlite3_int64 *version, int *is_new, pbay_error *err) {
    sqlite3 *handle = store->writer.handle;
    sqlite3_int64 application = 0, tables = 0, pages = 0, page_size = 0;
    int code = query_number(handle, "PRAGMA application_id", &application);
    if (code == SQLITE_OK) code = query_number(handle, "PRAGMA user_version", version);
    if (code == SQLITE_OK) code = query_number(handle, "SELECT count(*) FROM sqlite_schema", &tables);
    if (code == SQLITE_OK) code = query_number(handle, "PRAGMA page_count", &pages);
    if (code == SQLITE_OK) code = query_number(handle, "PRAGMA page_size", &page_size);
    if (code != SQLITE_OK) return refuse(&store->writer, store, err, code, "can't be read");
    *is_new = application == 0 && tables == 0 && *version == 0;
    if (!*is_new && application != APPLICATION_ID) {
        return perror_set(err, PBAY_EINVALID, "path", "%s is a database of another program.", store->path);
    }
    if (*version > SCHEMA_VERSION) {
        return perror_set(err, PBAY_EUNSUPPORTED, "path",
                          "%s has schema version %d, this plugin knows up to %d: it was written by a newer one.", store->path,
                          (int)*version, SCHEMA_VERSION);
    }
    if (!*is_new && pages * page_size <= FULL_CHECK_BYTES) {
        sqlite3_stmt *check = NULL;
        code = sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &check, NULL);
        if (code == SQLITE_OK) code = sqlite3_step(check);
        if (code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(check, 0), "ok") != 0) {
            perror_set(err, PBAY_EDATALOSS, "path", "%s is damaged: %s.", store->path, sqlite3_column_text(check, 0));
            sqlite3_finalize(check);
            return PBAY_EDATALOSS;
        }
        sqlite3_finalize(check);
        if (code != SQLITE_ROW) return refuse(&store->writer, store, err, code, "can't be checked");
    }
    return PBAY_OK;
}

static int migrate(sqlite3 *handle) {
    sqlite3_int64 version = 0;
    char sql[80];
    int code = sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code != SQLITE_OK) return code;
    code = query_number(handle, "PRAGMA user_version", &version); /* again: another host may have been faster */
    for (; code == SQLITE_OK && version < SCHEMA_VERSION; version++) {
        code = sqlite3_exec(handle, migrations[version], NULL, NULL, NULL);
    }
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d; PRAGMA application_id = %d", (int)version, APPLICATION_ID);
    if (code == SQLITE_OK) code = sqlite3_exec(handle, sql, NULL, NULL, NULL);
    if (code == SQLITE_OK) code = sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL);
    if (code != SQLITE_OK) sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

static int set_wal(sqlite3 *handle) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    int is_wal = code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    sqlite3_finalize(statement);
    return is_wal ? SQLITE_OK : code == SQLITE_ROW ? SQLITE_CANTOPEN : code;
}

static int pages_in_wal(void *context, sqlite3 *handle, const char *name, int pages) {
    store *store = context;
    (void)handle;
    (void)name;
    store->wal_pages = pages; /* the checkpoint comes after the answers: see writer.c */
    return SQLITE_OK;
}

int32_t database_open_writer(store *store, pbay_error *err) {
    sqlite3_int64 version = 0;
    int is_new = 0;
    int32_t answer = make_file(store, err);
    if (answer != PBAY_OK) return answer;
    int code = connect_to_file(store, &store->writer);
    if (code != SQLITE_OK) return refuse(&store->writer, store, err, code, "can't be opened");
    answer = check_identity(store, &version, &is_new, err);
    if (answer != PBAY_OK) return answer;
    sqlite3 *handle = store->writer.handle;
    /* Small pages: a write puts whole pages into the WAL, and most of what it changes are single entries of indexes. */
    if (is_new) code = sqlite3_exec(handle, "PRAGMA page_size = 4096", NULL, NULL, NULL);
    if (code == SQLITE_OK) code = set_wal(handle);
    if (code == SQLITE_OK) code = sqlite3_exec(handle, "PRAGMA secure_delete = FAST; PRAGMA synchronous = FULL", NULL, NULL, NULL);
    if (code == SQLITE_OK) code = migrate(handle);
    if (code == SQLITE_OK) code = prepare(&store->writer, 0, SQL_WRITER_END);
    if (code != SQLITE_OK) return refuse(&store->writer, store, err, code, "can't be made ready");
    store->synchronous_full = 1;
    sqlite3_wal_hook(handle, pages_in_wal, store);
    return PBAY_OK;
}

int32_t database_open_reader(store *store, database *database, pbay_error *err) {
    int code = connect_to_file(store, database);
    if (code == SQLITE_OK) code = sqlite3_exec(database->handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
    if (code == SQLITE_OK) code = prepare(database, SQL_WRITER_END, SQL_END);
    return code == SQLITE_OK ? PBAY_OK : refuse(database, store, err, code, "can't be opened for reading");
}

void database_close(database *database) {
    for (int i = 0; i < SQL_END; i++) {
        sqlite3_finalize(database->statements[i]);
        database->statements[i] = NULL;
    }
    sqlite3_close(database->handle);
    database->handle = NULL;
}
