/*
 * A seeded random driver: the store and a model, which is an array and nothing else, are asked the same things and must answer the
 * same. The time goes on with it, so that records expire at any point. With a bound for each owner the model doesn't say what is evicted,
 * which is the store's choice among the unused; it says what must not be, and in which order chains go.
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
    int gone;        /* certainly not in the store any more */
    int64_t used_ms; /* of a chain's first record: the last use of the chain */
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
static uint64_t bound; /* bytes of each owner; 0: none */
static int written[5], written_count; /* the records that the running batch has put */
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

static size_t blob_bytes(unsigned number) { return (number - 1) * 100; }

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

/* One of the last `among` records: mostly a living one of that owner, where some are. */
static int pick(int owner, unsigned among) {
    int index = 0;
    for (int tries = 1 + (int)draw(60); tries > 0; tries--) {
        index = now.count - 1 - (int)draw((unsigned)now.count < among ? (unsigned)now.count : among);
        if (living(index) && now.entries[index].owner == owner) return index;
    }
    return index;
}

static void use_chain(int index) { now.entries[root_of(index)].used_ms = now_ms; }

/* The bytes of some records of an owner, each of their blobs once. */
static uint64_t bytes_of(int owner, const char *which) {
    char has[BLOB_NUMBERS + 1] = {0}, value[2100];
    uint64_t bytes = 0;
    for (int i = 0; i < now.count; i++) {
        const entry *entry = &now.entries[i];
        if (!which[i] || entry->owner != owner) continue;
        value_of(entry->value, value);
        bytes += strlen(value);
        for (int j = 0; j < MAX_BLOBS && entry->blobs[j] != 0; j++) {
            if (!has[entry->blobs[j]]) bytes += blob_bytes(entry->blobs[j]);
            has[entry->blobs[j]] = 1;
        }
    }
    return bytes;
}

static void mark_chain(char *which, int leaf) {
    for (int at = leaf; at >= 0 && !which[at]; at = now.entries[at].parent) which[at] = 1;
}

/* ------------------------------------------------------------------------------------------------------------ writes */

/* One random write: its record in *write with texts in *texts, and what it must answer when done now. */
typedef struct texts {
    char id[64], parent[64], root[64], value[2100];
    pbay_blob blobs[MAX_BLOBS];
    char hashes[MAX_BLOBS][65], data[MAX_BLOBS][BLOB_NUMBERS * 100];
} texts;

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
    int index = is_new ? now.count : pick(owner, 200);
    int parent = -1;
    entry *entry = &now.entries[index];
    uint32_t precondition = draw(8) == 0 ? PBAY_PUT_VERSION : draw(2);
    if (is_new && now.count > 0 && draw(5) != 0) parent = pick(owner, 40);
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
    *entry = (struct entry){.owner = owner, .parent = parent, .kind = kind, .used_ms = now_ms, .created_ms = write->record.created_ms,
                            .expires_ms = expires_ms, .version = entry->version + 1, .status = write->record.status, .value = value};
    memcpy(entry->blobs, blobs, sizeof blobs);
    use_chain(index);
    written[written_count++] = index;
    return PBAY_OK;
}

static int32_t make_delete(int owner, pbay_write *write, texts *texts) {
    int index = draw(20) == 0 || now.count == 0 ? now.count : pick(owner, 200);
    name_of(index, texts->id);
    memset(write, 0, sizeof *write);
    write->size = sizeof *write;
    write->verb = PBAY_WRITE_DELETE;
    write->record = record_of(texts->id, "", "", "");
    if (index == now.count || !living(index) || now.entries[index].owner != owner) return PBAY_ENOTFOUND;
    now.entries[index].deleted = 1;
    return PBAY_OK;
}

/* What no eviction may take after the batch: the records that it has put, and what they need. */
static void mark_floor(char *which) {
    memset(which, 0, MAX_RECORDS);
    for (int i = 0; i < written_count; i++) {
        if (living(written[i])) mark_chain(which, written[i]);
    }
}

/* Which records of an owner the store lists. Null, or what is wrong. */
static const char *mark_listed(caller *caller, int owner, char *which) {
    const char *wrong = NULL;
    caller->owner = owners[owner];
    memset(which, 0, MAX_RECORDS);
    for (int kind = 0; kind < 2; kind++) {
        answer *got = do_list(caller, kinds[kind], "", MAX_RECORDS);
        for (size_t i = 0; i < got->count && wrong == NULL; i++) {
            int index = atoi(strrchr(got->records[i].id, '-') + 1);
            if (!living(index) || now.entries[index].owner != owner) wrong = fail("%s is still there", got->records[i].id);
            which[index] = 1;
        }
        host_free(got);
    }
    return wrong;
}

/* Looks what was evicted for a batch, whether it might be, and strikes it out of the model. */
static const char *check_evicted(caller *caller, int owner) {
    static char floor[MAX_RECORDS], listed[MAX_RECORDS], others[MAX_RECORDS], most[MAX_RECORDS];
    int64_t newest = INT64_MIN; /* the last use of a chain that lost a record */
    mark_floor(floor);
    memset(most, 0, sizeof most);
    for (int i = 0; i < now.count; i++) { /* what is expired may have been swept or not */
        if (!now.entries[i].gone && !now.entries[i].deleted) mark_chain(most, i);
    }
    int is_over = bytes_of(owner, most) > bound;
    if (!is_over && draw(16) != 0) return NULL;
    const char *wrong = mark_listed(caller, 1 - owner, others);
    if (wrong == NULL) wrong = mark_listed(caller, owner, listed);
    if (wrong != NULL) return wrong;
    for (int i = 0; i < now.count; i++) {
        if (!living(i)) continue;
        if (now.entries[i].owner != owner) {
            if (!others[i]) return fail("random-%u-%d was evicted for another owner", prefix, i);
            continue;
        }
        if (listed[i]) continue;
        if (!is_over) return fail("random-%u-%d was evicted, though all would fit", prefix, i);
        if (floor[i]) return fail("random-%u-%d was evicted, though it was just put, or is needed", prefix, i);
        int64_t used_ms = now.entries[root_of(i)].used_ms;
        if (used_ms > newest) newest = used_ms;
    }
    for (int i = 0; i < now.count; i++) {
        if (!living(i) || now.entries[i].owner != owner) continue;
        if (!listed[i]) continue;
        for (int at = i; at >= 0; at = now.entries[at].parent) {
            if (living(at) && !listed[at]) return fail("random-%u-%d was evicted before its descendant %d", prefix, at, i);
        }
        if (!floor[i] && now.entries[root_of(i)].used_ms < newest) return fail("random-%u-%d stayed, unused for longer", prefix, i);
    }
    for (int i = 0; i < now.count; i++) {
        if (living(i) && now.entries[i].owner == owner && !listed[i]) now.entries[i].deleted = now.entries[i].gone = 1;
    }
    memset(most, 0, sizeof most);
    for (int i = 0; i < now.count; i++) {
        if (living(i)) mark_chain(most, i);
    }
    uint64_t bytes = bytes_of(owner, most);
    return bytes > bound ? fail("%" PRIu64 " bytes of one owner", bytes) : NULL;
}

static const char *random_batch(caller *caller, int owner) {
    pbay_write writes[5];
    static texts texts[5];
    int count = 1 + (int)draw(4);
    static char floor[MAX_RECORDS];
    int32_t wanted = PBAY_OK;
    before = now;
    written_count = 0;
    for (int i = 0; i < count; i++) {
        if (now.count + 1 >= MAX_RECORDS) return NULL;
        int32_t code = draw(6) == 0 ? make_delete(owner, &writes[i], &texts[i]) : make_put(owner, &writes[i], &texts[i]);
        if (wanted == PBAY_OK) wanted = code;
        if (code != PBAY_OK) { /* what follows the failure doesn't matter, and must not touch the model */
            count = i + 1;
            break;
        }
    }
    if (wanted == PBAY_OK && bound > 0) {
        mark_floor(floor);
        if (bytes_of(owner, floor) > bound) wanted = PBAY_ELIMIT;
    }
    if (wanted != PBAY_OK) now = before;
    answer *got = do_batch(caller, writes, (uint64_t)count);
    int32_t code = got->code;
    if (code != wanted) fail("batch of %d: %d, wanted %d (%s)", count, code, wanted, got->error.message);
    host_free(got);
    if (code != wanted) return problem;
    return code == PBAY_OK && bound > 0 ? check_evicted(caller, owner) : NULL;
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
    int index = draw(20) == 0 || now.count == 0 ? now.count : pick(owner, 200), chain = draw(2) == 0;
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
        if (chain) use_chain(index);
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
    int index = draw(20) == 0 || now.count == 0 ? now.count : pick(owner, 200);
    int found = index < now.count && living(index) && now.entries[index].owner == owner;
    int64_t expires_ms = draw(2) == 0 ? 0 : now_ms - 5 + (int64_t)draw(200);
    name_of(index, id);
    int32_t code = code_of(do_touch(caller, id, expires_ms));
    if (code != (found ? PBAY_OK : PBAY_ENOTFOUND)) return fail("touch of %s: %d", id, code);
    if (!found) return NULL;
    now.entries[index].expires_ms = expires_ms;
    use_chain(index);
    return NULL;
}

/* After a sweep the store holds exactly what is living or needed. */
static const char *random_sweep(caller *caller, const pbay_storage_stats *base) {
    uint64_t records = 0, hidden = 0;
    static char kept[MAX_RECORDS];
    int32_t code = code_of(do_sweep(caller, 0));
    if (code != PBAY_OK) return fail("sweep: %d", code);
    for (int i = 0; i < now.count; i++) {
        int is_living = living(i);
        kept[i] = is_living || needed(i);
        now.entries[i].gone = !kept[i];
        records += (uint64_t)is_living;
        hidden += kept[i] && !is_living;
    }
    uint64_t bytes = bytes_of(0, kept) + bytes_of(1, kept);
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

const char *random_check(caller caller, unsigned seed, unsigned steps, int64_t epoch, uint64_t bytes_per_owner) {
    const char *wrong = NULL;
    unsigned step = 0;
    state = seed * 2654435761u + 1;
    prefix = seed;
    bound = bytes_per_owner;
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
