/*
 * plugin_clock.h - a clock that a test's host lends to a plugin in the place of the monotonic one, so that no test waits for time to
 * pass. A plugin asks for it once, at its entry: host->get_extension(PCLOCK_ID). The server has none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PATCHBAY_PLUGIN_CLOCK_H
#define PATCHBAY_PLUGIN_CLOCK_H

#include <stdint.h>

#define PCLOCK_ID "patchbay.test-clock/1"

typedef struct pclock {
    uint32_t size;
    uint32_t reserved;
    /* [any] Nanoseconds; never less than before. */
    uint64_t (*now_ns)(void);
    /* [any] From now on calls `changed(context)`, from any thread, when the time is another. With a null `changed`: no more. */
    void (*watch)(void (*changed)(void *context), void *context);
} pclock;

#endif
