/*
 * Audit: its file, its queue, and disks that are slow, full or broken.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int exists(const char *suffix) {
    char name[300];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return access(name, F_OK) == 0;
}

void check_file_mode(void) {
    struct stat status;
    fresh();
    instance instance = start_with("");
    EXPECT(stat(path, &status) == 0 && (status.st_mode & 07777) == 0600, "%o", (unsigned)status.st_mode);
    host_stop(&instance);
}

/* ----------------------------------------------------------------------------------------------------------- rotation */

#define THREADS 8
#define EACH 400

typedef struct worker {
    instance *instance;
    int number;
} worker;

static void *work(void *context) {
    worker *worker = context;
    for (int i = 0; i < EACH; i++) {
        char id[32];
        snprintf(id, sizeof id, "%d", worker->number * EACH + i);
        run_complete(worker->instance, id);
    }
    return NULL;
}

void check_rotation_load(void) {
    static char seen[THREADS * EACH];
    pthread_t threads[THREADS];
    worker workers[THREADS];
    size_t total = 0, files = 0, twice = 0;
    fresh();
    instance instance = start_with("\"max_bytes\":20000,\"keep\":200,\"on_full\":\"block\",\"queue\":16");
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){&instance, i};
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    host_stop(&instance);
    for (int i = 0; i <= 200; i++) {
        char suffix[8] = "";
        if (i > 0) snprintf(suffix, sizeof suffix, ".%d", i);
        if (!exists(suffix)) break;
        lines *all = read_lines(suffix);
        files++;
        total += all->count;
        EXPECT(all->size <= 20000, "%s has %zu bytes", suffix, all->size);
        for (size_t j = 0; j < all->count; j++) {
            int id = atoi(at(all->line[j], "request_id"));
            twice += (size_t)seen[id];
            seen[id] = 1;
            IS(all->line[j], "dropped", "-");
        }
        free_lines(all);
    }
    EXPECT(total == THREADS * EACH && twice == 0, "%zu lines, %zu of them twice", total, twice);
    EXPECT(files > 20, "%zu files", files);
}

void check_rotation_keep(void) {
    fresh();
    instance instance = start_with("\"max_bytes\":4096,\"keep\":2");
    for (int i = 0; i < 200; i++) run_complete(&instance, "r");
    host_stop(&instance);
    EXPECT(exists("") && exists(".1") && exists(".2") && !exists(".3"), "which files are there");
    fresh();
    instance = start_with("\"max_bytes\":4096,\"keep\":0");
    for (int i = 0; i < 200; i++) run_complete(&instance, "r");
    lines *all = stop_and_read(&instance);
    EXPECT(all->size <= 4096 && !exists(".1"), "%zu bytes", all->size);
    free_lines(all);
}

void check_rotation_fails(void) {
    unsigned logged;
    fresh();
    instance instance = start_with("\"max_bytes\":4096");
    logged = host_logged(NULL, 0);
    atomic_store(&fail_renames, -1);
    for (int i = 0; i < 100; i++) run_complete(&instance, "r");
    lines *all = stop_and_read(&instance);
    atomic_store(&fail_renames, 0);
    EXPECT(all->count == 100 && all->size > 4096, "%zu lines, %zu bytes", all->count, all->size);
    EXPECT(host_logged(NULL, 0) == logged + 1, "%u lines of the log", host_logged(NULL, 0) - logged);
    free_lines(all);
}

void check_reopened(void) {
    char moved[300];
    fresh();
    instance instance = start_with("\"required\":true"); /* each verdict comes after its line: nothing to wait for */
    run_complete(&instance, "first");
    snprintf(moved, sizeof moved, "%s.moved", path);
    if (rename(path, moved) != 0) abort();
    run_complete(&instance, "second");
    host_stop(&instance);
    instance = start_with("");
    run_complete(&instance, "third");
    lines *all = stop_and_read(&instance), *before = read_lines(".moved");
    EXPECT(before->count == 1 && all->count == 2, "%zu and %zu lines", before->count, all->count);
    IS(before->line[0], "request_id", "first");
    IS(all->line[0], "request_id", "second");
    IS(all->line[1], "request_id", "third");
    free_lines(all);
    free_lines(before);
}

/* ---------------------------------------------------------------------------------------------------------- the queue */

/* The writer is in the middle of a line, and the queue is empty. */
static void hold_writer(instance *instance) {
    atomic_store(&hold_writes, 1);
    run_complete(instance, "held");
    await(&held, 1);
}

void check_full_drop(void) {
    fresh();
    instance instance = start_with("\"queue\":4");
    hold_writer(&instance);
    for (int i = 0; i < 10; i++) run_complete(&instance, "r");
    pbay_health health = health_of(&instance);
    EXPECT(health.state == PBAY_DEGRADED && strncmp(health.message, "6 lines dropped", 15) == 0, "%s", health.message);
    atomic_store(&hold_writes, 0);
    lines *all = stop_and_read(&instance);
    EXPECT(all->count == 5, "%zu lines", all->count);
    IS(all->line[0], "dropped", "-");
    IS(all->line[1], "dropped", "6");
    IS(all->line[2], "dropped", "-");
    free_lines(all);
}

static void *run_one(void *context) {
    run_complete(context, "r");
    return NULL;
}

void check_full_block(void) {
    pthread_t threads[10];
    fresh();
    instance instance = start_with("\"queue\":4,\"on_full\":\"block\"");
    EXPECT((instance.hooks->flags & PBAY_HOOKS_MAY_BLOCK) != 0, "a strand would be blocked");
    hold_writer(&instance);
    for (int i = 0; i < 10; i++) pthread_create(&threads[i], NULL, run_one, &instance);
    EXPECT(health_of(&instance).state == PBAY_HEALTHY, "%s", health_of(&instance).message);
    atomic_store(&hold_writes, 0);
    for (int i = 0; i < 10; i++) pthread_join(threads[i], NULL);
    lines *all = stop_and_read(&instance);
    EXPECT(all->count == 11, "%zu lines", all->count);
    free_lines(all);
}

void check_stop_flushes(void) {
    fresh();
    instance instance = start_with("\"queue\":4");
    hold_writer(&instance);
    for (int i = 0; i < 4; i++) run_complete(&instance, "r");
    atomic_store(&fail_writes, 1000);
    atomic_store(&hold_writes, 0);
    await(&fail_writes, 1000 - 5); /* each of the five was tried */
    atomic_store(&fail_writes, 0);
    lines *all = stop_and_read(&instance);
    EXPECT(all->count == 1, "%zu lines", all->count);
    if (all->count == 1) IS(all->line[0], "event", "dropped");
    if (all->count == 1) IS(all->line[0], "dropped", "5");
    free_lines(all);
}

/* ----------------------------------------------------------------------------------------------------------- the disk */

/* Waits until the health says so. */
static void await_state(const instance *instance, uint32_t state) {
    while (health_of(instance).state != state) usleep(500);
}

void check_full_disk(void) {
    struct rlimit before, small;
    unsigned logged = host_logged(NULL, 0);
    char last[200];
    fresh();
    instance instance = start_with("");
    signal(SIGXFSZ, SIG_DFL);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 0;
    setrlimit(RLIMIT_FSIZE, &small); /* the kernel's own refusal; the writer's thread gets no signals */
    for (int i = 0; i < 3; i++) run_complete(&instance, "lost");
    await_state(&instance, PBAY_DEGRADED);
    setrlimit(RLIMIT_FSIZE, &before);
    host_logged(last, sizeof last);
    EXPECT(strstr(last, "can't be written") != NULL, "%s", last);
    run_complete(&instance, "r");
    await_state(&instance, PBAY_HEALTHY);
    EXPECT(strstr(health_of(&instance).message, "3 lost") != NULL, "%s", health_of(&instance).message);
    run_complete(&instance, "r");
    lines *all = stop_and_read(&instance);
    EXPECT(host_logged(NULL, 0) == logged + 2, "%u lines of the log", host_logged(NULL, 0) - logged);
    EXPECT(all->count == 2, "%zu lines", all->count);
    IS(all->line[0], "dropped", "3");
    IS(all->line[1], "dropped", "-");
    free_lines(all);
}

void check_short_write(void) {
    fresh();
    instance instance = start_with("");
    atomic_store(&short_writes, 1);
    run_complete(&instance, "half");
    await_state(&instance, PBAY_DEGRADED);
    run_complete(&instance, "whole");
    lines *all = stop_and_read(&instance);
    EXPECT(all->count == 1, "%zu lines", all->count);
    IS(all->line[0], "request_id", "whole");
    IS(all->line[0], "dropped", "1");
    free_lines(all);
}

/* Half a line that a crash has left: the next one begins on a line of its own. */
void check_torn_line(void) {
    fresh();
    FILE *file = fopen(path, "w");
    fputs("{\"request_id\":\"before\"}\n{\"half\":", file);
    fclose(file);
    instance instance = start_with("");
    run_complete(&instance, "after");
    host_stop(&instance);
    char text[4096] = "";
    file = fopen(path, "r");
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    EXPECT(strstr(text, "{\"half\":\n{\"time\":") != NULL && text[size - 1] == '\n', "%s", text);
}
