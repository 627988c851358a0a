/*
 * The plugins' JSON reader: a table of what is JSON and what isn't, and a seeded fuzzer. Build it with a sanitizer: each text lies in
 * a block of exactly its own size, so that a read past its end is seen.
 *
 *   fuzz [ROUNDS [SEED]]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned state = 1, failed;
static int checked; /* whether the text that is walked was taken by pjson_parse */

static unsigned draw(unsigned below) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

/* Reads everything that can be read of a value. Answers how many values it saw. */
static size_t walk(pjson_value value, const char *data, size_t size, int depth) {
    if (checked && depth > PJSON_MAX_DEPTH) abort();
    if (value.data < data || value.data + value.size > data + size) abort(); /* a slice outside the text */
    char *buffer = malloc(value.size / 2 + 1);
    size_t length = pjson_decode(value, buffer, value.size / 2);
    if (checked && length > value.size) abort();
    int64_t number;
    pjson_int(value, &number);
    pjson_equals(value, "text");
    free(buffer);
    pjson_iterator iterator = pjson_iterate(value);
    pjson_value key, member;
    size_t count = 0, seen = 1;
    while (pjson_next(&iterator, &key, &member)) {
        if (checked && value.kind == PJSON_OBJECT && key.kind != PJSON_STRING) abort();
        seen += walk(member, data, size, depth + 1);
        count++;
    }
    if (count != pjson_count(value)) abort();
    pjson_member(value, "input");
    return seen;
}

static int parse(const char *text, size_t size, pjson_value *value, char **block) {
    *block = malloc(size == 0 ? 1 : size);
    memcpy(*block, text, size);
    size_t error_at = 0;
    int good = pjson_parse(*block, size, value, &error_at);
    if (!good && error_at > size) abort();
    checked = good;
    return good;
}

static void check(const char *text, size_t size, int wanted) {
    pjson_value value;
    char *block;
    int got = parse(text, size, &value, &block);
    if (got) walk(value, block, size, 0);
    if (got != wanted) {
        printf("FAILED  %.*s is %s\n", (int)(size < 60 ? size : 60), text, got ? "taken" : "refused");
        failed++;
    }
    free(block);
}

static const char *const good[] = {
    "{}", "[]", " [ ] ", "null", "true", "false", "0", "-0", "10", "1.5", "1e5", "1E+5", "-1.25e-3", "\"\"", "\"a\"", "[1,2,3]",
    "{\"a\":1}", "{\"a\":{\"b\":[{}]}}", "[[],[[]]]", "\"\\u0041\\n\\\"\\\\\\/\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"",
    "\"\xc3\xa9\xe4\xb8\x96\xf0\x9f\x8c\x8d\"", "{\"a\":1,\"a\":2}", "\t\r\n{\"input\" : [ {\"role\":\"user\"} ] }\n", "\"\x7f\""};

static const char *const bad[] = {
    "", " ", "{", "[", "}", "]", "{]", "[}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:2}",
    "{\"a\" 1}", "{\"a\":1 \"b\":2}", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "nul", "nulll", "tru", "truefalse",
    "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "\"\x01\"", "\"\x80\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
    "\"\xf5\x80\x80\x80\"", "\"\xe4\xb8\"", "1 2", "{} {}", "[] x", "'a'", "// c\n1", "\xef\xbb\xbf{}"};

static void check_values(void) {
    static const char text[] = "{\"s\":\"a\\u00e9\\ud83d\\ude00\\udc00\",\"i\":-9223372036854775808,\"o\":9223372036854775808,\"f\":1.0,\"k\\u0065y\":7}";
    static const char wanted[] = "a\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd";
    pjson_value value;
    char buffer[64];
    int64_t number = 0;
    failed += !pjson_parse(text, sizeof text - 1, &value, NULL);
    size_t size = pjson_decode(pjson_member(value, "s"), buffer, sizeof buffer);
    failed += size != sizeof wanted - 1 || memcmp(buffer, wanted, size) != 0;
    memset(buffer, 'z', sizeof buffer);
    failed += pjson_decode(pjson_member(value, "s"), buffer, 5) != size || memcmp(buffer, "a\xc3\xa9zz", 5) != 0; /* whole characters */
    failed += !pjson_int(pjson_member(value, "i"), &number) || number != INT64_MIN;
    failed += pjson_int(pjson_member(value, "o"), &number) || pjson_int(pjson_member(value, "f"), &number);
    failed += !pjson_int(pjson_member(value, "key"), &number) || number != 7;
    failed += pjson_member(value, "none").kind != PJSON_NONE || pjson_count(value) != 5;
}

static void check_depth(void) {
    char text[2 * PJSON_MAX_DEPTH + 3];
    for (int depth = PJSON_MAX_DEPTH; depth <= PJSON_MAX_DEPTH + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        check(text, (size_t)depth * 2, depth == PJSON_MAX_DEPTH);
    }
    char *deep = malloc(1 << 20);
    memset(deep, '[', 1 << 20);
    check(deep, 1 << 20, 0);
    free(deep);
}

/* Changes a good text here and there. Whatever comes of it must be read within its bounds. */
static void fuzz(unsigned rounds) {
    static const char signs[] = "{}[]\",:\\u0019aeE+-.tfn \n\x80\xc3\xed\xf0\xff";
    unsigned taken = 0;
    for (unsigned round = 0; round < rounds; round++) {
        const char *seed = good[draw(sizeof good / sizeof *good)], *other = good[draw(sizeof good / sizeof *good)];
        char text[256];
        size_t size = (size_t)snprintf(text, sizeof text, "[%s,{\"x\":%s}]", seed, other);
        for (unsigned change = draw(4); change > 0 && size > 0; change--) {
            size_t at = draw((unsigned)size);
            switch (draw(4)) {
            case 0: text[at] = signs[draw(sizeof signs - 1)]; break;
            case 1: text[at] = (char)draw(256); break;
            case 2: size = at; break;
            default: memmove(text + at, text + at + 1, size - at - 1); size--; break;
            }
        }
        pjson_value value;
        char *block;
        if (parse(text, size, &value, &block)) {
            taken++;
            walk(value, block, size, 0);
        } else {
            /* What was refused can't be walked; but a slice of it, as if it had been taken, must still be safe. */
            walk((pjson_value){block, size, draw(2) ? PJSON_OBJECT : PJSON_STRING}, block, size, 0);
        }
        free(block);
    }
    if (rounds > 100 && (taken == 0 || taken == rounds)) failed++;
}

int main(int count, char **arguments) {
    unsigned rounds = count > 1 ? (unsigned)atoi(arguments[1]) : 300000;
    if (count > 2) state = (unsigned)atoi(arguments[2]) | 1;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) check(good[i], strlen(good[i]), 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) check(bad[i], strlen(bad[i]), 0);
    check("\"a\0b\"", 5, 0);
    check_values();
    check_depth();
    fuzz(rounds);
    printf("plugin JSON: %u rounds, %u failed\n", rounds, failed);
    return failed != 0;
}
