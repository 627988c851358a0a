/*
 * A program that works on a store, for crash.py and for figures.
 *
 *   writer LIBRARY CONFIG write RUN THREADS     puts chains, durably, until it is killed; a line for each acknowledged id
 *   writer LIBRARY CONFIG verify                reads ids from standard input: each must be there, with its whole chain
 *   writer LIBRARY CONFIG start                 starts and stops; prints the error, if any
 *   writer LIBRARY CONFIG bench                 figures
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CHAIN_LENGTH 20

static instance store;
static int run;

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static caller me(int durable) {
    caller caller = {&store, "crash", 1000, durable};
    return caller;
}

/* ------------------------------------------------------------------------------------------------- write and verify */

/* A record's value follows from its id, so that whoever reads it knows what it must be. */
static void value_of(const char *id, char value[800]) {
    size_t length = strlen(id);
    for (size_t i = 0; i < 799; i++) value[i] = id[i % length];
    value[799] = 0;
}

/* Each fourth record has a blob, which other chains' records have too. Answers how many there are; `data` is of BLOB_BYTES. */
#define BLOB_BYTES 6000

static size_t blob_for(int chain, int turn, pbay_blob *blob, char hash[65], char *data) {
    *blob = blob_of((unsigned)chain % 7, hash, data, BLOB_BYTES);
    return turn % 4 == 2;
}

static void *write_for_ever(void *argument) {
    int thread = (int)(intptr_t)argument;
    caller caller = me(1);
    for (int chain = 0;; chain++) {
        char id[64], parent[64] = "", value[800], line[80];
        for (int turn = 0; turn < CHAIN_LENGTH; turn++) {
            snprintf(id, sizeof id, "r%d.%d.%d.%d", run, thread, chain, turn);
            value_of(id, value);
            pbay_record record = record_of(id, parent, "", value);
            char hash[65], data[BLOB_BYTES];
            pbay_blob blob;
            record.blob_count = blob_for(chain, turn, &blob, hash, data);
            record.blobs = &blob;
            int32_t code = code_of(do_put(&caller, &record, PBAY_PUT_ABSENT));
            if (code != PBAY_OK) {
                fprintf(stderr, "%s: %d\n", id, code);
                exit(1);
            }
            int size = snprintf(line, sizeof line, "%s\n", id);
            if (write(1, line, (size_t)size) != size) exit(1); /* one write, so that a line is there whole or not at all */
            snprintf(parent, sizeof parent, "%s", id);
        }
    }
    return NULL;
}

static int verify(void) {
    char line[80];
    int wrong = 0, count = 0;
    caller caller = me(0);
    while (fgets(line, sizeof line, stdin) != NULL) {
        char value[800];
        line[strcspn(line, "\n")] = 0;
        value_of(line, value);
        size_t turns = (size_t)atoi(strrchr(line, '.') + 1) + 1;
        answer *got = do_load_chain(&caller, line, 1000, 1 << 24);
        int chain = 0;
        sscanf(line, "r%*d.%*d.%d.", &chain);
        size_t blobs = (turns - 1) % 4 == 2;
        if (got->code != PBAY_OK || got->count != turns || strcmp(got->records[0].value, value) != 0 ||
            got->records[0].blob_count != blobs ||
            (blobs == 1 && !is_blob(got->records[0].blobs, (unsigned)chain % 7, BLOB_BYTES))) {
            fprintf(stderr, "%s was acknowledged, and is gone (%d, %zu of %zu turns)\n", line, got->code, got->count, turns);
            wrong++;
        }
        host_free(got);
        count++;
    }
    printf("%d acknowledged, %d missing\n", count, wrong);
    return wrong != 0;
}

/* ----------------------------------------------------------------------------------------------------------- figures */

static int bench_count;
static int64_t acknowledged;
static double bench_end;

static void *put_for_a_while(void *argument) {
    int thread = (int)(intptr_t)argument;
    caller caller = me(bench_count >= 0);
    char *value = malloc(1501);
    memset(value, 'v', 1500);
    value[1500] = 0;
    for (int i = 0; seconds(CLOCK_MONOTONIC) < bench_end; i++) {
        char id[96];
        snprintf(id, sizeof id, "resp_%d_%d_%d_0123456789abcdef0123456789", bench_count, thread, i);
        pbay_record record = record_of(id, "", "", value);
        if (code_of(do_put(&caller, &record, PBAY_PUT_ANY)) != PBAY_OK) exit(1);
        __atomic_add_fetch(&acknowledged, 1, __ATOMIC_RELAXED);
    }
    free(value);
    return NULL;
}

static void bench_writers(int threads, int durable) {
    pthread_t ids[64];
    unsigned syncs = faults_syncs();
    bench_count = durable ? threads : -threads;
    acknowledged = 0;
    double begin = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    bench_end = begin + 2;
    for (intptr_t i = 0; i < threads; i++) pthread_create(&ids[i], NULL, put_for_a_while, (void *)i);
    for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
    double took = seconds(CLOCK_MONOTONIC) - begin;
    printf("%2d writers, %s: %.0f puts/s, %.1f us CPU a put, %u syncs\n", threads, durable ? "durable" : "not durable",
           (double)acknowledged / took, (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / (double)acknowledged,
           faults_syncs() - syncs);
}

static uint64_t make_chain(const char *name, int turns) {
    caller caller = me(0);
    char id[96], parent[96] = "", value[1501];
    memset(value, 'v', 1500);
    value[1500] = 0;
    for (int i = 0; i < turns; i++) {
        snprintf(id, sizeof id, "resp_%s_%04d_0123456789abcdef0123456789", name, i);
        pbay_record record = record_of(id, parent, "", value);
        if (code_of(do_put(&caller, &record, PBAY_PUT_ANY)) != PBAY_OK) exit(1);
        snprintf(parent, sizeof parent, "%s", id);
    }
    return 0;
}

static void bench_chain(const char *name, const char *what) {
    caller caller = me(0);
    char leaf[96];
    int rounds = 500;
    snprintf(leaf, sizeof leaf, "resp_%s_0199_0123456789abcdef0123456789", name);
    host_free(do_load_chain(&caller, leaf, 1000, 1 << 24)); /* once, to warm the caches */
    double begin = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < rounds; i++) {
        answer *got = do_load_chain(&caller, leaf, 1000, 1 << 24);
        if (got->count != 200) exit(1);
        host_free(got);
    }
    printf("load_chain of 200 turns, %s: %.0f us, %.0f us CPU (this program's copies included)\n", what,
           (seconds(CLOCK_MONOTONIC) - begin) * 1e6 / rounds, (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / rounds);
}

static pbay_storage_stats stats(void) {
    caller caller = me(0);
    answer *answer = do_stats(&caller);
    pbay_storage_stats stats = answer->stats;
    host_free(answer);
    return stats;
}

/* 50,000 other records, in chains of 50 that are written by turns, as conversations are. */
static void make_others(void) {
    enum { CHAINS = 1000, TURNS = 50 };
    static char parents[CHAINS][96];
    caller caller = me(0);
    char value[1501];
    memset(value, 'o', 1500);
    value[1500] = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        for (int batch = 0; batch < CHAINS; batch += 100) {
            static pbay_write writes[100];
            static char ids[100][96];
            for (int i = 0; i < 100; i++) {
                snprintf(ids[i], 96, "resp_%08x%08x_other_%d_%d", (unsigned)(batch + i) * 2654435761u, (unsigned)turn * 40503u,
                         batch + i, turn);
                writes[i] = (pbay_write){.size = sizeof writes[i], .verb = PBAY_WRITE_PUT};
                writes[i].record = record_of(ids[i], parents[batch + i], "", value);
            }
            if (code_of(do_batch(&caller, writes, 100)) != PBAY_OK) exit(1);
            for (int i = 0; i < 100; i++) memcpy(parents[batch + i], ids[i], 96);
        }
        if (turn % 10 == 9) { /* a chain that grows among the others, so that its records lie scattered */
            char name[16];
            snprintf(name, sizeof name, "mix%d", turn);
            make_chain(name, 1);
        }
    }
}

static void bench_scattered(void) {
    caller caller = me(0);
    char id[96], other[96], parent[96] = "", value[1501];
    memset(value, 'v', 1500);
    value[1500] = 0;
    for (int i = 0; i < 200; i++) {
        snprintf(id, sizeof id, "resp_scattered_%04d_0123456789abcdef0123456789", i);
        pbay_record record = record_of(id, parent, "", value);
        if (code_of(do_put(&caller, &record, PBAY_PUT_ANY)) != PBAY_OK) exit(1);
        snprintf(parent, sizeof parent, "%s", id);
        for (int k = 0; k < 20; k++) {
            snprintf(other, sizeof other, "resp_between_%04d_%d_0123456789abcdef0123456789", i, k);
            record = record_of(other, "", "", value);
            if (code_of(do_put(&caller, &record, PBAY_PUT_ANY)) != PBAY_OK) exit(1);
        }
    }
    bench_chain("scattered", "50,000 others, its rows on 200 pages");
}

static void bench(void) {
    pbay_storage_stats before = stats();
    make_chain("first", 200);
    bench_chain("first", "no others");
    make_others();
    pbay_storage_stats after = stats();
    printf("%" PRIu64 " records of 1,500 bytes: %.0f bytes each in the store\n", after.records,
           (double)(after.medium_bytes - before.medium_bytes) / (double)after.records);
    bench_chain("first", "50,000 others");
    bench_scattered();
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld MB resident at most\n", usage.ru_maxrss / 1024);
    bench_writers(1, 1);
    bench_writers(8, 1);
    bench_writers(64, 1);
    bench_writers(1, 0);
    bench_writers(64, 0);
    caller caller = me(0);
    double begin = seconds(CLOCK_MONOTONIC);
    host_free(do_sweep(&caller, after.value_bytes / 2));
    printf("a sweep that evicts down to half: %.0f ms\n", (seconds(CLOCK_MONOTONIC) - begin) * 1e3);
}

int main(int count, char **arguments) {
    pbay_error error;
    if (count < 4) return 2;
    host_load(arguments[1]);
    int32_t code = host_start(&store, arguments[2], &error);
    if (code != PBAY_OK) {
        printf("%d %s: %s\n", code, error.param, error.message);
        return 1;
    }
    int result = 0;
    if (strcmp(arguments[3], "write") == 0 && count > 5) {
        pthread_t thread;
        run = atoi(arguments[4]);
        for (intptr_t i = 1; i < atoi(arguments[5]); i++) pthread_create(&thread, NULL, write_for_ever, (void *)i);
        write_for_ever((void *)0);
    }
    if (strcmp(arguments[3], "verify") == 0) result = verify();
    if (strcmp(arguments[3], "bench") == 0) bench();
    host_stop(&store);
    return result;
}
