/*
 * A seeded random driver: the store and a model, which is an array and nothing else, are asked the same things and must answer the
 * same. The time goes on with it, so that records expire at any point.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RECORDS 3000
#define MAX_BLOBS 3
#define BLOB_NUMBERS 40 /* so few that records share them */

typedef struct entry {
    int owner, parent, kind, deleted; /* parent: an index, or -1 */
    int64_t created_ms, expires_ms;
    uint64_t version;
    uint32_t status, value; /* the value is made from this number */
    unsigned blobs[MAX_BLOBS]; /* the numbers of its blobs; 0: no more */
} entry;

typedef struct model {
    int count;
    entry entries[MAX_RECORDS];
} model;

static const char *const kinds[] = {"response", "conversation"};

static char owners[2][32]; /* of this run alone: the lists of another would be mixed with it */
static unsigned state;
static unsigned prefix;
static int64_t now_ms;
static model now, before;
static char problem[512];

static unsigned draw(unsigned below) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

static const char *fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem, sizeof problem, format, arguments);
    va_end(arguments);
    return problem;
}

static void name_of(int index, char name[64]) { snprintf(name, 64, "random-%u-%d", prefix, index); }

/* Values of 0 to 2,000 bytes, each different. */
static void value_of(uint32_t number, char *value) {
    size_t size = number * 37 % 2000;
    memset(value, 'a' + (int)(number % 26), size);
    snprintf(value + size, 16, "%u", number);
}

static int living(int index) {
    const entry *entry = &now.entries[index];
    return !entry->deleted && (entry->expires_ms == 0 || entry->expires_ms > now_ms);
}

static int needed(int index) {
    for (int i = 0; i < now.count; i++) {
        if (!living(i)) continue;
        for (int at = i; at >= 0; at = now.entries[at].parent) {
            if (at == index) return 1;
        }
    }
    return 0;
}

static int root_of(int index) {
    while (now.entries[index].parent >= 0) index = now.entries[index].parent;
    return index;
}

/* ------------------------------------------------------------------------------------------------------------ writes */

/* One random write: its record in *write with texts in *texts, and what it must answer when done now. */
typedef struct texts {
    char id[64], parent[64], root[64], value[2100];
    pbay_blob blobs[MAX_BLOBS];
    char hashes[MAX_BLOBS][65], data[MAX_BLOBS][BLOB_NUMBERS * 100];
} texts;

static size_t blob_bytes(unsigned number) { return (number - 1) * 100; }

/* A third of the records have blobs. Their numbers go into `numbers`. */
static void make_blobs(pbay_record *record, texts *texts, unsigned numbers[MAX_BLOBS]) {
    unsigned count = draw(3) == 0 ? 1 + draw(MAX_BLOBS) : 0;
    memset(numbers, 0, MAX_BLOBS * sizeof *numbers);
    for (unsigned i = 0; i < count; i++) {
        numbers[i] = 1 + draw(BLOB_NUMBERS);
        texts->blobs[i] = blob_of(numbers[i], texts->hashes[i], texts->data[i], blob_bytes(numbers[i]));
    }
    record->blobs = texts->blobs;
    record->blob_count = count;
}

static int32_t make_put(int owner, pbay_write *write, texts *texts) {
    int is_new = now.count < 2 || draw(3) != 0;
    int index = is_new ? now.count : (int)draw((unsigned)now.count);
    int parent = -1;
    entry *entry = &now.entries[index];
    uint32_t precondition = draw(3);
    if (is_new && now.count > 0 && draw(5) != 0) parent = now.count - 1 - (int)draw(now.count < 20 ? (unsigned)now.count : 20);
    if (!is_new) parent = entry->parent;
    int dead = !is_new && !living(index);
    if (dead && !needed(index)) precondition = PBAY_PUT_VERSION; /* whether the id is free again is the store's affair */
    uint32_t value = draw(1000000);
    int64_t expires_ms = draw(3) == 0 ? now_ms + 1 + (int64_t)draw(300) : 0;
    uint64_t version = is_new ? 1 : entry->version + (draw(4) == 0);
    name_of(index, texts->id);
    texts->parent[0] = 0;
    snprintf(texts->root, sizeof texts->root, "%s", texts->id);
    if (parent >= 0) {
        name_of(parent, texts->parent);
        name_of(root_of(parent), texts->root);
    }
    value_of(value, texts->value);
    memset(write, 0, sizeof *write);
    write->size = sizeof *write;
    write->verb = PBAY_WRITE_PUT;
    write->precondition = precondition;
    write->record = record_of(texts->id, texts->parent, texts->root, texts->value);
    write->record.expires_ms = expires_ms;
    write->record.created_ms = is_new ? now_ms + (int64_t)draw(3) : entry->created_ms;
    write->record.status = draw(5);
    write->record.version = version;
    int kind = is_new ? (int)draw(2) : entry->kind;
    write->record.kind = text_of(kinds[kind]);
    unsigned blobs[MAX_BLOBS];
    make_blobs(&write->record, texts, blobs);

    if (is_new) {
        if (precondition == PBAY_PUT_VERSION) return PBAY_ENOTFOUND;
        if (parent >= 0 && (!living(parent) || now.entries[parent].owner != owner)) return PBAY_ENOTFOUND;
        entry->version = 0;
        now.count++;
    } else {
        int own = entry->owner == owner;
        if (precondition == PBAY_PUT_VERSION) {
            if (dead || !own) return PBAY_ENOTFOUND;
            if (version != entry->version) return PBAY_ECONFLICT;
        } else if (dead || !own || precondition == PBAY_PUT_ABSENT) {
            return PBAY_ECONFLICT;
        }
    }
    *entry = (struct entry){owner, parent, kind, 0, write->record.created_ms, expires_ms, entry->version + 1, write->record.status, value, {0}};
    memcpy(entry->blobs, blobs, sizeof blobs);
    return PBAY_OK;
}

static int32_t make_delete(int owner, pbay_write *write, texts *texts) {
    int index = (int)draw((unsigned)now.count + 1);
    name_of(index, texts->id);
    memset(write, 0, sizeof *write);
    write->size = sizeof *write;
    write->verb = PBAY_WRITE_DELETE;
    write->record = record_of(texts->id, "", "", "");
    if (index == now.count || !living(index) || now.entries[index].owner != owner) return PBAY_ENOTFOUND;
    now.entries[index].deleted = 1;
    return PBAY_OK;
}

static const char *random_batch(caller *caller, int owner) {
    pbay_write writes[5];
    static texts texts[5];
    int count = 1 + (int)draw(4);
    int32_t wanted = PBAY_OK;
    before = now;
    for (int i = 0; i < count; i++) {
        if (now.count + 1 >= MAX_RECORDS) return NULL;
        int32_t code = draw(4) == 0 ? make_delete(owner, &writes[i], &texts[i]) : make_put(owner, &writes[i], &texts[i]);
        if (wanted == PBAY_OK) wanted = code;
        if (code != PBAY_OK) { /* what follows the failure doesn't matter, and must not touch the model */
            count = i + 1;
            break;
        }
    }
    if (wanted != PBAY_OK) now = before;
    answer *got = do_batch(caller, writes, (uint64_t)count);
    int32_t code = got->code;
    if (code != wanted) fail("batch of %d: %d, wanted %d (%s)", count, code, wanted, got->error.message);
    host_free(got);
    return code == wanted ? NULL : problem;
}

/* ------------------------------------------------------------------------------------------------------------- reads */

static const char *compare(const kept *kept, int index, int hidden) {
    char id[64], parent[64] = "", root[64], value[2100];
    const entry *entry = &now.entries[index];
    name_of(index, id);
    if (entry->parent >= 0) name_of(entry->parent, parent);
    name_of(root_of(index), root);
    value_of(entry->value, value);
    if (strcmp(kept->id, id) != 0) return fail("%s came where %s was due", kept->id, id);
    if (strcmp(kept->parent, parent) != 0 || strcmp(kept->root, root) != 0) return fail("%s: parent or root", id);
    if (kept->version != entry->version) return fail("%s: version %" PRIu64 ", not %" PRIu64, id, kept->version, entry->version);
    if (strcmp(kept->value, value) != 0) return fail("%s: value", id);
    if (kept->status != entry->status || kept->created_ms != entry->created_ms) return fail("%s: status or created", id);
    if (kept->expires_ms != entry->expires_ms || strcmp(kept->kind, kinds[entry->kind]) != 0) return fail("%s: expiry or kind", id);
    if ((kept->flags & PBAY_RECORD_HIDDEN) != (hidden ? PBAY_RECORD_HIDDEN : 0u)) return fail("%s: hidden", id);
    size_t blobs = 0;
    for (; blobs < MAX_BLOBS && entry->blobs[blobs] != 0; blobs++) {
        if (blobs == kept->blob_count) return fail("%s: too few blobs", id);
        if (!is_blob(&kept->blobs[blobs], entry->blobs[blobs], blob_bytes(entry->blobs[blobs]))) return fail("%s: blob %zu", id, blobs);
    }
    if (blobs != kept->blob_count) return fail("%s: too many blobs", id);
    return NULL;
}

static const char *random_read(caller *caller, int owner) {
    char id[64];
    int index = (int)draw((unsigned)now.count + 1), chain = draw(2) == 0;
    int found = index < now.count && living(index) && now.entries[index].owner == owner;
    name_of(index, id);
    answer *got = chain ? do_load_chain(caller, id, 100000, 1u << 30) : do_get(caller, id);
    const char *wrong = NULL;
    size_t count = 0;
    if (got->code != (found ? PBAY_OK : PBAY_ENOTFOUND)) {
        wrong = fail("%s of %s: %d, %s", chain ? "load_chain" : "get", id, got->code, found ? "though it is there" : "though it isn't");
    } else if (found) {
        for (int at = index; at >= 0 && wrong == NULL; at = chain ? now.entries[at].parent : -1, count++) {
            wrong = count < got->count ? compare(&got->records[count], at, !living(at)) : fail("%s: too few records", id);
        }
    }
    if (wrong == NULL && got->count != count) wrong = fail("%s: too many records", id);
    host_free(got);
    return wrong;
}

/* Whether index `a` comes before `b` in a list. */
static int listed_before(int a, int b) {
    char left[64], right[64];
    if (now.entries[a].created_ms != now.entries[b].created_ms) return now.entries[a].created_ms > now.entries[b].created_ms;
    name_of(a, left);
    name_of(b, right);
    return strcmp(left, right) > 0;
}

/* Reads a whole list, page by page. */
static const char *random_list(caller *caller, int owner) {
    char after[129] = "";
    int kind = (int)draw(2), last = -1, left = 0;
    uint64_t limit = 1 + draw(40);
    const char *wrong = NULL;
    for (int i = 0; i < now.count; i++) left += living(i) && now.entries[i].owner == owner && now.entries[i].kind == kind;
    for (;;) {
        answer *got = do_list(caller, kinds[kind], after, limit);
        size_t count = got->count;
        if (got->code != PBAY_OK || count > limit) wrong = fail("list: %d, %zu records of %" PRIu64, got->code, count, limit);
        for (size_t i = 0; i < count && wrong == NULL; i++) {
            int index = atoi(strrchr(got->records[i].id, '-') + 1);
            if (index >= now.count || !living(index) || now.entries[index].owner != owner || now.entries[index].kind != kind) {
                wrong = fail("list: %s is none of it", got->records[i].id);
            } else if (last >= 0 && !listed_before(last, index)) {
                wrong = fail("list: %s out of order", got->records[i].id);
            } else {
                wrong = compare(&got->records[i], index, 0);
            }
            last = index;
            left--;
        }
        if (count > 0) snprintf(after, sizeof after, "%s", got->records[count - 1].id);
        host_free(got);
        if (wrong != NULL || count < limit) break;
    }
    return wrong == NULL && left != 0 ? fail("list: %d records are missing", left) : wrong;
}

static const char *random_touch(caller *caller, int owner) {
    char id[64];
    int index = (int)draw((unsigned)now.count + 1);
    int found = index < now.count && living(index) && now.entries[index].owner == owner;
    int64_t expires_ms = draw(2) == 0 ? 0 : now_ms - 5 + (int64_t)draw(200);
    name_of(index, id);
    int32_t code = code_of(do_touch(caller, id, expires_ms));
    if (code != (found ? PBAY_OK : PBAY_ENOTFOUND)) return fail("touch of %s: %d", id, code);
    if (found) now.entries[index].expires_ms = expires_ms;
    return NULL;
}

/* After a sweep the store holds exactly what is living or needed. */
static const char *random_sweep(caller *caller, const pbay_storage_stats *base) {
    uint64_t records = 0, hidden = 0, bytes = 0;
    char has[2][BLOB_NUMBERS + 1] = {{0}};
    int32_t code = code_of(do_sweep(caller, 0));
    if (code != PBAY_OK) return fail("sweep: %d", code);
    for (int i = 0; i < now.count; i++) {
        char value[2100];
        int is_living = living(i);
        if (!is_living && !needed(i)) continue;
        value_of(now.entries[i].value, value);
        bytes += strlen(value);
        for (int j = 0; j < MAX_BLOBS && now.entries[i].blobs[j] != 0; j++) {
            char *seen = &has[now.entries[i].owner][now.entries[i].blobs[j]];
            if (!*seen) bytes += blob_bytes(now.entries[i].blobs[j]); /* once for each owner */
            *seen = 1;
        }
        records += (uint64_t)is_living;
        hidden += !is_living;
    }
    answer *got = do_stats(caller);
    pbay_storage_stats stats = got->stats;
    host_free(got);
    if (stats.records - base->records != records || stats.hidden - base->hidden != hidden || stats.value_bytes - base->value_bytes != bytes) {
        return fail("after a sweep %" PRIu64 " living, %" PRIu64 " hidden, %" PRIu64 " bytes; wanted %" PRIu64 ", %" PRIu64 ", %" PRIu64,
                    stats.records - base->records, stats.hidden - base->hidden, stats.value_bytes - base->value_bytes, records, hidden,
                    bytes);
    }
    return NULL;
}

const char *random_check(caller caller, unsigned seed, unsigned steps, int64_t epoch) {
    const char *wrong = NULL;
    unsigned step = 0;
    state = seed * 2654435761u + 1;
    prefix = seed;
    snprintf(owners[0], sizeof owners[0], "alice-%u", seed);
    snprintf(owners[1], sizeof owners[1], "bob-%u", seed);
    now_ms = epoch;
    now.count = 0;
    caller.now_ms = now_ms;
    code_of(do_sweep(&caller, 0)); /* what earlier checks have left behind */
    answer *got = do_stats(&caller);
    pbay_storage_stats base = got->stats;
    host_free(got);
    for (; step < steps && wrong == NULL && now.count + 5 < MAX_RECORDS; step++) {
        int owner = (int)(draw(8) == 0);
        now_ms += draw(3);
        caller.owner = owners[owner];
        caller.now_ms = now_ms;
        unsigned what = draw(100);
        if (what < 40) wrong = random_batch(&caller, owner);
        else if (what < 85) wrong = random_read(&caller, owner);
        else if (what < 93) wrong = random_touch(&caller, owner);
        else if (what < 97) wrong = random_list(&caller, owner);
        else wrong = random_sweep(&caller, &base);
    }
    if (wrong == NULL) return NULL;
    static char where[700];
    snprintf(where, sizeof where, "seed %u, step %u: %s", seed, step, wrong);
    return where;
}
