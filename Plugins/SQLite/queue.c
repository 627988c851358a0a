/*
 * The bounded queues in which operations wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include <time.h>

/* Full means: answer PBAY_EOVERLOADED. One operation is always taken into an empty queue, however large it is. */
#define QUEUE_MAX_COUNT 4096
#define QUEUE_MAX_BYTES (64u << 20)

int queue_init(queue *queue) {
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) return 0;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int ready = pthread_mutex_init(&queue->mutex, NULL) == 0 && pthread_cond_init(&queue->changed, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return ready;
}

void queue_free(queue *queue) {
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
}

int32_t queue_add(queue *queue, operation *operation) {
    int32_t code = PBAY_OK;
    pthread_mutex_lock(&queue->mutex);
    if (queue->stopping) {
        code = PBAY_CLOSED;
    } else if (queue->count >= QUEUE_MAX_COUNT || (queue->count > 0 && queue->bytes + operation->bytes > QUEUE_MAX_BYTES)) {
        code = PBAY_EOVERLOADED;
    } else {
        if (queue->last == NULL) queue->first = operation;
        else queue->last->next = operation;
        queue->last = operation;
        queue->count++;
        queue->bytes += operation->bytes;
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return code;
}

/* Waits for a change; 0 where the time is over. */
static int wait_for_change(queue *queue, const struct timespec *until) {
    if (until == NULL) return pthread_cond_wait(&queue->changed, &queue->mutex) == 0;
    return pthread_cond_timedwait(&queue->changed, &queue->mutex, until) == 0;
}

operation *queue_take(queue *queue, uint64_t most, uint64_t most_bytes, int64_t wait_ms, int *stopped) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    if (wait_ms > 0) {
        until.tv_sec += wait_ms / 1000;
        until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
    }
    pthread_mutex_lock(&queue->mutex);
    while (queue->first == NULL && !queue->stopping && !queue->woken && wait_ms != 0) {
        if (!wait_for_change(queue, wait_ms < 0 ? NULL : &until)) break;
    }
    queue->woken = 0;
    operation *taken = queue->first, *last = NULL;
    uint64_t count = 0, bytes = 0;
    for (operation *next = queue->first; next != NULL && count < most; next = next->next) {
        if (count > 0 && bytes + next->bytes > most_bytes) break;
        bytes += next->bytes;
        count++;
        last = next;
    }
    if (last != NULL) {
        queue->first = last->next;
        if (queue->first == NULL) queue->last = NULL;
        last->next = NULL;
        queue->count -= count;
        queue->bytes -= bytes;
    }
    *stopped = queue->stopping && queue->first == NULL;
    pthread_mutex_unlock(&queue->mutex);
    return taken;
}

void queue_wake(queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->woken = 1;
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

void queue_stop(queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->stopping = 1;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->mutex);
}

int queue_is_stopping(queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    int stopping = queue->stopping;
    pthread_mutex_unlock(&queue->mutex);
    return stopping;
}
