/*
 * The tests of Plugins/Cache: cache PLUGIN.so [--real-clock]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cache_support.h"

#include "plugin_digest.h"

#include <stdlib.h>
#include <string.h>

/* The examples of FIPS 180-4's authors, and every way of cutting a text, with and without the processor's instructions. */
static void test_digest(void) {
    static const struct {
        const char *text, *digest;
    } known[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t out[32];
        char text[65];
        pdigest digest = pdigest_begin();
        pdigest_add(&digest, known[i].text, strlen(known[i].text));
        pdigest_end(&digest, out);
        for (int k = 0; k < 32; k++) snprintf(text + 2 * k, 3, "%02x", out[k]);
        CHECK(strcmp(text, known[i].digest) == 0);
    }
    static uint8_t data[1000];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7 + i / 256);
    for (size_t size = 0; size <= sizeof data; size += size < 200 ? 1 : 97) {
        uint8_t whole[32], cut[32];
        pdigest one = pdigest_begin();
        pdigest_add_portably(&one, data, size);
        pdigest_end(&one, whole);
        for (size_t at = 0; at <= size; at += at < 130 ? 1 : 61) {
            pdigest other = pdigest_begin();
            pdigest_add(&other, data, at);
            pdigest_end(&other, cut); /* which changes nothing */
            pdigest_add(&other, data + at, size - at);
            pdigest_end(&other, cut);
            EXPECT(memcmp(whole, cut, 32) == 0); /* cut anywhere it is the same */
        }
    }
}

int main(int count, char **arguments) {
    if (count < 2) return 2;
    int is_real = count > 2 && strcmp(arguments[2], "--real-clock") == 0;
    if (!is_real) clock_offer();
    host_load(arguments[1]);
    if (is_real) {
        test_real_clock();
    } else {
        test_digest();
        test_keys();
        test_refusals();
        test_replay();
        test_bounds();
        test_flights();
        test_ends();
        test_stress();
    }
    CHECK(host_violations() == 0);
    printf("%u passed, %u failed\n", checks_passed, checks_failed);
    return checks_failed > 0;
}
