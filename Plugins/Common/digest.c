/* digest.c - SHA-256, see plugin_digest.h. SPDX-License-Identifier: Apache-2.0 */
#include "plugin_digest.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

/* Takes whole blocks of 64 bytes. */
typedef void (*compress)(uint32_t state[8], const uint8_t *blocks, size_t count);

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static inline uint32_t turn(uint32_t word, unsigned bits) {
    return word >> bits | word << (32 - bits);
}

static void compress_portably(uint32_t state[8], const uint8_t *blocks, size_t count) {
    for (; count > 0; count--, blocks += 64) {
        uint32_t w[64];
        for (unsigned i = 0; i < 16; i++) {
            const uint8_t *b = blocks + 4 * i;
            w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
        }
        for (unsigned i = 16; i < 64; i++) {
            uint32_t low = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3;
            uint32_t high = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + low + w[i - 7] + high;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (unsigned i = 0; i < 64; i++) {
            uint32_t one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
            uint32_t two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

#if defined(__x86_64__)

/* The instructions want the state as {a, b, e, f} and {c, d, g, h}, highest first, and do two rounds at a time. */
__attribute__((target("sha,sse4.1,ssse3"))) static void compress_by_instruction(uint32_t state[8], const uint8_t *blocks, size_t count) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i abef = _mm_set_epi32((int)state[0], (int)state[1], (int)state[4], (int)state[5]);
    __m128i cdgh = _mm_set_epi32((int)state[2], (int)state[3], (int)state[6], (int)state[7]);
    for (; count > 0; count--, blocks += 64) {
        __m128i first = abef, second = cdgh;
        __m128i w[4]; /* the last sixteen words */
#pragma clang loop unroll(full)
        for (unsigned i = 0; i < 16; i++) {
            __m128i *now = &w[i & 3], last = w[(i + 3) & 3];
            if (i < 4) {
                *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(blocks + 16 * i)), swap);
            } else {
                __m128i low = _mm_sha256msg1_epu32(*now, w[(i + 1) & 3]);
                *now = _mm_sha256msg2_epu32(_mm_add_epi32(low, _mm_alignr_epi8(last, w[(i + 2) & 3], 4)), last);
            }
            __m128i sum = _mm_add_epi32(*now, _mm_loadu_si128((const __m128i *)(const void *)(constants + 4 * i)));
            second = _mm_sha256rnds2_epu32(second, first, sum);
            first = _mm_sha256rnds2_epu32(first, second, _mm_shuffle_epi32(sum, 0x0E));
        }
        abef = _mm_add_epi32(abef, first);
        cdgh = _mm_add_epi32(cdgh, second);
    }
    uint32_t out[8];
    _mm_storeu_si128((__m128i *)(void *)out, abef);
    _mm_storeu_si128((__m128i *)(void *)(out + 4), cdgh);
    state[0] = out[3], state[1] = out[2], state[4] = out[1], state[5] = out[0];
    state[2] = out[7], state[3] = out[6], state[6] = out[5], state[7] = out[4];
}

static int has_instructions(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 19)) || !(c & (1u << 9))) return 0; /* SSE4.1, SSSE3 */
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));                      /* SHA */
}

static compress fastest(void) {
    /* Two threads that find out at the same time find the same. */
    static int known; /* 0: not yet; 1: no; 2: yes */
    int now = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (now == 0) {
        now = has_instructions() ? 2 : 1;
        __atomic_store_n(&known, now, __ATOMIC_RELAXED);
    }
    return now == 2 ? compress_by_instruction : compress_portably;
}

#else

static compress fastest(void) {
    return compress_portably;
}

#endif

static void add(pdigest *digest, const uint8_t *data, size_t size, compress run) {
    size_t held = digest->count % 64;
    digest->count += size;
    if (held > 0) {
        size_t part = size < 64 - held ? size : 64 - held;
        if (part > 0) memcpy(digest->block + held, data, part);
        if (held + part < 64) return;
        run(digest->state, digest->block, 1);
        data += part, size -= part;
    }
    if (size >= 64) run(digest->state, data, size / 64);
    if (size % 64 > 0) memcpy(digest->block, data + size / 64 * 64, size % 64);
}

pdigest pdigest_begin(void) {
    pdigest digest = {.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
    return digest;
}

void pdigest_add(pdigest *digest, const void *data, size_t size) {
    add(digest, data, size, fastest());
}

void pdigest_add_portably(pdigest *digest, const void *data, size_t size) {
    add(digest, data, size, compress_portably);
}

void pdigest_end(const pdigest *digest, uint8_t out[32]) {
    pdigest last = *digest;
    uint8_t tail[72] = {0x80}; /* a one, zeros up to 56 of a block, and the count of bits */
    size_t padding = (119 - digest->count % 64) % 64 + 1;
    uint64_t bits = digest->count * 8;
    for (unsigned i = 0; i < 8; i++) tail[padding + i] = (uint8_t)(bits >> (56 - 8 * i));
    add(&last, tail, padding + 8, fastest());
    for (unsigned i = 0; i < 32; i++) out[i] = (uint8_t)(last.state[i / 4] >> (24 - 8 * (i % 4)));
}
