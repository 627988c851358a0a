/*
 * Guard: the model that is asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.h"
#include "plugin_json.h"

#include <stdlib.h>

#define MODERATION(more) "{\"moderation\":{\"model\":\"small\",\"instructions\":\"safe or \\\"unsafe\\\"?\"," more "}}"

/* A model that answers what it is told to, and keeps what it was asked. */
typedef struct model {
    int32_t code;
    const char *says;
    int asked;
    char body[4096];
} model;

static int32_t answer(void *context, const char *body, const char **text) {
    model *model = context;
    model->asked++;
    snprintf(model->body, sizeof model->body, "%s", body);
    *text = model->says;
    return model->code;
}

static request *open_with(instance *guard, model *model, const char *config) {
    request *request = guard_open(guard, config);
    host_on_ask(request, answer, model);
    return request;
}

void check_moderation_input(void) {
    instance guard;
    model model = {.says = "safe"};
    request *request = open_with(&guard, &model, MODERATION("\"block_if\":\"(?i)^unsafe\",\"message\":\"not nice\""));
    PASSES(request, "{\"input\":\"hello\"}");
    EXPECT(model.asked == 1, "asked %d times", model.asked);
    model.says = "Unsafe, since";
    REFUSES(request, "{\"input\":\"hello\"}", PBAY_EINVALID, "", "not nice", "moderation");
    PASSES(request, "{\"input\":\"\"}");
    PASSES(request, "{\"input\":[{\"role\":\"assistant\",\"content\":\"mine\"}]}");
    EXPECT(model.asked == 2, "asked %d times, also about nothing", model.asked);
    guard_close(&guard, request);
    /* What a rule refuses is not asked about. */
    request = open_with(&guard, &model, "{\"texts\":{\"deny\":[\"bad\"]},\"moderation\":{\"model\":\"m\",\"instructions\":\"i\",\"block_if\":\"x\"}}");
    REFUSES(request, "{\"input\":\"bad\"}", PBAY_EINVALID, "input", "isn't allowed", "texts.deny[0]");
    EXPECT(model.asked == 2, "asked %d times", model.asked);
    guard_close(&guard, request);
}

void check_moderation_request(void) {
    instance guard;
    model model = {.says = "safe"};
    pjson_value body, item;
    request *request = open_with(&guard, &model, MODERATION("\"block_if\":\"^unsafe\""));
    PASSES(request, "{\"input\":[{\"role\":\"user\",\"content\":\"a\\\"b\\n\\u0001\\u00e9\"},{\"role\":\"assistant\",\"content\":\"no\"},"
                    "{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"c\"}]}]}");
    EXPECT(pjson_parse(model.body, strlen(model.body), &body, NULL), "%s", model.body);
    EXPECT(pjson_equals(pjson_member(body, "model"), "small"), "%s", model.body);
    EXPECT(pjson_equals(pjson_member(body, "instructions"), "safe or \"unsafe\"?"), "%s", model.body);
    EXPECT(pjson_member(body, "store").kind == PJSON_FALSE, "%s", model.body);
    pjson_iterator items = pjson_iterate(pjson_member(body, "input"));
    EXPECT(pjson_next(&items, NULL, &item), "%s", model.body);
    EXPECT(pjson_equals(pjson_member(item, "role"), "user"), "%s", model.body);
    EXPECT(pjson_equals(pjson_member(item, "content"), "a\"b\n\x01\xc3\xa9\nc"), "%s", model.body);
    EXPECT(!pjson_next(&items, NULL, &item), "%s", model.body);
    guard_close(&guard, request);
}

void check_moderation_field(void) {
    static const struct {
        const char *says;
        int kind;
    } flags[] = {
        {"{\"result\":{\"flagged\":true}}", VERDICT_REJECT}, {"{\"result\":{\"flagged\":false}}", VERDICT_CONTINUE},
        {"Here:\n```json\n{\"result\": {\"flagged\": true}}\n```", VERDICT_REJECT}, {"{\"result\":{\"flagged\":\"yes\"}}", VERDICT_FAIL},
        {"{\"result\":{}}", VERDICT_FAIL}, {"{\"flagged\":true}", VERDICT_FAIL}, {"true", VERDICT_FAIL}, {"} {", VERDICT_FAIL}, {"{\"result\":", VERDICT_FAIL},
    }, levels[] = {
        {"{\"level\":\"S3\"}", VERDICT_REJECT}, {"{\"level\":\"S0\"}", VERDICT_CONTINUE}, {"{\"level\":3}", VERDICT_CONTINUE}, {"{}", VERDICT_FAIL},
    };
    instance guard;
    model model = {.says = ""};
    request *request = open_with(&guard, &model, MODERATION("\"block_if\":{\"field\":\"result.flagged\"}"));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        model.says = flags[i].says;
        int kind = host_visit(request, PBAY_POINT_REQUEST, "{\"input\":\"x\"}")->kind;
        EXPECT(kind == flags[i].kind, "%s: %d", flags[i].says, kind);
    }
    guard_close(&guard, request);
    request = open_with(&guard, &model, MODERATION("\"block_if\":{\"field\":\"level\",\"pattern\":\"^S[1-9]$\"}"));
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        model.says = levels[i].says;
        int kind = host_visit(request, PBAY_POINT_REQUEST, "{\"input\":\"x\"}")->kind;
        EXPECT(kind == levels[i].kind, "%s: %d", levels[i].says, kind);
    }
    guard_close(&guard, request);
}

/* A model that fails, or says nothing, is a failure of the hook: what then becomes of the request is the configuration's on_error. */
void check_moderation_failed(void) {
    instance guard;
    model model = {.code = PBAY_EOVERLOADED, .says = "the upstream said: hello"};
    request *request = open_with(&guard, &model, MODERATION("\"block_if\":\"^unsafe\""));
    const verdict *verdict = host_visit(request, PBAY_POINT_REQUEST, "{\"input\":\"hello\"}");
    EXPECT(verdict->kind == VERDICT_FAIL && verdict->error.code == PBAY_EUPSTREAM, "%d %d", verdict->kind, verdict->error.code);
    EXPECT(strstr(verdict->error.message, "hello") == NULL && strstr(verdict->error.detail, "hello") == NULL, "%s", verdict->error.detail);
    EXPECT(strstr(verdict->error.detail, "gave no answer") != NULL, "%s", verdict->error.detail);
    model.code = PBAY_OK;
    model.says = " \n";
    EXPECT(host_visit(request, PBAY_POINT_REQUEST, "{\"input\":\"hello\"}")->kind == VERDICT_FAIL, "an empty answer");
    guard_close(&guard, request);
}

/* The budget has run out: the answer that comes then is let go of, and the request closed. */
void check_moderation_late(void) {
    instance guard;
    model model = {.says = "unsafe"};
    request *request = open_with(&guard, &model, MODERATION("\"block_if\":\"^unsafe\""));
    host_begin(request, PBAY_POINT_REQUEST, 0, "{\"input\":\"hello\"}", NULL, 0);
    EXPECT(!host_has_verdict(request), "a verdict before the answer");
    host_cancel(request);
    EXPECT(host_wait(request)->was_deferred, "the verdict is owed");
    EXPECT(model.asked == 0, "the ask was cancelled");
    guard_close(&guard, request);
}

void check_moderation_output(void) {
    static const char response[] = "{\"output\":[{\"type\":\"reasoning\",\"content\":[{\"text\":\"thought\"}]},{\"type\":\"message\",\"content\":"
                                   "[{\"type\":\"output_text\",\"text\":\"one\"},{\"type\":\"refusal\",\"refusal\":\"two\"}]}]}";
    instance guard;
    model model = {.says = "safe"};
    request *request = open_with(&guard, &model, MODERATION("\"block_if\":\"^unsafe\",\"on\":\"both\""));
    EXPECT(host_visit(request, PBAY_POINT_COMPLETE, response)->kind == VERDICT_CONTINUE, "safe");
    EXPECT(strstr(model.body, "\"content\":\"one\\u000atwo\"") != NULL, "%s", model.body);
    model.says = "unsafe";
    EXPECT(host_visit(request, PBAY_POINT_COMPLETE, response)->kind == VERDICT_REJECT, "unsafe");
    EXPECT(host_visit(request, PBAY_POINT_COMPLETE, "{\"output\":[]}")->kind == VERDICT_CONTINUE, "nothing was said");
    EXPECT(host_visit(request, PBAY_POINT_COMPLETE, "{\"output\":7}")->kind == VERDICT_CONTINUE, "nothing was said");
    EXPECT(model.asked == 2, "asked %d times", model.asked);
    guard_close(&guard, request);
}

void check_moderation_long(void) {
    instance guard;
    model model = {.says = "safe"};
    request *request = open_with(&guard, &model, MODERATION("\"block_if\":\"^unsafe\",\"on\":\"both\",\"max_bytes\":30000"));
    char *fits = long_body(29000, "x"), *large = long_body(31000, "x");
    PASSES(request, fits); /* from the plugin's own thread */
    EXPECT(model.asked == 1, "asked %d times", model.asked);
    REFUSES(request, large, PBAY_EINVALID, "input", "30000 bytes", "moderation.max_bytes");
    EXPECT(model.asked == 1, "asked %d times", model.asked);
    free(fits);
    free(large);
    guard_close(&guard, request);
}
