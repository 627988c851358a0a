/*
 * Guard: a configuration that means nothing is refused, with the place of what is wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.h"

static void refuse(const char *config, const char *param, const char *words) {
    instance guard;
    pbay_error error;
    int32_t code = host_start(&guard, config, &error);
    EXPECT(code == PBAY_EINVALID, "%s: %d", config, code);
    EXPECT(strcmp(error.param, param) == 0, "%s: %s", config, error.param);
    EXPECT(strstr(error.message, words) != NULL, "%s: %s", config, error.message);
    if (code == PBAY_OK) host_stop(&guard);
}

void check_configuration(void) {
    refuse("", "", "one JSON object");
    refuse("[]", "", "must be an object");
    refuse("{}", "", "no rule");
    refuse("{\"modles\":{}}", "modles", "Unknown key");
    refuse("{\"models\":{}}", "", "no rule");
    refuse("{\"models\":7}", "models", "must be an object");
    refuse("{\"models\":{\"deny\":\"x\"}}", "models.deny", "list");
    refuse("{\"models\":{\"deny\":[\"x\",\"\"]}}", "models.deny[1]", "isn't empty");
    refuse("{\"models\":{\"forbid\":[]}}", "models.forbid", "Unknown key");
    refuse("{\"tools\":{\"on_call\":\"drop\"}}", "tools.on_call", "reject, tell");
    refuse("{\"limits\":{\"items\":-1}}", "limits.items", "from 0");
    refuse("{\"limits\":{\"item\":1}}", "limits.item", "Unknown key");
    refuse("{\"texts\":{\"deny\":[\"(\"]}}", "texts.deny[0]", "missing )");
    refuse("{\"texts\":{\"deny\":[\"a\",\"b*\"]}}", "texts.deny[1]", "every text");
    refuse("{\"texts\":{\"deny\":[{\"pattern\":\"a(?=b)\"}]}}", "texts.deny[0].pattern", "no regular expression");
    refuse("{\"texts\":{\"deny\":[{\"pattern\":\"a\",\"words\":[\"b\"]}]}}", "texts.deny[0].words", "not both");
    refuse("{\"texts\":{\"deny\":[{\"message\":\"a\"}]}}", "texts.deny[0]", "needs a pattern");
    refuse("{\"texts\":{\"deny\":[{\"words\":[\"a\",\"\"]}]}}", "texts.deny[0].words[1]", "empty");
    refuse("{\"texts\":{\"deny\":[{\"words\":[]}]}}", "texts.deny[0].words", "empty list");
    refuse("{\"texts\":{\"deny\":[]}}", "texts.deny", "empty list");
    refuse("{\"texts\":{\"deny\":[\"a\"],\"from\":[\"assistant\"]}}", "texts.from[0]", "user, instructions, tools");
    refuse("{\"texts\":{\"deny\":[\"a\"],\"from\":[]}}", "texts.from", "list");
    refuse("{\"texts\":{\"allow\":[{\"words\":[\"a\"],\"message\":\"m\"}]}}", "texts.allow[0].message", "texts.message");
    refuse("{\"answers\":{}}", "answers.deny", "missing");
    refuse("{\"answers\":{\"deny\":[\"a\"],\"reasoning\":1}}", "answers.reasoning", "true or false");
    refuse("{\"answers\":{\"deny\":[\"a\"],\"max_match\":1}}", "answers.max_match", "from 16");
    refuse("{\"moderation\":{}}", "moderation.model", "missing");
    refuse("{\"moderation\":{\"model\":\"m\"}}", "moderation.instructions", "missing");
    refuse("{\"moderation\":{\"model\":\"m\",\"instructions\":\"i\"}}", "moderation.block_if", "missing");
    refuse("{\"moderation\":{\"model\":\"m\",\"instructions\":\"i\",\"block_if\":\"[\"}}", "moderation.block_if", "no regular expression");
    refuse("{\"moderation\":{\"model\":\"m\",\"instructions\":\"i\",\"block_if\":{\"pattern\":\"a\"}}}", "moderation.block_if", "field is missing");
    refuse("{\"moderation\":{\"model\":\"m\",\"instructions\":\"i\",\"block_if\":{\"field\":\"a..b\"}}}", "moderation.block_if.field", "points");
    refuse("{\"moderation\":{\"model\":\"m\",\"instructions\":\"i\",\"block_if\":\"a\",\"on\":\"all\"}}", "moderation.on", "input, output, both");
}
