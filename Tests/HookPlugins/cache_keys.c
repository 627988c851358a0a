/* Which requests are the same. SPDX-License-Identifier: Apache-2.0 */
#include "cache_support.h"

#include <stdlib.h>
#include <string.h>

/* Whether the second request gets what the first one made. */
static int are_same(const char *config, ask_for one, ask_for other) {
    instance instance = started(config);
    CHECK(!is_hit(&instance, one));
    int same = is_hit(&instance, other);
    CHECK(reported(&instance).hits == (unsigned)same);
    CHECK(reported(&instance).misses == 2 - (unsigned)same);
    stopped(&instance);
    return same;
}

#define CHECK_FIELD(expected, text)                                                                                    \
    do {                                                                                                               \
        int same = are_same("{}", (ask_for){0}, (ask_for){.fields = text});                                            \
        if (same != expected) fprintf(stderr, "%s:\n", text);                                                          \
        CHECK(same == expected);                                                                                       \
    } while (0)

static void test_fields(void) {
    static const char *const counted[] = {
        ",\"temperature\":0.5", ",\"top_p\":0.5", ",\"tools\":[]", ",\"tool_choice\":\"none\"",
        ",\"text\":{\"format\":{\"type\":\"json_object\"}}", ",\"reasoning\":{\"effort\":\"low\"}",
        ",\"max_output_tokens\":100", ",\"include\":[\"reasoning.encrypted_content\"]", ",\"parallel_tool_calls\":false",
        ",\"truncation\":\"auto\"", ",\"top_logprobs\":2", ",\"service_tier\":\"flex\"", ",\"prompt\":{\"id\":\"x\"}",
        ",\"something_new\":1",
    };
    static const char *const uncounted[] = {
        "", ",\"metadata\":{\"a\":\"b\"}", ",\"user\":\"u\"", ",\"stream\":true", ",\"store\":false",
        ",\"stream_options\":{\"include_obfuscation\":false}", ",\"safety_identifier\":\"s\"", ",\"prompt_cache_key\":\"k\"",
        ",\"prompt_cache_retention\":\"24h\"", ",\"previous_response_id\":\"resp_0\"", ",\"conversation\":\"conv_0\"",
        ",\"background\":false", ",\"temperature\":null", ",\"instructions\":\"of the request point\"",
    };
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) CHECK_FIELD(0, counted[i]);
    for (size_t i = 0; i < sizeof uncounted / sizeof *uncounted; i++) CHECK_FIELD(1, uncounted[i]);
    ask_for a = {.fields = ",\"temperature\":0,\"top_p\":1"}, b = {.fields = " ,\"top_p\" : 1,\"temperature\":0"};
    CHECK(are_same("{}", a, b));
    CHECK(!are_same("{}", a, (ask_for){.fields = ",\"temperature\":1,\"top_p\":0"}));
    CHECK(!are_same("{}", a, (ask_for){.fields = ",\"temperature\":0,\"top_p\":1.0"}));
    CHECK(!are_same("{}", a, (ask_for){.fields = ",\"temperature\":\"0\",\"top_p\":1"}));
    /* Inside a field the order is what the model is told. */
    a.fields = ",\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]";
    CHECK(are_same("{}", a, a));
    CHECK(!are_same("{}", a, (ask_for){.fields = ",\"tools\":[{\"name\":\"f\",\"type\":\"function\"}]"}));
}

static ask_for of_input(const char *input) { return (ask_for){.input = input}; }

static int are_same_input(const char *one, const char *other) { return are_same("{}", of_input(one), of_input(other)); }

static void test_prompts(void) {
    const char *hi = "{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"}";
    CHECK(!are_same_input(hi, "{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi \"}"));
    CHECK(!are_same_input(hi, "{\"type\":\"message\",\"role\":\"system\",\"content\":\"hi\"}"));
    CHECK(!are_same_input(hi, "{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"},"
                              "{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"}"));
    /* Ids of items are names; white space and escapes are ways of writing. */
    CHECK(are_same_input(hi, "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"}"));
    CHECK(are_same_input("{\"role\":\"user\",\"content\":\"hi\"}", "{\"role\":\"user\",\"content\":\"hi\",\"id\":\"msg_2\"}"));
    CHECK(are_same_input(hi, " { \"type\" : \"message\",\n\"role\":\"user\",\"content\":\"\\u0068i\" } "));
    CHECK(!are_same_input("{\"type\":\"item_reference\",\"id\":\"a\"}", "{\"type\":\"item_reference\",\"id\":\"b\"}"));
    CHECK(!are_same_input("{\"type\":\"function_call_output\",\"call_id\":\"a\",\"output\":\"\"}",
                          "{\"type\":\"function_call_output\",\"call_id\":\"b\",\"output\":\"\"}"));
    /* The borders of texts and of lists are part of them. */
    CHECK(!are_same_input("{\"role\":\"user\",\"content\":[\"ab\",\"c\"]}", "{\"role\":\"user\",\"content\":[\"a\",\"bc\"]}"));
    CHECK(!are_same_input("{\"role\":\"user\",\"content\":[[\"a\"],\"b\"]}", "{\"role\":\"user\",\"content\":[[\"a\",\"b\"]]}"));
    CHECK(!are_same_input("{\"role\":\"user\",\"content\":[1]}", "{\"role\":\"user\",\"content\":[\"1\"]}"));
    CHECK(!are_same_input("{\"role\":\"user\",\"content\":[]}", "{\"role\":\"user\",\"content\":{}}"));
    CHECK(!are_same("{}", (ask_for){0}, (ask_for){.instructions = "\"be brief\""}));
    CHECK(!are_same("{}", (ask_for){.instructions = "\"\""}, (ask_for){0}));
    CHECK(are_same("{}", (ask_for){.instructions = "null"}, (ask_for){0}));
    CHECK(!are_same("{}", (ask_for){0}, (ask_for){.model = "n"}));
    CHECK(!are_same("{}", (ask_for){0}, (ask_for){.provider = "q"}));
    CHECK(!are_same("{}", (ask_for){0}, (ask_for){.upstream_model = "v"}));
}

/* Long texts go another way into the digest. */
static void test_long_prompts(void) {
    for (size_t size = 16000; size <= 17000; size += 100) {
        char *input = malloc(size + 100), *other;
        int begin = sprintf(input, "{\"role\":\"user\",\"content\":\"");
        memset(input + begin, 'x', size);
        strcpy(input + begin + size, "\"}");
        other = strdup(input);
        CHECK(are_same_input(input, other));
        other[begin + size - 1] = 'y';
        CHECK(!are_same_input(input, other));
        free(input);
        free(other);
    }
}

static void test_owners(void) {
    CHECK(!are_same("{}", (ask_for){.owner = "one"}, (ask_for){.owner = "other"}));
    CHECK(!are_same("{}", (ask_for){.owner = "one"}, (ask_for){.owner = ""}));
    CHECK(are_same("{\"share\":true}", (ask_for){.owner = "one"}, (ask_for){.owner = "other"}));
    CHECK(!are_same("{\"share\":false}", (ask_for){.owner = "one"}, (ask_for){.owner = "other"}));
}

void test_keys(void) {
    test_fields();
    test_prompts();
    test_long_prompts();
    test_owners();
}
