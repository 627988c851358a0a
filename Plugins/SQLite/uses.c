/*
 * When chains were last used. A read must not wait for a write, so its use is only noted here; the writer writes all notes
 * together: every few seconds, before a sweep, and at the end. What a crash takes is a few seconds of an eviction order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

int uses_add(uses *uses, int64_t root, int64_t now_ms) {
    pthread_mutex_lock(&uses->mutex);
    uint64_t slots = USES_CAPACITY * 2; /* a power of two, at most half full: a free slot is always near */
    uint64_t slot = ((uint64_t)root * 0x9E3779B97F4A7C15u >> 32) & (slots - 1);
    while (uses->keys[slot] != 0 && uses->keys[slot] != root) slot = (slot + 1) & (slots - 1);
    int first = 0;
    if (uses->keys[slot] == root) {
        if (uses->times[slot] < now_ms) uses->times[slot] = now_ms;
    } else if (uses->count < USES_CAPACITY) {
        uses->keys[slot] = root;
        uses->times[slot] = now_ms;
        first = uses->count++ == 0;
    }
    pthread_mutex_unlock(&uses->mutex);
    return first;
}

uint64_t uses_take(uses *uses, int64_t *keys, int64_t *times) {
    uint64_t count = 0;
    pthread_mutex_lock(&uses->mutex);
    for (uint64_t slot = 0; slot < USES_CAPACITY * 2; slot++) {
        if (uses->keys[slot] == 0) continue;
        keys[count] = uses->keys[slot];
        times[count] = uses->times[slot];
        uses->keys[slot] = 0;
        count++;
    }
    uses->count = 0;
    pthread_mutex_unlock(&uses->mutex);
    return count;
}

uint64_t uses_count(uses *uses) {
    pthread_mutex_lock(&uses->mutex);
    uint64_t count = uses->count;
    pthread_mutex_unlock(&uses->mutex);
    return count;
}
