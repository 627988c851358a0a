/*
 * The "models". Each is a function that is asked again and again what comes next: it fills in one event and answers SAY, or
 * answers how the call ends. Where it stands, it keeps in the call (`step`, `at`): the reader may pause between any two events.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scripted.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

verdict say(pbay_event *event, uint32_t kind, const char *data, size_t size) {
    event->kind = kind;
    event->text.data = data;
    event->text.size = size;
    return SAY;
}

static verdict say_constant(pbay_event *event, uint32_t kind, const char *text) { return say(event, kind, text, strlen(text)); }

/* The next word of call->text with the space before it, as an event of `kind`; at the text's end, `at_end`. */
static verdict say_word(call *call, pbay_event *event, uint32_t kind, verdict at_end) {
    const char *data = call->text.data;
    size_t begin = call->at, end = begin;
    if (begin == call->text.size) return at_end;
    while (end < call->text.size && (data[end] == ' ' || data[end] == '\n')) end++;
    while (end < call->text.size && data[end] != ' ' && data[end] != '\n') end++;
    call->at = end;
    return say(event, kind, data + begin, end - begin);
}

/* At most `most` bytes of call->text, cut between two characters. */
static verdict say_piece(call *call, pbay_event *event, size_t most) {
    const char *data = call->text.data;
    size_t begin = call->at, end = begin + most;
    if (begin == call->text.size) return FINISH;
    if (end >= call->text.size) {
        end = call->text.size;
    } else {
        while (end > begin + 1 && ((unsigned char)data[end] & 0xC0) == 0x80) end--;
    }
    call->at = end;
    return say(event, PBAY_EVENT_TEXT, data + begin, end - begin);
}

/* ------------------------------------------------------------------------------------------------- plain answers */

verdict next_words(call *call, pbay_event *event) { return say_word(call, event, PBAY_EVENT_TEXT, FINISH); }
static verdict next_refusal(call *call, pbay_event *event) { return say_word(call, event, PBAY_EVENT_REFUSAL, FINISH); }
static verdict next_length(call *call, pbay_event *event) { return say_word(call, event, PBAY_EVENT_TEXT, FINISH_LENGTH); }
static verdict next_filter(call *call, pbay_event *event) { return say_word(call, event, PBAY_EVENT_TEXT, FINISH_FILTERED); }
static verdict next_dump(call *call, pbay_event *event) { return say_piece(call, event, 1024); }

/* One character an event. */
static verdict next_character(call *call, pbay_event *event) {
    size_t most = 1;
    while (call->at + most < call->text.size && ((unsigned char)call->text.data[call->at + most] & 0xC0) == 0x80) most++;
    return say_piece(call, event, most);
}

static verdict next_reason(call *call, pbay_event *event) {
    switch (call->step) {
    case 0: return say_constant(event, PBAY_EVENT_REASONING, "The user said something.");
    case 1: return say_constant(event, PBAY_EVENT_REASONING, " I shall say it again.");
    case 2: return say_constant(event, PBAY_EVENT_REASONING_SUMMARY, "Thinking about");
    case 3: return say_constant(event, PBAY_EVENT_REASONING_SUMMARY, " an echo.");
    case 4: return say_constant(event, PBAY_EVENT_REASONING_OPAQUE, "c2NyaXB0ZWQ=");
    default: return next_words(call, event);
    }
}

/* Two parts in one message, then a second message. */
static verdict next_parts(call *call, pbay_event *event) {
    switch (call->step) {
    case 0: return say_constant(event, PBAY_EVENT_TEXT, "part one");
    case 1: return say_constant(event, PBAY_EVENT_PART_END, "");
    case 2: return say_constant(event, PBAY_EVENT_TEXT, "part two");
    case 3: return say_constant(event, PBAY_EVENT_ITEM_END, "");
    case 4: return say_constant(event, PBAY_EVENT_TEXT, "message two");
    default: return FINISH;
    }
}

static verdict next_item(call *call, pbay_event *event) {
    switch (call->step) {
    case 0:
        return say_constant(event, PBAY_EVENT_ITEM,
                            "{\"type\":\"vendor:thing\",\"status\":\"completed\",\"n\":1,\"nested\":{\"kept\":[true,null]}}");
    case 1: return say_constant(event, PBAY_EVENT_TEXT, "There is a thing.");
    default: return FINISH;
    }
}

static verdict next_logprobs(call *call, pbay_event *event) {
    switch (call->step) {
    case 0:
        return say_constant(event, PBAY_EVENT_LOGPROBS,
                            "[{\"token\":\"Hello\",\"logprob\":-0.25,\"bytes\":[72,101,108,108,111],"
                            "\"top_logprobs\":[{\"token\":\"Hello\",\"logprob\":-0.25,\"bytes\":[72,101,108,108,111]}]}]");
    case 1: return say_constant(event, PBAY_EVENT_TEXT, "Hello");
    case 2:
        return say_constant(event, PBAY_EVENT_LOGPROBS,
                            "[{\"token\":\" world\",\"logprob\":-0.5,\"bytes\":[32,119,111,114,108,100],\"top_logprobs\":[]}]");
    case 3: return say_constant(event, PBAY_EVENT_TEXT, " world");
    default: return FINISH;
    }
}

static verdict next_annotations(call *call, pbay_event *event) {
    switch (call->step) {
    case 0: return say_constant(event, PBAY_EVENT_TEXT, "See the");
    case 1: return say_constant(event, PBAY_EVENT_TEXT, " source.");
    case 2:
        return say_constant(event, PBAY_EVENT_ANNOTATION,
                            "{\"type\":\"url_citation\",\"url\":\"https://example.org/\",\"title\":\"Example\","
                            "\"start_index\":8,\"end_index\":14}");
    default: return FINISH;
    }
}

/* ------------------------------------------------------------------------------------- many deltas, waiting, failing */

static verdict next_long(call *call, pbay_event *event) {
    if (call->step == call->total) return FINISH;
    int size = snprintf(call->scratch, sizeof call->scratch, call->step == 0 ? "%" PRIu64 : " %" PRIu64, call->step);
    return say(event, PBAY_EVENT_TEXT, call->scratch, (size_t)size);
}

static verdict next_hang(call *call, pbay_event *event) {
    return call->step == 0 ? say_constant(event, PBAY_EVENT_TEXT, "Waiting") : WAIT;
}

static verdict next_fail(call *call, pbay_event *event) {
    (void)call;
    (void)event;
    return FAIL;
}

static verdict next_fail_after(call *call, pbay_event *event) {
    switch (call->step) {
    case 0: return say_constant(event, PBAY_EVENT_TEXT, "It began");
    case 1: return say_constant(event, PBAY_EVENT_TEXT, " well");
    default: return FAIL;
    }
}

/* What the failing models fail with: the first of these words that the user said, else an upstream's failure. */
void choose_failure(call *call) {
    static const struct {
        const char *word;
        int32_t code;
        int32_t status;
        int64_t retry_after_ms;
        uint32_t flags;
        const char *param;
        const char *message;
    } failures[] = {
        {"ratelimit", PBAY_ERATELIMIT, 429, 2000, PBAY_ERROR_RETRYABLE, "", "Too many requests for the scripted model."},
        {"auth", PBAY_EAUTH, 401, 0, 0, "", "The scripted upstream refused the credentials."},
        {"overloaded", PBAY_EOVERLOADED, 503, 1000, PBAY_ERROR_RETRYABLE, "", "The scripted model is overloaded."},
        {"context", PBAY_ECONTEXT_LENGTH, 400, 0, 0, "input", "The input is longer than the scripted model's context."},
        {"timeout", PBAY_ETIMEOUT, 0, 0, PBAY_ERROR_RETRYABLE, "", "The scripted upstream took too long."},
        {"invalid", PBAY_EINVALID, 400, 0, 0, "input[0].content", "The scripted model refuses this input."},
        {"unsupported", PBAY_EUNSUPPORTED, 0, 0, 0, "tools", "The scripted model has no such tools."},
        {"internal", PBAY_EINTERNAL, 0, 0, 0, "", "The scripted model has a defect."},
        {"", PBAY_EUPSTREAM, 500, 0, PBAY_ERROR_RETRYABLE, "", "The scripted upstream failed."},
    };
    size_t i = 0;
    while (!request_says(call, failures[i].word)) i++; /* the last, "", is always found */
    perror_set(&call->failure, failures[i].code, failures[i].param, "%s", failures[i].message);
    call->failure.upstream_status = failures[i].status;
    call->failure.retry_after_ms = failures[i].retry_after_ms;
    call->failure.flags = failures[i].flags;
    perror_copy(call->failure.detail, sizeof call->failure.detail, "scripted detail, for the operator's log alone");
}

/* ------------------------------------------------------------------------------------------------------- preparing */

int set_text(call *call, const char *data, size_t size) {
    call->text.data = malloc(size + 1);
    if (call->text.data == NULL) return 0;
    memcpy(call->text.data, data, size);
    call->text.size = size;
    return 1;
}

static int prepare_echo(call *call) {
    if (call->said.size == 0) return set_text(call, "(no user text)", 14);
    return set_text(call, call->said.data, call->said.size);
}

static int prepare_unicode(call *call) {
    static const char text[] = "Gr\u00fc\u00dfe, \u4e16\u754c! \U0001F30D \u00f1 \U0001F469\u200D\U0001F680 \u0391\u03b8\u03ae\u03bd\u03b1";
    return set_text(call, text, sizeof text - 1);
}

static int prepare_refusal(call *call) { return set_text(call, "I can't help with that.", 23); }
static int prepare_nothing(call *call) { return set_text(call, "", 0); }
static int prepare_dump(call *call) { return set_text(call, call->raw_body.data, (size_t)call->raw_body.size); }

static int prepare_long(call *call) {
    call->total = request_number(call, "count ", call->instance->long_count);
    if (call->total > 1000000) call->total = 1000000;
    return prepare_nothing(call);
}

static int prepare_slow(call *call) {
    call->delay_ms = request_number(call, "every ", call->delay_ms > 0 ? call->delay_ms : 50);
    if (call->delay_ms > 60000) call->delay_ms = 60000;
    return prepare_echo(call);
}

static int prepare_failure(call *call) {
    choose_failure(call);
    return prepare_nothing(call);
}

/* "3 items: user assistant function_call": a message's role, another item's type. */
static int prepare_count(call *call) {
    size_t room = call->input.size + 64; /* each item is longer than its own role or type */
    call->text.data = malloc(room);
    if (call->text.data == NULL) return 0;
    size_t used = (size_t)snprintf(call->text.data, room, "%zu items:", pjson_count(call->input));
    pjson_iterator items = pjson_iterate(call->input);
    pjson_value item;
    while (pjson_next(&items, NULL, &item)) {
        pjson_value name = pjson_member(item, "role");
        if (name.kind == PJSON_NONE) name = pjson_member(item, "type");
        if (used + 1 + name.size > room) break;
        call->text.data[used++] = ' ';
        used += pjson_decode(name, call->text.data + used, room - used);
    }
    call->text.size = used;
    return 1;
}

static const struct {
    const char *name;
    model_function next;
    int (*prepare)(call *call); /* answers 0 where there is no memory */
} models[] = {
    {"echo", next_words, prepare_echo}, /* the first: what an unknown name means */
    {"reason", next_reason, prepare_echo},
    {"refuse", next_refusal, prepare_refusal},
    {"tool", next_tool, prepare_tools},
    {"tools", next_tools, prepare_tools},
    {"again", next_tool, prepare_again},
    {"item", next_item, prepare_nothing},
    {"parts", next_parts, prepare_nothing},
    {"long", next_long, prepare_long},
    {"length", next_length, prepare_echo},
    {"filter", next_filter, prepare_echo},
    {"fail", next_fail, prepare_failure},
    {"fail_after", next_fail_after, prepare_failure},
    {"hang", next_hang, prepare_nothing},
    {"slow", next_words, prepare_slow},
    {"unicode", next_character, prepare_unicode},
    {"logprobs", next_logprobs, prepare_nothing},
    {"annotations", next_annotations, prepare_nothing},
    {"count", next_words, prepare_count},
    {"dump", next_dump, prepare_dump},
    {"silent", next_words, prepare_nothing},
};

const char *model_name(size_t index) { return index < sizeof models / sizeof *models ? models[index].name : NULL; }

static int same(pbay_text a, const char *data, size_t size) { return a.size == size && memcmp(a.data, data, size) == 0; }

int32_t model_prepare(call *call, pbay_error *err) {
    size_t chosen = 0;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        if (same(call->model, models[i].name, strlen(models[i].name))) chosen = i;
    }
    call->next = models[chosen].next;
    int ready = -1;
    for (const answer *answer = call->instance->answers; answer != NULL && ready < 0; answer = answer->next) {
        if (same(call->model, answer->model.data, answer->model.size)) {
            call->next = next_words;
            ready = set_text(call, answer->text.data, answer->text.size);
        }
    }
    if (ready < 0) ready = models[chosen].prepare(call);
    if (!ready) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    /* "begin": the refusal comes from `begin` itself, where otherwise it is the call's terminal. */
    if (call->next == next_fail && request_says(call, "begin")) {
        uint32_t size = err->size < sizeof call->failure ? err->size : (uint32_t)sizeof call->failure;
        call->failure.size = size;
        memcpy(err, &call->failure, size);
        return call->failure.code;
    }
    return PBAY_OK;
}
