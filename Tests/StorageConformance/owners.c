/*
 * Checks of `max_bytes_per_owner`: an owner that passes its bound loses its own least recently used turns, and nobody else's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A record of so many bytes. The time goes on with each, so that the order of use is known. */
static int32_t put_with(caller *caller, const char *id, const char *parent, size_t bytes, const pbay_blob *blobs, size_t count) {
    char *value = malloc(bytes + 1);
    memset(value, 'v', bytes);
    value[bytes] = 0;
    caller->now_ms++;
    pbay_record record = record_of(id, parent, "", value);
    record.blobs = blobs;
    record.blob_count = count;
    int32_t code = code_of(do_put(caller, &record, PBAY_PUT_ANY));
    free(value);
    return code;
}

static int32_t put(caller *caller, const char *id, const char *parent, size_t bytes) {
    return put_with(caller, id, parent, bytes, NULL, 0);
}

static int is_there(const caller *caller, const char *id) { return code_of(do_get(caller, id)) == PBAY_OK; }

/* Whether exactly these of the owner's records are there; each is one character, the names' last. */
static int has(const caller *caller, const char *wanted) {
    answer *got = do_list(caller, "response", "", 1000);
    int same = got->code == PBAY_OK && got->count == strlen(wanted);
    for (size_t i = 0; i < got->count; i++) {
        char last = got->records[i].id[strlen(got->records[i].id) - 1];
        if (strchr(wanted, last) == NULL) same = 0;
    }
    host_free(got);
    return same;
}

static uint64_t bytes_of(const caller *caller) { return stats_of(caller).value_bytes; }

#define BYTES(wanted) EXPECT(bytes_of(&alice) == (wanted), "%" PRIu64 " bytes", bytes_of(&alice))

static caller begin(const char *settings) {
    host_stop(&store);
    start_fresh_with(settings);
    return me("alice");
}

static void end(void) {
    host_stop(&store);
    start_fresh();
}

void check_owners_bound(void) {
    caller alice = begin("\"max_bytes_per_owner\": 1000"), bob = me("bob");
    EXPECT(put(&bob, "bob-1", "", 500) == PBAY_OK && put(&bob, "bob-2", "", 500) == PBAY_OK, "bob's, used before all of alice's");
    EXPECT(put(&alice, "a", "", 400) == PBAY_OK && put(&alice, "b", "", 600) == PBAY_OK, "put");
    EXPECT(has(&alice, "ab"), "what just fits isn't evicted");
    EXPECT(put(&alice, "c", "", 1) == PBAY_OK && has(&alice, "bc"), "one byte more evicts the oldest");
    EXPECT(put(&alice, "d", "", 399) == PBAY_OK && has(&alice, "bcd"), "which left room for others");
    alice.now_ms++;
    host_free(do_load_chain(&alice, "b", 10, 1000));
    EXPECT(put(&alice, "e", "", 1) == PBAY_OK && has(&alice, "bde"), "a record that was read stays");
    alice.now_ms++;
    CODE(do_touch(&alice, "d", 0), PBAY_OK);
    EXPECT(put(&alice, "f", "", 500) == PBAY_OK && has(&alice, "def"), "so does one that was touched");
    CODE(do_remove(&alice, "d"), PBAY_OK);
    EXPECT(put(&alice, "g", "", 499) == PBAY_OK && has(&alice, "efg"), "a delete makes room");
    CODE(do_remove(&alice, "e"), PBAY_OK);
    EXPECT(put(&alice, "f", "", 501) == PBAY_OK && has(&alice, "fg"), "a record that grows");
    EXPECT(put(&alice, "f", "", 502) == PBAY_OK && has(&alice, "f"), "evicts too");
    EXPECT(put(&alice, "h", "", 1000) == PBAY_OK && has(&alice, "h"), "one of all the bytes there are");
    EXPECT(put(&alice, "i", "", 1001) == PBAY_ELIMIT && has(&alice, "h"), "one larger is refused, and nothing goes for it");
    EXPECT(put(&alice, "h", "", 1001) == PBAY_ELIMIT && has(&alice, "h"), "one that grows too");
    answer *got = do_get(&alice, "h");
    EXPECT(got->count == 1 && got->records[0].value_size == 1000 && got->records[0].version == 1, "and is as it was");
    host_free(got);
    EXPECT(has(&bob, "12"), "all of bob's is there");
    BYTES(2000);
    EXPECT(put(&bob, "bob-3", "", 1) == PBAY_OK && has(&bob, "23") && has(&alice, "h"), "bob has his own bound");
    caller nobody = me("");
    EXPECT(put(&nobody, "n", "", 1000) == PBAY_OK && put(&nobody, "o", "", 1) == PBAY_OK && has(&nobody, "o"), "the empty owner too");
    end();
}

void check_owners_chains(void) {
    caller alice = begin("\"max_bytes_per_owner\": 1000"), bob = me("bob");
    put(&bob, "bob-0", "", 900);
    put(&alice, "a0", "", 100);
    put(&alice, "a1", "a0", 100);
    put(&alice, "a2", "a1", 100);
    put(&alice, "x3", "", 100);
    put(&alice, "x4", "x3", 100);
    put(&alice, "x5", "x3", 100);
    put(&alice, "b6", "", 200);
    put(&alice, "b7", "b6", 200);
    EXPECT(has(&alice, "01234567"), "1,000 bytes");
    EXPECT(put(&alice, "c8", "", 100) == PBAY_OK && has(&alice, "01345678"), "a chain loses its last turn first");
    EXPECT(put(&alice, "a9", "a1", 100) == PBAY_OK, "one that goes on is the newest");
    EXPECT(has(&alice, "01346789") || has(&alice, "01356789"), "a branch goes alone");
    answer *got = do_load_chain(&alice, "a9", 10, 1000);
    EXPECT(got->code == PBAY_OK && got->count == 3, "it is whole");
    host_free(got);
    CODE(do_remove(&alice, "x3"), PBAY_OK);
    EXPECT(put(&alice, "dZ", "", 200) == PBAY_OK && has(&alice, "016789Z"), "a hidden ancestor goes with its last descendant");
    BYTES(900 + 1000);
    CODE(do_remove(&alice, "a1"), PBAY_OK);
    EXPECT(put(&alice, "aY", "a9", 700) == PBAY_OK && has(&alice, "09Y"), "all other chains may go for one that grows");
    got = do_load_chain(&alice, "aY", 10, 1000);
    EXPECT(got->code == PBAY_OK && got->count == 4, "whose ancestors stay, the deleted too");
    host_free(got);
    EXPECT(put(&alice, "aX", "aY", 1) == PBAY_ELIMIT && has(&alice, "09Y"), "a chain that alone is too large is refused");
    EXPECT(put(&alice, "w", "", 100) == PBAY_OK && has(&alice, "w09") && is_there(&alice, "a9"), "another is not");
    EXPECT(put(&alice, "aX", "a9", 600) == PBAY_OK && has(&alice, "w09X"), "room to go on");
    EXPECT(put(&alice, "aV", "a9", 700) == PBAY_OK && has(&alice, "09V"), "another chain goes first, then the written one's branches");
    EXPECT(put(&alice, "a0", "", 200) == PBAY_OK && has(&alice, "09"), "a first turn that grows costs the last");
    BYTES(900 + 400);
    EXPECT(put(&alice, "a0", "", 1000) == PBAY_OK && has(&alice, "0"), "and all of them");
    BYTES(900 + 1000);
    EXPECT(has(&bob, "0"), "bob's was never touched");
    end();
}

void check_owners_blobs(void) {
    caller alice = begin("\"max_bytes_per_owner\": 1000"), bob = me("bob");
    char hashes[3][65], data[3][600];
    pbay_blob large = blob_of(1, hashes[0], data[0], 600), small = blob_of(2, hashes[1], data[1], 100);
    pbay_blob twice[] = {large, large, small};
    EXPECT(put_with(&alice, "a", "", 50, twice, 3) == PBAY_OK, "a blob that comes twice is once the owner's");
    EXPECT(put_with(&bob, "bob-1", "", 10, &large, 1) == PBAY_OK, "bob's is bob's");
    EXPECT(put_with(&alice, "b", "", 50, &large, 1) == PBAY_OK && put_with(&alice, "c", "", 200, &large, 1) == PBAY_OK, "shared");
    EXPECT(has(&alice, "abc"), "1,000 bytes");
    EXPECT(put(&alice, "d", "", 100) == PBAY_OK && has(&alice, "bcd"), "a record's own bytes go, the shared ones stay");
    EXPECT(put(&alice, "e", "", 300) == PBAY_OK && has(&alice, "de"), "until the last that shares them has gone");
    BYTES(610 + 400);
    EXPECT(put_with(&alice, "f", "", 0, &large, 1) == PBAY_OK && has(&alice, "def"), "and they come again");
    EXPECT(put_with(&alice, "g", "f", 400, &large, 1) == PBAY_OK && has(&alice, "fg"), "a turn that brings them again needs only its own");
    EXPECT(put_with(&alice, "h", "g", 0, &small, 1) == PBAY_ELIMIT && has(&alice, "fg"), "a blob too many");
    EXPECT(put_with(&alice, "g", "f", 200, &small, 1) == PBAY_OK && has(&alice, "fg"), "others in their place");
    EXPECT(put_with(&alice, "f", "", 1, NULL, 0) == PBAY_OK, "none");
    BYTES(610 + 301);
    EXPECT(put(&alice, "i", "", 699) == PBAY_OK && has(&alice, "fgi"), "what no record has any more is free");
    EXPECT(has(&bob, "1"), "bob's was never touched");
    end();
}

static pbay_write write_of(uint32_t verb, const char *id, const char *parent, const char *value) {
    return (pbay_write){.size = sizeof(pbay_write), .verb = verb, .record = record_of(id, parent, "", value)};
}

void check_owners_batch(void) {
    caller alice = begin("\"max_bytes_per_owner\": 1000");
    static char half[501], most[901];
    memset(half, 'h', 500);
    memset(most, 'm', 900);
    put(&alice, "a", "", 300);
    put(&alice, "b", "a", 300);
    pbay_write two[] = {write_of(PBAY_WRITE_PUT, "c", "", half), write_of(PBAY_WRITE_PUT, "d", "", half)};
    pbay_write three[] = {two[0], two[1], write_of(PBAY_WRITE_PUT, "e", "", "1")};
    CODE(do_batch(&alice, three, 3), PBAY_ELIMIT);
    EXPECT(has(&alice, "ab"), "a batch that doesn't fit is undone whole");
    BYTES(600);
    CODE(do_batch(&alice, two, 2), PBAY_OK);
    EXPECT(has(&alice, "cd"), "no record of a batch makes room for another");
    BYTES(1000);
    pbay_write replace[] = {write_of(PBAY_WRITE_DELETE, "c", "", ""), write_of(PBAY_WRITE_DELETE, "d", "", ""),
                            write_of(PBAY_WRITE_PUT, "f", "", most)};
    CODE(do_batch(&alice, replace, 3), PBAY_OK);
    EXPECT(has(&alice, "f"), "what a batch deletes is room for what it puts");
    pbay_write turned[] = {write_of(PBAY_WRITE_PUT, "g", "", half), write_of(PBAY_WRITE_DELETE, "f", "", "")};
    CODE(do_batch(&alice, turned, 2), PBAY_OK);
    EXPECT(has(&alice, "g"), "in any order");
    pbay_write bad[] = {write_of(PBAY_WRITE_PUT, "h", "", most), write_of(PBAY_WRITE_DELETE, "unknown", "", "")};
    CODE(do_batch(&alice, bad, 2), PBAY_ENOTFOUND);
    EXPECT(has(&alice, "g"), "a batch that fails otherwise evicts nothing");
    EXPECT(put(&alice, "i", "", 500) == PBAY_OK && has(&alice, "gi"), "and counts nothing");
    end();
}

void check_owners_expiry(void) {
    caller alice = begin("\"max_bytes_per_owner\": 1000");
    static char half[501];
    memset(half, 'h', 500);
    pbay_record record = record_of("a", "", "", half);
    record.expires_ms = alice.now_ms + 100;
    CODE(do_put(&alice, &record, PBAY_PUT_ANY), PBAY_OK);
    EXPECT(put(&alice, "b", "", 500) == PBAY_OK, "put");
    alice.now_ms += 200;
    CODE(do_sweep(&alice, 0), PBAY_OK);
    EXPECT(put(&alice, "c", "", 500) == PBAY_OK && has(&alice, "bc"), "what has expired and was swept is room");
    CODE(do_sweep(&alice, 999), PBAY_OK);
    EXPECT(has(&alice, "c"), "a sweep's own bound is that of all");
    EXPECT(put(&alice, "d", "", 500) == PBAY_OK && has(&alice, "cd"), "what it evicted is room");
    record.id = text_of("e");
    record.expires_ms = alice.now_ms + 100;
    CODE(do_put(&alice, &record, PBAY_PUT_ANY), PBAY_OK);
    EXPECT(has(&alice, "de"), "put");
    alice.now_ms += 200;
    EXPECT(put(&alice, "e", "", 400) == PBAY_OK && has(&alice, "de"), "a record in the place of an expired one");
    BYTES(900);
    end();
}

/* Many puts of one owner at once: each is done, the owner never has more than its bound, and another keeps what is his. */
#define PUTTERS 8

static void *put_many(void *argument) {
    char id[32], owner[32] = "alice";
    int number = *(int *)argument, wrong = 0;
    caller caller = me(owner);
    caller.durable = number % 2;
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof id, "many-%d-%d", number, i);
        if (put(&caller, id, "", 100) != PBAY_OK) wrong++;
        answer *got = do_list(&caller, "response", "", 1000);
        if (got->count > 20) wrong++;
        host_free(got);
    }
    *(int *)argument = wrong;
    return NULL;
}

void check_owners_threads(void) {
    caller alice = begin("\"max_bytes_per_owner\": 2000"), bob = me("bob");
    put(&bob, "bob-1", "", 2000);
    pthread_t threads[PUTTERS];
    int numbers[PUTTERS];
    for (int i = 0; i < PUTTERS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, put_many, &numbers[i]);
    }
    for (int i = 0; i < PUTTERS; i++) {
        pthread_join(threads[i], NULL);
        EXPECT(numbers[i] == 0, "thread %d: %d wrong", i, numbers[i]);
    }
    BYTES(4000);
    EXPECT(stats_of(&alice).records == 21 && has(&bob, "1"), "%" PRIu64 " records", stats_of(&alice).records);
    end();
}

void check_owners_configuration(void) {
    static const char *const bad[] = {"0", "-1", "1.5", "\"1MiB\"", "null"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char config[128];
        instance other;
        pbay_error error;
        snprintf(config, sizeof config, "{\"max_bytes_per_owner\": %s}", bad[i]);
        int32_t code = host_start(&other, config, &error);
        EXPECT(code == PBAY_EINVALID && strcmp(error.param, "max_bytes_per_owner") == 0, "%s: %d, '%s'", bad[i], code, error.param);
    }
    caller alice = me("unbounded");
    uint64_t base = bytes_of(&alice);
    for (int i = 0; i < 20; i++) {
        char id[32];
        snprintf(id, sizeof id, "unbounded-%d", i);
        EXPECT(put(&alice, id, "", 100000) == PBAY_OK, "%s", id);
    }
    EXPECT(bytes_of(&alice) - base == 2000000, "without it there is no such bound");
    for (int i = 0; i < 20; i++) {
        char id[32];
        snprintf(id, sizeof id, "unbounded-%d", i);
        CODE(do_remove(&alice, id), PBAY_OK);
    }
}

/* A store that keeps its records has to keep the counts, and may find an owner past a bound that has been made less. */
void check_owners_persistence(void) {
    caller alice = begin("\"max_bytes_per_owner\": 10000"), bob = me("bob");
    char hash[65], data[3000], id[32];
    pbay_blob blob = blob_of(1, hash, data, 3000);
    put(&bob, "bob-1", "", 4500);
    put(&bob, "bob-2", "", 4500);
    for (int i = 0; i < 7; i++) {
        snprintf(id, sizeof id, "a%d", i);
        EXPECT(put_with(&alice, id, "", 1000, &blob, 1) == PBAY_OK, "%s", id);
    }
    start_again();
    EXPECT(has(&alice, "0123456"), "10,000 bytes");
    EXPECT(put(&alice, "a7", "", 1) == PBAY_OK && has(&alice, "1234567"), "the count and the order outlive the instance");
    EXPECT(put(&alice, "a8", "", 999) == PBAY_OK && has(&alice, "12345678"), "exactly");
    faults_set(FAULT_FULL);
    EXPECT(put(&alice, "a9", "", 5000) == PBAY_EIO, "a put that the disk refuses");
    faults_set(FAULT_NONE);
    EXPECT(has(&alice, "12345678"), "evicts nothing");
    CODE(do_remove(&alice, "a8"), PBAY_OK);
    EXPECT(put(&alice, "a8", "", 999) == PBAY_OK && has(&alice, "12345678"), "and counts nothing");
    start_again_with("\"max_bytes_per_owner\": 5000");
    EXPECT(put(&alice, "a9", "", 500) == PBAY_OK && has(&alice, "23456789"), "past a bound made less it may not grow");
    BYTES(9000 + 9500);
    CODE(do_sweep(&alice, 0), PBAY_OK);
    EXPECT(has(&alice, "789"), "a sweep brings it to its bound: all went that share the blob");
    EXPECT(put(&alice, "aZ", "", 3500) == PBAY_OK && has(&alice, "789Z"), "to the byte");
    EXPECT(has(&bob, "2"), "and so each owner");
    BYTES(5000 + 4500);
    end();
}
