/*
 * What goes where a bound is passed: records that have no child, from the chains that were used longest ago, the newest of a chain first.
 *
 * A child's key is larger than its parent's. So going through a chain from its largest key down, each record has lost its descendants
 * when its turn comes, but for the ancestors of one that is spared: finding the next is one look into an index, however long the chain.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

/* Where the eviction stands. */
typedef struct place {
    int64_t used, root; /* the chain; root 0: before the first */
    int64_t below;      /* its records with a smaller key are left */
    int kept;           /* one of its records has stayed */
} place;

static int is_spared(const eviction *eviction, int64_t key) {
    for (uint64_t i = 0; i < eviction->spared_count; i++) {
        if (eviction->spared[i].key == key) return 1;
    }
    return 0;
}

/* The chain that was used longest ago, after the present one. *found: there is one. */
static int32_t next_chain(store *store, const eviction *eviction, place *place, int *found) {
    sqlite3_stmt *statement = store->writer.statements[eviction->owner == 0 ? SQL_OLDEST_CHAIN : SQL_OLDEST_CHAIN_OF];
    sqlite3_bind_int64(statement, 1, place->used);
    sqlite3_bind_int64(statement, 2, place->root);
    if (eviction->owner != 0) sqlite3_bind_int64(statement, 3, eviction->owner);
    int code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    if (*found) {
        place->root = sqlite3_column_int64(statement, 0);
        place->used = sqlite3_column_int64(statement, 1);
        place->below = INT64_MAX;
        place->kept = 0;
    }
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? PBAY_OK : FATAL;
}

/* The newest record of the chain that is left, its first one last; 0: none. */
static int32_t next_record(store *store, const place *place, int64_t *key) {
    *key = 0;
    if (place->below <= place->root) return PBAY_OK;
    sqlite3_stmt *statement = store->writer.statements[SQL_NEWEST_OF_CHAIN];
    sqlite3_bind_int64(statement, 1, place->root);
    sqlite3_bind_int64(statement, 2, place->below);
    int code = sqlite3_step(statement);
    *key = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : place->root;
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? PBAY_OK : FATAL;
}

/* In a damaged file a chain's first record may be missing, and its line have been left: it must not be found for ever. */
static int32_t end_chain(store *store, const place *place) {
    if (place->root == 0 || place->kept) return PBAY_OK;
    sqlite3_bind_int64(store->writer.statements[SQL_DELETE_CHAIN], 1, place->root);
    return database_run(&store->writer, SQL_DELETE_CHAIN) == SQLITE_OK ? PBAY_OK : FATAL;
}

/* The next record that may go; 0: there is none. */
static int32_t next_to_go(store *store, const eviction *eviction, place *place, int64_t *key) {
    int found = 1, stays = 1;
    *key = 0;
    while (stays) {
        if (place->root != 0 && next_record(store, place, key) != PBAY_OK) return FATAL;
        if (*key == 0) {
            if (end_chain(store, place) != PBAY_OK || next_chain(store, eviction, place, &found) != PBAY_OK) return FATAL;
            if (!found) return PBAY_OK;
            continue;
        }
        place->below = *key;
        stays = is_spared(eviction, *key);
        if (!stays && records_have_child(store, *key, &stays) != PBAY_OK) return FATAL;
        place->kept |= stays;
    }
    return PBAY_OK;
}

int32_t evict(store *store, const eviction *eviction, int64_t most, int64_t *room, int *fits) {
    place place = {INT64_MIN, 0, 0, 1};
    int64_t bytes = 0, key = 0;
    for (;;) {
        if (owners_bytes(store, eviction->owner, &bytes) != PBAY_OK) return FATAL;
        *fits = bytes <= most;
        if (*fits || *room == 0) return PBAY_OK;
        if (next_to_go(store, eviction, &place, &key) != PBAY_OK) return FATAL;
        if (key == 0) return PBAY_OK;
        if (records_erase(store, key, eviction->now_ms) != PBAY_OK) return FATAL;
        --*room;
    }
}
