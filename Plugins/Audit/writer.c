/*
 * The one thread that makes lines and writes them: reading documents and waiting for a disk are nothing for a strand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A buffer that a large line has left behind is given back. */
#define BUFFER_KEPT (1u << 20)

/*
 * Notes what has become of the file, for the health, and says it in the log when it changes. `code` is of the last line, `worst` of
 * any of them.
 */
static void note(audit *audit, int code, int worst, uint64_t lost) {
    pthread_mutex_lock(&audit->mutex);
    int was_failing = audit->failing;
    audit->failing = code != 0;
    audit->lost += lost;
    if (code != 0) perror_copy(audit->failure, sizeof audit->failure, strerror(code));
    pthread_mutex_unlock(&audit->mutex);
    if (worst != 0 && !was_failing) audit_log(audit, PBAY_LOG_ERROR, "The file can't be written: %s; lines are lost", strerror(worst));
    if (code == 0 && was_failing) audit_log(audit, PBAY_LOG_INFO, "The file is written again");
}

/* One line. Once it is in the file, what is missing before it has been told. */
static int append(audit *audit, out *out, const job *job) {
    out->size = 0;
    if (job == NULL) line_write_missing(out, audit->unsaid);
    else line_write(out, job, audit->unsaid);
    int code = out->failed ? ENOMEM : file_append(audit, out->data, out->size);
    if (code == 0) audit->unsaid = 0;
    if (out->failed || out->capacity > BUFFER_KEPT) {
        free(out->data);
        memset(out, 0, sizeof *out);
    }
    return code;
}

/* The verdict that the visit waits for. The entry is the visit's, and gone with it. */
static void answer(const job *job) {
    if (job->written) {
        audit_host->proceed(job->visit);
        return;
    }
    pbay_error error = perror_empty();
    perror_set(&error, PBAY_EIO, NULL, "The request can't be recorded.");
    audit_host->fail(job->visit, &error);
}

static void write_all(audit *audit, out *out, job *jobs) {
    uint64_t lost = 0, whole = 0;
    int code = file_ready(audit), worst = code;
    for (job *job = jobs; job != NULL; job = job->next) {
        code = append(audit, out, job);
        job->written = code == 0;
        whole += (uint64_t)job->written;
        if (code == 0) continue;
        worst = code;
        lost++;
        audit->unsaid++;
    }
    int synced = whole > 0 ? file_sync(audit) : 0;
    note(audit, synced != 0 ? synced : code, synced != 0 ? synced : worst, lost);
    while (jobs != NULL) {
        job *job = jobs;
        jobs = job->next;
        if (synced != 0) job->written = 0;
        if (job->visit != 0) answer(job);
        else entry_free(job->entry);
        free(job);
    }
}

void *writer_main(void *argument) {
    audit *audit = argument;
    out out = {0};
    uint64_t dropped = 0;
    job *jobs;
    while ((jobs = queue_take(audit, &dropped)) != NULL) {
        audit->unsaid += dropped;
        write_all(audit, &out, jobs);
    }
    audit->unsaid += dropped;
    if (audit->unsaid > 0 && file_ready(audit) == 0) append(audit, &out, NULL);
    file_close(audit);
    free(out.data);
    return NULL;
}
