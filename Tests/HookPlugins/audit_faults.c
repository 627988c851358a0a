/*
 * A disk that is slow, full or broken: write, fdatasync and rename as the plugin gets them, since the program's own come first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

atomic_int hold_writes, held, fail_writes, short_writes, sync_count, fail_syncs, fail_renames;

/* Takes one of a number of faults. */
static int fault(atomic_int *number) {
    int left = atomic_load(number);
    while (left > 0 && !atomic_compare_exchange_weak(number, &left, left - 1)) {}
    return left != 0;
}

void await(atomic_int *number, int value) {
    while (atomic_load(number) != value) sched_yield();
}

ssize_t write(int file, const void *data, size_t size) {
    if (file <= 2) return syscall(SYS_write, file, data, size);
    if (atomic_load(&hold_writes)) {
        atomic_fetch_add(&held, 1);
        await(&hold_writes, 0);
        atomic_fetch_sub(&held, 1);
    }
    if (fault(&fail_writes)) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, file, data, fault(&short_writes) ? size / 2 : size);
}

int fdatasync(int file) {
    atomic_fetch_add(&sync_count, 1);
    if (fault(&fail_syncs)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}

int rename(const char *from, const char *to) {
    if (fault(&fail_renames)) {
        errno = EACCES;
        return -1;
    }
    return (int)syscall(SYS_rename, from, to);
}
