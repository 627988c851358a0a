/*
 * The disk as the plugin sees it: these functions stand before the C library's for everything that the program loads (it is linked
 * with -rdynamic), so that syncs can be counted and failures be made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "host.h"

#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static unsigned syncs;
static int fault;

unsigned faults_syncs(void) { return __atomic_load_n(&syncs, __ATOMIC_SEQ_CST); }
void faults_set(int which) { __atomic_store_n(&fault, which, __ATOMIC_SEQ_CST); }

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

static int is_file(int file) {
    struct stat status;
    return fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

static int fails(int which, int file, int code) {
    if (__atomic_load_n(&fault, __ATOMIC_SEQ_CST) != which || !is_file(file)) return 0;
    errno = code;
    return 1;
}

static int sync_by(const char *name, int file) {
    int (*function)(int) = (int (*)(int))next(name);
    if (fails(FAULT_SYNC, file, EIO)) return -1;
    __atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST);
    return function(file);
}

int fsync(int file) { return sync_by("fsync", file); }
int fdatasync(int file) { return sync_by("fdatasync", file); }

ssize_t write(int file, const void *data, size_t size) {
    ssize_t (*function)(int, const void *, size_t) = (ssize_t(*)(int, const void *, size_t))next("write");
    return fails(FAULT_FULL, file, ENOSPC) ? -1 : function(file, data, size);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t at) {
    ssize_t (*function)(int, const void *, size_t, off_t) = (ssize_t(*)(int, const void *, size_t, off_t))next("pwrite");
    return fails(FAULT_FULL, file, ENOSPC) ? -1 : function(file, data, size, at);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
    ssize_t (*function)(int, const void *, size_t, off64_t) = (ssize_t(*)(int, const void *, size_t, off64_t))next("pwrite64");
    return fails(FAULT_FULL, file, ENOSPC) ? -1 : function(file, data, size, at);
}
