/*
 * audit.h - what audit.c (lines), audit_contents.c, audit_configuration.c, audit_disk.c and
 * audit_required.c share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HOOK_PLUGINS_AUDIT_H
#define HOOK_PLUGINS_AUDIT_H

#include "checks.h"
#include "plugin_json.h"

#include <stdatomic.h>

/* A file of lines, read whole. */
typedef struct lines {
    char *data;
    size_t size;
    pjson_value line[4096];
    size_t count;
} lines;

/* What the interposed calls of the C library do (audit_faults.c). */
extern atomic_int hold_writes;  /* 1: write() waits until it is 0 again */
extern atomic_int held;         /* how many wait */
extern atomic_int fail_writes;  /* n: the next n fail with ENOSPC; -1: all */
extern atomic_int short_writes; /* the next n write the first half alone */
extern atomic_int sync_count;
extern atomic_int fail_syncs;   /* as fail_writes, with EIO */
extern atomic_int fail_renames;
void await(atomic_int *number, int value);

/* Each check has a folder of its own; `path` is the file in it. */
extern char path[256];
void fresh(void);
/* Starts an instance for `path` with more settings: members of a JSON object, without its braces. */
instance start_with(const char *settings);
/* A request from its first point to its last. */
void run_complete(instance *instance, const char *id);
pbay_health health_of(const instance *instance);

/* Reads path, or path.suffix; counts as failed what isn't a line of JSON. */
lines *read_lines(const char *suffix);
void free_lines(lines *lines);
/* Stops the instance and reads its file; or its one line. */
lines *stop_and_read(instance *instance);
pjson_value the_line(instance *instance, lines **all);
/* A member of a line, as text: a string's characters or a value's JSON; "-" where there is none. In turn in four buffers. */
const char *at(pjson_value line, const char *member);
#define IS(line, member, wanted) EXPECT(strcmp(at(line, member), wanted) == 0, "%s is %s", member, at(line, member))

#define RESPONSE "{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"text\":\"hi\"}]}],\"usage\":{\"input_tokens\":3}}"

void check_contents(void);
void check_hostile(void);
void check_rejected(void);
void check_configuration(void);
void check_file_mode(void);
void check_rotation_load(void);
void check_rotation_keep(void);
void check_rotation_fails(void);
void check_reopened(void);
void check_full_drop(void);
void check_full_block(void);
void check_full_disk(void);
void check_short_write(void);
void check_torn_line(void);
void check_stop_flushes(void);
void check_required(void);
void check_required_disk(void);
void check_required_full(void);
void check_required_failure_after(void);
void check_fsync(void);

#endif
