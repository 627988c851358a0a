/*
 * audit.h - what the files of this plugin share.
 *
 *   plugin.c      the ABI: entry, module, instance
 *   config.c      the configuration
 *   hooks.c       the table pbay_hooks: keeps what the points tell of a request
 *   queue.c       the bounded queue in which lines wait
 *   writer.c      the one thread that makes lines and writes them
 *   line.c        a request as a line of JSON
 *   out.c         a buffer that JSON is written into
 *   file.c        the file: opening, appending, rotation
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PATCHBAY_AUDIT_H
#define PATCHBAY_AUDIT_H

#include "patchbay.h"
#include "plugin_error.h"
#include "plugin_json.h"

#include <pthread.h>
#include <stddef.h>

/* Failed attempts that a line names; more are only counted. */
#define MAX_ATTEMPTS 8
/* Tool calls that a line names; more are only counted. */
#define MAX_TOOL_NAMES 64
/* What may wait in the queue, whatever the number of lines. One is always taken into an empty queue. */
#define QUEUE_MAX_BYTES (64u << 20)

/* A value of the request's bag: a JSON object that says which hook rejected the request and by which rule. */
#define REJECTED_BY "patchbay.rejected"

/* Text that the plugin owns: malloc'd, not terminated; data is null where there is none. */
typedef struct owned_text {
    char *data;
    size_t size;
} owned_text;

typedef struct audit audit;

/* One request, as far as it has been heard of. */
typedef struct entry {
    audit *audit;
    uint32_t flags; /* PBAY_HOOKED_* */
    int64_t began_ns; /* monotonic */
    int64_t ended_ns;
    int64_t ended_unix_ms;
    owned_text request_id;
    owned_text owner;
    owned_text model;
    /* Documents of the points, as they came. The writer's thread reads them, not the strand. */
    owned_text body;     /* with `contents` alone */
    size_t body_size;    /* also of one that was too large to keep */
    owned_text route;
    owned_text attempts[MAX_ATTEMPTS];
    uint64_t attempt_count;
    owned_text response;
    owned_text failure;
    owned_text rejected; /* the bag's REJECTED_BY */
    int written;         /* with `required`: its line has been queued at the point complete */
} entry;

/* A line that waits to be written. */
typedef struct job {
    struct job *next;
    entry *entry;
    size_t bytes;
    int begins;          /* the line that says that a request has begun */
    pbay_visit_id visit; /* the visit that waits for it, and owns the entry; 0: none, the entry is the job's */
    int written;
} job;

struct audit {
    pbay_instance table;
    pbay_hooks hooks;
    pbay_instance_id id;
    /* The configuration. */
    char *path;
    uint64_t max_bytes;
    uint64_t keep;
    uint64_t capacity; /* lines in the queue */
    uint64_t max_content_bytes;
    int contents;
    int sync;
    int block;
    int required;
    int on_full_given;
    /* The file. The writer's thread's alone, from start to stop. */
    int file;         /* -1: not open */
    uint64_t size;    /* bytes in it */
    int torn;         /* it ends in a part of a line */
    int rotation_failed;
    uint64_t unsaid;  /* lines that are missing, and that no line has told of */
    /* The queue, and below it what the threads share. Under the mutex. */
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    pthread_cond_t emptied;
    job *first;
    job *last;
    uint64_t count;
    uint64_t bytes;
    int stopping;
    uint64_t newly_dropped; /* not taken over by the writer yet */
    uint64_t dropped;       /* since the start: the queue was full */
    uint64_t lost;          /* since the start: the file couldn't be written */
    int failing;
    char failure[128];
    pthread_t thread;
    int running;
};

/* The host's tables. Written once by the entry, before anything else runs. */
extern const pbay_hook_api *audit_host;

void audit_log(const audit *audit, int32_t level, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* config.c: reads the configuration into a zeroed instance, the defaults included. */
int32_t config_read(audit *audit, pbay_text text, pbay_error *err);

/* hooks.c: fills audit.hooks by the configuration. */
void hooks_fill(audit *audit);
void entry_free(entry *entry);

/*
 * queue.c. `queue_add` answers 0 where the queue is full; with `wait` it waits for room instead. `queue_take` waits for a line,
 * and hands out all that wait, or null when the plugin stops and nothing waits; *dropped is how many were dropped since it was
 * last asked.
 */
int queue_add(audit *audit, job *job, int wait);
job *queue_take(audit *audit, uint64_t *dropped);
void queue_stop(audit *audit);

/* writer.c: the thread. */
void *writer_main(void *argument);

/*
 * file.c. Answer 0, or the errno of what failed. `file_ready` opens the file where it isn't open, or isn't the path's any more.
 * `file_append` writes one line in one piece, after turning the file over where it would grow past its bound.
 */
int file_ready(audit *audit);
int file_append(audit *audit, const char *line, size_t size);
int file_sync(audit *audit);
int file_close(audit *audit);

/* out.c: a buffer that grows; `failed` once there was no memory, then nothing more is written. */
typedef struct out {
    char *data;
    size_t size;
    size_t capacity;
    int failed;
} out;

void out_bytes(out *out, const char *bytes, size_t size);
void out_text(out *out, const char *text);
/* A JSON string of UTF-8 bytes. */
void out_string(out *out, const char *bytes, size_t size);
/* A JSON value without the space between its parts, so that it stays on one line. */
void out_value(out *out, pjson_value value);
void out_number(out *out, int64_t number);

/* line.c: appends a line of JSON, its end included, that tells of the entry and of lines that are `missing` before it. */
void line_write(out *out, const job *job, uint64_t missing);
/* A line that tells of missing lines alone. */
void line_write_missing(out *out, uint64_t missing);

#endif
