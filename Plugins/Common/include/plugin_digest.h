/*
 * plugin_digest.h - SHA-256 (FIPS 180-4), for plugins written in C (and, through a module map, in Swift).
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * For keys and fingerprints. It allocates nothing, keeps no state of its own, and uses the processor's SHA instructions where there
 * are any.
 */
#ifndef PATCHBAY_PLUGIN_DIGEST_H
#define PATCHBAY_PLUGIN_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* A digest that is being made. May be copied; the copies go on by themselves. */
typedef struct pdigest {
    uint32_t state[8];
    uint64_t count;    /* bytes so far */
    uint8_t block[64]; /* the last count % 64 of them */
} pdigest;

/* The digest of nothing. */
pdigest pdigest_begin(void);
/* Takes `size` more bytes. `data` may be null when size is 0. */
void pdigest_add(pdigest *digest, const void *data, size_t size);
/* The digest of all that was added: 32 bytes. `digest` is unchanged, and can be added to further. */
void pdigest_end(const pdigest *digest, uint8_t out[32]);
/* The same without the processor's SHA instructions, for the tests. */
void pdigest_add_portably(pdigest *digest, const void *data, size_t size);

#endif
