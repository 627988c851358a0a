/*
 * The file. A line is one write to a descriptor with O_APPEND, so that lines stay whole whoever else appends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(audit *audit) {
    struct stat status;
    /* Without O_NONBLOCK a named pipe that nobody reads would be waited for. It changes nothing of a regular file. */
    int file = open(audit->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (file < 0) return errno;
    int code = fstat(file, &status) != 0 ? errno : !S_ISREG(status.st_mode) ? EINVAL : 0;
    if (code != 0) {
        close(file);
        return code;
    }
    audit->file = file;
    audit->size = (uint64_t)status.st_size;
    char last = '\n';
    if (status.st_size > 0 && pread(file, &last, 1, status.st_size - 1) != 1) last = '\n';
    audit->torn = last != '\n'; /* a crash has left a part of a line */
    return 0;
}

int file_sync(audit *audit) {
    if (!audit->sync || audit->file < 0) return 0;
    return fdatasync(audit->file) == 0 ? 0 : errno;
}

int file_close(audit *audit) {
    if (audit->file < 0) return 0;
    int code = file_sync(audit);
    close(audit->file);
    audit->file = -1;
    return code;
}

/* 1 where the path still leads to the open file. */
static int is_same(const audit *audit, struct stat *ours) {
    struct stat theirs;
    if (fstat(audit->file, ours) != 0 || stat(audit->path, &theirs) != 0) return 0;
    return ours->st_dev == theirs.st_dev && ours->st_ino == theirs.st_ino;
}

int file_ready(audit *audit) {
    struct stat status;
    if (audit->file >= 0) {
        if (is_same(audit, &status)) {
            audit->size = (uint64_t)status.st_size; /* somebody else may have added to it, or emptied it */
            return 0;
        }
        int code = file_close(audit);
        if (code != 0) return code;
    }
    return open_file(audit);
}

/* path -> path.1 -> path.2 ..., the last one falls off. */
static int rotate(audit *audit) {
    char from[PATH_MAX], to[PATH_MAX];
    if (audit->keep == 0) return unlink(audit->path) == 0 ? 0 : errno;
    for (uint64_t i = audit->keep; i > 0; i--) {
        snprintf(to, sizeof to, "%s.%llu", audit->path, (unsigned long long)i);
        if (i > 1) snprintf(from, sizeof from, "%s.%llu", audit->path, (unsigned long long)(i - 1));
        else snprintf(from, sizeof from, "%s", audit->path);
        if (rename(from, to) != 0 && (errno != ENOENT || i == 1)) return errno;
    }
    return 0;
}

/* A file that can't be turned over is written on: rather too long a file than lines that are missing. */
static int turn_over(audit *audit) {
    int code = rotate(audit);
    if (code != 0) {
        if (!audit->rotation_failed) audit_log(audit, PBAY_LOG_ERROR, "The file can't be rotated: %s", strerror(code));
        audit->rotation_failed = 1;
        return 0;
    }
    audit->rotation_failed = 0;
    code = file_close(audit);
    return code != 0 ? code : open_file(audit);
}

/* Takes the first part of a line away again that didn't go in whole. */
static void take_back(audit *audit, size_t written) {
    struct stat status;
    if (fstat(audit->file, &status) == 0 && (uint64_t)status.st_size == audit->size + written &&
        ftruncate(audit->file, (off_t)audit->size) == 0) {
        return;
    }
    audit->size += written;
    audit->torn = 1;
}

int file_append(audit *audit, const char *line, size_t size) {
    ssize_t written;
    int code = audit->file < 0 ? file_ready(audit) : 0;
    if (code == 0 && audit->size > 0 && audit->size + size > audit->max_bytes) code = turn_over(audit);
    if (code != 0) return code;
    if (audit->torn) {
        if (write(audit->file, "\n", 1) != 1) return errno == 0 ? ENOSPC : errno;
        audit->size++;
        audit->torn = 0;
    }
    do written = write(audit->file, line, size);
    while (written < 0 && errno == EINTR);
    if (written < 0) return errno;
    if ((size_t)written < size) {
        take_back(audit, (size_t)written);
        return ENOSPC;
    }
    audit->size += size;
    return 0;
}
