/*
 * The conformance suite of storage plugins: all that patchbay.h promises of pbay_storage, as a table of named checks.
 *
 *   driver LIBRARY CONFIG [--disk] [--seed N] [--only TEXT]
 *
 * CONFIG is the plugin's configuration as JSON; @FRESH@ in it becomes a path that doesn't exist yet, another for each instance that
 * wants one. --disk: the plugin keeps its records in files, so persistence, syncs and failures of the disk are checked too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "checks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

instance store;
int failed;
static const char *config_template;
static char directory[64];
static char current_config[4096];
static int fresh_count, on_disk;
static unsigned seed = 1;

void expect_code(int line, const char *what, answer *answer, int32_t wanted) {
    if (answer->code != wanted) {
        failed = 1;
        fprintf(stderr, "    line %d: %s: %d, wanted %d (%s)\n", line, what, answer->code, wanted, answer->error.message);
    }
    host_free(answer);
}

caller me(const char *owner) {
    caller caller = {&store, owner, 1000000, 0};
    return caller;
}

static int32_t put(const caller *caller, const char *id, const char *parent, const char *value) {
    pbay_record record = record_of(id, parent, "", value);
    return code_of(do_put(caller, &record, PBAY_PUT_ANY));
}

static int32_t put_at(const caller *caller, const char *id, const char *parent, const char *value, int64_t expires_ms) {
    pbay_record record = record_of(id, parent, "", value);
    record.expires_ms = expires_ms;
    return code_of(do_put(caller, &record, PBAY_PUT_ANY));
}

pbay_storage_stats stats_of(const caller *caller) {
    answer *answer = do_stats(caller);
    pbay_storage_stats stats = answer->stats;
    EXPECT(answer->code == PBAY_OK && answer->has_stats, "stats answered %d", answer->code);
    host_free(answer);
    return stats;
}

/* The configuration of the command line for the file of that number, with more settings. */
static void make_config(int file, const char *settings) {
    const char *mark = strstr(config_template, "@FRESH@");
    char base[2048];
    if (mark == NULL) {
        snprintf(base, sizeof base, "%s", config_template);
    } else {
        snprintf(base, sizeof base, "%.*s%s/%d.db%s", (int)(mark - config_template), config_template, directory, file, mark + 7);
    }
    size_t end = strlen(base) - 1; /* its last character is the object's brace */
    const char *between = settings[0] == 0 || strcspn(base, ":") > end ? "" : ", ";
    snprintf(current_config, sizeof current_config, "%.*s%s%s}", (int)end, base, between, settings);
}

static void start(void) {
    pbay_error error;
    if (host_start(&store, current_config, &error) != PBAY_OK) {
        fprintf(stderr, "the store doesn't start: %s\n", error.message);
        exit(2);
    }
}

void start_fresh_with(const char *settings) {
    make_config(fresh_count++, settings);
    start();
}

void start_fresh(void) { start_fresh_with(""); }

void start_again(void) {
    host_stop(&store);
    start();
}

void start_again_with(const char *settings) {
    make_config(fresh_count - 1, settings);
    start_again();
}

/* ------------------------------------------------------------------------------------------------------ put and get */

static void check_round_trip(void) {
    caller caller = me("round_trip");
    static const char binary[] = "a\0b\xff\xfe\n";
    pbay_record record = record_of("rt-1", "", "rt-1", "");
    record.value = (pbay_text){binary, sizeof binary - 1};
    record.kind = text_of("thing");
    record.created_ms = -5;
    record.expires_ms = caller.now_ms + 1000;
    record.status = 4000000000u;
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_OK);
    answer *got = do_get(&caller, "rt-1");
    EXPECT(got->code == PBAY_OK && got->count == 1, "%d, %zu records", got->code, got->count);
    if (got->count == 1) {
        kept *kept = &got->records[0];
        EXPECT(strcmp(kept->id, "rt-1") == 0 && strcmp(kept->kind, "thing") == 0, "%s %s", kept->id, kept->kind);
        EXPECT(strcmp(kept->root, "rt-1") == 0 && kept->parent[0] == 0, "root %s, parent %s", kept->root, kept->parent);
        EXPECT(kept->created_ms == -5 && kept->expires_ms == caller.now_ms + 1000, "times");
        EXPECT(kept->status == 4000000000u && kept->version == 1 && kept->flags == 0, "status %u", kept->status);
        EXPECT(kept->value_size == sizeof binary - 1 && memcmp(kept->value, binary, sizeof binary - 1) == 0, "value");
    }
    host_free(got);
    EXPECT(put(&caller, "rt-2", "", "") == PBAY_OK, "an empty value");
    got = do_get(&caller, "rt-2");
    EXPECT(got->count == 1 && got->records[0].value_size == 0, "an empty value comes back");
    host_free(got);
    CODE(do_get(&caller, "rt-3"), PBAY_ENOTFOUND);
}

static void check_large_value(void) {
    caller caller = me("large_value");
    size_t size = 3 << 20;
    char *value = malloc(size + 1);
    memset(value, 'x', size);
    value[size] = 0;
    EXPECT(put(&caller, "large-1", "", value) == PBAY_OK, "3 MiB");
    answer *got = do_get(&caller, "large-1");
    EXPECT(got->count == 1 && got->records[0].value_size == size && memcmp(got->records[0].value, value, size) == 0, "3 MiB come back");
    host_free(got);
    CODE(do_remove(&caller, "large-1"), PBAY_OK);
    free(value);
    value = calloc(1, 600u << 20); /* more than any of the stores takes by default */
    pbay_record record = record_of("large-2", "", "", "");
    record.value = (pbay_text){value, 600u << 20};
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_ELIMIT);
    CODE(do_get(&caller, "large-2"), PBAY_ENOTFOUND);
    free(value);
}

static void check_preconditions(void) {
    caller caller = me("preconditions");
    pbay_record record = record_of("pre-1", "", "", "one");
    record.version = 1;
    CODE(do_put(&caller, &record, PBAY_PUT_VERSION), PBAY_ENOTFOUND);
    CODE(do_put(&caller, &record, PBAY_PUT_ABSENT), PBAY_OK);
    CODE(do_put(&caller, &record, PBAY_PUT_ABSENT), PBAY_ECONFLICT);
    CODE(do_put(&caller, &record, PBAY_PUT_VERSION), PBAY_OK);
    CODE(do_put(&caller, &record, PBAY_PUT_VERSION), PBAY_ECONFLICT);
    record.value = text_of("three");
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_OK);
    answer *got = do_get(&caller, "pre-1");
    EXPECT(got->count == 1 && got->records[0].version == 3 && strcmp(got->records[0].value, "three") == 0, "version 3");
    host_free(got);
    CODE(do_remove(&caller, "pre-1"), PBAY_OK);
    CODE(do_put(&caller, &record, PBAY_PUT_VERSION), PBAY_ENOTFOUND);
    CODE(do_put(&caller, &record, PBAY_PUT_ABSENT), PBAY_OK);
    got = do_get(&caller, "pre-1");
    EXPECT(got->count == 1 && got->records[0].version == 1, "a record put anew begins at version 1");
    host_free(got);
}

static void check_arguments(void) {
    caller caller = me("arguments");
    char long_id[131];
    memset(long_id, 'i', 130);
    long_id[129] = 0;
    EXPECT(put(&caller, "", "", "v") == PBAY_EINVALID, "an empty id");
    EXPECT(put(&caller, long_id, "", "v") == PBAY_EINVALID, "an id of 129 bytes");
    long_id[128] = 0;
    EXPECT(put(&caller, long_id, "", "v") == PBAY_OK, "an id of 128 bytes");
    CODE(do_get(&caller, long_id), PBAY_OK);
    pbay_record record = record_of("arg-1", "", "", "v");
    record.kind = text_of("");
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_EINVALID);
    record.kind = text_of("a kind that has more than 32 bytes");
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_EINVALID);
    record.kind = text_of("response");
    CODE(do_put(&caller, &record, 3), PBAY_EINVALID);
    EXPECT(put(&caller, "arg-2", "arg-unknown", "v") == PBAY_ENOTFOUND, "an unknown parent");
    EXPECT(put(&caller, "arg-3", "arg-3", "v") == PBAY_ENOTFOUND, "its own parent");
    pbay_write write = {.size = sizeof write, .verb = 9, .record = record};
    CODE(do_batch(&caller, &write, 1), PBAY_EINVALID);
    CODE(do_get(&caller, "arg-1"), PBAY_ENOTFOUND);
}

/* A record keeps its place: no cycle can be made, and no root be told that isn't one. */
static void check_fixed_place(void) {
    caller caller = me("fixed_place");
    EXPECT(put(&caller, "place-1", "", "1") == PBAY_OK && put(&caller, "place-2", "place-1", "2") == PBAY_OK, "a chain");
    EXPECT(put(&caller, "place-3", "", "3") == PBAY_OK, "another");
    EXPECT(put(&caller, "place-1", "place-2", "x") == PBAY_EINVALID, "a cycle");
    EXPECT(put(&caller, "place-2", "", "x") == PBAY_EINVALID, "no parent any more");
    EXPECT(put(&caller, "place-2", "place-3", "x") == PBAY_EINVALID, "another parent");
    pbay_record record = record_of("place-4", "place-2", "place-3", "4");
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_EINVALID);
    record.root = text_of("place-1");
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_OK);
    EXPECT(put(&caller, "place-2", "place-1", "two") == PBAY_OK, "the same parent");
    answer *got = do_load_chain(&caller, "place-4", 10, 1000);
    EXPECT(got->count == 3 && strcmp(got->records[1].value, "two") == 0, "the chain has the new value");
    host_free(got);
}

/* What the plugin was given may be gone as soon as the call has returned. */
static void check_copies(void) {
    caller caller = me("copies");
    char id[] = "copies-1", value[] = "the value", owner[] = "copies";
    answer *answer = host_begin();
    pbay_op op = op_of(&caller, answer);
    pbay_record record = record_of(id, "", id, value);
    pbay_error error = {.size = sizeof error};
    op.owner = text_of(owner);
    int32_t code = store.storage->put(store.self, &op, &record, PBAY_PUT_ANY, &error);
    memset(id, 'z', sizeof id - 1);
    memset(value, 'z', sizeof value - 1);
    memset(owner, 'z', sizeof owner - 1);
    memset(&record, 0x7f, sizeof record);
    memset(&op, 0x7f, sizeof op);
    if (code < 0) host_refused(answer, code);
    host_wait(answer);
    EXPECT(code_of(answer) == PBAY_OK, "put");
    answer = do_get(&caller, "copies-1");
    EXPECT(answer->count == 1 && strcmp(answer->records[0].value, "the value") == 0, "the value as it was");
    host_free(answer);
}

/* Structs of an older or a newer host. */
static void check_sizes(void) {
    caller caller = me("sizes");
    struct {
        pbay_write write;
        char newer[24];
    } writes[3];
    static const char *const ids[] = {"size-1", "size-2", "size-3"};
    memset(writes, 0xEE, sizeof writes);
    for (int i = 0; i < 3; i++) {
        memset(&writes[i].write, 0, sizeof writes[i].write);
        writes[i].write.size = sizeof writes[i];
        writes[i].write.verb = PBAY_WRITE_PUT;
        writes[i].write.record = record_of(ids[i], "", ids[i], ids[i]);
        writes[i].write.record.size = sizeof(pbay_record) + sizeof writes[i].newer;
    }
    CODE(do_batch(&caller, &writes[0].write, 3), PBAY_OK);
    answer *got = do_get(&caller, "size-3");
    EXPECT(got->count == 1 && strcmp(got->records[0].value, "size-3") == 0, "the third of longer structs");
    host_free(got);
    pbay_record older = record_of("size-4", "", "", "unseen");
    older.size = offsetof(pbay_record, status);
    older.status = 7;
    CODE(do_put(&caller, &older, PBAY_PUT_ANY), PBAY_OK);
    got = do_get(&caller, "size-4");
    EXPECT(got->count == 1 && got->records[0].status == 0 && got->records[0].value_size == 0, "what an older struct hasn't is zero");
    host_free(got);
}

/* -------------------------------------------------------------------------------------------------------- owners */

static void check_owners(void) {
    caller owner = me("owner"), stranger = me("stranger");
    pbay_record record = record_of("own-1", "", "", "mine");
    CODE(do_put(&owner, &record, PBAY_PUT_ANY), PBAY_OK);
    EXPECT(put(&owner, "own-2", "own-1", "mine too") == PBAY_OK, "a chain");
    CODE(do_get(&stranger, "own-1"), PBAY_ENOTFOUND);
    CODE(do_remove(&stranger, "own-1"), PBAY_ENOTFOUND);
    CODE(do_remove(&stranger, "own-2"), PBAY_ENOTFOUND);
    CODE(do_touch(&stranger, "own-1", 5), PBAY_ENOTFOUND);
    CODE(do_load_chain(&stranger, "own-2", 10, 1000), PBAY_ENOTFOUND);
    CODE(do_list(&stranger, "response", "own-1", 10), PBAY_ENOTFOUND);
    EXPECT(put(&stranger, "own-3", "own-2", "x") == PBAY_ENOTFOUND, "a child of another's record");
    record.version = 1;
    record.value = text_of("stolen");
    CODE(do_put(&stranger, &record, PBAY_PUT_VERSION), PBAY_ENOTFOUND);
    CODE(do_put(&stranger, &record, PBAY_PUT_ABSENT), PBAY_ECONFLICT);
    CODE(do_put(&stranger, &record, PBAY_PUT_ANY), PBAY_ECONFLICT);
    pbay_write write = {.size = sizeof write, .verb = PBAY_WRITE_DELETE, .record = record_of("own-1", "", "", "")};
    CODE(do_batch(&stranger, &write, 1), PBAY_ENOTFOUND);
    answer *list = do_list(&stranger, "response", "", 10);
    EXPECT(list->code == PBAY_OK && list->count == 0, "a stranger's list is empty");
    host_free(list);
    answer *got = do_load_chain(&owner, "own-2", 10, 1000);
    EXPECT(got->count == 2 && strcmp(got->records[1].value, "mine") == 0 && got->records[1].expires_ms == 0, "untouched");
    host_free(got);
    caller nobody = me("");
    CODE(do_get(&nobody, "own-1"), PBAY_ENOTFOUND);
    EXPECT(put(&nobody, "own-nobody", "", "x") == PBAY_OK, "the empty owner is one like others");
    CODE(do_get(&nobody, "own-nobody"), PBAY_OK);
    CODE(do_get(&owner, "own-nobody"), PBAY_ENOTFOUND);
}

static void check_same_answer(void) {
    caller owner = me("same_answer"), stranger = me("same_answer_stranger");
    put(&owner, "same-1", "", "x");
    answer *foreign = do_get(&stranger, "same-1"), *unknown = do_get(&stranger, "same-2");
    EXPECT(foreign->code == unknown->code && memcmp(&foreign->error, &unknown->error, sizeof unknown->error) == 0,
           "'%s' and '%s'", foreign->error.message, unknown->error.message);
    host_free(foreign);
    host_free(unknown);
    foreign = do_load_chain(&stranger, "same-1", 9, 9);
    unknown = do_load_chain(&stranger, "same-2", 9, 9);
    EXPECT(memcmp(&foreign->error, &unknown->error, sizeof unknown->error) == 0, "load_chain");
    host_free(foreign);
    host_free(unknown);
}

/* -------------------------------------------------------------------------------------------------------- chains */

/* Puts PREFIX-0 to PREFIX-(count-1) as one chain of values of `bytes` bytes. */
static void make_chain(const caller *caller, const char *prefix, int count, size_t bytes, int64_t expires_ms) {
    char id[64], parent[64] = "", *value = malloc(bytes + 1);
    memset(value, 'v', bytes);
    value[bytes] = 0;
    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%s-%d", prefix, i);
        EXPECT(put_at(caller, id, parent, value, expires_ms) == PBAY_OK, "%s", id);
        snprintf(parent, sizeof parent, "%s", id);
    }
    free(value);
}

/* Whether the chain of that leaf comes, whole and in order. */
static int chain_is_whole(const caller *caller, const char *prefix, int leaf) {
    char id[64];
    snprintf(id, sizeof id, "%s-%d", prefix, leaf);
    answer *got = do_load_chain(caller, id, 100000, 1u << 30);
    int whole = got->code == PBAY_OK && got->count == (size_t)leaf + 1;
    for (size_t i = 0; i < got->count && whole; i++) {
        snprintf(id, sizeof id, "%s-%d", prefix, leaf - (int)i);
        whole = strcmp(got->records[i].id, id) == 0;
        snprintf(id, sizeof id, "%s-%d", prefix, leaf - (int)i - 1);
        whole = whole && strcmp(got->records[i].parent, i + 1 < got->count ? id : "") == 0;
        snprintf(id, sizeof id, "%s-0", prefix);
        whole = whole && strcmp(got->records[i].root, id) == 0;
    }
    host_free(got);
    return whole;
}

static void check_chain(void) {
    caller caller = me("chain");
    make_chain(&caller, "chain", 5, 100, 0);
    EXPECT(chain_is_whole(&caller, "chain", 4), "from the leaf");
    EXPECT(chain_is_whole(&caller, "chain", 2), "from the middle");
    EXPECT(put(&caller, "chain-branch", "chain-1", "b") == PBAY_OK, "a branch");
    answer *got = do_load_chain(&caller, "chain-branch", 10, 1000);
    EXPECT(got->count == 3 && strcmp(got->records[1].id, "chain-1") == 0, "the branch has its own ancestors alone");
    host_free(got);
    CODE(do_load_chain(&caller, "chain-9", 10, 1000), PBAY_ENOTFOUND);
}

static void check_chain_limits(void) {
    caller caller = me("chain_limits");
    make_chain(&caller, "limit", 5, 100, 0);
    CODE(do_load_chain(&caller, "limit-4", 5, 500), PBAY_OK);
    CODE(do_load_chain(&caller, "limit-4", 4, 500), PBAY_ELIMIT);
    CODE(do_load_chain(&caller, "limit-4", 5, 499), PBAY_ELIMIT);
    CODE(do_load_chain(&caller, "limit-4", 0, 500), PBAY_ELIMIT);
    CODE(do_load_chain(&caller, "limit-4", UINT64_MAX, UINT64_MAX), PBAY_OK);
    CODE(do_load_chain(&caller, "limit-unknown", 0, 0), PBAY_ENOTFOUND);
}

static void check_deep_chain(void) {
    caller caller = me("deep_chain");
    make_chain(&caller, "deep", 2000, 20, 0);
    EXPECT(chain_is_whole(&caller, "deep", 1999), "2,000 turns");
    char id[64];
    for (int i = 0; i < 1999; i++) {
        snprintf(id, sizeof id, "deep-%d", i);
        EXPECT(code_of(do_remove(&caller, id)) == PBAY_OK, "%s", id);
    }
    EXPECT(chain_is_whole(&caller, "deep", 1999), "with all ancestors hidden");
    pbay_storage_stats before = stats_of(&caller);
    CODE(do_remove(&caller, "deep-1999"), PBAY_OK);
    pbay_storage_stats after = stats_of(&caller);
    EXPECT(before.hidden - after.hidden == 1999 && before.value_bytes - after.value_bytes == 2000 * 20, "%" PRIu64 " hidden went",
           before.hidden - after.hidden);
}

/* -------------------------------------------------------------------------------------------------- delete and expiry */

static void check_delete(void) {
    caller caller = me("delete");
    pbay_storage_stats base = stats_of(&caller);
    make_chain(&caller, "del", 4, 10, 0);
    CODE(do_remove(&caller, "del-1"), PBAY_OK);
    CODE(do_remove(&caller, "del-1"), PBAY_ENOTFOUND);
    CODE(do_get(&caller, "del-1"), PBAY_ENOTFOUND);
    CODE(do_touch(&caller, "del-1", 0), PBAY_ENOTFOUND);
    CODE(do_load_chain(&caller, "del-1", 10, 1000), PBAY_ENOTFOUND);
    EXPECT(put(&caller, "del-9", "del-1", "x") == PBAY_ENOTFOUND, "a child of a deleted record");
    pbay_record record = record_of("del-1", "del-0", "", "again");
    CODE(do_put(&caller, &record, PBAY_PUT_ABSENT), PBAY_ECONFLICT);
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_ECONFLICT);
    record.version = 1;
    CODE(do_put(&caller, &record, PBAY_PUT_VERSION), PBAY_ENOTFOUND);
    EXPECT(chain_is_whole(&caller, "del", 3), "living descendants keep replaying");
    EXPECT(put(&caller, "del-2", "del-1", "new value!") == PBAY_OK, "a child of a deleted record can still be written again");
    answer *got = do_load_chain(&caller, "del-3", 10, 1000);
    EXPECT(got->count == 4 && got->records[2].flags == PBAY_RECORD_HIDDEN && got->records[1].flags == 0, "the deleted one is marked");
    host_free(got);
    got = do_list(&caller, "response", "", 10);
    EXPECT(got->count == 3, "%zu listed", got->count);
    host_free(got);
    pbay_storage_stats stats = stats_of(&caller);
    EXPECT(stats.records - base.records == 3 && stats.hidden - base.hidden == 1, "one is hidden");
    CODE(do_remove(&caller, "del-3"), PBAY_OK);
    stats = stats_of(&caller);
    EXPECT(stats.records - base.records == 2 && stats.hidden - base.hidden == 1, "a leaf goes at once");
    CODE(do_remove(&caller, "del-2"), PBAY_OK);
    stats = stats_of(&caller);
    EXPECT(stats.records - base.records == 1 && stats.hidden == base.hidden, "with it what nobody needs any more");
    EXPECT(stats.value_bytes - base.value_bytes == 10, "%" PRIu64 " bytes left", stats.value_bytes - base.value_bytes);
    CODE(do_get(&caller, "del-0"), PBAY_OK);
    CODE(do_remove(&caller, "del-0"), PBAY_OK);
    stats = stats_of(&caller);
    EXPECT(stats.records == base.records && stats.value_bytes == base.value_bytes, "nothing is left");
}

static void check_expiry(void) {
    caller caller = me("expiry");
    int64_t end = caller.now_ms + 100;
    pbay_storage_stats base = stats_of(&caller);
    EXPECT(put_at(&caller, "exp-0", "", "0123456789", end) == PBAY_OK, "put");
    EXPECT(put_at(&caller, "exp-1", "exp-0", "0123456789", end) == PBAY_OK, "put");
    EXPECT(put(&caller, "exp-2", "exp-1", "0123456789") == PBAY_OK, "put");
    EXPECT(put_at(&caller, "exp-alone", "", "0123456789", end) == PBAY_OK, "put");
    caller.now_ms = end - 1;
    CODE(do_get(&caller, "exp-1"), PBAY_OK);
    caller.now_ms = end;
    CODE(do_get(&caller, "exp-1"), PBAY_ENOTFOUND);
    CODE(do_remove(&caller, "exp-1"), PBAY_ENOTFOUND);
    CODE(do_touch(&caller, "exp-1", 0), PBAY_ENOTFOUND);
    CODE(do_load_chain(&caller, "exp-1", 10, 1000), PBAY_ENOTFOUND);
    EXPECT(put(&caller, "exp-9", "exp-1", "x") == PBAY_ENOTFOUND, "a child of an expired record");
    answer *got = do_load_chain(&caller, "exp-2", 10, 1000);
    EXPECT(got->count == 3 && got->records[0].flags == 0 && got->records[1].flags == PBAY_RECORD_HIDDEN, "the ancestors stay");
    host_free(got);
    got = do_list(&caller, "response", "", 10);
    EXPECT(got->count == 1, "%zu listed", got->count);
    host_free(got);
    pbay_record record = record_of("exp-alone", "", "", "anew");
    CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_OK);
    got = do_get(&caller, "exp-alone");
    EXPECT(got->count == 1 && got->records[0].version == 1, "an expired id that nobody needs is free");
    host_free(got);
    CODE(do_remove(&caller, "exp-alone"), PBAY_OK);
    CODE(do_sweep(&caller, 0), PBAY_OK);
    EXPECT(chain_is_whole(&caller, "exp", 2), "a sweep takes no ancestor of a living record");
    CODE(do_touch(&caller, "exp-2", end + 50), PBAY_OK);
    caller.now_ms = end + 50;
    CODE(do_sweep(&caller, 0), PBAY_OK);
    pbay_storage_stats stats = stats_of(&caller);
    EXPECT(stats.records + stats.hidden == base.records + base.hidden && stats.value_bytes == base.value_bytes,
           "a sweep gives back what nobody needs: %" PRIu64 " bytes left", stats.value_bytes - base.value_bytes);
}

static void check_touch(void) {
    caller caller = me("touch");
    EXPECT(put_at(&caller, "touch-1", "", "x", caller.now_ms + 10) == PBAY_OK, "put");
    CODE(do_touch(&caller, "touch-1", caller.now_ms + 1000), PBAY_OK);
    caller.now_ms += 500;
    answer *got = do_get(&caller, "touch-1");
    EXPECT(got->count == 1 && got->records[0].version == 1 && got->records[0].expires_ms == 1001000, "a touch is no new version");
    host_free(got);
    CODE(do_touch(&caller, "touch-1", 0), PBAY_OK);
    caller.now_ms += 1000000;
    CODE(do_get(&caller, "touch-1"), PBAY_OK);
    CODE(do_touch(&caller, "touch-1", caller.now_ms), PBAY_OK);
    CODE(do_get(&caller, "touch-1"), PBAY_ENOTFOUND);
    CODE(do_touch(&caller, "touch-unknown", 0), PBAY_ENOTFOUND);
}

/* ------------------------------------------------------------------------------------------------------- eviction */

static void check_eviction(void) {
    host_stop(&store); /* eviction is over all owners: it has an instance of its own */
    start_fresh();
    caller caller = me("eviction");
    static const char *const names[] = {"ev-a", "ev-b", "ev-c", "ev-d"};
    for (int i = 0; i < 4; i++, caller.now_ms++) make_chain(&caller, names[i], 5, 1000, 0);
    caller.now_ms++;
    EXPECT(chain_is_whole(&caller, "ev-a", 4), "reading is a use");
    caller.now_ms++;
    CODE(do_touch(&caller, "ev-b-2", 0), PBAY_OK);
    CODE(do_remove(&caller, "ev-a-0"), PBAY_OK);
    CODE(do_sweep(&caller, 20000), PBAY_OK);
    EXPECT(stats_of(&caller).value_bytes == 20000, "what fits isn't evicted");
    CODE(do_sweep(&caller, 0), PBAY_OK);
    EXPECT(stats_of(&caller).value_bytes == 20000, "0 is no bound");
    CODE(do_sweep(&caller, 15000), PBAY_OK);
    pbay_storage_stats stats = stats_of(&caller);
    EXPECT(stats.value_bytes <= 15000 && stats.value_bytes > 9000, "%" PRIu64 " bytes left", stats.value_bytes);
    CODE(do_get(&caller, "ev-c-4"), PBAY_ENOTFOUND);
    EXPECT(chain_is_whole(&caller, "ev-a", 4) && chain_is_whole(&caller, "ev-b", 4) && chain_is_whole(&caller, "ev-d", 4),
           "the least recently used went, and that alone");
    caller.now_ms++;
    EXPECT(chain_is_whole(&caller, "ev-d", 4), "used last");
    CODE(do_sweep(&caller, 7000), PBAY_OK);
    EXPECT(chain_is_whole(&caller, "ev-d", 4), "what was used last stays");
    for (int i = 0; i < 4; i++) { /* whatever was evicted: what lives has all its ancestors */
        char id[64];
        for (int turn = 0; turn < 5; turn++) {
            snprintf(id, sizeof id, "%s-%d", names[i], turn);
            if (code_of(do_get(&caller, id)) == PBAY_OK) EXPECT(chain_is_whole(&caller, names[i], turn), "%s", id);
        }
    }
    CODE(do_sweep(&caller, 1), PBAY_OK);
    stats = stats_of(&caller);
    EXPECT(stats.value_bytes == 0 && stats.records == 0 && stats.hidden == 0, "everything can be evicted");
    make_chain(&caller, "ev-long", 1000, 100, 0);
    CODE(do_sweep(&caller, 30000), PBAY_OK);
    stats = stats_of(&caller);
    EXPECT(stats.value_bytes <= 30000, "%" PRIu64 " bytes of one long chain", stats.value_bytes);
    host_stop(&store);
    start_fresh();
}

/* ---------------------------------------------------------------------------------------------------------- lists */

static void check_list(void) {
    caller caller = me("list");
    static const int64_t created[] = {5, 9, 9, 9, 1, 7};
    char id[16];
    for (int i = 0; i < 6; i++) {
        snprintf(id, sizeof id, "list-%d", i);
        pbay_record record = record_of(id, "", "", "x");
        record.created_ms = created[i];
        CODE(do_put(&caller, &record, PBAY_PUT_ANY), PBAY_OK);
    }
    pbay_record other = record_of("list-other", "", "", "x");
    other.kind = text_of("other");
    CODE(do_put(&caller, &other, PBAY_PUT_ANY), PBAY_OK);
    static const char *const order[] = {"list-3", "list-2", "list-1", "list-5", "list-0", "list-4"};
    answer *got = do_list(&caller, "response", "", 100);
    EXPECT(got->code == PBAY_OK && got->count == 6, "%zu listed", got->count);
    for (size_t i = 0; i < got->count && i < 6; i++) EXPECT(strcmp(got->records[i].id, order[i]) == 0, "%s", got->records[i].id);
    host_free(got);
    got = do_list(&caller, "response", "list-2", 2);
    EXPECT(got->count == 2 && strcmp(got->records[0].id, "list-1") == 0 && strcmp(got->records[1].id, "list-5") == 0, "a page");
    host_free(got);
    got = do_list(&caller, "response", "list-4", 2);
    EXPECT(got->code == PBAY_OK && got->count == 0, "after the last");
    host_free(got);
    got = do_list(&caller, "response", "", 0);
    EXPECT(got->code == PBAY_OK && got->count == 0, "none are asked for");
    host_free(got);
    got = do_list(&caller, "nothing", "", 10);
    EXPECT(got->code == PBAY_OK && got->count == 0, "no such kind");
    host_free(got);
    CODE(do_list(&caller, "response", "list-unknown", 10), PBAY_ENOTFOUND);
    EXPECT(put(&caller, "list-child", "list-1", "x") == PBAY_OK, "a child");
    CODE(do_remove(&caller, "list-1"), PBAY_OK);
    CODE(do_list(&caller, "response", "list-1", 10), PBAY_ENOTFOUND); /* hidden: it is there, but not living */
    CODE(do_touch(&caller, "list-2", caller.now_ms + 1), PBAY_OK);
    CODE(do_list(&caller, "response", "list-2", 10), PBAY_OK);
    caller.now_ms++;
    CODE(do_list(&caller, "response", "list-2", 10), PBAY_ENOTFOUND); /* expired */
    CODE(do_sweep(&caller, 0), PBAY_OK);
}

/* -------------------------------------------------------------------------------------------------------- batches */

static pbay_write write_of(uint32_t verb, const char *id, const char *parent, const char *value) {
    pbay_write write = {.size = sizeof write, .verb = verb, .record = record_of(id, parent, "", value)};
    return write;
}

static void check_batch(void) {
    caller caller = me("batch");
    pbay_write chain[] = {write_of(PBAY_WRITE_PUT, "bat-1", "", "1"), write_of(PBAY_WRITE_PUT, "bat-2", "bat-1", "2"),
                          write_of(PBAY_WRITE_PUT, "bat-2", "bat-1", "two"), write_of(PBAY_WRITE_DELETE, "bat-1", "", "")};
    CODE(do_batch(&caller, chain, 4), PBAY_OK);
    answer *got = do_load_chain(&caller, "bat-2", 10, 1000);
    EXPECT(got->count == 2 && got->records[0].version == 2 && got->records[1].flags == PBAY_RECORD_HIDDEN, "each sees those before it");
    host_free(got);
    CODE(do_batch(&caller, NULL, 0), PBAY_OK);
    pbay_storage_stats base = stats_of(&caller);
    pbay_write bad[] = {write_of(PBAY_WRITE_PUT, "bat-3", "", "3"), write_of(PBAY_WRITE_DELETE, "bat-2", "", ""),
                        write_of(PBAY_WRITE_PUT, "bat-4", "bat-unknown", "4"), write_of(PBAY_WRITE_PUT, "bat-3", "", "3")};
    bad[3].precondition = PBAY_PUT_ABSENT;
    CODE(do_batch(&caller, bad, 4), PBAY_ENOTFOUND);
    CODE(do_get(&caller, "bat-3"), PBAY_ENOTFOUND);
    CODE(do_get(&caller, "bat-2"), PBAY_OK);
    bad[2] = write_of(PBAY_WRITE_PUT, "bat-4", "", "4");
    CODE(do_batch(&caller, bad, 4), PBAY_ECONFLICT);
    bad[3] = write_of(PBAY_WRITE_DELETE, "bat-unknown", "", "");
    CODE(do_batch(&caller, bad, 4), PBAY_ENOTFOUND);
    pbay_storage_stats stats = stats_of(&caller);
    EXPECT(stats.records == base.records && stats.hidden == base.hidden && stats.value_bytes == base.value_bytes, "nothing of it is left");
    got = do_load_chain(&caller, "bat-2", 10, 1000);
    EXPECT(got->count == 2 && got->records[0].version == 2, "and nothing is missing");
    host_free(got);
    pbay_write again[] = {write_of(PBAY_WRITE_DELETE, "bat-2", "", ""), write_of(PBAY_WRITE_PUT, "bat-2", "", "anew")};
    CODE(do_batch(&caller, again, 2), PBAY_OK);
    got = do_get(&caller, "bat-2");
    EXPECT(got->count == 1 && got->records[0].version == 1 && got->records[0].parent[0] == 0, "deleted and put anew");
    host_free(got);
}

/* ---------------------------------------------------------------------------------------- many at once, overload, end */

static void count_answer(answer *answer, void *context) {
    unsigned *counts = context;
    __atomic_add_fetch(&counts[answer->code == PBAY_OK ? 0 : 1], 1, __ATOMIC_SEQ_CST);
    host_free(answer);
}

/* Begins a put without waiting. Answers what the call answered. */
static int32_t put_later(const caller *caller, const char *id, const char *value, unsigned *counts) {
    answer *answer = host_begin();
    pbay_op op = op_of(caller, answer);
    pbay_record record = record_of(id, "", "", value);
    pbay_error error = {.size = sizeof error};
    answer->then = count_answer;
    answer->context = counts;
    int32_t code = store.storage->put(store.self, &op, &record, PBAY_PUT_ANY, &error);
    if (code < 0) {
        host_refused(answer, code);
        host_free(answer);
    }
    return code;
}

static void wait_for_all(void) {
    for (int i = 0; i < 60000 && host_pending() > 0; i++) usleep(1000);
    EXPECT(host_pending() == 0, "%u operations were never answered", host_pending());
}

static void check_order(void) {
    caller caller = me("order");
    char value[16];
    unsigned counts[2] = {0, 0};
    for (int i = 1; i <= 200; i++) {
        snprintf(value, sizeof value, "%d", i);
        EXPECT(put_later(&caller, "order-1", value, counts) == PBAY_OK, "%d", i);
    }
    wait_for_all();
    answer *got = do_get(&caller, "order-1");
    EXPECT(got->count == 1 && strcmp(got->records[0].value, "200") == 0 && got->records[0].version == 200, "%d", got->code);
    host_free(got);
}

static void check_overload(void) {
    caller caller = me("overload");
    unsigned counts[2] = {0, 0}, accepted = 0, refused = 0, other = 0;
    char id[32];
    for (int i = 0; i < 30000; i++) {
        snprintf(id, sizeof id, "over-%d", i);
        int32_t code = put_later(&caller, id, "x", counts);
        accepted += code == PBAY_OK;
        refused += code == PBAY_EOVERLOADED;
        other += code != PBAY_OK && code != PBAY_EOVERLOADED;
    }
    wait_for_all();
    EXPECT(other == 0, "%u were refused otherwise than with PBAY_EOVERLOADED", other);
    EXPECT(counts[0] == accepted && counts[1] == 0, "%u accepted, %u stored, %u failed", accepted, counts[0], counts[1]);
    EXPECT(accepted + refused == 30000, "%u + %u", accepted, refused);
}

#define THREADS 8
#define TURNS 60

typedef struct worker {
    int number;
    int wrong;
} worker;

static void *work(void *argument) {
    worker *worker = argument;
    char owner[32], prefix[32], id[64], parent[64] = "";
    snprintf(owner, sizeof owner, "thread-%d", worker->number);
    snprintf(prefix, sizeof prefix, "thread-%d", worker->number);
    caller caller = me(owner);
    caller.durable = worker->number % 2;
    for (int turn = 0; turn < TURNS; turn++) {
        snprintf(id, sizeof id, "%s-%d", prefix, turn);
        if (put(&caller, id, parent, "0123456789") != PBAY_OK) worker->wrong++;
        /* What was acknowledged is seen at once, by every kind of read. */
        if (!chain_is_whole(&caller, prefix, turn)) worker->wrong++;
        answer *got = do_list(&caller, "response", "", 1000);
        if (got->count != (size_t)turn + 1) worker->wrong++;
        host_free(got);
        if (turn % 20 == 19 && code_of(do_sweep(&caller, 0)) != PBAY_OK) worker->wrong++;
        if (turn % 10 == 9 && code_of(do_stats(&caller)) != PBAY_OK) worker->wrong++;
        snprintf(parent, sizeof parent, "%s", id);
    }
    return NULL;
}

static void check_threads(void) {
    pthread_t threads[THREADS];
    worker workers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){i, 0};
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        EXPECT(workers[i].wrong == 0, "thread %d: %d wrong answers", i, workers[i].wrong);
    }
}

static void check_stop(void) {
    caller caller = me("stop");
    unsigned counts[2] = {0, 0}, accepted = 0;
    char id[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof id, "stop-%d", i);
        accepted += put_later(&caller, id, "x", counts) == PBAY_OK;
    }
    host_stop(&store);
    EXPECT(host_pending() == 0, "%u operations were not answered when stop returned", host_pending());
    EXPECT(counts[0] == accepted, "%u accepted, %u stored", accepted, counts[0]);
    pbay_error error;
    EXPECT(host_start(&store, current_config, &error) == PBAY_OK, "%s", error.message);
}

static void check_random(void) {
    for (unsigned i = 0; i < 4; i++) {
        caller caller = me("");
        const char *wrong = random_check(caller, seed + i, 4000, 10000000 + (int64_t)i * 10000000, 0);
        EXPECT(wrong == NULL, "%s", wrong);
    }
}

static void check_random_bound(void) {
    host_stop(&store);
    start_fresh_with("\"max_bytes_per_owner\": 30000");
    for (unsigned i = 0; i < 4; i++) {
        caller caller = me("");
        const char *wrong = random_check(caller, seed + i, 4000, 10000000 + (int64_t)i * 10000000, 30000);
        EXPECT(wrong == NULL, "%s", wrong);
    }
    host_stop(&store);
    start_fresh();
}

/* ---------------------------------------------------------------------------------------------------- configuration */

static void check_configuration(void) {
    static const char *const bad[][2] = {
        {"{\"no_such_key\": 1}", "no_such_key"}, {"[]", ""}, {"{", ""}, {"{\"nested\": {\"x\": [1]}}", "nested"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        instance other;
        pbay_error error;
        int32_t code = host_start(&other, bad[i][0], &error);
        EXPECT(code == PBAY_EINVALID, "%s: %d", bad[i][0], code);
        EXPECT(strcmp(error.param, bad[i][1]) == 0 && error.message[0] != 0, "%s: param '%s'", bad[i][0], error.param);
        EXPECT(error.code == code, "%d", error.code);
    }
    EXPECT(store.table->get_extension(store.self, PBAY_PROVIDER) == NULL, "a store is no provider");
    EXPECT(store.table->get_extension(store.self, "patchbay.storage/99") == NULL, "an unknown table is null");
    if (store.table->health != NULL) {
        pbay_health health = {.size = sizeof health};
        store.table->health(store.self, &health);
        EXPECT(health.state == PBAY_HEALTHY, "%s", health.message);
    }
}

/* ------------------------------------------------------------------------------------------------------------- disk */

static void check_persistence(void) {
    caller caller = me("persistence");
    caller.durable = 1;
    make_chain(&caller, "keep", 20, 500, 0);
    CODE(do_remove(&caller, "keep-3"), PBAY_OK);
    CODE(do_touch(&caller, "keep-5", caller.now_ms + 10), PBAY_OK);
    pbay_storage_stats before = stats_of(&caller);
    start_again();
    pbay_storage_stats after = stats_of(&caller);
    EXPECT(before.records == after.records && before.hidden == after.hidden && before.value_bytes == after.value_bytes, "the same counts");
    EXPECT(chain_is_whole(&caller, "keep", 19), "the same chain");
    CODE(do_get(&caller, "keep-3"), PBAY_ENOTFOUND);
    caller.now_ms += 10;
    CODE(do_get(&caller, "keep-5"), PBAY_ENOTFOUND);
}

static void check_syncs(void) {
    caller caller = me("syncs");
    caller.durable = 1;
    for (int i = 0; i < 5; i++) {
        char id[32];
        unsigned before = faults_syncs();
        snprintf(id, sizeof id, "sync-%d", i);
        EXPECT(put(&caller, id, "", "x") == PBAY_OK, "put");
        EXPECT(faults_syncs() > before, "a durable write was answered before any sync");
        caller.durable = 0;
        put(&caller, id, "", "y"); /* one that isn't durable between two that are */
        caller.durable = 1;
    }
}

static void check_disk_failures(void) {
    caller caller = me("disk");
    caller.durable = 1;
    static const int faults[] = {FAULT_FULL, FAULT_SYNC};
    for (int i = 0; i < 2; i++) {
        char id[32];
        snprintf(id, sizeof id, "disk-good-%d", i);
        EXPECT(put(&caller, id, "", "before") == PBAY_OK, "put");
        pbay_storage_stats before = stats_of(&caller);
        faults_set(faults[i]);
        snprintf(id, sizeof id, "disk-bad-%d", i);
        EXPECT(put(&caller, id, "", "x") == PBAY_EIO, "fault %d: a write that the disk refuses", i);
        EXPECT(put(&caller, id, "", "x") == PBAY_EIO, "fault %d: and again", i);
        EXPECT(put(&caller, "disk-good-0", "", "changed") == PBAY_EIO, "fault %d: a second write", i);
        if (store.table->health != NULL) {
            pbay_health health = {.size = sizeof health};
            store.table->health(store.self, &health);
            EXPECT(health.state != PBAY_HEALTHY, "a store that can't write isn't healthy");
        }
        CODE(do_get(&caller, "disk-good-0"), PBAY_OK);
        CODE(do_get(&caller, id), PBAY_ENOTFOUND);
        faults_set(FAULT_NONE);
        EXPECT(put(&caller, "disk-after", "", "after") == PBAY_OK, "fault %d: the disk is well again", i);
        CODE(do_remove(&caller, "disk-after"), PBAY_OK);
        pbay_storage_stats after = stats_of(&caller);
        EXPECT(before.records == after.records && before.value_bytes == after.value_bytes, "fault %d: the same counts", i);
        start_again();
        CODE(do_get(&caller, id), PBAY_ENOTFOUND);
        answer *got = do_get(&caller, "disk-good-0");
        EXPECT(got->count == 1 && strcmp(got->records[0].value, "before") == 0, "fault %d: the old value", i);
        host_free(got);
    }
}

/* ------------------------------------------------------------------------------------------------------------ table */

static const struct {
    const char *name;
    void (*check)(void);
    int disk; /* for stores on disk alone */
} checks[] = {
    {"a record comes back as it was put", check_round_trip, 0},
    {"a large value is kept, one too large refused", check_large_value, 0},
    {"put honours its preconditions", check_preconditions, 0},
    {"bad arguments are refused", check_arguments, 0},
    {"a record keeps its parent and root", check_fixed_place, 0},
    {"arguments are copied before the call returns", check_copies, 0},
    {"shorter and longer structs are read by their size", check_sizes, 0},
    {"no verb reaches another owner's records", check_owners, 0},
    {"a foreign record and none give the same answer", check_same_answer, 0},
    {"a chain comes from the leaf to the root", check_chain, 0},
    {"a chain's limits are exact", check_chain_limits, 0},
    {"a chain of 2,000 turns works, and goes with its last leaf", check_deep_chain, 0},
    {"a deleted record is kept for its descendants and no longer", check_delete, 0},
    {"an expired record is kept for its descendants and no longer", check_expiry, 0},
    {"touch sets the expiry alone", check_touch, 0},
    {"a sweep evicts the least recently used and breaks no chain", check_eviction, 0},
    {"a list is ordered and paged", check_list, 0},
    {"a batch is done whole or not at all", check_batch, 0},
    {"blobs come back in order, each with its hash", check_blobs, 0},
    {"equal blobs are kept and counted once", check_blobs_once, 0},
    {"another owner's equal blob is another blob", check_blobs_of_owners, 0},
    {"a blob goes with its last record, however that goes", check_blobs_end, 0},
    {"an eviction counts a shared blob once, and leaves it to those that stay", check_blobs_evicted, 0},
    {"a hidden ancestor keeps its blobs", check_blobs_hidden, 0},
    {"a thousand records share a blob", check_blobs_shared, 0},
    {"a record that is put again has its new blobs alone", check_blobs_replaced, 0},
    {"a batch that fails leaves the blobs as they were", check_blobs_batch, 0},
    {"blobs count toward every limit of bytes", check_blobs_limits, 0},
    {"malformed blobs are refused", check_blobs_malformed, 0},
    {"an older host's records have no blobs", check_blobs_sizes, 0},
    {"an owner that passes its bound loses its own oldest", check_owners_bound, 0},
    {"an owner's chains lose their last turns, and no needed ancestor", check_owners_chains, 0},
    {"shared blobs are an owner's bytes once", check_owners_blobs, 0},
    {"a batch is held to the owner's bound as a whole", check_owners_batch, 0},
    {"what goes otherwise is room for its owner", check_owners_expiry, 0},
    {"an owner's many puts at once keep to its bound", check_owners_threads, 0},
    {"an owner's bound must be a number, and may be absent", check_owners_configuration, 0},
    {"writes of one record keep their order", check_order, 0},
    {"an overload is refused, and what is accepted is answered", check_overload, 0},
    {"an acknowledged write is seen by every read, from many threads", check_threads, 0},
    {"stop answers everything before it returns", check_stop, 0},
    {"bad configurations are refused and named", check_configuration, 0},
    {"a random driver and a model agree", check_random, 0},
    {"and with a bound for each owner", check_random_bound, 0},
    {"records outlive the instance", check_persistence, 1},
    {"an owner's count outlives the instance, and a bound made less is kept", check_owners_persistence, 1},
    {"a durable write is synced before its answer", check_syncs, 1},
    {"blobs outlive the instance", check_blobs_persistence, 1},
    {"a failing disk stores no blob", check_blobs_disk, 1},
    {"a failing disk stores and acknowledges nothing", check_disk_failures, 1},
};

int main(int count, char **arguments) {
    const char *only = "";
    int passed = 0, wrong = 0;
    if (count < 3) {
        fprintf(stderr, "usage: driver LIBRARY CONFIG [--disk] [--seed N] [--only TEXT]\n");
        return 2;
    }
    for (int i = 3; i < count; i++) {
        if (strcmp(arguments[i], "--disk") == 0) on_disk = 1;
        if (strcmp(arguments[i], "--seed") == 0 && i + 1 < count) seed = (unsigned)atoi(arguments[++i]);
        if (strcmp(arguments[i], "--only") == 0 && i + 1 < count) only = arguments[++i];
    }
    snprintf(directory, sizeof directory, "/tmp/conformance.XXXXXX");
    if (mkdtemp(directory) == NULL) return 2;
    config_template = arguments[2];
    host_load(arguments[1]);
    start_fresh();
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if ((checks[i].disk && !on_disk) || strstr(checks[i].name, only) == NULL) continue;
        failed = 0;
        unsigned violations = host_violations();
        checks[i].check();
        EXPECT(host_violations() == violations, "%u answers too many", host_violations() - violations);
        EXPECT(host_pending() == 0, "%u answers are missing", host_pending());
        printf("%s  %s\n", failed ? "FAILED" : "ok    ", checks[i].name);
        fflush(stdout);
        if (failed) wrong++;
        else passed++;
    }
    host_stop(&store);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    if (system(command) != 0) fprintf(stderr, "%s is left\n", directory);
    printf("%d passed, %d failed\n", passed, wrong);
    return wrong == 0 ? 0 : 1;
}
