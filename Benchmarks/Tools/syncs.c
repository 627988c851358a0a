/*
 * LD_PRELOADed into the server: counts its fsync and fdatasync calls in the 8 bytes of the file that PATCHBAY_SYNCS names, so that the
 * benchmark sees how many turns one commit of the disk carries.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic unsigned long here;
static _Atomic unsigned long *counter = &here;
static int (*real_fsync)(int), (*real_fdatasync)(int);

__attribute__((constructor)) static void prepare(void) {
    const char *path = getenv("PATCHBAY_SYNCS");
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *memory = mmap(NULL, sizeof here, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (memory != MAP_FAILED) counter = memory;
}

int fsync(int fd) {
    atomic_fetch_add(counter, 1);
    return real_fsync(fd);
}

int fdatasync(int fd) {
    atomic_fetch_add(counter, 1);
    return real_fdatasync(fd);
}
