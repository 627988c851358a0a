/*
 * The bounded queue in which lines wait for the writer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

static int has_room(const audit *audit, size_t bytes) {
    return audit->count == 0 || (audit->count < audit->capacity && audit->bytes + bytes <= QUEUE_MAX_BYTES);
}

int queue_add(audit *audit, job *job, int wait) {
    pthread_mutex_lock(&audit->mutex);
    while (wait && !has_room(audit, job->bytes)) pthread_cond_wait(&audit->emptied, &audit->mutex);
    int taken = has_room(audit, job->bytes);
    if (taken) {
        if (audit->first == NULL) audit->first = job;
        else audit->last->next = job;
        audit->last = job;
        audit->count++;
        audit->bytes += job->bytes;
        pthread_cond_signal(&audit->filled);
    } else if (job->visit == 0) { /* one that is waited for is not dropped: its request fails */
        audit->newly_dropped++;
        audit->dropped++;
    }
    pthread_mutex_unlock(&audit->mutex);
    return taken;
}

job *queue_take(audit *audit, uint64_t *dropped) {
    pthread_mutex_lock(&audit->mutex);
    while (audit->first == NULL && !audit->stopping) pthread_cond_wait(&audit->filled, &audit->mutex);
    job *taken = audit->first;
    audit->first = NULL;
    audit->last = NULL;
    audit->count = 0;
    audit->bytes = 0;
    *dropped = audit->newly_dropped;
    audit->newly_dropped = 0;
    pthread_cond_broadcast(&audit->emptied);
    pthread_mutex_unlock(&audit->mutex);
    return taken;
}

void queue_stop(audit *audit) {
    pthread_mutex_lock(&audit->mutex);
    audit->stopping = 1;
    pthread_cond_signal(&audit->filled);
    pthread_mutex_unlock(&audit->mutex);
}
