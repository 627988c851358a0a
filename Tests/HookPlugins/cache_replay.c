/* An answer is given again as it was. SPDX-License-Identifier: Apache-2.0 */
#include "cache_support.h"

#include <stdlib.h>
#include <string.h>

static void event(pbay_event *to, uint32_t kind, uint32_t index, const char *text, const char *id, const char *name) {
    *to = event_of(kind, text);
    to->index = index;
    to->id = text_of(id);
    to->name = text_of(name);
}

/* Of every kind, with all that a kind may have, in pieces as they come. */
static size_t all_kinds(pbay_event *events, const char *long_text) {
    pbay_event *to = events;
    event(to++, PBAY_EVENT_REASONING_SUMMARY, 0, "think", "", "");
    event(to++, PBAY_EVENT_PART_END, 0, "", "", "");
    event(to++, PBAY_EVENT_REASONING_SUMMARY, 1, "ing", "", "");
    event(to++, PBAY_EVENT_REASONING, 0, "so", "", "");
    event(to++, PBAY_EVENT_REASONING_OPAQUE, 0, "b3BhcXVl", "", "");
    event(to++, PBAY_EVENT_ITEM_END, 0, "", "", "");
    event(to++, PBAY_EVENT_LOGPROBS, 0, "[{\"token\":\"a\"}]", "", "");
    event(to++, PBAY_EVENT_TEXT, 0, "a", "", "");
    event(to++, PBAY_EVENT_TEXT, 0, " \xC3\xA9\xF0\x9F\x98\x80 \"\\ \n", "", "");
    event(to++, PBAY_EVENT_TEXT, 0, long_text, "", "");
    event(to++, PBAY_EVENT_ANNOTATION, 0, "{\"type\":\"url_citation\"}", "", "");
    event(to++, PBAY_EVENT_REFUSAL, 0, "no", "", "");
    event(to++, PBAY_EVENT_TOOL_CALL, 0, "", "call_1", "f");
    event(to++, PBAY_EVENT_TOOL_CALL, 70000, "", "call_2", "g");
    event(to++, PBAY_EVENT_ARGUMENTS, 70000, "{\"x\":", "", "");
    event(to++, PBAY_EVENT_ARGUMENTS, 0, "{}", "", "");
    event(to++, PBAY_EVENT_ARGUMENTS, 70000, "1}", "", "");
    event(to++, PBAY_EVENT_TOOL_CALL_END, 70000, "", "", "");
    event(to++, PBAY_EVENT_ITEM, 0, "{\"type\":\"image_generation_call\"}", "", "");
    event(to++, PBAY_EVENT_TEXT, 0xFFFFFFFF, "end", "", "");
    return (size_t)(to - events);
}

static int is(const char *kept, pbay_text text) {
    return strlen(kept) == text.size && memcmp(kept, text.data, text.size) == 0;
}

static void check_same(const verdict *verdict, const pbay_event *events, size_t count) {
    CHECK(verdict->event_count == count);
    for (size_t i = 0; i < count && i < verdict->event_count; i++) {
        const kept_event *kept = &verdict->events[i];
        CHECK(kept->kind == events[i].kind && kept->index == events[i].index);
        CHECK(is(kept->text, events[i].text) && is(kept->id, events[i].id) && is(kept->name, events[i].name));
    }
}

static void test_events(size_t piece) {
    char *long_text = malloc(20001);
    memset(long_text, 'z', 20000);
    long_text[20000] = 0;
    pbay_event events[32];
    size_t count = all_kinds(events, long_text);
    instance instance = started("{\"tool_calls\":true}");
    request *request;
    CHECK(looked_up(&instance, (ask_for){.provider = "upstream one"}, &request)->kind == VERDICT_CONTINUE);
    for (size_t at = 0; at < count; at += piece) {
        size_t size = piece < count - at ? piece : count - at;
        host_events(request, at + size == count ? PBAY_VISIT_LAST : 0, events + at, size);
    }
    finished(request, complete_response);
    for (int again = 0; again < 3; again++) {
        const verdict *verdict = looked_up(&instance, (ask_for){.provider = "upstream one"}, &request);
        CHECK(verdict->kind == VERDICT_ANSWER && !verdict->was_deferred && verdict->reason == PBAY_FINISH_STOP);
        CHECK(strcmp(verdict->provider, "upstream one") == 0);
        check_same(verdict, events, count);
        host_close(request);
    }
    stopped(&instance);
    free(long_text);
}

/* Even of nothing. */
static void test_empty_answer(void) {
    instance instance = started("{}");
    request *request;
    looked_up(&instance, (ask_for){0}, &request);
    host_events(request, PBAY_VISIT_LAST, NULL, 0);
    finished(request, complete_response);
    const verdict *verdict = looked_up(&instance, (ask_for){0}, &request);
    CHECK(verdict->kind == VERDICT_ANSWER && verdict->event_count == 0);
    host_close(request);
    stopped(&instance);
}

static const verdict *usage_after(const char *config, const char *response, verdict *copy) {
    instance instance = started(config);
    request *request;
    looked_up(&instance, (ask_for){0}, &request);
    host_events(request, PBAY_VISIT_LAST, NULL, 0);
    finished(request, response);
    *copy = *looked_up(&instance, (ask_for){0}, &request);
    CHECK(copy->kind == VERDICT_ANSWER);
    host_close(request);
    stopped(&instance);
    return copy;
}

static int usage_is(const verdict *verdict, int64_t input, int64_t cached, int64_t written, int64_t output, int64_t reasoning) {
    const pbay_usage *usage = &verdict->usage;
    return verdict->has_usage && usage->input_tokens == input && usage->cached_tokens == cached &&
           usage->cache_write_tokens == written && usage->output_tokens == output && usage->reasoning_tokens == reasoning;
}

static void test_usage(void) {
    verdict copy;
    CHECK(usage_is(usage_after("{}", complete_response, &copy), 11, 2, -1, 7, 3));
    CHECK(usage_is(usage_after("{\"usage\":\"recorded\"}", complete_response, &copy), 11, 2, -1, 7, 3));
    CHECK(usage_is(usage_after("{\"usage\":\"none\"}", complete_response, &copy), 0, 0, 0, 0, 0));
    CHECK(!usage_after("{}", "{\"status\":\"completed\",\"usage\":null}", &copy)->has_usage);
    CHECK(usage_is(usage_after("{}", "{\"status\":\"completed\",\"usage\":{\"input_tokens\":5}}", &copy), 5, -1, -1, -1, -1));
}

void test_replay(void) {
    test_events(1);
    test_events(3);
    test_events(100);
    test_empty_answer();
    test_usage();
}
