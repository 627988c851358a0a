/* What is never kept, and configurations that aren't taken. SPDX-License-Identifier: Apache-2.0 */
#include "cache_support.h"

#include <stdlib.h>
#include <string.h>

static void test_requests(void) {
    CHECK(is_kept("{}", (ask_for){0}));
    CHECK(!is_kept("{}", (ask_for){.flags = PBAY_HOOKED_BACKGROUND}));
    CHECK(!is_kept("{}", (ask_for){.fields = ",\"background\":true"}));
    CHECK(is_kept("{}", (ask_for){.flags = PBAY_HOOKED_STREAM | PBAY_HOOKED_STORE}));

    CHECK(is_kept("{}", (ask_for){.fields = ",\"temperature\":2"}));
    const char *cool = "{\"max_temperature\":0.5}";
    CHECK(is_kept(cool, (ask_for){.fields = ",\"temperature\":0.5"}));
    CHECK(!is_kept(cool, (ask_for){.fields = ",\"temperature\":0.51"}));
    CHECK(!is_kept(cool, (ask_for){0})); /* 1, unless it is said */
    CHECK(!is_kept(cool, (ask_for){.fields = ",\"temperature\":null"}));
    CHECK(is_kept("{\"max_temperature\":1}", (ask_for){0}));

    CHECK(is_kept("{}", (ask_for){.fields = ",\"tools\":[{\"type\":\"function\"},{\"type\":\"custom\"}]"}));
    CHECK(!is_kept("{}", (ask_for){.fields = ",\"tools\":[{\"type\":\"function\"},{\"type\":\"web_search\"}]"}));
    CHECK(!is_kept("{}", (ask_for){.fields = ",\"tools\":[{}]"}));

    /* {"model":"m","input":[{"type":"message","role":"user","content":"hi"}]} */
    CHECK(is_kept("{\"max_prompt_bytes\":71}", (ask_for){0}));
    CHECK(!is_kept("{\"max_prompt_bytes\":70}", (ask_for){0}));
}

/* Asks twice; the first answer comes by `play`, from after the lookup to before its end. */
static int is_kept_after(const char *config, void (*play)(request *), const char *response) {
    instance instance = started(config);
    request *request;
    CHECK(looked_up(&instance, (ask_for){0}, &request)->kind == VERDICT_CONTINUE);
    CHECK(strcmp(host_bag(request, "cache"), "miss") == 0);
    play(request);
    finished(request, response);
    int kept = is_hit(&instance, (ask_for){0});
    stopped(&instance);
    return kept;
}

static void say(request *request, uint32_t kind, const char *text) {
    pbay_event event = event_of(kind, text);
    CHECK(host_events(request, 0, &event, 1)->kind == VERDICT_CONTINUE);
}

static void end(request *request) { CHECK(host_events(request, PBAY_VISIT_LAST, NULL, 0)->kind == VERDICT_CONTINUE); }

static void plainly(request *request) {
    say(request, PBAY_EVENT_TEXT, "hello");
    end(request);
}

static void with_a_call(request *request) {
    say(request, PBAY_EVENT_TOOL_CALL, "");
    say(request, PBAY_EVENT_ARGUMENTS, "{}");
    end(request);
}

static void with_a_custom_call(request *request) {
    say(request, PBAY_EVENT_ITEM, "{\"type\":\"custom_tool_call\",\"call_id\":\"c\",\"name\":\"n\",\"input\":\"i\"}");
    end(request);
}

static void with_an_item(request *request) {
    say(request, PBAY_EVENT_ITEM, "{\"type\":\"image\",\"call\":\"function_call\"}");
    end(request);
}

static void after_a_failure(request *request) {
    CHECK(host_visit(request, PBAY_POINT_ATTEMPT_FAILED, "{\"attempt\":1,\"next\":\"q\"}")->kind == VERDICT_CONTINUE);
    plainly(request);
}

static void in_two_rounds(request *request) {
    plainly(request);
    host_round(request, 1);
    CHECK(host_visit(request, PBAY_POINT_HISTORY_LOADED, "{\"model\":\"m\",\"input\":[]}")->kind == VERDICT_CONTINUE);
    plainly(request);
}

static void without_an_end(request *request) { say(request, PBAY_EVENT_TEXT, "hello"); }

static void test_answers(void) {
    CHECK(is_kept_after("{}", plainly, complete_response));
    CHECK(is_kept_after("{}", plainly, "{\"status\":\"completed\"}"));
    CHECK(!is_kept_after("{}", plainly, "{\"status\":\"incomplete\"}"));
    CHECK(!is_kept_after("{}", plainly, "{\"status\":\"failed\"}"));
    CHECK(!is_kept_after("{}", plainly, "nonsense"));
    CHECK(!is_kept_after("{}", with_a_call, complete_response));
    CHECK(is_kept_after("{\"tool_calls\":true}", with_a_call, complete_response));
    CHECK(!is_kept_after("{}", with_a_custom_call, complete_response));
    CHECK(is_kept_after("{\"tool_calls\":true}", with_a_custom_call, complete_response));
    CHECK(is_kept_after("{}", with_an_item, complete_response));
    CHECK(!is_kept_after("{}", after_a_failure, complete_response));
    CHECK(!is_kept_after("{}", in_two_rounds, complete_response));
    CHECK(!is_kept_after("{}", without_an_end, complete_response));
    /* An event of 5 bytes of text takes 10, and the provider's name 1. */
    CHECK(is_kept_after("{\"max_entry_bytes\":11}", plainly, complete_response));
    CHECK(!is_kept_after("{\"max_entry_bytes\":10}", plainly, complete_response));
}

/* Counts and summaries are shown to hooks at history_loaded alone, and documents may be anything. */
static void test_odd_visits(void) {
    instance instance = started("{}");
    CHECK(!is_hit(&instance, (ask_for){0}));
    const char *prompt = "{\"model\":\"m\",\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"}]}";
    request *request = host_open(&instance, "req_1", "owner", "m", 0, NULL);
    CHECK(host_visit(request, PBAY_POINT_HISTORY_LOADED, prompt)->kind == VERDICT_CONTINUE);
    CHECK(host_bag(request, "cache") == NULL);
    host_close(request);
    static const char *const odd[] = {"", "[]", "{}", "nonsense", "{\"input\":1}", "{\"provider\":1}", "\"\xff\""};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        request = host_open(&instance, "req_1", "", "", 0, NULL);
        CHECK(host_visit(request, PBAY_POINT_REQUEST, odd[i])->kind == VERDICT_CONTINUE);
        CHECK(host_visit(request, PBAY_POINT_ROUTE, odd[i])->kind == VERDICT_CONTINUE);
        CHECK(host_visit(request, PBAY_POINT_HISTORY_LOADED, odd[i])->kind == VERDICT_CONTINUE);
        plainly(request);
        finished(request, odd[i]);
    }
    /* The points in the other order are as good. */
    request = host_open(&instance, "req_1", "owner", "m", 0, NULL);
    CHECK(host_visit(request, PBAY_POINT_REQUEST, "{\"model\":\"m\"}")->kind == VERDICT_CONTINUE);
    CHECK(host_visit(request, PBAY_POINT_HISTORY_LOADED, prompt)->kind == VERDICT_CONTINUE);
    CHECK(host_visit(request, PBAY_POINT_ROUTE, "{\"model\":\"m\",\"provider\":\"p\",\"upstream_model\":\"u\"}")->kind ==
          VERDICT_ANSWER);
    host_close(request);
    stopped(&instance);
}

static void test_configurations(void) {
    static const struct {
        const char *text, *param;
    } bad[] = {
        {"[]", ""}, {"{\"tll\":1}", "tll"}, {"{\"ttl\":0}", "ttl"}, {"{\"ttl\":\"1 h\"}", "ttl"}, {"{\"ttl\":\"h\"}", "ttl"},
        {"{\"ttl\":\"367d\"}", "ttl"}, {"{\"ttl\":-1}", "ttl"}, {"{\"ttl\":1.5}", "ttl"}, {"{\"max_entries\":0}", "max_entries"},
        {"{\"max_bytes\":0}", "max_bytes"}, {"{\"max_bytes\":\"1\"}", "max_bytes"}, {"{\"max_entry_bytes\":8388609}", "max_entry_bytes"},
        {"{\"max_bytes\":100}", "max_entry_bytes"}, {"{\"max_prompt_bytes\":0}", "max_prompt_bytes"}, {"{\"share\":1}", "share"},
        {"{\"usage\":\"all\"}", "usage"}, {"{\"tool_calls\":\"yes\"}", "tool_calls"}, {"{\"max_temperature\":3}", "max_temperature"},
        {"{\"wait\":\"-1ms\"}", "wait"}, {"{\"wait\":null}", "wait"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        instance instance;
        pbay_error error;
        CHECK(host_start(&instance, bad[i].text, &error) == PBAY_EINVALID);
        CHECK(strcmp(error.param, bad[i].param) == 0);
        CHECK(strlen(error.message) > 10);
    }
    instance all = started("{\"ttl\":\"2d\",\"max_entries\":1,\"max_bytes\":20,\"max_entry_bytes\":20,\"max_prompt_bytes\":100,"
                           "\"share\":false,\"usage\":\"none\",\"tool_calls\":true,\"max_temperature\":0,\"wait\":0}");
    stopped(&all);
}

void test_refusals(void) {
    test_requests();
    test_answers();
    test_odd_visits();
    test_configurations();
}
