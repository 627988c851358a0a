/*
 * store.h - what the files of this plugin share.
 *
 *   plugin.c      the ABI: entry, module, instance, configuration
 *   verbs.c       the table pbay_storage: checks and copies the arguments, queues the operation
 *   queue.c       the bounded queues in which operations wait
 *   writer.c      the one thread that writes: group commit, checkpoints
 *   records.c     what a write does to the tables
 *   blobs.c       large pieces of records, kept once for each owner and hash
 *   owners.c      how many bytes each owner has
 *   evict.c       what goes where a bound is passed, the longest unused first
 *   sweep.c       expiry and eviction, in slices between the groups
 *   reader.c      the threads that read
 *   uses.c        when chains were last used, noted in memory and written together
 *   database.c    opening, schema and its migrations, prepared statements
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PATCHBAY_SQLITE_STORE_H
#define PATCHBAY_SQLITE_STORE_H

#include "patchbay.h"
#include "plugin_error.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>

#define MAX_READERS 8

/* --------------------------------------------------------------------------------------------------- operations */

enum { VERB_WRITE, VERB_TOUCH, VERB_SWEEP, VERB_GET, VERB_LOAD_CHAIN, VERB_LIST, VERB_STATS };

/* One put or delete. Its texts lie in the operation's own memory. */
typedef struct write_step {
    uint32_t verb; /* PBAY_WRITE_* */
    uint32_t precondition;
    pbay_record record;
    /* Set by the put when it is done: the record's key, and its chain's. */
    int64_t key;
    int64_t root;
} write_step;

/* A queued operation, in one block of memory with copies of all its texts. */
typedef struct operation {
    struct operation *next;
    size_t bytes; /* of the block */
    int verb;
    int durable;
    pbay_op_id id;
    int64_t now_ms;
    pbay_text owner;
    pbay_text record_id; /* touch, get; the leaf of load_chain; `after` of list */
    pbay_text kind;      /* list */
    int64_t expires_ms;  /* touch */
    uint64_t max_count;  /* max_depth, limit */
    uint64_t max_bytes;  /* load_chain, sweep */
    write_step *steps;
    uint64_t step_count;
    /* The answer. The texts are constants. */
    int32_t code;
    const char *param;
    const char *message;
} operation;

/* Sets the answer and hands back its code. */
int32_t operation_fail(operation *operation, int32_t code, const char *param, const char *message);
/* Gives the answer to the host, once, and frees the operation. */
void operation_complete(operation *operation);

/* ---------------------------------------------------------------------------------------------------------- queue */

/* First in, first out; bounded by number and by bytes. */
typedef struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    operation *first;
    operation *last;
    uint64_t count;
    uint64_t bytes;
    int stopping; /* nothing more is taken in; what is there is still done */
    int woken;    /* queue_wake was called since the last wait */
} queue;

int queue_init(queue *queue);
void queue_free(queue *queue);
/* PBAY_OK, PBAY_EOVERLOADED (full) or PBAY_CLOSED (stopping). Owns the operation on PBAY_OK only. */
int32_t queue_add(queue *queue, operation *operation);
/*
 * Takes up to `most` operations and about `most_bytes` (one at least). Waits up to wait_ms (-1: for ever) for the first. Answers null
 * where the time is over, somebody called queue_wake, or the queue is stopping and empty; *stopped says whether it was the last.
 */
operation *queue_take(queue *queue, uint64_t most, uint64_t most_bytes, int64_t wait_ms, int *stopped);
void queue_wake(queue *queue);
void queue_stop(queue *queue);
int queue_is_stopping(queue *queue);

/* ----------------------------------------------------------------------------------------------------------- uses */

#define USES_CAPACITY 1024

/* The last use of the chains that were used since the last write of it: root's key -> time. */
typedef struct uses {
    pthread_mutex_t mutex;
    uint64_t count;
    int64_t keys[USES_CAPACITY * 2]; /* 0: free */
    int64_t times[USES_CAPACITY * 2];
} uses;

/* Notes a use. 1 where it is the first since the last uses_take, so that the writer knows of it. A full table forgets: this is a hint. */
int uses_add(uses *uses, int64_t root, int64_t now_ms);
/* Moves all into `keys` and `times` (of USES_CAPACITY) and answers how many. */
uint64_t uses_take(uses *uses, int64_t *keys, int64_t *times);
uint64_t uses_count(uses *uses);

/* ------------------------------------------------------------------------------------------------------- database */

enum {
    SQL_BEGIN, SQL_COMMIT, SQL_ROLLBACK, SQL_SAVEPOINT, SQL_RELEASE, SQL_ROLLBACK_TO,
    SQL_OWNER, SQL_ADD_OWNER, SQL_FIND, SQL_ID_OF, SQL_INSERT, SQL_UPDATE, SQL_HIDE, SQL_EXPIRE, SQL_DELETE, SQL_HAS_CHILD,
    SQL_ROW, SQL_ADD_CHAIN, SQL_DELETE_CHAIN, SQL_USE_CHAIN, SQL_ADD_TOTALS, SQL_VALUE_BYTES,
    SQL_ADD_OWNER_BYTES, SQL_OWNER_BYTES, SQL_OWNER_OVER,
    SQL_EXPIRED_LEAVES, SQL_OLDEST_CHAIN, SQL_OLDEST_CHAIN_OF, SQL_NEWEST_OF_CHAIN,
    SQL_FIND_BLOB, SQL_ADD_BLOB, SQL_LINK_BLOB, SQL_FREE_BLOBS, SQL_UNLINK_BLOBS,
    SQL_WRITER_END,
    SQL_GET = SQL_WRITER_END, SQL_LOAD_CHAIN, SQL_CURSOR, SQL_LIST, SQL_STATS, SQL_BLOBS,
    SQL_END
};

/* A connection with its prepared statements; used by one thread. */
typedef struct database {
    sqlite3 *handle;
    sqlite3_stmt *statements[SQL_END];
} database;

typedef struct store store;

/* Opens for the writer: makes the file, checks whose it is, brings the schema up to date. */
int32_t database_open_writer(store *store, pbay_error *err);
int32_t database_open_reader(store *store, database *database, pbay_error *err);
void database_close(database *database);
/* Runs a statement without results to its end and resets it. Answers an SQLite code. */
int database_run(database *database, int statement);
/* The PBAY code of an SQLite code, and words for the client. */
int32_t database_error(int sqlite_code, const char **message);

void bind_text(sqlite3_stmt *statement, int index, pbay_text text);
pbay_text column_text(sqlite3_stmt *statement, int index);
pbay_text column_blob(sqlite3_stmt *statement, int index);

/* ---------------------------------------------------------------------------------------------------------- store */

/* What the running transaction changes in the totals. */
typedef struct totals {
    int64_t records; /* rows, hidden ones included */
    int64_t hidden;
    int64_t value_bytes;
    /* The owner that was counted for last, and what is not written down yet: see owners.c. */
    int64_t owner;
    int64_t owner_bytes;
} totals;

/* What a sweep does, one after the other. */
enum { SWEEP_EXPIRED, SWEEP_OWNERS, SWEEP_TOTAL };

/* A sweep under way. */
typedef struct sweep {
    operation *operation;
    int phase;
    int64_t expires; /* the expired rows are looked at in the order of (expires, key), from here on */
    int64_t key;
    int64_t owner; /* the owners in the order of their keys, from here on */
} sweep;

struct store {
    pbay_instance table;
    pbay_instance_id id;
    char *path;
    uint64_t max_value_bytes;
    uint64_t max_bytes_per_owner; /* 0: no bound */
    uint64_t busy_timeout_ms;
    uint64_t reader_count;

    queue writes;
    queue reads;
    uses uses;
    int threads_started;
    pthread_t writer_thread;
    pthread_t reader_threads[MAX_READERS];
    database reader[MAX_READERS];
    uint64_t readers_running;
    int writer_running;
    int failing; /* atomic: the last group could not be written */

    /* The writer's alone. */
    database writer;
    int synchronous_full; /* the connection's present setting: -1 unknown */
    int distrust_wal;     /* a commit failed: what the WAL holds must reach the file before anything is acknowledged */
    int wal_pages;
    int in_transaction;
    totals change;
    int64_t uses_written_ms;
    sweep sweep;
    operation *waiting_sweeps;
};

extern const pbay_storage sqlite_storage;
extern const pbay_storage_results *sqlite_results;

void store_log(const store *store, int32_t level, const char *format, ...) __attribute__((format(printf, 3, 4)));

void *writer_main(void *store);
void *reader_main(void *argument);
/* The argument of reader_main. */
typedef struct reader_argument {
    store *store;
    database *database;
} reader_argument;

/* records.c. Called inside the writer's transaction. */

/* An operation's answer that means: the database failed, the transaction must be rolled back. */
#define FATAL 1

/* Does all steps of a VERB_WRITE, or none. PBAY_OK, an error (set in the operation) or FATAL. */
int32_t records_write(store *store, operation *operation);
int32_t records_touch(store *store, operation *operation);
/* Deletes a row that has no child, and then each ancestor that nobody needs any more. PBAY_OK or FATAL. */
int32_t records_erase(store *store, int64_t key, int64_t now_ms);
/* Whether a row has a child. PBAY_OK or FATAL. */
int32_t records_have_child(store *store, int64_t key, int *yes);
/* Writes down the change of the totals. An SQLite code. */
int records_write_totals(store *store);

/* owners.c. Called inside the writer's transaction. */

/* The owner's key: 0 where there is none and `make` isn't asked for. PBAY_OK or FATAL. */
int32_t owners_find(store *store, pbay_text name, int make, int64_t *key);
/* Counts bytes of records and blobs that came or went, for all and for their owner. PBAY_OK or FATAL. */
int32_t owners_count(store *store, int64_t owner, int64_t bytes);
/* Writes down what was counted for an owner last. An SQLite code. */
int owners_write(store *store);
/* What the owner has, or all together where `owner` is 0, as this transaction sees it. PBAY_OK or FATAL. */
int32_t owners_bytes(store *store, int64_t owner, int64_t *bytes);
#define NO_BOUND INT64_MAX
/*
 * What the owner may have when the operation's writes are done: NO_BOUND where all would fit even if every byte came to what there is.
 * An owner that is past its bound, which was made less, has not to come down at once: that is the sweep's work. PBAY_OK or FATAL.
 */
int32_t owners_bound(store *store, const operation *operation, int64_t *owner, int64_t *most);

/* evict.c */

/* What may go. */
typedef struct eviction {
    int64_t owner; /* whose; 0: everybody's */
    int64_t now_ms;
    /* Records that were just put, and so, with their ancestors, stay. */
    const write_step *spared;
    uint64_t spared_count;
} eviction;

/*
 * Takes records until `most` bytes are left or *room records went: the last ones of the chains that were used longest ago. The noted
 * uses must have been written. *fits: it came to that; else, where there is room, nothing more may go. PBAY_OK or FATAL.
 */
int32_t evict(store *store, const eviction *eviction, int64_t most, int64_t *room, int *fits);

/* blobs.c */

/* Gives a record, which has none, these blobs. Inside the writer's transaction. PBAY_OK or FATAL. */
int32_t blobs_attach(store *store, int64_t record, int64_t owner, const pbay_blob *blobs, uint64_t count);
/* Takes a record's blobs from it; those that no other record has go. Inside the writer's transaction. PBAY_OK or FATAL. */
int32_t blobs_detach(store *store, int64_t record, int64_t owner);

/* What a read has found and not yet handed out. The blobs' pointers are set by gathered_blobs, since `bytes` moves as it grows. */
typedef struct gathered {
    char *bytes;
    size_t used, bytes_room;
    pbay_blob *blobs;
    size_t blob_count, blobs_room;
} gathered;

/* Makes room for `wanted` things of `each` bytes; 0 where there is no memory. */
int gathered_reserve(void **block, size_t *room, size_t wanted, size_t each);
/* Adds a text; *at becomes its place in the bytes. 0 where there is no memory. */
int gathered_text(gathered *gathered, pbay_text text, size_t *at);
/*
 * Reads the blobs of a record that has `count`, at most *bytes_left bytes, which it lessens. Called while a statement of the same
 * connection stands on the record's row, so that both see the same commit. PBAY_OK or an error, set in the operation.
 */
int32_t gathered_read_blobs(gathered *gathered, database *database, operation *operation, int64_t record, uint64_t count,
                            uint64_t *bytes_left);
/* The `count` blobs from the number `first` on, whose bytes begin at `at`. Nothing may be gathered after it. */
const pbay_blob *gathered_blobs(gathered *gathered, size_t first, uint64_t count, size_t at);
void gathered_free(gathered *gathered);
/* The two ways to fail. */
int32_t gathered_too_large(operation *operation);
int32_t gathered_no_memory(operation *operation);

/* writer.c, for sweep.c and records.c */

/* Begins and commits the writer's transaction. An SQLite code. */
int writer_begin(store *store, int durable);
int writer_commit(store *store);
void writer_rollback(store *store);
/* Writes the noted uses, inside the transaction. An SQLite code. */
int writer_flush_uses(store *store);

/* Does a bounded piece of the sweep that is under way, in its own transaction. */
void sweep_slice(store *store);

#endif
