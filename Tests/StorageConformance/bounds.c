/*
 * The memory store's own bounds: bounds LIBRARY
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static instance store;
static caller me = {&store, "bounds", 1000, 0};
static int passed, failed;

static void check(const char *name, int condition) {
    printf("%s  %s\n", condition ? "ok    " : "FAILED", name);
    if (condition) passed++;
    else failed++;
}

static int32_t put(const char *id, const char *parent, size_t bytes) {
    char *value = malloc(bytes + 1);
    memset(value, 'v', bytes);
    value[bytes] = 0;
    pbay_record record = record_of(id, parent, "", value);
    int32_t code = code_of(do_put(&me, &record, PBAY_PUT_ANY));
    free(value);
    return code;
}

static int is_there(const char *id) { return code_of(do_get(&me, id)) == PBAY_OK; }

static pbay_storage_stats stats(void) {
    answer *answer = do_stats(&me);
    pbay_storage_stats stats = answer->stats;
    host_free(answer);
    return stats;
}

static void start(const char *config) {
    pbay_error error;
    if (host_start(&store, config, &error) == PBAY_OK) return;
    printf("the store doesn't start: %s\n", error.message);
    exit(2);
}

static void check_entries(void) {
    char id[16];
    start("{\"max_entries\": 4}");
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof id, "r%d", i);
        put(id, "", 10);
    }
    check("no more records than max_entries are kept", stats().records == 4 && stats().value_bytes == 40);
    check("the last ones", is_there("r96") && is_there("r99") && !is_there("r95"));
    host_free(do_load_chain(&me, "r96", 10, 1000));
    put("a", "", 10);
    check("a record that was used stays", is_there("r96") && !is_there("r97"));
    code_of(do_touch(&me, "r98", 0));
    put("b", "", 10);
    check("so does one that was touched", is_there("r98") && !is_there("r99") && is_there("r96"));
    host_stop(&store);
}

static void check_chains(void) {
    start("{\"max_entries\": 6}");
    put("a0", "", 10);
    put("a1", "a0", 10);
    put("a2", "a1", 10);
    put("b0", "", 10);
    put("b1", "b0", 10);
    put("b2", "b1", 10);
    put("c0", "", 10);
    check("a chain loses its last turn first", is_there("a0") && is_there("a1") && !is_there("a2") && is_there("b2"));
    code_of(do_remove(&me, "a0"));
    put("c1", "c0", 10);
    check("a hidden ancestor goes with its last descendant", !is_there("a1") && stats().hidden == 0 && stats().records == 5);
    put("b3", "b2", 10);
    put("b4", "b3", 10);
    put("b5", "b4", 10);
    check("other chains go for one that grows", is_there("b5") && is_there("b0") && !is_there("c1") && !is_there("c0"));
    check("a chain that alone is too long is refused", put("b6", "b5", 10) == PBAY_ELIMIT && !is_there("b6"));
    check("and nothing went for it", is_there("b0") && is_there("b5") && stats().records == 6);
    pbay_write writes[7];
    static const char *const ids[] = {"n0", "n1", "n2", "n3", "n4", "n5", "n6"};
    for (int i = 0; i < 7; i++) {
        writes[i] = (pbay_write){.size = sizeof writes[i], .verb = PBAY_WRITE_PUT};
        writes[i].record = record_of(ids[i], i == 0 ? "" : ids[i - 1], "", "value");
    }
    check("a batch that doesn't fit is refused", code_of(do_batch(&me, writes, 7)) == PBAY_ELIMIT);
    check("and undone whole", is_there("b0") && is_there("b5") && stats().records == 6 && stats().value_bytes == 60);
    check("one that fits is done", code_of(do_batch(&me, writes, 6)) == PBAY_OK && is_there("n5") && !is_there("b0"));
    host_stop(&store);
}

static void check_bytes(void) {
    start("{\"max_entries\": 1000, \"max_bytes\": 1000}");
    put("a", "", 400);
    put("b", "", 400);
    put("c", "", 400);
    check("no more bytes than max_bytes are kept", !is_there("a") && is_there("b") && is_there("c") && stats().value_bytes == 800);
    check("a value larger than that is refused", put("d", "", 1001) == PBAY_ELIMIT && is_there("b") && is_there("c"));
    check("a value just as large is kept", put("e", "", 1000) == PBAY_OK && stats().records == 1);
    put("f", "", 100);
    put("g", "", 100);
    check("a record that grows makes room for itself", put("f", "", 950) == PBAY_OK && is_there("f") && !is_there("g"));
    put("h", "f", 50);
    check("even out of its own chain, from the end", put("f", "", 1000) == PBAY_OK && !is_there("h") && is_there("f"));
    host_stop(&store);
}

/* Owners come and go: one who has nothing takes no memory. */
static void check_owners(void) {
    enum { OWNERS = 50000 };
    char owner[96];
    size_t before = 0;
    start("{\"max_bytes_per_owner\": 1000}");
    for (int i = 0; i < 2 * OWNERS; i++) {
        snprintf(owner, sizeof owner, "an owner whose name is long enough to be kept in a block of memory of its own, %d", i);
        me.owner = owner;
        if (i == OWNERS) before = mallinfo2().uordblks; /* the tables have grown to their size */
        put("o", "", 10);
        if (i % 2 == 0) put("p", "o", 1000);
        code_of(do_remove(&me, "o"));
    }
    me.owner = "bounds";
    size_t grown = mallinfo2().uordblks - before;
    check("an owner who has nothing takes no memory", stats().records == 0 && (grown < 100000 || grown > SIZE_MAX / 2));
    host_stop(&store);
}

static void check_configuration(void) {
    static const char *const bad[][2] = {{"{\"max_entries\": 0}", "max_entries"}, {"{\"max_bytes\": -1}", "max_bytes"},
                                         {"{\"max_bytes\": \"1MiB\"}", "max_bytes"}, {"{\"max_entries\": 1.5}", "max_entries"},
                                         {"{\"size\": 1}", "size"}, {"{\"max_bytes_per_owner\": 0}", "max_bytes_per_owner"}};
    for (int i = 0; i < 6; i++) {
        instance other;
        pbay_error error;
        int32_t code = host_start(&other, bad[i][0], &error);
        check(bad[i][0], code == PBAY_EINVALID && strcmp(error.param, bad[i][1]) == 0);
    }
}

int main(int count, char **arguments) {
    if (count != 2) return 2;
    host_load(arguments[1]);
    check_entries();
    check_chains();
    check_bytes();
    check_owners();
    check_configuration();
    check("each answer came once", host_violations() == 0 && host_pending() == 0);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
