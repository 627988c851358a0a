/*
 * Guard: whatever the way by which a text comes to a provider, it is looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.h"

#include <stdlib.h>

/* Each place of a body that the client may write into. */
void check_written_texts(void) {
    static const struct {
        const char *body, *param;
    } cases[] = {
        {"{\"instructions\":\"bad\"}", "instructions"},
        {"{\"input\":[{\"role\":\"system\",\"content\":\"bad\"}]}", "input[0].content"},
        {"{\"input\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"bad\"}]}]}", "input[0].content[0].text"},
        {"{\"input\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"refusal\",\"refusal\":\"bad\"}]}]}", "input[0].content[0].refusal"},
        {"{\"input\":[{\"type\":\"function_call\",\"arguments\":\"{\\\"a\\\":\\\"bad\\\"}\"}]}", "input[0].arguments"},
        {"{\"input\":[{\"type\":\"custom_tool_call\",\"input\":\"bad\"}]}", "input[0].input"},
        {"{\"input\":[{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"bad\"}]}]}", "input[0].summary[0].text"},
        {"{\"input\":[{\"type\":\"local_shell_call\",\"action\":{\"command\":[\"ls\",\"bad\"]}}]}", "input[0].action.command[1]"},
        {"{\"input\":[{\"type\":\"shell_call_output\",\"output\":[{\"stdout\":\"x\",\"stderr\":\"bad\"}]}]}", "input[0].output[0].stderr"},
        {"{\"input\":[{\"type\":\"function_call_output\",\"output\":\"bad\"}]}", "input[0].output"},
        {"{\"prompt\":{\"id\":\"p\",\"variables\":{\"a\":\"x\",\"b\":{\"type\":\"input_text\",\"text\":\"bad\"}}}}", "prompt.variables.b.text"},
        {"{\"tools\":[{\"name\":\"f\",\"description\":\"bad\"}]}", "tools[0]"},
        {"{\"tools\":[{},{\"parameters\":{\"properties\":{\"x\":{\"description\":\"bad\"}}}}]}", "tools[1]"},
        {"{\"text\":{\"format\":{\"schema\":{\"description\":\"bad\"}}}}", "text"},
        {"{\"input\":[{\"role\":\"user\",\"content\":[{\"text\":\"b\"},{\"text\":\"a\"},{\"text\":\"d\"}]}]}", "input[0]"},
        {"{\"input\":[{\"type\":\"function_call_output\",\"output\":[{\"text\":\"ba\"},{\"text\":\"d\"}]}]}", "input[0]"},
    };
    instance guard;
    request *request = guard_open(&guard, "{\"texts\":{\"deny\":[\"bad\"]}}");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refuses((int)i, request, cases[i].body, PBAY_EINVALID, cases[i].param, "isn't allowed", "texts.deny[0]");
    }
    PASSES(request, "{\"input\":[{\"type\":\"reasoning\",\"id\":\"bad\",\"encrypted_content\":\"bad\"},{\"role\":\"user\",\"content\":[{\"type\":\"input_image\","
                    "\"image_url\":\"bad\"}]}],\"metadata\":{\"a\":\"bad\"}}");
    guard_close(&guard, request);
    /* What the model has said before isn't what a request is about. */
    request = guard_open(&guard, "{\"texts\":{\"allow\":[\"rain\"]}}");
    PASSES(request, "{\"input\":[{\"role\":\"user\",\"content\":\"rain?\"},{\"role\":\"assistant\",\"content\":\"no\"},{\"type\":\"function_call\",\"arguments\":\"{}\"}]}");
    REFUSES(request, "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"news\"}]}]}", PBAY_EINVALID, "input[0].content[0].text", "",
            "texts.allow");
    guard_close(&guard, request);
}

static void refuses_at(request *request, uint32_t point, const char *document, const char *param, const char *rule) {
    const verdict *verdict = host_visit(request, point, document);
    EXPECT(verdict->kind == VERDICT_REJECT && strcmp(verdict->error.param, param) == 0, "%s: %d %s", document, verdict->kind, verdict->error.param);
    const char *by = host_bag(request, "patchbay.rejected");
    EXPECT(by != NULL && strstr(by, rule) != NULL, "%s: %s", document, by);
}

/* Conversations' items, compactions, counts, server tools: none of them passes `request`. */
void check_entrances(void) {
    instance guard;
    request *other, *request = guard_open(&guard, "{\"models\":{\"deny\":[\"old\"]},\"texts\":{\"deny\":[\"bad\"]},\"limits\":{\"items\":1}}");
    EXPECT(host_visit(request, PBAY_POINT_HISTORY_LOADED, "{\"model\":\"m\",\"input\":[{},{}]}")->kind == VERDICT_CONTINUE, "limits are a request's");
    refuses_at(request, PBAY_POINT_HISTORY_LOADED, "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":\"bad\"}]}", "input", "texts.deny[0]");
    refuses_at(request, PBAY_POINT_HISTORY_LOADED, "{\"model\":\"m\",\"instructions\":\"bad\",\"input\":[]}", "instructions", "texts.deny[0]");
    refuses_at(request, PBAY_POINT_HISTORY_LOADED, "{\"model\":\"old\",\"input\":[]}", "model", "models.deny");
    refuses_at(request, PBAY_POINT_TOOL_RESULT, "{\"call_id\":\"c\",\"name\":\"n\",\"output\":\"bad\"}", "", "texts.deny[0]");
    EXPECT(host_visit(request, PBAY_POINT_TOOL_RESULT, "{\"output\":\"good\"}")->kind == VERDICT_CONTINUE, "good");
    /* The model's name is the client's where the request was seen: another hook's choice isn't looked at. */
    other = host_open(&guard, "req2", "owner", "m", 0, NULL);
    PASSES(other, "{\"model\":\"m\"}");
    EXPECT(host_visit(other, PBAY_POINT_HISTORY_LOADED, "{\"model\":\"old\",\"input\":[]}")->kind == VERDICT_CONTINUE, "another hook's choice");
    host_close(other);
    guard_close(&guard, request);
}

void check_images(void) {
    instance guard;
    request *request = guard_open(&guard, "{\"limits\":{\"images\":1}}");
    PASSES(request, "{\"input\":[{\"type\":\"computer_call_output\",\"output\":{\"type\":\"computer_screenshot\"}}]}");
    REFUSES(request, "{\"input\":[{\"type\":\"computer_call_output\",\"output\":{\"type\":\"computer_screenshot\"}},{\"content\":[{\"type\":\"input_image\"}]}]}",
            PBAY_EINVALID, "input", "Images are bounded to 1", "limits.images");
    guard_close(&guard, request);
}
