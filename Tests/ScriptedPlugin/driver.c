/*
 * The scripted provider by itself: driver LIBRARY [SEED]
 *
 * A host of one strand, without threads or a clock: what is to happen later (resume, timers, cancel) waits in flags and is done by turns.
 * Each model's transcript is compared with what it must be, and must be the same however often the reader pauses; a call that is cancelled
 * at any point ends with one terminal; nothing is pushed while paused, nor after the terminal.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "patchbay.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const pbay_provider *provider;
static const pbay_instance *table;
static int passed, failed;
static unsigned state = 1;

/* The one stream. */
static char transcript[1 << 20];
static size_t length;
static int paused, terminals, cancelled, wrong, in_call;
static unsigned pushes, in_a_row, most_in_a_row, pause_each;
static int64_t input_tokens, output_tokens;
static void (*timer)(void *context);
static void *timer_context;
static uint64_t timer_delay;

static unsigned draw(unsigned below) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

static void write_down(const char *text, size_t size) {
    if (length + size >= sizeof transcript) size = sizeof transcript - 1 - length;
    if (size > 0) memcpy(transcript + length, text, size);
    length += size;
    transcript[length] = 0;
}

/* The vectors of a call. */
static float vectors[64][8];
static unsigned vector_sizes[64], vector_count;

static int32_t push_vector(const pbay_event *event) {
    if (event->index >= 64 || event->text.size > sizeof vectors[0]) return PBAY_EINVALID;
    memcpy(vectors[event->index], event->text.data, (size_t)event->text.size);
    vector_sizes[event->index] = (unsigned)event->text.size / 4;
    vector_count++;
    return PBAY_OK;
}

static int32_t push(pbay_stream_id stream, const pbay_event *event) {
    static const char *const names[] = {"?", "T", "X", "R", "S", "O", "C", "A", "E", "I", "N", "L", "P", "M"};
    if (stream != 7 || paused || terminals > 0 || !in_call) wrong++;
    if (cancelled) return PBAY_CLOSED;
    if (event->kind == PBAY_EVENT_VECTOR) return push_vector(event);
    char head[200];
    int size = snprintf(head, sizeof head, "%s%s", length > 0 ? "|" : "", names[event->kind]);
    write_down(head, (size_t)size);
    if (event->kind == PBAY_EVENT_TOOL_CALL || event->kind == PBAY_EVENT_ARGUMENTS || event->kind == PBAY_EVENT_TOOL_CALL_END) {
        size = snprintf(head, sizeof head, "%u", event->index);
        write_down(head, (size_t)size);
    }
    write_down(":", 1);
    write_down(event->name.data, (size_t)event->name.size);
    write_down(event->text.data, (size_t)event->text.size);
    pushes++;
    if (++in_a_row > most_in_a_row) most_in_a_row = in_a_row;
    paused = pause_each > 0 && draw(pause_each) == 0;
    return paused ? PBAY_PAUSE : PBAY_OK;
}

static int32_t on_usage(pbay_stream_id stream, const pbay_usage *usage) {
    (void)stream;
    (void)usage;
    return PBAY_OK;
}

static int32_t on_upstream(pbay_stream_id stream, const pbay_upstream_info *info) {
    (void)stream;
    if (info->size != sizeof *info) wrong++;
    return PBAY_OK;
}

static int32_t finish(pbay_stream_id stream, int32_t reason, const pbay_usage *usage) {
    static const char *const names[] = {"", "|stop", "|length", "|filter"};
    if (stream != 7 || terminals > 0) wrong++;
    terminals++;
    input_tokens = usage->input_tokens;
    output_tokens = usage->output_tokens;
    write_down(names[reason], strlen(names[reason]));
    return PBAY_OK;
}

static int32_t fail(pbay_stream_id stream, const pbay_error *error) {
    char text[64];
    if (stream != 7 || terminals > 0) wrong++;
    terminals++;
    int size = snprintf(text, sizeof text, "|fail %d", error->code);
    write_down(text, (size_t)size);
    return PBAY_OK;
}

static int32_t start_timer(pbay_stream_id stream, uint64_t delay_ms, void (*fire)(void *context), void *context, pbay_timer_id *out) {
    if (stream != 7 || timer != NULL) wrong++;
    if (terminals > 0 || cancelled) return PBAY_CLOSED;
    timer = fire;
    timer_context = context;
    timer_delay = delay_ms;
    *out = 1;
    return PBAY_OK;
}

static int32_t cancel_timer(pbay_timer_id id) {
    (void)id;
    timer = NULL;
    return PBAY_OK;
}

static const void *get_extension(const char *id) {
    static const pbay_stream_api streams = {sizeof streams, 0, push, on_usage, on_upstream, finish, fail};
    static const pbay_timer_api timers = {sizeof timers, 0, start_timer, cancel_timer};
    if (strcmp(id, PBAY_HOST_STREAM) == 0) return &streams;
    return strcmp(id, PBAY_HOST_TIMER) == 0 ? &timers : NULL;
}

static pbay_text text_of(const char *text) {
    pbay_text result = {text, strlen(text)};
    return result;
}

/* Runs one call to its end; cancels it after `cancel_after` turns of the strand (-1: never). */
static int32_t run(const char *model, const char *body, int cancel_after, pbay_error *error) {
    pbay_request request = {.size = sizeof request, .flags = PBAY_REQUEST_STREAM, .body = text_of(body), .model = text_of(model)};
    void *call = NULL;
    memset(error, 0, sizeof *error);
    error->size = sizeof *error;
    length = 0;
    transcript[0] = 0;
    paused = terminals = cancelled = wrong = 0;
    pushes = in_a_row = most_in_a_row = 0;
    timer = NULL;
    in_call = 1;
    int32_t code = provider->begin(table->self, &request, 7, &call, error);
    if (code < 0) return code;
    for (int turn = 0; terminals == 0; turn++) {
        in_a_row = 0;
        if (turn == cancel_after) {
            cancelled = 1;
            timer = NULL;
            provider->cancel(table->self, call, PBAY_CANCEL_CLIENT);
        } else if (paused && (timer == NULL || draw(2))) {
            paused = 0;
            provider->resume(table->self, call);
        } else if (timer != NULL) {
            void (*fire)(void *context) = timer;
            timer = NULL;
            fire(timer_context);
        } else {
            break; /* it waits for a cancel that doesn't come */
        }
    }
    in_call = 0;
    provider->release(table->self, call);
    return code;
}

static void check(const char *what, int condition) {
    if (condition) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED  %s\n        %.400s\n", what, transcript);
}

#define USER(text) "{\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"" text "\"}]}"
#define TOOLS                                                                                                             \
    ",\"tools\":[{\"type\":\"web_search\"},{\"type\":\"function\",\"name\":\"weather\",\"parameters\":{\"type\":\"object\"," \
    "\"properties\":{\"city\":{\"type\":\"string\"},\"unit\":{\"enum\":[\"C\",\"F\"]},\"days\":{\"type\":\"integer\"},"      \
    "\"note\":{\"type\":\"string\"}},\"required\":[\"city\",\"unit\",\"days\"]}},{\"type\":\"function\",\"name\":\"time\"}]}"

static const struct {
    const char *model, *body, *transcript;
} cases[] = {
    {"echo", USER("hello big world"), "T:hello|T: big|T: world|stop"},
    {"anything", USER("a\\u00e9 \\ud83d\\ude00"), "T:a\xc3\xa9|T: \xf0\x9f\x98\x80|stop"},
    {"echo", "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"x\"},{\"type\":\"input_image\"},"
             "{\"text\":\"y\"}]},{\"role\":\"assistant\",\"content\":\"z\"}]}", "T:x|T:\ny|stop"},
    {"echo", "{\"input\":[]}", "T:(no|T: user|T: text)|stop"},
    {"reason", USER("hi"), "R:The user said something.|R: I shall say it again.|S:Thinking about|S: an echo.|O:c2NyaXB0ZWQ=|T:hi|stop"},
    {"refuse", USER("hi"), "X:I|X: can't|X: help|X: with|X: that.|stop"},
    {"length", USER("a b"), "T:a|T: b|length"},
    {"filter", USER("a b"), "T:a|T: b|filter"},
    {"silent", USER("a b"), "|stop"},
    {"item", USER("a"), "I:{\"type\":\"vendor:thing\",\"status\":\"completed\",\"n\":1,\"nested\":{\"kept\":[true,null]}}|T:There is a thing.|stop"},
    {"parts", USER("a"), "T:part one|P:|T:part two|M:|T:message two|stop"},
    {"annotations", USER("a"), "T:See the|T: source.|N:{\"type\":\"url_citation\",\"url\":\"https://example.org/\",\"title\":\"Example\","
                               "\"start_index\":8,\"end_index\":14}|stop"},
    {"tool", "{\"input\":[{\"role\":\"user\",\"content\":\"weather?\"}]" TOOLS,
     "C0:weather|A0:{\"city\":\"Paris\",\"u|A0:nit\":\"C\",\"days\":1}|E0:|stop"},
    {"tool", "{\"tool_choice\":{\"type\":\"function\",\"name\":\"time\"},\"input\":[{\"role\":\"user\",\"content\":\"{\\\"a\\\":[1]}\"}]" TOOLS,
     "C0:time|A0:{\"a\"|A0::[1]}|E0:|stop"},
    {"again", "{\"tool_choice\":\"none\",\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"22 C\"}]" TOOLS, "T:22|T: C|stop"},
    {"tool", "{\"tool_choice\":\"none\",\"input\":[]" TOOLS, "T:There|T: is|T: no|T: tool|T: to|T: call.|stop"},
    {"tool", "{\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"22 C\"}]" TOOLS, "T:22|T: C|stop"},
    {"tool", "{\"input\":[{\"type\":\"function_call_output\",\"output\":[{\"type\":\"input_text\",\"text\":\"22\"}]}]" TOOLS, "T:22|stop"},
    {"tools", "{\"input\":[{\"role\":\"user\",\"content\":\"weather?\"}]" TOOLS,
     "C0:weather|A0:{\"city\":\"Paris\",\"u|C1:time|A1:{|A0:nit\":\"C\",\"days\":1}|A1:}|E0:|E1:|stop"},
    {"count", "{\"input\":[{\"role\":\"user\",\"content\":\"a\"},{\"type\":\"reasoning\"},{\"role\":\"assistant\",\"content\":\"b\"},{\"x\":1}]}",
     "T:4|T: items:|T: user|T: reasoning|T: assistant|T: |stop"},
    {"dump", "{\"input\":[]}", "T:{\"input\":[]}|stop"},
    {"long", USER("count 3"), "T:0|T: 1|T: 2|stop"},
    {"slow", USER("a b"), "T:a|T: b|stop"},
    {"fail", USER("ratelimit"), "|fail -7"},
    {"fail", USER("x"), "|fail -11"},
    {"fail_after", USER("context"), "T:It began|T: well|fail -12"},
    {"greeter", USER("x"), "T:Good|T: morning.|stop"},
};

static void check_cases(void) {
    pbay_error error;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (pause_each = 0; pause_each < 4; pause_each++) {
            char what[200];
            snprintf(what, sizeof what, "%s, pausing %u: %.100s", cases[i].model, pause_each, cases[i].transcript);
            int32_t code = run(cases[i].model, cases[i].body, -1, &error);
            check(what, code == PBAY_OK && strcmp(transcript, cases[i].transcript) == 0 && terminals == 1 && wrong == 0);
        }
        for (int cancel_after = 0; cancel_after < 6; cancel_after++) {
            char what[200];
            snprintf(what, sizeof what, "%s, cancelled after %d turns", cases[i].model, cancel_after);
            pause_each = 1 + draw(2);
            int32_t code = run(cases[i].model, cases[i].body, cancel_after, &error);
            check(what, code == PBAY_OK && terminals == 1 && wrong == 0);
        }
    }
    pause_each = 0;
}

static void check_others(void) {
    pbay_error error;
    check("no JSON", run("echo", "{", -1, &error) == PBAY_EINVALID);
    check("no input", run("echo", "{\"input\":\"x\"}", -1, &error) == PBAY_EINVALID && strcmp(error.param, "input") == 0);
    check("a refusal by begin", run("fail", USER("begin ratelimit"), -1, &error) == PBAY_ERATELIMIT && error.retry_after_ms == 2000 &&
                                    error.code == PBAY_ERATELIMIT && error.upstream_status == 429 && terminals == 0);
    run("hang", USER("x"), -1, &error);
    check("hang waits", terminals == 0 && strcmp(transcript, "T:Waiting") == 0);
    run("hang", USER("x"), 0, &error);
    check("hang ends by the cancel", terminals == 1 && strcmp(transcript, "T:Waiting|fail -10") == 0);
    run("long", USER("count 100000"), -1, &error);
    check("a long answer is whole", pushes == 100000 && terminals == 1 && wrong == 0);
    check("and gives the strand back", most_in_a_row <= 256);
    run("unicode", USER("x"), -1, &error);
    check("unicode comes by characters", pushes > 20 && strstr(transcript, "T:\xe4\xb8\x96|T:\xe7\x95\x8c") != NULL);
    run("echo", USER("one two  three"), -1, &error);
    check("usage counts words", input_tokens == 3 && output_tokens == 3);
    run("logprobs", USER("x"), -1, &error);
    check("logprobs come before their text", strncmp(transcript, "L:[{", 4) == 0 && strstr(transcript, "|T:Hello|L:") != NULL);
    run("slow", USER("every 20 ms"), 0, &error);
    check("slow waits as long as it was told", timer_delay == 20);
}

/* A count ends inside `begin`; what can't be counted has had no effect. */
static int32_t count_tokens(const char *model, const char *body, pbay_error *error) {
    const pbay_token_count *count = table->get_extension(table->self, PBAY_TOKEN_COUNT);
    pbay_request request = {.size = sizeof request, .body = text_of(body), .model = text_of(model)};
    void *call = &request;
    memset(error, 0, sizeof *error);
    error->size = sizeof *error;
    length = terminals = cancelled = wrong = 0;
    transcript[0] = 0;
    input_tokens = -1;
    int32_t code = count->begin(table->self, &request, 7, &call, error);
    if (code == PBAY_OK) provider->release(table->self, call);
    return code;
}

static void check_counts(void) {
    pbay_error error;
    check("a count counts words", count_tokens("echo", USER("one two  three"), &error) == PBAY_OK && input_tokens == 3 && terminals == 1 && wrong == 0);
    check("and those of the instructions", count_tokens("echo", "{\"instructions\":\"be brief\",\"input\":[]}", &error) == PBAY_OK && input_tokens == 2);
    check("and the tools", count_tokens("echo", "{\"tools\":[{\"type\": \"function\"}],\"input\":[]}", &error) == PBAY_OK && input_tokens == 2);
    check("a model that isn't counted", count_tokens("uncounted", USER("x"), &error) == PBAY_EUNSUPPORTED && terminals == 0);
    check("a count of no JSON", count_tokens("echo", "{", &error) == PBAY_EINVALID && terminals == 0);
}

/* A call for vectors, to its end. */
static int32_t embed(const char *model, const char *body, pbay_error *error) {
    const pbay_embeddings *embeddings = table->get_extension(table->self, PBAY_EMBEDDINGS);
    pbay_request request = {.size = sizeof request, .body = text_of(body), .model = text_of(model)};
    void *call = NULL;
    memset(error, 0, sizeof *error);
    memset(vectors, 0, sizeof vectors);
    memset(vector_sizes, 0, sizeof vector_sizes);
    error->size = sizeof *error;
    length = 0;
    terminals = cancelled = paused = wrong = 0;
    vector_count = pause_each = 0;
    transcript[0] = 0;
    timer = NULL;
    in_call = 1;
    int32_t code = embeddings->begin(table->self, &request, 7, &call, error);
    for (int turns = 0; code == PBAY_OK && terminals == 0 && timer != NULL && turns < 1000; turns++) {
        void (*fire)(void *) = timer;
        timer = NULL;
        fire(timer_context);
    }
    if (code == PBAY_OK && terminals == 0) {
        cancelled = 1;
        provider->cancel(table->self, call, PBAY_CANCEL_CLIENT);
    }
    in_call = 0;
    if (code == PBAY_OK) provider->release(table->self, call);
    return code;
}

static void check_vectors(void) {
    pbay_error error;
    float first[8];
    const pbay_embeddings *embeddings = table->get_extension(table->self, PBAY_EMBEDDINGS);
    check("16 inputs a call", embeddings->max_inputs == 16);
    check("a vector for each input", embed("any", "{\"input\":[\"one two\",\"three\"],\"dimensions\":8}", &error) == PBAY_OK && vector_count == 2 &&
                                         vector_sizes[0] == 8 && vector_sizes[1] == 8 && input_tokens == 3 && terminals == 1 && wrong == 0);
    memcpy(first, vectors[0], sizeof first);
    double squares = 0;
    for (int i = 0; i < 8; i++) squares += (double)first[i] * first[i];
    check("of length 1", squares > 0.999 && squares < 1.001);
    check("another for another text", memcmp(first, vectors[1], sizeof first) != 0);
    check("the same for the same", embed("any", "{\"input\":[\"x\",\"one\\u0020two\"],\"dimensions\":8}", &error) == PBAY_OK && memcmp(first, vectors[1], sizeof first) == 0);
    check("token numbers", embed("any", "{\"input\":[[1,2,3],[1, 2,3],[12,3]],\"dimensions\":4}", &error) == PBAY_OK && vector_count == 3 && input_tokens == 8 &&
                               memcmp(vectors[0], vectors[1], 16) == 0 && memcmp(vectors[0], vectors[2], 16) != 0);
    check("one number", embed("any", "{\"input\":[\"x\"],\"dimensions\":1}", &error) == PBAY_OK && (vectors[0][0] == 1 || vectors[0][0] == -1));
    check("no dimensions", embed("any", "{\"input\":[\"x\"],\"dimensions\":0}", &error) == PBAY_EUNSUPPORTED && strcmp(error.param, "dimensions") == 0);
    check("no inputs", embed("any", "{\"input\":[]}", &error) == PBAY_EINVALID && embed("any", "{\"input\":[1]}", &error) == PBAY_EINVALID);
    check("no JSON", embed("any", "{", &error) == PBAY_EINVALID && terminals == 0);
    check("a model without", embed("unembedded", "{\"input\":[\"x\"]}", &error) == PBAY_EUNSUPPORTED && strcmp(error.param, "model") == 0);
    check("an input that is too long", embed("short", "{\"input\":[\"x\",\"1 2 3 4 5 6 7 8 9\"]}", &error) == PBAY_ECONTEXT_LENGTH && strcmp(error.param, "input[1]") == 0);
    check("a failure", embed("fail", "{\"input\":[\"ratelimit\"]}", &error) == PBAY_OK && strstr(transcript, "|fail -7") != NULL);
    check("a failure at once", embed("fail", "{\"input\":[\"begin ratelimit\"]}", &error) == PBAY_ERATELIMIT);
    check("a failure after a vector", embed("fail_after", "{\"input\":[\"x\",\"y\"],\"dimensions\":8}", &error) == PBAY_OK && vector_count == 1 && strstr(transcript, "|fail") != NULL);
    check("a failure at an input", embed("fail_at", "{\"input\":[\"x\",\"fail auth\"],\"dimensions\":8}", &error) == PBAY_OK && vector_count == 1 && strstr(transcript, "|fail") != NULL);
    check("one that waits is cancelled", embed("hang", "{\"input\":[\"x\"],\"dimensions\":8}", &error) == PBAY_OK && terminals == 1 && cancelled && wrong == 0);
    check("one that is slow", embed("slow", "{\"input\":[\"every 20\",\"y\"],\"dimensions\":8}", &error) == PBAY_OK && vector_count == 2 && timer_delay == 20 && wrong == 0);
    check("a vector that is missing", embed("missing", "{\"input\":[\"x\",\"y\"],\"dimensions\":8}", &error) == PBAY_OK && vector_count == 1);
    check("one that comes twice", embed("twice", "{\"input\":[\"x\",\"y\"],\"dimensions\":8}", &error) == PBAY_OK && vector_count == 2 && vector_sizes[1] == 0);
    check("one that is shorter", embed("uneven", "{\"input\":[\"x\",\"y\"],\"dimensions\":8}", &error) == PBAY_OK && vector_sizes[1] == 7);
    check("one that isn't finite", embed("infinite", "{\"input\":[\"x\",\"y\"],\"dimensions\":8}", &error) == PBAY_OK && vectors[1][7] - vectors[1][7] != 0);
}

static void check_configuration(const pbay_module *module) {
    static const char *const bad[][2] = {{"{\"x\":1}", "x"}, {"{\"answers\":[]}", "answers"}, {"{\"answers\":{\"a\":1}}", "answers"},
                                         {"{\"chunk_delay_ms\":-1}", "chunk_delay_ms"}, {"{\"long_count\":\"9\"}", "long_count"}, {"{\"max_inputs\":-1}", "max_inputs"},
                                         {"{\"dimensions\":65537}", "dimensions"}, {"[]", ""}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pbay_error error = {.size = sizeof error};
        const pbay_instance *out = NULL;
        check(bad[i][0], module->create(1, text_of(bad[i][0]), &out, &error) == PBAY_EINVALID && strcmp(error.param, bad[i][1]) == 0 && out == NULL);
    }
}

int main(int count, char **arguments) {
    static const pbay_host host = {sizeof host, 0, "driver", "1", get_extension};
    const pbay_module *module = NULL;
    pbay_error error = {.size = sizeof error};
    if (count < 2) return 2;
    if (count > 2) state = (unsigned)atoi(arguments[2]) | 1;
    void *image = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    pbay_entry_v1 entry = NULL;
    if (image != NULL) *(void **)&entry = dlsym(image, PBAY_ENTRY_SYMBOL);
    if (entry == NULL || entry(&host, &module, &error) != PBAY_OK) {
        printf("%s\n", image == NULL ? dlerror() : error.message);
        return 2;
    }
    check_configuration(module);
    if (module->create(1, text_of("{\"answers\":{\"greeter\":\"Good morning.\"}}"), &table, &error) != PBAY_OK) return 2;
    provider = table->get_extension(table->self, PBAY_PROVIDER);
    if (table->start(table->self, &error) != PBAY_OK) return 2;
    check_cases();
    check_others();
    check_counts();
    check_vectors();
    table->stop(table->self);
    table->destroy(table->self);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
