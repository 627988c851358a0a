/*
 * Checks of blobs: the pieces of records that a store keeps once for each owner and hash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LENT 8

/* A record with blobs, whose texts it holds. */
typedef struct loaded {
    pbay_record record;
    pbay_blob blobs[MAX_LENT];
    char hashes[MAX_LENT][65];
    char *data[MAX_LENT];
} loaded;

/* What a check knows of a blob: its number, from which all of it follows, and its size. */
typedef struct piece {
    unsigned number;
    size_t size;
} piece;

/* A record of ten bytes with these blobs. */
static void load(loaded *loaded, const char *id, const char *parent, const piece *pieces, size_t count) {
    memset(loaded, 0, sizeof *loaded);
    loaded->record = record_of(id, parent, "", "0123456789");
    for (size_t i = 0; i < count; i++) {
        loaded->data[i] = malloc(pieces[i].size + 1);
        loaded->blobs[i] = blob_of(pieces[i].number, loaded->hashes[i], loaded->data[i], pieces[i].size);
    }
    loaded->record.blobs = count == 0 ? NULL : loaded->blobs;
    loaded->record.blob_count = count;
}

static void unload(loaded *loaded) {
    for (int i = 0; i < MAX_LENT; i++) free(loaded->data[i]);
}

static int32_t put_until(const caller *caller, const char *id, const char *parent, const piece *pieces, size_t count,
                         int64_t expires_ms) {
    loaded loaded;
    load(&loaded, id, parent, pieces, count);
    loaded.record.expires_ms = expires_ms;
    int32_t code = code_of(do_put(caller, &loaded.record, PBAY_PUT_ANY));
    unload(&loaded);
    return code;
}

static int32_t put(const caller *caller, const char *id, const char *parent, const piece *pieces, size_t count) {
    return put_until(caller, id, parent, pieces, count, 0);
}

/* Whether the record came with exactly these blobs. */
static int has(const kept *kept, const piece *pieces, size_t count) {
    int same = kept->blob_count == count;
    for (size_t i = 0; i < count && same; i++) same = is_blob(&kept->blobs[i], pieces[i].number, pieces[i].size);
    return same;
}

static int is_there(const caller *caller, const char *id, const piece *pieces, size_t count) {
    answer *got = do_get(caller, id);
    int there = got->code == PBAY_OK && got->count == 1 && has(&got->records[0], pieces, count);
    host_free(got);
    return there;
}

static uint64_t bytes_of(const caller *caller) { return stats_of(caller).value_bytes; }

#define EXPECT_BYTES(base, more, what)                                                                                 \
    EXPECT(bytes_of(&caller) - (base) == (uint64_t)(more), "%s: %" PRIu64 " bytes", what, bytes_of(&caller) - (base))

void check_blobs(void) {
    caller caller = me("blobs");
    const piece large = {7, 3 << 20}, pieces[] = {{1, 1000}, {2, 1}, {1, 1000}, large, {3, 0}, {2, 1}};
    EXPECT(put(&caller, "blob-1", "", pieces, 6) == PBAY_OK, "six blobs, some of them twice");
    EXPECT(put(&caller, "blob-2", "blob-1", NULL, 0) == PBAY_OK, "none");
    EXPECT(put(&caller, "blob-3", "blob-2", &pieces[1], 2) == PBAY_OK, "two of them, in another order");
    EXPECT(is_there(&caller, "blob-1", pieces, 6), "get");
    EXPECT(is_there(&caller, "blob-2", NULL, 0), "get");
    EXPECT(is_there(&caller, "blob-3", &pieces[1], 2), "get");
    answer *got = do_load_chain(&caller, "blob-3", 3, 8 << 20);
    EXPECT(got->code == PBAY_OK && got->count == 3, "%d", got->code);
    EXPECT(got->count == 3 && has(&got->records[0], &pieces[1], 2) && has(&got->records[1], NULL, 0) &&
               has(&got->records[2], pieces, 6),
           "load_chain");
    host_free(got);
    got = do_list(&caller, "response", "", 10);
    EXPECT(got->count == 3 && has(&got->records[0], &pieces[1], 2) && has(&got->records[1], NULL, 0) &&
               has(&got->records[2], pieces, 6),
           "list");
    host_free(got);
    loaded loaded;
    answer *answer = host_begin();
    pbay_op op = op_of(&caller, answer);
    pbay_error error = {.size = sizeof error};
    load(&loaded, "blob-4", "", pieces, 4);
    int32_t code = store.storage->put(store.self, &op, &loaded.record, PBAY_PUT_ANY, &error);
    for (int i = 0; i < 4; i++) memset(loaded.data[i], 'z', pieces[i].size);
    memset(loaded.hashes, 'z', sizeof loaded.hashes);
    memset(loaded.blobs, 0x7f, sizeof loaded.blobs);
    if (code < 0) host_refused(answer, code);
    host_wait(answer);
    EXPECT(code_of(answer) == PBAY_OK && is_there(&caller, "blob-4", pieces, 4),
           "blobs are copied before the call returns");
    unload(&loaded);
}

void check_blobs_once(void) {
    caller caller = me("blobs_once");
    uint64_t base = bytes_of(&caller);
    const piece pieces[] = {{11, 5000}, {11, 5000}, {12, 300}};
    EXPECT(put(&caller, "once-1", "", pieces, 3) == PBAY_OK, "put");
    EXPECT_BYTES(base, 10 + 5000 + 300, "a blob that comes twice");
    EXPECT(put(&caller, "once-2", "once-1", pieces, 1) == PBAY_OK, "put");
    EXPECT(put(&caller, "once-3", "", pieces, 3) == PBAY_OK, "put");
    EXPECT_BYTES(base, 30 + 5000 + 300, "in three records");
    EXPECT(is_there(&caller, "once-2", pieces, 1) && is_there(&caller, "once-3", pieces, 3), "each has its own");
}

void check_blobs_of_owners(void) {
    caller caller = me("blobs_alice"), bob = me("blobs_bob");
    uint64_t base = bytes_of(&caller);
    const piece piece = {21, 4000};
    EXPECT(put(&caller, "alice-1", "", &piece, 1) == PBAY_OK, "put");
    loaded other; /* the same hash with other data: whatever bob says, alice's is alice's */
    load(&other, "bob-1", "", &piece, 1);
    memset(other.data[0], 'b', piece.size);
    CODE(do_put(&bob, &other.record, PBAY_PUT_ANY), PBAY_OK);
    EXPECT_BYTES(base, 20 + 8000, "each has a copy");
    EXPECT(is_there(&caller, "alice-1", &piece, 1), "alice's blob");
    answer *got = do_get(&bob, "bob-1");
    EXPECT(got->count == 1 && got->records[0].blob_count == 1 &&
               memcmp(got->records[0].blobs[0].data.data, other.data[0], piece.size) == 0,
           "bob's blob");
    host_free(got);
    CODE(do_remove(&bob, "bob-1"), PBAY_OK);
    EXPECT_BYTES(base, 10 + 4000, "bob's went");
    EXPECT(is_there(&caller, "alice-1", &piece, 1), "alice's stayed");
    unload(&other);
}

void check_blobs_end(void) {
    caller caller = me("blobs_end");
    CODE(do_sweep(&caller, 0), PBAY_OK);
    uint64_t base = bytes_of(&caller);
    int64_t end = caller.now_ms + 100;
    const piece pieces[] = {{31, 2000}, {32, 700}, {31, 2000}};
    EXPECT(put(&caller, "end-1", "", pieces, 3) == PBAY_OK, "put");
    EXPECT(put_until(&caller, "end-2", "", pieces, 1, end) == PBAY_OK, "put");
    EXPECT(put_until(&caller, "end-3", "end-2", pieces, 1, end) == PBAY_OK, "put");
    CODE(do_remove(&caller, "end-1"), PBAY_OK);
    EXPECT_BYTES(base, 20 + 2000, "a delete takes what nobody else has");
    caller.now_ms = end;
    CODE(do_sweep(&caller, 0), PBAY_OK);
    EXPECT_BYTES(base, 0, "an expiry and a sweep take the rest");
    EXPECT(put_until(&caller, "end-4", "", pieces, 2, end + 1) == PBAY_OK, "put");
    EXPECT(is_there(&caller, "end-4", pieces, 2), "a blob that went can come again");
    caller.now_ms = end + 1;
    EXPECT(put(&caller, "end-4", "", &pieces[1], 1) == PBAY_OK, "put in the place of an expired record");
    EXPECT(is_there(&caller, "end-4", &pieces[1], 1), "with blobs of its own");
    EXPECT_BYTES(base, 10 + 700, "the expired one's went");
    CODE(do_remove(&caller, "end-4"), PBAY_OK);
    EXPECT_BYTES(base, 0, "all");
}

void check_blobs_evicted(void) {
    host_stop(&store); /* eviction is over all owners: it has an instance of its own */
    start_fresh();
    caller caller = me("blobs_evicted");
    const piece shared = {41, 10000}, own[] = {{42, 3000}, {43, 3000}, {44, 3000}};
    for (unsigned i = 0; i < 3; i++, caller.now_ms++) {
        const piece pieces[] = {shared, own[i]};
        char id[16];
        snprintf(id, sizeof id, "evict-%u", i);
        EXPECT(put(&caller, id, "", pieces, 2) == PBAY_OK, "put");
    }
    EXPECT(bytes_of(&caller) == 30 + 10000 + 9000, "%" PRIu64, bytes_of(&caller));
    CODE(do_sweep(&caller, 19030), PBAY_OK);
    EXPECT(bytes_of(&caller) == 19030, "what fits isn't evicted");
    CODE(do_sweep(&caller, 16100), PBAY_OK);
    EXPECT(bytes_of(&caller) == 20 + 10000 + 6000, "%" PRIu64, bytes_of(&caller));
    CODE(do_get(&caller, "evict-0"), PBAY_ENOTFOUND);
    const piece left[] = {shared, own[1]};
    EXPECT(is_there(&caller, "evict-1", left, 2), "the shared blob stays");
    CODE(do_sweep(&caller, 1), PBAY_OK);
    EXPECT(bytes_of(&caller) == 0, "%" PRIu64, bytes_of(&caller));
    host_stop(&store);
    start_fresh();
}

void check_blobs_hidden(void) {
    caller caller = me("blobs_hidden");
    uint64_t base = bytes_of(&caller);
    int64_t end = caller.now_ms + 100;
    const piece pieces[] = {{51, 900}, {52, 800}};
    EXPECT(put(&caller, "hidden-0", "", &pieces[0], 1) == PBAY_OK, "put");
    EXPECT(put_until(&caller, "hidden-1", "hidden-0", &pieces[1], 1, end) == PBAY_OK, "put");
    EXPECT(put(&caller, "hidden-2", "hidden-1", NULL, 0) == PBAY_OK, "put");
    CODE(do_remove(&caller, "hidden-0"), PBAY_OK);
    caller.now_ms = end;
    CODE(do_sweep(&caller, 0), PBAY_OK);
    answer *got = do_load_chain(&caller, "hidden-2", 10, 10000);
    EXPECT(got->count == 3 && has(&got->records[1], &pieces[1], 1) && has(&got->records[2], &pieces[0], 1),
           "deleted and expired ancestors");
    EXPECT(got->count == 3 && got->records[1].flags == PBAY_RECORD_HIDDEN &&
               got->records[2].flags == PBAY_RECORD_HIDDEN, "hidden");
    host_free(got);
    EXPECT_BYTES(base, 30 + 1700, "kept");
    CODE(do_remove(&caller, "hidden-2"), PBAY_OK);
    EXPECT_BYTES(base, 0, "gone with the last descendant");
}

void check_blobs_shared(void) {
    caller caller = me("blobs_shared");
    uint64_t base = bytes_of(&caller);
    const piece piece = {61, 100000};
    char id[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof id, "shared-%d", i);
        EXPECT(put(&caller, id, "", &piece, 1) == PBAY_OK, "%s", id);
    }
    EXPECT_BYTES(base, 10000 + 100000, "a thousand records");
    for (int i = 0; i < 999; i++) { /* in some order of its own: 7 and 1,000 have no common divisor */
        snprintf(id, sizeof id, "shared-%d", i * 7 % 1000);
        CODE(do_remove(&caller, id), PBAY_OK);
    }
    snprintf(id, sizeof id, "shared-%d", 999 * 7 % 1000);
    EXPECT(is_there(&caller, id, &piece, 1), "the last one");
    EXPECT_BYTES(base, 10 + 100000, "the last one");
    CODE(do_remove(&caller, id), PBAY_OK);
    EXPECT_BYTES(base, 0, "none");
}

void check_blobs_replaced(void) {
    caller caller = me("blobs_replaced");
    uint64_t base = bytes_of(&caller);
    const piece pieces[] = {{71, 100}, {72, 200}, {73, 400}};
    EXPECT(put(&caller, "again-1", "", pieces, 2) == PBAY_OK, "put");
    EXPECT(put(&caller, "again-1", "", &pieces[1], 2) == PBAY_OK, "put");
    EXPECT(is_there(&caller, "again-1", &pieces[1], 2), "the new ones");
    EXPECT_BYTES(base, 10 + 600, "and no other");
    EXPECT(put(&caller, "again-1", "", NULL, 0) == PBAY_OK, "put");
    EXPECT(is_there(&caller, "again-1", NULL, 0), "none");
    EXPECT_BYTES(base, 10, "none");
    EXPECT(put(&caller, "again-1", "", pieces, 1) == PBAY_OK && is_there(&caller, "again-1", pieces, 1), "some again");
    CODE(do_touch(&caller, "again-1", caller.now_ms + 1000), PBAY_OK);
    EXPECT(is_there(&caller, "again-1", pieces, 1), "a touch leaves them");
    CODE(do_remove(&caller, "again-1"), PBAY_OK);
}

static pbay_write write_of(uint32_t verb, pbay_record record) {
    return (pbay_write){.size = sizeof(pbay_write), .verb = verb, .record = record};
}

void check_blobs_batch(void) {
    caller caller = me("blobs_batch");
    uint64_t base = bytes_of(&caller);
    const piece pieces[] = {{81, 1000}, {82, 2000}};
    loaded first, second;
    load(&first, "batch-1", "", pieces, 1);
    load(&second, "batch-2", "batch-1", pieces, 2);
    pbay_write writes[] = {write_of(PBAY_WRITE_PUT, first.record), write_of(PBAY_WRITE_PUT, second.record),
                           write_of(PBAY_WRITE_DELETE, record_of("batch-none", "", "", ""))};
    CODE(do_batch(&caller, writes, 3), PBAY_ENOTFOUND);
    EXPECT_BYTES(base, 0, "a batch that fails stores no blob");
    CODE(do_batch(&caller, writes, 2), PBAY_OK);
    EXPECT_BYTES(base, 20 + 3000, "one that works does");
    pbay_write undo[] = {write_of(PBAY_WRITE_DELETE, record_of("batch-2", "", "", "")),
                         write_of(PBAY_WRITE_PUT, record_of("batch-1", "", "", "none")), writes[2]};
    CODE(do_batch(&caller, undo, 3), PBAY_ENOTFOUND);
    EXPECT_BYTES(base, 20 + 3000, "and one that fails after it took blobs away gives them back");
    answer *got = do_load_chain(&caller, "batch-2", 10, 10000);
    EXPECT(got->count == 2 && has(&got->records[0], pieces, 2) && has(&got->records[1], pieces, 1), "whole");
    host_free(got);
    CODE(do_batch(&caller, undo, 2), PBAY_OK);
    EXPECT_BYTES(base, 4, "all went");
    unload(&first);
    unload(&second);
}

void check_blobs_limits(void) {
    caller caller = me("blobs_limits");
    const piece pieces[] = {{91, 1000}, {91, 1000}};
    EXPECT(put(&caller, "limits-1", "", pieces, 2) == PBAY_OK, "put");
    EXPECT(put(&caller, "limits-2", "limits-1", pieces, 1) == PBAY_OK, "put");
    CODE(do_load_chain(&caller, "limits-2", 2, 3020), PBAY_OK); /* a blob counts as often as it comes */
    CODE(do_load_chain(&caller, "limits-2", 2, 3019), PBAY_ELIMIT);
    CODE(do_load_chain(&caller, "limits-2", 1, 3020), PBAY_ELIMIT);
    /* More together than any of the stores takes by default, though each alone is not. */
    size_t size = 8 << 20;
    char hash[65], *data = malloc(size);
    static pbay_blob blobs[75];
    for (unsigned i = 0; i < 75; i++) blobs[i] = blob_of(92, hash, data, size);
    pbay_record record = record_of("limits-3", "", "", "x");
    record.blobs = blobs;
    record.blob_count = 75;
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_ELIMIT);
    blobs[74].data.size = UINT64_MAX - 1; /* a sum that would run over */
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_ELIMIT);
    record.blobs = &blobs[74];
    record.blob_count = 1;
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_ELIMIT);
    CODE(do_get(&caller, "limits-3"), PBAY_ENOTFOUND);
    free(data);
}

void check_blobs_malformed(void) {
    caller caller = me("blobs_malformed");
    uint64_t base = bytes_of(&caller);
    const piece piece = {101, 50};
    loaded good;
    load(&good, "bad-1", "", &piece, 1);
    static const char *const hashes[] = {"", "abc", "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                                         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
                                         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"};
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        loaded bad = good;
        bad.blobs[0].hash = text_of(hashes[i]);
        bad.record.blobs = bad.blobs;
        CODE(do_put(&caller, &bad.record, PBAY_PUT_ANY), PBAY_EINVALID);
    }
    pbay_record record = good.record;
    record.blobs = NULL;
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_EINVALID);
    loaded bad = good;
    bad.blobs[0].data.data = NULL;
    bad.record.blobs = bad.blobs;
    CODE(do_put(&caller, &bad.record, PBAY_PUT_ANY), PBAY_EINVALID);
    pbay_write write = {.size = sizeof write, .verb = PBAY_WRITE_PUT, .record = bad.record};
    CODE(do_batch(&caller, &write, 1), PBAY_EINVALID);
    record = good.record;
    record.blob_count = PBAY_MAX_BLOBS + 1;
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_ELIMIT);
    CODE(do_get(&caller, "bad-1"), PBAY_ENOTFOUND);
    EXPECT_BYTES(base, 0, "nothing of it is stored");
    unload(&good);
}

void check_blobs_sizes(void) {
    caller caller = me("blobs_sizes");
    pbay_record older = record_of("older-1", "", "", "value");
    older.size = offsetof(pbay_record, blobs);
    older.blobs = (const pbay_blob *)(uintptr_t)1; /* what lies behind an older struct is none of it */
    older.blob_count = 3;
    CODE(do_put(&caller, &older, PBAY_PUT_ANY), PBAY_OK);
    EXPECT(is_there(&caller, "older-1", NULL, 0), "a put");
    enum { DISTANCE = offsetof(pbay_write, record) + offsetof(pbay_record, blobs) };
    static const char *const ids[] = {"older-2", "older-3"};
    _Alignas(8) char writes[2 * DISTANCE];
    for (int i = 0; i < 2; i++) {
        pbay_write write = {.size = DISTANCE, .verb = PBAY_WRITE_PUT, .record = record_of(ids[i], "", "", "value")};
        write.record.size = offsetof(pbay_record, blobs);
        memcpy(writes + i * DISTANCE, &write, DISTANCE);
    }
    CODE(do_batch(&caller, (const pbay_write *)(const void *)writes, 2), PBAY_OK);
    EXPECT(is_there(&caller, "older-2", NULL, 0) && is_there(&caller, "older-3", NULL, 0), "a batch");
}

void check_blobs_persistence(void) {
    caller caller = me("blobs_persistence");
    caller.durable = 1;
    const piece pieces[] = {{111, 1 << 20}, {112, 5}};
    EXPECT(put(&caller, "stay-1", "", pieces, 2) == PBAY_OK, "put");
    EXPECT(put(&caller, "stay-2", "stay-1", pieces, 1) == PBAY_OK, "put");
    uint64_t before = bytes_of(&caller);
    start_again();
    EXPECT(bytes_of(&caller) == before, "the same bytes");
    EXPECT(is_there(&caller, "stay-1", pieces, 2) && is_there(&caller, "stay-2", pieces, 1), "the same blobs");
    CODE(do_remove(&caller, "stay-2"), PBAY_OK);
    EXPECT(before - bytes_of(&caller) == 10, "still shared");
    CODE(do_remove(&caller, "stay-1"), PBAY_OK);
    EXPECT(before - bytes_of(&caller) == 20 + (1 << 20) + 5, "still counted");
}

void check_blobs_disk(void) {
    caller caller = me("blobs_disk");
    caller.durable = 1;
    const piece pieces[] = {{121, 100000}, {122, 1000}};
    EXPECT(put(&caller, "full-1", "", &pieces[1], 1) == PBAY_OK, "put");
    uint64_t before = bytes_of(&caller);
    static const int faults[] = {FAULT_FULL, FAULT_SYNC};
    for (int i = 0; i < 2; i++) {
        faults_set(faults[i]);
        EXPECT(put(&caller, "full-2", "", pieces, 2) == PBAY_EIO, "fault %d", i);
        CODE(do_remove(&caller, "full-1"), PBAY_EIO);
        faults_set(FAULT_NONE);
        EXPECT(bytes_of(&caller) == before, "fault %d: the same bytes", i);
        EXPECT(is_there(&caller, "full-1", &pieces[1], 1), "fault %d: the old blob", i);
    }
    EXPECT(put(&caller, "full-2", "", pieces, 2) == PBAY_OK, "put");
    EXPECT(is_there(&caller, "full-2", pieces, 2), "the disk is well again");
    EXPECT(bytes_of(&caller) - before == 10 + 100000, "counted once");
}
