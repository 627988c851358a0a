/*
 * A provider that does what the request's model name says: a script of words, run in begin ("b"), on the strand ("s") or
 * on a thread of its own ("t"). The answers of the host are kept for the test, which reads them by fixture_answers.
 *
 *   text=WORD          pushes a text           n=COUNT,BYTES     pushes texts; waits for `resume` on PBAY_PAUSE
 *   flood=COUNT,BYTES  pushes texts, whatever is answered        big=BYTES         one text of that size
 *   bad null nullevent kind=N short            malformed events  tool=N args=N toolend=N  item=JSON logprobs=JSON
 *   vec=INDEX,SIZE,VALUE   a vector          vecs=COUNT,SIZE     one for each of the inputs, the last first: 0.5 INDEX
 *   rawvec=BYTES       a vector of so many bytes                nowhere             one without a place
 *   usage=IN,OUT up=ID finish finish=REASON fail=CODE refuse=CODE (of begin)
 *   stubborn           doesn't end on cancel   wait              waits for fixture_go (thread only)
 *   hold               waits for fixture_go and then ends, once cancelled (thread only)
 *   http=URL           exchanges, and pushes each event's data; ends with the exchange
 *   timer=MS           pushes "tick" from a timer  untimer=MS    starts a timer and cancels it
 *
 * With TOOLS it has tools too, whose arguments are such a script; TOOLS says which list of them it has.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "patchbay.h"

#ifndef START_CODE
#define START_CODE 0
#endif

static const pbay_host *host;
static const pbay_stream_api *streams;
static const pbay_http_api *http;
static const pbay_timer_api *timers;
static const pbay_log_api *logs;
static atomic_int begins, resumes, cancels, releases, pauses, last_reason, misuse, http_done, starts, stops, destroys, drains;
static int answers[4096];
static atomic_int answer_count;
static sem_t go;

typedef struct call {
    pbay_stream_id stream;
    const char *next;
    char *script;
    int threaded, stubborn, released;
    atomic_int ended, cancelled;
    long remaining, bytes;
    sem_t resumed;
} call;

static void answered(int code) {
    int at = atomic_fetch_add(&answer_count, 1);
    if (at < 4096) answers[at] = code;
}

PBAY_EXPORT int fixture_count(const char *what) {
    if (!strcmp(what, "begins")) return begins;
    if (!strcmp(what, "resumes")) return resumes;
    if (!strcmp(what, "cancels")) return cancels;
    if (!strcmp(what, "releases")) return releases;
    if (!strcmp(what, "pauses")) return pauses;
    if (!strcmp(what, "reason")) return last_reason;
    if (!strcmp(what, "misuse")) return misuse;
    if (!strcmp(what, "http_done")) return http_done;
    if (!strcmp(what, "starts")) return starts;
    if (!strcmp(what, "stops")) return stops;
    if (!strcmp(what, "destroys")) return destroys;
    if (!strcmp(what, "drains")) return drains;
    return -1;
}
PBAY_EXPORT int fixture_answers(int *out, int max) {
    int count = answer_count < max ? answer_count : max;
    memcpy(out, answers, (size_t)count * sizeof(int));
    return count;
}
PBAY_EXPORT void fixture_go(void) { sem_post(&go); }
static pbay_stream_id last_stream;
PBAY_EXPORT uint64_t fixture_stream(void) { return last_stream; }
PBAY_EXPORT int fixture_push(uint64_t stream) {
    pbay_event event = {.size = sizeof event, .kind = PBAY_EVENT_TEXT, .text = {"late", 4}};
    return streams->push(stream, &event);
}

static pbay_text text_of(const char *s) { return (pbay_text){s, strlen(s)}; }

static int push_text(call *c, const char *data, size_t size) {
    pbay_event event = {.size = sizeof event, .kind = PBAY_EVENT_TEXT, .text = {data, size}};
    int code = streams->push(c->stream, &event);
    if (code == PBAY_PAUSE) pauses++;
    return code;
}

/* From an odd address. */
static int push_vector(call *c, unsigned index, int size, float value) {
    char *bytes = malloc((size_t)size * 4 + 1);
    for (int i = 0; i < size; i++) memcpy(bytes + 1 + 4 * i, &value, 4);
    pbay_event event = {.size = sizeof event, .kind = PBAY_EVENT_VECTOR, .index = index, .text = {bytes + 1, (size_t)size * 4}};
    int code = streams->push(c->stream, &event);
    free(bytes);
    return code;
}

static int end_finish(call *c, int reason) {
    c->ended = 1;
    return streams->finish(c->stream, reason, 0);
}
static int end_fail(call *c, int code, const char *message) {
    pbay_error error = {.size = sizeof error, .code = code, .retry_after_ms = code == PBAY_ERATELIMIT ? 1500 : 0, .upstream_status = 418};
    snprintf(error.message, sizeof error.message, "%s", message);
    snprintf(error.detail, sizeof error.detail, "the fixture's detail");
    snprintf(error.param, sizeof error.param, "input[0]");
    c->ended = 1;
    return streams->fail(c->stream, &error);
}

static void run(call *c);

static void http_head(void *context, int32_t status, const pbay_header *headers, uint64_t count) {
    call *c = context;
    char line[64];
    int seen = 0;
    for (uint64_t i = 0; i < count; i++)
        if (headers[i].name.size == 12 && !strncasecmp(headers[i].name.data, "content-type", 12)) seen = 1;
    snprintf(line, sizeof line, "status %d type %d|", status, seen);
    push_text(c, line, strlen(line));
}
static void http_data(void *context, pbay_text bytes) { if (((call *)context)->ended) misuse++; push_text(context, bytes.data, bytes.size); }
static void http_event(void *context, const pbay_http_event *event) {
    if (((call *)context)->ended) misuse++;
    int code = push_text(context, event->data.data, event->data.size);
    if (event->name.size == 4 && !memcmp(event->name.data, "last", 4)) end_finish(context, PBAY_FINISH_STOP);
    answered(code);
}
static void http_end(void *context, const pbay_http_result *result) {
    call *c = context;
    http_done++;
    answered(1000 + result->outcome);
    if (c->released) misuse++;
    if (c->ended) return;
    if (result->outcome == PBAY_HTTP_OK) end_finish(c, PBAY_FINISH_STOP);
    else end_fail(c, c->cancelled ? PBAY_ECANCELLED : PBAY_EUPSTREAM, "the exchange failed");
}
static void tick(void *context) { answered(push_text(context, "tick", 4)); }
static void begin_later(void *context) { run(context); }

/* Runs one word. 0: the script goes on; 1: it waits for resume. */
static int word(call *c, const char *w) {
    const char *value = strchr(w, '=');
    value = value ? value + 1 : "";
    pbay_event event = {.size = sizeof event};
    if (!strncmp(w, "text=", 5)) { answered(push_text(c, value, strlen(value))); return 0; }
    if (!strncmp(w, "n=", 2) || !strncmp(w, "flood=", 6)) {
        int polite = w[0] == 'n';
        if (c->remaining == 0) sscanf(value, "%ld,%ld", &c->remaining, &c->bytes);
        char *bytes = malloc((size_t)c->bytes + 1);
        memset(bytes, 'x', (size_t)c->bytes);
        while (c->remaining > 0) {
            c->remaining--;
            int code = push_text(c, bytes, (size_t)c->bytes);
            if (code < 0) { answered(code); c->remaining = 0; break; }
            if (code == PBAY_PAUSE && polite) {
                if (!c->threaded) { free(bytes); return 1; }
                sem_wait(&c->resumed);
            }
        }
        free(bytes);
        return 0;
    }
    if (!strncmp(w, "big=", 4)) {
        size_t size = strtoul(value, 0, 10);
        char *bytes = malloc(size);
        memset(bytes, 'y', size);
        answered(push_text(c, bytes, size));
        free(bytes);
        return 0;
    }
    if (!strcmp(w, "bad")) { answered(push_text(c, "a\xff" "b", 3)); return 0; }
    if (!strcmp(w, "null")) { answered(push_text(c, 0, 5)); return 0; }
    if (!strcmp(w, "absurd")) { answered(push_text(c, "x", (size_t)-1)); return 0; }
    if (!strcmp(w, "nullevent")) { answered(streams->push(c->stream, 0)); return 0; }
    if (!strcmp(w, "short")) { event.size = 8; event.kind = PBAY_EVENT_PART_END; answered(streams->push(c->stream, &event)); return 0; }
    if (!strncmp(w, "kind=", 5)) { event.kind = (uint32_t)atoi(value); answered(streams->push(c->stream, &event)); return 0; }
    if (!strncmp(w, "tool=", 5)) {
        event.kind = PBAY_EVENT_TOOL_CALL; event.index = (uint32_t)atoi(value); event.id = text_of("call_1"); event.name = text_of("f");
        answered(streams->push(c->stream, &event)); return 0;
    }
    if (!strncmp(w, "args=", 5)) { event.kind = PBAY_EVENT_ARGUMENTS; event.index = (uint32_t)atoi(value); event.text = text_of("{}"); answered(streams->push(c->stream, &event)); return 0; }
    if (!strncmp(w, "toolend=", 8)) { event.kind = PBAY_EVENT_TOOL_CALL_END; event.index = (uint32_t)atoi(value); answered(streams->push(c->stream, &event)); return 0; }
    if (!strncmp(w, "item=", 5)) { event.kind = PBAY_EVENT_ITEM; event.text = text_of(value); answered(streams->push(c->stream, &event)); return 0; }
    if (!strncmp(w, "logprobs=", 9)) { event.kind = PBAY_EVENT_LOGPROBS; event.text = text_of(value); answered(streams->push(c->stream, &event)); return 0; }
    if (!strncmp(w, "annotation=", 11)) { event.kind = PBAY_EVENT_ANNOTATION; event.text = text_of(value); answered(streams->push(c->stream, &event)); return 0; }
    if (!strncmp(w, "vec=", 4)) {
        char number[32] = "";
        unsigned index = 0;
        int size = 0;
        sscanf(value, "%u,%d,%31s", &index, &size, number);
        answered(push_vector(c, index, size, strtof(number, 0)));
        return 0;
    }
    if (!strncmp(w, "vecs=", 5)) {
        int count = 0, size = 0;
        sscanf(value, "%d,%d", &count, &size);
        for (int i = count - 1; i >= 0; i--) answered(push_vector(c, (unsigned)i, size, 0.5f * (float)i));
        return 0;
    }
    if (!strncmp(w, "rawvec=", 7)) {
        event.kind = PBAY_EVENT_VECTOR; event.text = (pbay_text){calloc(1, strtoul(value, 0, 10) + 1), strtoul(value, 0, 10)};
        answered(streams->push(c->stream, &event));
        free((void *)event.text.data);
        return 0;
    }
    if (!strcmp(w, "nowhere")) { event.kind = PBAY_EVENT_VECTOR; event.text = (pbay_text){0, 8}; answered(streams->push(c->stream, &event)); return 0; }
    if (!strncmp(w, "usage=", 6)) {
        long in = 0, out = 0;
        sscanf(value, "%ld,%ld", &in, &out);
        pbay_usage usage = {.size = sizeof usage, .input_tokens = in, .output_tokens = out, .cached_tokens = -1};
        answered(streams->usage(c->stream, &usage));
        return 0;
    }
    if (!strncmp(w, "up=", 3)) { pbay_upstream_info info = {.size = sizeof info, .response_id = text_of(value)}; answered(streams->upstream(c->stream, &info)); return 0; }
    if (!strncmp(w, "by=", 3)) { pbay_upstream_info info = {.size = sizeof info, .stop_sequence = text_of(value)}; answered(streams->upstream(c->stream, &info)); return 0; }
    if (!strncmp(w, "finish=", 7)) { answered(end_finish(c, atoi(value))); return 0; }
    if (!strcmp(w, "finish")) { answered(end_finish(c, PBAY_FINISH_STOP)); return 0; }
    if (!strncmp(w, "fail=", 5)) { answered(end_fail(c, atoi(value), "it failed")); return 0; }
    if (!strcmp(w, "failnull")) { c->ended = 1; answered(streams->fail(c->stream, 0)); return 0; }
    if (!strcmp(w, "stubborn")) { c->stubborn = 1; return 0; }
    if (!strcmp(w, "wait")) { sem_wait(&go); return 0; }
    if (!strcmp(w, "hold")) { sem_wait(&go); if (!c->ended) end_fail(c, PBAY_ECANCELLED, "at last"); return 0; }
    if (!strncmp(w, "timer=", 6)) { pbay_timer_id id; answered(timers->start(c->stream, strtoul(value, 0, 10), tick, c, &id)); return 0; }
    if (!strncmp(w, "untimer=", 8)) {
        pbay_timer_id id = 0;
        answered(timers->start(c->stream, strtoul(value, 0, 10), tick, c, &id));
        answered(timers->cancel(id));
        answered(timers->cancel(id));
        return 0;
    }
    if (!strncmp(w, "http=", 5)) {
        pbay_header header = {text_of("x-fixture"), text_of("yes")};
        pbay_http_request request = {.size = sizeof request, .framing = PBAY_HTTP_SSE, .method = text_of("POST"), .url = text_of(value),
                                     .headers = &header, .header_count = 1, .body = text_of("ping")};
        pbay_http_callbacks callbacks = {.size = sizeof callbacks, .head = http_head, .data = http_data, .event = http_event, .done = http_end};
        pbay_error error = {.size = sizeof error};
        pbay_http_id id = 0;
        int code = http->start(c->stream, &request, &callbacks, c, &id, &error);
        answered(code);
        if (code < 0) end_fail(c, code, error.message);
        return 0;
    }
    fprintf(stderr, "fixture: unknown word %s\n", w);
    abort();
}

static void run(call *c) {
    char w[2048];
    while (*c->next) {
        const char *end = strchrnul(c->next, ' ');
        snprintf(w, sizeof w, "%.*s", (int)(end - c->next), c->next);
        if (word(c, w)) { if (c->remaining > 0) return; }
        c->next = *end ? end + 1 : end;
    }
}
static void *on_thread(void *context) {
    run(context);
    return 0;
}

static int32_t begin(void *self, const pbay_request *request, pbay_stream_id stream, void **out, pbay_error *err) {
    (void)self;
    begins++;
    last_stream = stream;
    const char *model = request->model.data;
    if (request->model.size > 8 && !strncmp(model, "refuse=", 7)) {
        char number[16];
        snprintf(number, sizeof number, "%.*s", (int)request->model.size - 7, model + 7);
        snprintf(err->message, sizeof err->message, "refused by the fixture");
        snprintf(err->param, sizeof err->param, "model");
        return atoi(number);
    }
    call *c = calloc(1, sizeof *c);
    c->stream = stream;
    c->script = strndup(model, (size_t)request->model.size);
    c->next = c->script + 2;
    sem_init(&c->resumed, 0, 0);
    *out = c;
    if (c->script[0] == 'b') run(c);
    else if (c->script[0] == 's') { pbay_timer_id id; timers->start(stream, 0, begin_later, c, &id); }
    else {
        c->threaded = 1;
        pthread_t thread;
        pthread_create(&thread, 0, on_thread, c);
        pthread_detach(thread);
    }
    return PBAY_OK;
}
static void resume(void *self, void *context) {
    (void)self;
    call *c = context;
    resumes++;
    if (c->threaded) sem_post(&c->resumed);
    else run(c);
}
static void cancel(void *self, void *context, int32_t reason) {
    (void)self;
    call *c = context;
    cancels++;
    last_reason = reason;
    if (c->ended) misuse++;
    c->cancelled = 1;
    if (c->threaded) sem_post(&c->resumed);
    if (!c->stubborn && !strstr(c->script, "http=") && !strstr(c->script, "hold") && !c->ended) end_fail(c, PBAY_ECANCELLED, "cancelled");
}
static void release(void *self, void *context) {
    (void)self;
    call *c = context;
    releases++;
    if (!c->ended) misuse++;
    c->released = 1; /* kept on purpose: a use after release is counted, not undefined */
}

#ifdef MODELS
#ifndef KINDS
#define KINDS 0
#endif
/* Models as plugins of several versions name them. */
static int32_t name_models(void *self, void (*emit)(void *context, const pbay_model_info *info), void *context) {
    (void)self;
    pbay_model_info info = {.size = sizeof info, .name = text_of("tagged"), .tool_markup = text_of("hermes"), .kinds = KINDS};
    emit(context, &info);
    info.kinds = 0;
    info.name = text_of("sure");
    info.tool_markup = text_of("none");
    if (MODELS > 1) emit(context, &info);
    info.name = text_of("silent");
    info.tool_markup = text_of("");
    if (MODELS > 1) emit(context, &info);
    info.name = text_of("newer");
    info.tool_markup = text_of("klingon");
    if (MODELS > 1) emit(context, &info);
    info.name = text_of("older"); /* of ABI 1.0: what stands behind its size is nothing */
    info.size = 40;
    info.tool_markup = text_of("llama");
    if (MODELS > 1) emit(context, &info);
    if (MODELS < 3) return PBAY_OK;
    info = (pbay_model_info){.size = sizeof info, .name = text_of("able"), .context_tokens = 8192, .max_output_tokens = 1024,
                             .kinds = PBAY_MODEL_ANSWERS | 64u, .inputs = PBAY_INPUT_TEXT | PBAY_INPUT_IMAGE | 64u,
                             .features = PBAY_FEATURE_TOOLS | PBAY_FEATURE_DIMENSIONS | 64u,
                             .features_known = PBAY_FEATURE_TOOLS | PBAY_FEATURE_REASONING | 64u, .dimensions = 0};
    emit(context, &info);
    info.name = text_of("old"); /* of ABI 1.0: all behind its size is somebody else's */
    info.size = 40;
    emit(context, &info);
    info.name = text_of("middle"); /* of ABI 1.1 */
    info.size = 56;
    emit(context, &info);
    info = (pbay_model_info){.size = sizeof info, .name = text_of("vast"), .context_tokens = ~0ull, .kinds = 64u, .dimensions = ~0u};
    emit(context, &info);
    info = (pbay_model_info){.size = sizeof info, .kinds = PBAY_MODEL_EMBEDDINGS, .dimensions = 384}; /* all others */
    if (MODELS > 3) emit(context, &info);
    return PBAY_OK;
}
#else
#define name_models 0
#endif

static const pbay_provider provider = {.size = sizeof provider, .models = name_models, .begin = begin, .resume = resume, .cancel = cancel, .release = release};

/* With COUNTS it has a count too, which runs the same scripts; COUNTS=0 makes that table malformed. */
#ifdef COUNTS
static const pbay_token_count token_count = {.size = sizeof token_count, .begin = COUNTS ? begin : 0};
#endif
/* With EMBEDS it makes vectors too, by the same scripts: EMBEDS of them a call at most. EMBEDS=-1: a malformed table. */
#ifdef EMBEDS
static const pbay_embeddings embeddings = {.size = sizeof embeddings, .max_inputs = EMBEDS, .begin = EMBEDS == -1 ? 0 : begin};
#endif
/* Lists of tools, good and bad. */
#ifdef TOOLS
#ifndef TOOLS_FLAGS
#define TOOLS_FLAGS 0
#endif
static char seen[5][256]; /* what the latest call was given */
static int seen_timeout;
PBAY_EXPORT int fixture_tool(int what, char *out, int room) {
    return what == 5 ? seen_timeout : snprintf(out, (size_t)room, "%s", seen[what]);
}
static int32_t list_tools(void *self, void (*emit)(void *context, const pbay_tool_info *info), void *context) {
    (void)self;
    pbay_tool_info info = {.size = sizeof info, .name = text_of("run"), .description = text_of("runs a script"),
                           .parameters = text_of("{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"string\"}}}")};
    emit(context, &info);
    info.name = text_of("bare-1");
    info.parameters = text_of("");
    switch (TOOLS) {
    case 2: info.name = text_of("no name"); break;
    case 3: info.name = text_of("run"); break;
    case 4: info.parameters = text_of("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"text\"}}}"); break;
    case 5: info.parameters = text_of("{"); break;
    case 6: for (int i = 0; i < 600; i++) { char name[16]; snprintf(name, sizeof name, "t%d", i); info.name = text_of(name); emit(context, &info); } break;
    case 7: return PBAY_EINTERNAL;
    case 8: info.description = text_of("a\xff"); break;
    case 9: info.name = text_of(""); break;
    case 10: emit(context, 0); break;
    case 11: info.size = 24; break; /* of an older ABI: a name alone */
    }
    emit(context, &info);
    return PBAY_OK;
}
static int32_t invoke(void *self, const pbay_tool_call *arguments, pbay_stream_id stream, void **out, pbay_error *err) {
    pbay_request request = {.size = sizeof request, .model = arguments->arguments};
    const pbay_text texts[] = {arguments->name, arguments->arguments, arguments->call_id, arguments->request_id, arguments->owner};
    for (int i = 0; i < 5; i++) snprintf(seen[i], sizeof seen[i], "%.*s", (int)texts[i].size, texts[i].data);
    seen_timeout = (int)arguments->timeout_ms;
    int code = begin(self, &request, stream, out, err);
#ifdef REFUSES_LATE
    code = PBAY_EINVALID;
#endif
    return code;
}
static const pbay_tools tools = {.size = TOOLS == 12 ? 16 : sizeof tools, .flags = TOOLS_FLAGS, .list = list_tools, .invoke = TOOLS == 13 ? 0 : invoke,
#ifndef TOOLS_BARE
                                 .cancel = cancel, .release = release
#endif
};
#endif
static const void *instance_extension(void *self, const char *id) {
    (void)self;
#ifdef COUNTS
    if (!strcmp(id, PBAY_TOKEN_COUNT)) return &token_count;
#endif
#ifdef EMBEDS
    if (!strcmp(id, PBAY_EMBEDDINGS)) return &embeddings;
#endif
#ifdef TOOLS
    if (!strcmp(id, PBAY_TOOLS)) return &tools;
#endif
    return strcmp(id, PBAY_PROVIDER) ? 0 : &provider;
}
static int32_t start(void *self, pbay_error *err) {
    (void)self;
    starts++;
    if (START_CODE) snprintf(err->message, sizeof err->message, "the fixture doesn't start");
    return START_CODE;
}
static void drain(void *self, uint64_t deadline) { (void)self; (void)deadline; drains++; }
static void health(void *self, pbay_health *out) { (void)self; out->state = PBAY_DEGRADED; snprintf(out->message, sizeof out->message, "half well"); }
static void stop(void *self) {
    (void)self;
    stops++;
#ifdef HANGS_IN_STOP
    sem_wait(&go);
#endif
}
static void destroy(void *self) { (void)self; destroys++; }
static const pbay_instance instance = {.size = sizeof instance, .get_extension = instance_extension, .start = start, .drain = drain,
                                       .health = health, .stop = stop, .destroy = destroy};

static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    if (config.size > 2) {
        snprintf(err->param, sizeof err->param, "colour");
        snprintf(err->message, sizeof err->message, "unknown key");
        return PBAY_EINVALID;
    }
    logs->write(id, PBAY_LOG_INFO, text_of("made"));
    char *large = malloc(8192);
    for (int i = 0; i + 1 < 8192; i += 2) memcpy(large + i, "\xc3\xa4", 2);
    large[0] = 'a'; large[1] = '\xff';
    logs->write(id, PBAY_LOG_WARNING, (pbay_text){large, 8192});
    logs->write(id ^ (77ULL << 32), PBAY_LOG_ERROR, text_of("nobody's"));
    free(large);
    *out = &instance;
    return PBAY_OK;
}
static const char *const interfaces[] = {PBAY_PROVIDER, 0};
static const pbay_module module = {.size = sizeof module, .id = "org.example.fixture", .version = "1.2.3", .licence = "Apache-2.0",
                                   .description = "does as told", .interfaces = interfaces, .create = create};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *h, const pbay_module **out, pbay_error *err) {
    (void)err;
    host = h;
    sem_init(&go, 0, 0);
    streams = h->get_extension(PBAY_HOST_STREAM);
    http = h->get_extension(PBAY_HOST_HTTP);
    timers = h->get_extension(PBAY_HOST_TIMER);
    logs = h->get_extension(PBAY_HOST_LOG);
    if (!streams || !http || !timers || !logs || h->get_extension("patchbay.nonsense/1")) return PBAY_EINTERNAL;
    *out = &module;
    return PBAY_OK;
}
