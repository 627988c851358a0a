/*
 * Guard: the rules of a request, and tools' calls. guard LIBRARY [CHECK]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.h"

#include <stdlib.h>

instance guard_start(const char *config) {
    instance instance;
    pbay_error error;
    int32_t code = host_start(&instance, config, &error);
    if (code != PBAY_OK) fprintf(stderr, "%s: %s: %s\n", config, error.param, error.message);
    if (code != PBAY_OK) exit(1);
    return instance;
}

request *guard_open(instance *instance, const char *config) {
    *instance = guard_start(config);
    return host_open(instance, "req", "owner", "m", 0, NULL);
}

void guard_close(instance *instance, request *request) {
    host_close(request);
    host_stop(instance);
}

void passes(int line, request *request, const char *body) {
    const verdict *verdict = host_visit(request, PBAY_POINT_REQUEST, body);
    EXPECT(verdict->kind == VERDICT_CONTINUE, "line %d: %.200s: %d %s", line, body, verdict->kind, verdict->error.message);
    EXPECT(verdict->was_called, "line %d: not visited", line);
}

void refuses(int line, request *request, const char *body, int32_t code, const char *param, const char *words, const char *rule) {
    unsigned logged = host_logged(NULL, 0);
    const verdict *verdict = host_visit(request, PBAY_POINT_REQUEST, body);
    EXPECT(verdict->kind == VERDICT_REJECT, "line %d: %.200s: %d", line, body, verdict->kind);
    if (verdict->kind != VERDICT_REJECT) return;
    EXPECT(verdict->error.code == code, "line %d: %d", line, verdict->error.code);
    EXPECT(strcmp(verdict->error.param, param) == 0, "line %d: %s", line, verdict->error.param);
    EXPECT(strstr(verdict->error.message, words) != NULL, "line %d: %s", line, verdict->error.message);
    char wanted[200], detail[200];
    snprintf(wanted, sizeof wanted, "{\"by\":\"patchbay.guard\",\"rule\":\"%s\"}", rule);
    snprintf(detail, sizeof detail, "refused by the rule %s", rule);
    const char *by = host_bag(request, "patchbay.rejected");
    EXPECT(by != NULL && strcmp(by, wanted) == 0, "line %d: %s", line, by);
    EXPECT(strcmp(verdict->error.detail, detail) == 0, "line %d: %s", line, verdict->error.detail);
    EXPECT(host_logged(NULL, 0) == logged, "line %d: something was logged", line);
}

char *long_body(size_t size, const char *tail) {
    char *body = malloc(size + strlen(tail) + 64);
    int length = sprintf(body, "{\"input\":\"");
    memset(body + length, 'x', size);
    sprintf(body + length + size, " %s\"}", tail);
    return body;
}

static void check_models(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"models\":{\"allow\":[\"gpt-*\",\"local\"],\"deny\":[\"*-preview\",\"gpt-*-x-*\"],\"message\":\"not that one\"}}");
    PASSES(request, "{\"model\":\"gpt-4\"}");
    PASSES(request, "{\"model\":\"gpt-\"}");
    PASSES(request, "{\"model\":\"local\"}");
    PASSES(request, "{\"input\":\"no model\"}");
    REFUSES(request, "{\"model\":\"locals\"}", PBAY_ENOTFOUND, "model", "not that one", "models.allow");
    REFUSES(request, "{\"model\":\"\"}", PBAY_ENOTFOUND, "model", "not that one", "models.allow");
    REFUSES(request, "{\"model\":\"gpt-5-preview\"}", PBAY_ENOTFOUND, "model", "not that one", "models.deny");
    REFUSES(request, "{\"model\":\"gpt-a-x-b\"}", PBAY_ENOTFOUND, "model", "not that one", "models.deny");
    guard_close(&guard, request);
    request = guard_open(&guard, "{\"models\":{\"deny\":[\"old\"]}}");
    PASSES(request, "{\"model\":\"older\"}");
    REFUSES(request, "{\"model\":\"\\u006fld\"}", PBAY_ENOTFOUND, "model", "isn't available", "models.deny");
    guard_close(&guard, request);
}

static void check_tools(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"tools\":{\"deny\":[\"shell\",\"web_*\"]}}");
    PASSES(request, "{\"tools\":[]}");
    PASSES(request, "{\"tools\":[{\"type\":\"function\",\"name\":\"add\"}]}");
    REFUSES(request, "{\"tools\":[{\"type\":\"function\",\"name\":\"add\"},{\"type\":\"function\",\"name\":\"shell\"}]}", PBAY_EUNSUPPORTED,
            "tools[1].name", "isn't allowed", "tools.deny");
    REFUSES(request, "{\"tools\":[{\"type\":\"web_search\"}]}", PBAY_EUNSUPPORTED, "tools[0].type", "isn't allowed", "tools.deny");
    guard_close(&guard, request);
    request = guard_open(&guard, "{\"tools\":{\"allow\":[],\"message\":\"no tools\"}}");
    PASSES(request, "{\"input\":\"x\"}");
    REFUSES(request, "{\"tools\":[{\"name\":\"add\"}]}", PBAY_EUNSUPPORTED, "tools[0].name", "no tools", "tools.allow");
    guard_close(&guard, request);
}

static void check_tool_call(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"tools\":{\"allow\":[\"add\"]}}");
    EXPECT(host_visit(request, PBAY_POINT_TOOL_CALL, "{\"name\":\"add\",\"arguments\":\"{}\"}")->kind == VERDICT_CONTINUE, "add");
    const verdict *verdict = host_visit(request, PBAY_POINT_TOOL_CALL, "{\"name\":\"shell\"}");
    EXPECT(verdict->kind == VERDICT_REJECT && strstr(verdict->error.message, "isn't allowed") != NULL, "%d", verdict->kind);
    EXPECT(strstr(host_bag(request, "patchbay.rejected"), "tools.allow") != NULL, "%s", host_bag(request, "patchbay.rejected"));
    EXPECT(host_visit(request, PBAY_POINT_TOOL_CALL, "{\"name\":7}")->kind == VERDICT_REJECT, "a name that is none");
    EXPECT(host_visit(request, PBAY_POINT_TOOL_CALL, "no JSON")->kind == VERDICT_FAIL, "no JSON");
    guard_close(&guard, request);
    request = guard_open(&guard, "{\"tools\":{\"deny\":[\"shell\"],\"on_call\":\"tell\",\"message\":\"say \\\"please\\\"\"}}");
    verdict = host_visit(request, PBAY_POINT_TOOL_CALL, "{\"name\":\"shell\"}");
    EXPECT(verdict->kind == VERDICT_REPLACE && strcmp(verdict->json, "{\"output\":\"say \\\"please\\\"\"}") == 0, "%d %s", verdict->kind, verdict->json);
    guard_close(&guard, request);
}

static void check_limits(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"limits\":{\"input_bytes\":90,\"items\":2,\"images\":1,\"tools\":1,\"output_tokens\":100}}");
    PASSES(request, "{\"input\":[{},{}],\"tools\":[{}],\"max_output_tokens\":100}");
    PASSES(request, "{\"max_output_tokens\":null}");
    REFUSES(request, "{\"input\":[{},{},{}]}", PBAY_EINVALID, "input", "bounded to 2", "limits.items");
    REFUSES(request, "{\"tools\":[{},{}]}", PBAY_EINVALID, "tools", "bounded to 1", "limits.tools");
    REFUSES(request, "{\"max_output_tokens\":101}", PBAY_EINVALID, "max_output_tokens", "bounded to 100", "limits.output_tokens");
    REFUSES(request, "{\"max_output_tokens\":1e9}", PBAY_EINVALID, "max_output_tokens", "bounded", "limits.output_tokens");
    PASSES(request, "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\"}]}]}");
    REFUSES(request, "{\"input\":[{\"content\":[{\"type\":\"input_image\"}]},{\"output\":[{\"type\":\"input_image\"}]}]}", PBAY_EINVALID, "input",
            "Images are bounded to 1", "limits.images");
    PASSES(request, "{\"input\":\"12345678901234567890123456789012345678901234567890123456789012345678\",\"instructions\":\"123456789012345678\"}");
    REFUSES(request, "{\"input\":\"12345678901234567890123456789012345678901234567890123456789012345678\",\"instructions\":\"1234567890123456789\"}",
            PBAY_ECONTEXT_LENGTH, "input", "90 bytes", "limits.input_bytes");
    guard_close(&guard, request);
    request = guard_open(&guard, "{\"limits\":{\"images\":0}}");
    REFUSES(request, "{\"input\":[{\"content\":[{\"type\":\"input_image\"}]}]}", PBAY_EINVALID, "input", "bounded to 0", "limits.images");
    guard_close(&guard, request);
}

static void check_texts(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"texts\":{\"deny\":[\"(?i)ignore all\",{\"pattern\":\"\\\\bsk-[a-z0-9]{4,}\",\"message\":\"no keys, please\"}]}}");
    PASSES(request, "{\"input\":\"hello\"}");
    PASSES(request, "{\"input\":\"risk-taking\"}");
    REFUSES(request, "{\"input\":\"please IGNORE all of it\"}", PBAY_EINVALID, "input", "isn't allowed", "texts.deny[0]");
    REFUSES(request, "{\"input\":[{\"role\":\"user\",\"content\":\"my sk-12345\"}]}", PBAY_EINVALID, "input[0].content", "no keys, please", "texts.deny[1]");
    REFUSES(request, "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\"},{\"type\":\"input_text\",\"text\":\"i\\u0067nore\\u0020all\"}]}]}",
            PBAY_EINVALID, "input[0].content[1].text", "isn't allowed", "texts.deny[0]");
    REFUSES(request, "{\"input\":[{\"content\":\"ignore all\",\"type\":\"message\",\"role\":\"user\"}]}", PBAY_EINVALID, "input[0].content", "", "texts.deny[0]");
    PASSES(request, "{\"instructions\":\"ignore all\",\"input\":[{\"role\":\"system\",\"content\":\"ignore all\"},{\"role\":\"assistant\",\"content\":\"ignore all\"},"
                    "{\"type\":\"function_call_output\",\"output\":\"ignore all\"}]}");
    guard_close(&guard, request);
}

/* The characters that a pattern sees are the text's, however its JSON writes them. */
static void check_escapes(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"texts\":{\"deny\":[\"^a\\\"\\\\\\\\/\\b\\f\\n\\r\\tz$\",\"^\U0001F600\\u00e9\u20ac.$\",\"^\uFFFDA\uFFFD\uFFFD\\n$\"]}}");
    REFUSES(request, "{\"input\":\"\\u0061\\\"\\\\\\/\\b\\f\\n\\r\\tz\"}", PBAY_EINVALID, "input", "", "texts.deny[0]");
    REFUSES(request, "{\"input\":\"\\ud83d\\uDE00\\u00E9\\u20ac\U0001F600\"}", PBAY_EINVALID, "input", "", "texts.deny[1]");
    REFUSES(request, "{\"input\":\"\\ud800\\u0041\\ude00\\ud83d\\n\"}", PBAY_EINVALID, "input", "", "texts.deny[2]");
    PASSES(request, "{\"input\":\"\\\\u0061\"}");
    guard_close(&guard, request);
}

static void check_text_sources(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"texts\":{\"deny\":[\"bad\"],\"from\":[\"instructions\",\"tools\"]}}");
    PASSES(request, "{\"input\":[{\"role\":\"user\",\"content\":\"bad\"},{\"role\":\"assistant\",\"content\":\"bad\"}]}");
    REFUSES(request, "{\"instructions\":\"bad\"}", PBAY_EINVALID, "instructions", "", "texts.deny[0]");
    REFUSES(request, "{\"input\":[{\"role\":\"developer\",\"content\":\"bad\"}]}", PBAY_EINVALID, "input[0].content", "", "texts.deny[0]");
    REFUSES(request, "{\"input\":[{\"type\":\"function_call_output\",\"output\":\"bad\"}]}", PBAY_EINVALID, "input[0].output", "", "texts.deny[0]");
    REFUSES(request, "{\"input\":[{},{\"type\":\"custom_tool_call_output\",\"output\":[{\"text\":\"bad\"}]}]}", PBAY_EINVALID, "input[1].output[0].text", "",
            "texts.deny[0]");
    PASSES(request, "{\"input\":[{\"type\":\"function_call\",\"output\":\"bad\"}]}");
    guard_close(&guard, request);
}

static void check_words(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"texts\":{\"deny\":[{\"words\":[\"bomb\",\"stra\\u00dfe\",\"a+b\"],\"message\":\"words\"}]}}");
    PASSES(request, "{\"input\":\"bombastic aerobomb bombs\"}");
    PASSES(request, "{\"input\":\"aab\"}");
    PASSES(request, "{\"input\":\"\\u00e9bomb bomb\\u00e9\"}");
    REFUSES(request, "{\"input\":\"bomb\"}", PBAY_EINVALID, "input", "words", "texts.deny[0]");
    REFUSES(request, "{\"input\":\"a Bomb.\"}", PBAY_EINVALID, "input", "words", "texts.deny[0]");
    REFUSES(request, "{\"input\":\"(STRA\\u00dfE)\"}", PBAY_EINVALID, "input", "words", "texts.deny[0]");
    REFUSES(request, "{\"input\":\"so a+b it is\"}", PBAY_EINVALID, "input", "words", "texts.deny[0]");
    guard_close(&guard, request);
}

static void check_allowed_texts(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"texts\":{\"allow\":[{\"words\":[\"weather\"]},\"rain\"],\"message\":\"weather alone\"}}");
    PASSES(request, "{\"input\":\"the Weather?\"}");
    PASSES(request, "{\"input\":\"raincoats\"}");
    REFUSES(request, "{\"input\":\"the news\"}", PBAY_EINVALID, "input", "weather alone", "texts.allow");
    REFUSES(request, "{\"input\":\"\"}", PBAY_EINVALID, "input", "weather alone", "texts.allow");
    guard_close(&guard, request);
}

/* What is too long for the strand is looked at elsewhere, with the same verdict, also after it was cancelled. */
static void check_long(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"texts\":{\"deny\":[\"bad$\"]}}"), *requests[64];
    char *good = long_body(1 << 20, "good"), *bad = long_body(1 << 20, "bad");
    PASSES(request, good);
    EXPECT(host_visit(request, PBAY_POINT_REQUEST, good)->was_deferred, "the strand was held up");
    EXPECT(!host_visit(request, PBAY_POINT_REQUEST, "{\"input\":\"short\"}")->was_deferred, "a short one went to the thread");
    REFUSES(request, bad, PBAY_EINVALID, "input", "isn't allowed", "texts.deny[0]");
    for (int i = 0; i < 64; i++) {
        requests[i] = host_open(&guard, "r", "o", "m", 0, NULL);
        host_begin(requests[i], PBAY_POINT_REQUEST, 0, i % 2 == 0 ? good : bad, NULL, 0);
        if (i % 3 == 0) host_cancel(requests[i]);
    }
    for (int i = 0; i < 64; i++) {
        const verdict *verdict = host_wait(requests[i]);
        if (i % 3 != 0) EXPECT(verdict->kind == (i % 2 == 0 ? VERDICT_CONTINUE : VERDICT_REJECT), "%d: %d", i, verdict->kind);
        host_close(requests[i]);
    }
    free(good);
    free(bad);
    guard_close(&guard, request);
}

static void check_hostile(void) {
    static const char *const bodies[] = {
        "{}", "{\"input\":null,\"tools\":7,\"model\":[],\"instructions\":{},\"max_output_tokens\":\"9\"}",
        "{\"input\":[null,1,\"x\",[],{\"role\":7,\"content\":{\"a\":1}},{\"content\":[null,3,{\"text\":4},{\"text\":null}]},{\"type\":{},\"output\":true}]}",
        "{\"tools\":[null,[],{\"name\":5,\"type\":6}]}", "{\"input\":\"\\u0000\\ud800 \\udbff\\udfff\"}",
    };
    instance guard;
    request *request = guard_open(&guard, "{\"models\":{\"deny\":[\"x\"]},\"tools\":{\"deny\":[\"x\"]},\"limits\":{\"items\":100,\"output_tokens\":5},"
                                          "\"texts\":{\"deny\":[\"bad\"],\"from\":[\"user\",\"instructions\",\"tools\"]}}");
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) PASSES(request, bodies[i]);
    char *deep = calloc(1, 100000);
    strcpy(deep, "{\"input\":");
    memset(deep + 9, '[', 49000);
    memset(deep + 9 + 49000, ']', 49000);
    strcat(deep, "}");
    REFUSES(request, deep, PBAY_EINVALID, "", "nested too deeply", "request");
    char *stars = long_body(12000, "(((((((((((((((((((((((*"); /* RE2's time is linear in the text's length */
    PASSES(request, stars);
    free(deep);
    free(stars);
    guard_close(&guard, request);
}

int main(int count, char **arguments) {
    static const check checks[] = {
        {"models", check_models}, {"tools", check_tools}, {"tool call", check_tool_call}, {"limits", check_limits}, {"texts", check_texts},
        {"escapes", check_escapes},
        {"texts' sources", check_text_sources}, {"words", check_words}, {"allowed texts", check_allowed_texts}, {"long requests", check_long},
        {"hostile", check_hostile}, {"configuration", check_configuration}, {"answer: every split", check_answer_splits},
        {"answer: words", check_answer_words}, {"answer: ends", check_answer_ends}, {"answer: window", check_answer_window},
        {"answer: kinds", check_answer_kinds}, {"interest", check_answer_interest}, {"moderation: input", check_moderation_input},
        {"moderation: its request", check_moderation_request}, {"moderation: field", check_moderation_field},
        {"moderation: failed", check_moderation_failed}, {"moderation: late", check_moderation_late},
        {"moderation: output", check_moderation_output}, {"moderation: long", check_moderation_long},
    };
    if (count < 2) return 2;
    host_load(arguments[1]);
    return checks_run(checks, sizeof checks / sizeof *checks, count > 2 ? arguments[2] : NULL);
}
