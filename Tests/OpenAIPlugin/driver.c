/*
 * Runs the OpenAI plugin's real .so against scripted upstreams.
 *
 *   driver PLUGIN.so CASE...            each case, in many ways (see `run_case`); 0 when all are as expected
 *   driver --print PLUGIN.so CASE       the case with what happened as its expectation
 *   driver --bench PLUGIN.so            nanoseconds a chunk and a request
 *
 * A case is a text with sections: `== config`, `== flags` (stream, count or embed, the end's outcome), `== request`, `== reply` (status and
 * content type, headers, an empty line, the body; {{FF}} is a byte in hexadecimal) and `== expected`.
 */
#include "host.h"
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct piece { char *data; size_t size; } piece;

typedef struct test_case {
    char *text, *config, *flags, *request, *reply, *expected;
    int status;
    char type[100];
    pbay_header headers[8];
    unsigned header_count;
    piece body;
} test_case;

/* How one run differs from the plain one. */
typedef struct variant {
    unsigned piece;     /* bytes of a body handed over at a time; 0: all */
    unsigned cut;       /* events (or pieces) before the exchange ends; 0: all of them */
    int32_t outcome;    /* with which it then ends */
    unsigned cancel_at; /* events before the host cancels; 0: never */
    bool is_paused;     /* each push is answered PBAY_PAUSE */
    unsigned refuse_at; /* the push that is refused, and how */
    int32_t refusal;
    bool is_silent_end; /* no `done` after the answer's end: the timer fires */
    bool is_late;       /* a host that is late: events go on after the terminal, and then a cancel comes, and the timer */
} variant;

static const pbay_module *module;

static pbay_text text_of(const char *text) { return (pbay_text){text, strlen(text)}; }

static char *section(char *text, const char *name) {
    char mark[40];
    snprintf(mark, sizeof mark, "== %s\n", name);
    char *at = strncmp(text, mark, strlen(mark)) ? strstr(text, mark) : text;
    while (at && at != text && at[-1] != '\n') at = strstr(at + 1, mark);
    return at ? at + strlen(mark) : NULL;
}

static void end_sections(char *text) {
    for (char *at = text; (at = strstr(at, "\n== ")); at++) *at = 0;
}

static void unescape(piece *body) {
    char *out = body->data;
    for (char *in = body->data; *in;) {
        unsigned byte;
        if (in[0] == '{' && in[1] == '{' && sscanf(in, "{{%2X}}", &byte) == 1) { *out++ = (char)byte; in += 6; }
        else *out++ = *in++;
    }
    body->size = (size_t)(out - body->data);
}

static void read_reply(test_case *c) {
    char *line = c->reply, *end = strchr(line, '\n');
    if (end) *end = 0;
    sscanf(line, "%d %99[^\n]", &c->status, c->type);
    c->headers[c->header_count++] = (pbay_header){text_of("Content-Type"), text_of(c->type)};
    for (line = end ? end + 1 : line + strlen(line); *line && *line != '\n' && c->header_count < 8; line = end ? end + 1 : line + strlen(line)) {
        end = strchr(line, '\n');
        if (end) *end = 0;
        char *colon = strchr(line, ':');
        if (!colon) break;
        *colon = 0;
        c->headers[c->header_count++] = (pbay_header){text_of(line), text_of(colon + 2)};
    }
    c->body.data = *line == '\n' ? line + 1 : line;
    unescape(&c->body);
}

static test_case *read_case(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(2); }
    buffer bytes = {0};
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, file));) buffer_add(&bytes, block, n);
    fclose(file);
    test_case *c = calloc(1, sizeof *c);
    c->text = bytes.data;
    c->config = section(c->text, "config"), c->flags = section(c->text, "flags"), c->request = section(c->text, "request");
    c->reply = section(c->text, "reply"), c->expected = section(c->text, "expected");
    end_sections(c->text);
    if (!c->config) { fprintf(stderr, "%s: no config\n", path); exit(2); }
    if (!c->flags) c->flags = (char *)"";
    if (c->reply) read_reply(c);
    return c;
}

/* Each in memory of its own size, so that a checker of memory sees any step outside. */
static void hand(void (*take)(const char *, size_t, void *), const char *data, size_t size, void *context) {
    char *copy = malloc(size ? size : 1);
    memcpy(copy, data, size);
    take(copy, size, context);
    free(copy);
}

static void take_event(const char *data, size_t size, void *context) {
    (void)context;
    pbay_http_event event = {sizeof event, 0, {NULL, 0}, {data, size}};
    stream.callbacks.event(stream.context, &event);
}

static void take_data(const char *data, size_t size, void *context) {
    (void)context;
    stream.callbacks.data(stream.context, (pbay_text){data, size});
}

/* The next event of an SSE body, its data: lines joined by line ends; false at the end. */
static bool next_event(const piece *body, size_t *at, buffer *event) {
    event->size = 0;
    bool has_data = false;
    while (*at < body->size) {
        const char *line = body->data + *at, *end = memchr(line, '\n', body->size - *at);
        size_t size = end ? (size_t)(end - line) : body->size - *at;
        *at += size + (end != NULL);
        if (!size && has_data) return true;
        if (size >= 5 && !memcmp(line, "data:", 5)) {
            size_t skip = size > 5 && line[5] == ' ' ? 6 : 5;
            if (has_data) buffer_add(event, "\n", 1);
            buffer_add(event, line + skip, size - skip);
            has_data = true;
        }
    }
    return has_data;
}

static const char *const outcomes[] = {"ok", "timeout_connect", "timeout_head", "timeout_idle", "timeout_total", "reset", "refused",
                                       "dns", "tls", "limit", "protocol", "cancelled"};

static int32_t outcome_of(const char *flags) {
    for (int32_t i = 1; i < 12; i++) if (strstr(flags, outcomes[i])) return i;
    return 0;
}

static void done(int32_t outcome, int status) {
    pbay_http_result result = {sizeof result, outcome, status, 1, text_of(outcome ? outcomes[outcome] : "")};
    stream.callbacks.done(stream.context, &result);
}

static unsigned exchange(const pbay_provider *provider, void *self, void *call, const test_case *c, variant v) {
    unsigned events = 0;
    bool is_cancelled = false;
    int32_t outcome = v.outcome ? v.outcome : outcome_of(c->flags);
    if (!c->reply) { done(outcome ? outcome : PBAY_HTTP_REFUSED, 0); return 0; }
    stream.callbacks.head(stream.context, c->status, c->headers, c->header_count);
    bool is_sse = stream.framing == PBAY_HTTP_SSE && c->status / 100 == 2 && !strncmp(c->type, "text/event-stream", 17);
    size_t at = 0;
    buffer event = {0};
    while ((!stream.terminals || v.is_late) && !is_cancelled && !(v.cut && events == v.cut)) {
        if (is_sse) {
            if (!next_event(&c->body, &at, &event)) break;
            hand(take_event, event.data ? event.data : "", event.size, NULL);
        } else {
            size_t size = c->body.size - at < v.piece || !v.piece ? c->body.size - at : v.piece;
            if (!size) break;
            hand(take_data, c->body.data + at, size, NULL);
            at += size;
        }
        events++;
        bool is_refused = v.refuse_at && stream.pushes >= v.refuse_at;
        if (!stream.terminals && (events == v.cancel_at || is_refused)) {
            stream.is_cancelled = is_cancelled = true;
            provider->cancel(self, call, PBAY_CANCEL_CLIENT);
        } else if (v.is_paused && !stream.terminals) provider->resume(self, call);
    }
    free(event.data);
    if (v.is_silent_end && stream.timer && !stream.terminals) stream.timer(stream.timer_context);
    if (v.is_late && stream.terminals) {
        provider->cancel(self, call, PBAY_CANCEL_SHUTDOWN);
        if (stream.timer) stream.timer(stream.timer_context);
    }
    bool is_settled = stream.terminals || is_cancelled;
    done(is_settled && stream.timer == NULL ? PBAY_HTTP_CANCELLED : v.cut && !outcome ? PBAY_HTTP_RESET : outcome, c->status);
    return events;
}

/* One life of an instance with one call. Answers the number of events that were handed over. */
static unsigned run(const test_case *c, variant v, buffer *log) {
    pbay_error error = {.size = sizeof error};
    const pbay_instance *instance = NULL;
    stream_reset(log);
    stream.answer = v.is_paused ? PBAY_PAUSE : PBAY_OK;
    stream.refuse_at = v.refuse_at, stream.refusal = v.refusal;
    int32_t code = module->create(7, text_of(c->config), &instance, &error);
    if (code < 0) {
        buffer_print(log, "CREATE %d param=%s\n  message: %s\n", code, error.param, error.message);
        return 0;
    }
    unsigned events = 0;
    code = instance->start(instance->self, &error);
    const pbay_provider *provider = instance->get_extension(instance->self, PBAY_PROVIDER);
    if (code < 0 || !provider || instance->get_extension(instance->self, PBAY_STORAGE)) stream.violation = "instance";
    else if (c->request) {
        pbay_request request = {sizeof request, strstr(c->flags, "stream") ? PBAY_REQUEST_STREAM : 0, text_of(c->request), {NULL, 0}, {NULL, 0}, 0};
        void *call = NULL;
        if (strstr(c->flags, "embed")) {
            const pbay_embeddings *embeddings = instance->get_extension(instance->self, PBAY_EMBEDDINGS);
            stream.takes_vectors = true;
            if (embeddings) buffer_print(log, "MAX_INPUTS %u\n", embeddings->max_inputs);
            code = embeddings ? embeddings->begin(instance->self, &request, TEST_STREAM, &call, &error) : PBAY_EUNSUPPORTED;
        } else if (strstr(c->flags, "count")) {
            const pbay_token_count *count = instance->get_extension(instance->self, PBAY_TOKEN_COUNT);
            code = count ? count->begin(instance->self, &request, TEST_STREAM, &call, &error) : PBAY_EUNSUPPORTED;
        } else {
            code = provider->begin(instance->self, &request, TEST_STREAM, &call, &error);
        }
        if (code < 0) {
            buffer_print(log, "BEGIN %d param=%s\n  message: %s\n", code, error.param, error.message);
            if (stream.has_exchange || stream.terminals) stream.violation = "a refused call goes on";
        } else {
            events = exchange(provider, instance->self, call, c, v);
            if (stream.terminals != 1) stream.violation = stream.terminals ? "two terminals" : "no terminal";
            provider->release(instance->self, call);
        }
    }
    instance->stop(instance->self);
    instance->destroy(instance->self);
    return events;
}

static bool complain(const char *path, const char *what, variant v) {
    fprintf(stderr, "%s: %s (piece %u, cut %u, outcome %d, cancel %u, pause %d, refuse %u with %d, silent %d, late %d)\n", path, what, v.piece, v.cut,
            v.outcome, v.cancel_at, v.is_paused, v.refuse_at, v.refusal, v.is_silent_end, v.is_late);
    return false;
}

static bool is_fine(const char *path, const test_case *c, variant v) {
    run(c, v, NULL);
    return !stream.violation || complain(path, stream.violation, v);
}

static bool is_same(const char *path, const test_case *c, variant v, const char *expected) {
    buffer log = {0};
    run(c, v, &log);
    bool is = !strcmp(log.data ? log.data : "", expected);
    free(log.data);
    return (is && !stream.violation) || complain(path, stream.violation ? stream.violation : "another result", v);
}

static uint32_t seed = 20240607;
static uint32_t roll(uint32_t below) {
    seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
    return below ? seed % below : 0;
}

/* A reply with some of its bytes changed, doubled or left out, and now and then a word of the protocol put in. */
static void mutate(const piece *from, buffer *to) {
    static const char *const words[] = {"null", "{}", "[]", "\"\"", "-1", "1e999", "\"index\":", "\"id\":\"\",", "[DONE]", "\n\n", "\\ud800", "\xff",
                                        "\"error\":{\"message\":\"m\"},", "true", "\"function\":{\"name\":\"f\"}", "99999999999999999999", "\"choices\":[]", "0", "\"index\":0,", "AACAfw==", "1e39"};
    to->size = 0;
    buffer_add(to, from->data, from->size);
    for (unsigned n = 1 + roll(6); n && to->size > 2; n--) {
        size_t at = roll((uint32_t)to->size), size = 1 + roll(24);
        if (at + size > to->size) size = to->size - at;
        char keep[32];
        memcpy(keep, to->data + at, size);
        switch (roll(5)) {
        case 0: to->data[at] = (char)roll(256); break;
        case 1: memmove(to->data + at, to->data + at + size, to->size - at - size), to->size -= size; break;
        case 2: to->size -= roll((uint32_t)(to->size - at)) ? 0 : to->size - at; break;
        default: {
            const char *word = roll(2) ? words[roll(sizeof words / sizeof *words)] : NULL;
            size_t length = word ? strlen(word) : size;
            buffer_add(to, keep, 0);
            for (size_t i = 0; i < length; i++) buffer_add(to, " ", 1);
            memmove(to->data + at + length, to->data + at, to->size - at - length);
            memcpy(to->data + at, word ? word : keep, length);
        }
        }
    }
    buffer_add(to, "", 0);
}

static bool fuzz(const char *path, test_case *c, unsigned rounds) {
    piece original = c->body;
    buffer changed = {0};
    bool is_good = true;
    for (unsigned i = 0; i < rounds && is_good; i++) {
        mutate(&original, &changed);
        c->body = (piece){changed.data, changed.size};
        is_good = is_fine(path, c, (variant){.piece = roll(3) ? 0 : 1 + roll(40), .is_late = roll(2)});
        if (!is_good) fprintf(stderr, "%.*s\n", (int)changed.size, changed.data);
    }
    c->body = original;
    free(changed.data);
    return is_good;
}

static bool run_case(const char *path, unsigned rounds) {
    test_case *c = read_case(path);
    buffer log = {0};
    unsigned events = run(c, (variant){0}, &log);
    const char *expected = c->expected ? c->expected : "";
    bool is_good = log.data && !strcmp(log.data, expected);
    if (!is_good) fprintf(stderr, "%s: expected\n%s\n--- but had\n%s", path, expected, log.data ? log.data : "");
    if (stream.violation) is_good = complain(path, stream.violation, (variant){0});
    if (is_good && c->request && !strstr(expected, "BEGIN")) {
        for (unsigned piece = 1; piece < 8; piece += 3) is_good &= is_same(path, c, (variant){.piece = piece}, expected);
        is_good &= is_same(path, c, (variant){.is_paused = true}, expected);
        is_good &= is_same(path, c, (variant){.is_silent_end = true}, expected);
        is_good &= is_same(path, c, (variant){.is_late = true}, expected);
        is_good &= is_same(path, c, (variant){.is_late = true, .is_silent_end = true}, expected);
        for (unsigned at = 1; at <= events; at++) {
            is_good &= is_fine(path, c, (variant){.cancel_at = at}) && is_fine(path, c, (variant){.cut = at});
            for (int32_t outcome = 1; outcome < 12; outcome++) is_good &= is_fine(path, c, (variant){.cut = at, .outcome = outcome});
            is_good &= is_fine(path, c, (variant){.refuse_at = at, .refusal = PBAY_CLOSED});
            is_good &= is_fine(path, c, (variant){.refuse_at = at, .refusal = PBAY_ELIMIT});
            is_good &= is_fine(path, c, (variant){.refuse_at = at, .refusal = PBAY_EINVALID});
        }
        if (is_good && c->reply) {
            is_good = fuzz(path, c, rounds / 10);
            size_t before = mallinfo2().uordblks;
            is_good = is_good && fuzz(path, c, rounds);
            size_t after = mallinfo2().uordblks;
            if (is_good && after > before + 64 * 1024) is_good = complain(path, "memory is not given back", (variant){0});
        }
    }
    free(log.data), free(c->text), free(c);
    return is_good;
}

static void print_case(const char *path) {
    FILE *file = fopen(path, "rb");
    char line[65536];
    while (file && fgets(line, sizeof line, file) && strcmp(line, "== expected\n")) fputs(line, stdout);
    if (file) fclose(file);
    buffer log = {0};
    run(read_case(path), (variant){0}, &log);
    printf("== expected\n%s", log.data ? log.data : "");
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void bench(const char *api, const char *chunk, const char *request) {
    char config[100];
    snprintf(config, sizeof config, "{\"api\":\"%s\",\"api_key\":\"k\"}", api);
    const pbay_instance *instance;
    pbay_error error = {.size = sizeof error};
    if (module->create(7, text_of(config), &instance, &error) < 0) exit(2);
    const pbay_provider *provider = instance->get_extension(instance->self, PBAY_PROVIDER);
    double begun = 0, pushed = 0, ended = 0;
    enum { CALLS = 200, EVENTS = 2000 };
    for (int i = 0; i < CALLS; i++) {
        stream_reset(NULL);
        pbay_request body = {sizeof body, PBAY_REQUEST_STREAM, text_of(request), {NULL, 0}, {NULL, 0}, 0};
        void *call = NULL;
        double start = now();
        if (provider->begin(instance->self, &body, TEST_STREAM, &call, &error) < 0) exit(2);
        stream.callbacks.head(stream.context, 200, NULL, 0);
        begun += now() - start, start = now();
        pbay_http_event event = {sizeof event, 0, {NULL, 0}, text_of(chunk)};
        for (int n = 0; n < EVENTS; n++) stream.callbacks.event(stream.context, &event);
        pushed += now() - start, start = now();
        provider->cancel(instance->self, call, PBAY_CANCEL_CLIENT);
        done(PBAY_HTTP_CANCELLED, 200);
        provider->release(instance->self, call);
        ended += now() - start;
        if (stream.pushes != EVENTS) exit(2);
    }
    printf("%-17s %5.0f ns an event of %zu bytes, %6.1f us to begin a request of %zu bytes, %.1f us to end it\n", api,
           pushed / CALLS / EVENTS, strlen(chunk), begun / CALLS / 1000, strlen(request), ended / CALLS / 1000);
}

static void bench_all(void) {
    const char *small = "{\"model\":\"m\",\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"Hello\"}]}],"
                        "\"store\":false,\"patchbay\":{\"request_id\":\"r\",\"owner\":\"o\",\"model\":\"m\"}}";
    buffer large = {0};
    buffer_print(&large, "{\"model\":\"m\",\"input\":[");
    for (int i = 0; i < 500; i++)
        buffer_print(&large, "%s{\"type\":\"message\",\"role\":\"%s\",\"content\":[{\"type\":\"%s\",\"text\":\"%0160d\"}]}", i ? "," : "",
                     i % 2 ? "assistant" : "user", i % 2 ? "output_text" : "input_text", i);
    buffer_print(&large, "]}");
    const char *chat = "{\"id\":\"chatcmpl-9xYz0aBcDeFgHiJkLmNoPqRsTuVw\",\"object\":\"chat.completion.chunk\",\"created\":1712345678,\"model\":\"gpt-5-mini\","
                       "\"system_fingerprint\":\"fp_0123456789\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" hello\"},\"finish_reason\":null}]}";
    const char *responses = "{\"type\":\"response.output_text.delta\",\"sequence_number\":17,\"item_id\":\"msg_0123456789abcdef0123456789abcdef\",\"output_index\":0,"
                            "\"content_index\":0,\"delta\":\" hello\",\"logprobs\":[],\"obfuscation\":\"abcdefgh\"}";
    const char *const requests[] = {small, large.data};
    for (int i = 0; i < 2; i++) {
        bench("chat_completions", chat, requests[i]);
        bench("responses", responses, requests[i]);
    }
    free(large.data);
}

int main(int count, char **words) {
    const char *mode = count > 1 && words[1][0] == '-' ? words[1] : "";
    int at = *mode ? 2 : 1;
    if (count <= at) { fprintf(stderr, "usage: driver [--print | --bench] PLUGIN.so CASE...\n"); return 2; }
    void *image = dlopen(words[at], RTLD_NOW | RTLD_LOCAL);
    if (!image) { fprintf(stderr, "%s\n", dlerror()); return 2; }
    pbay_entry_v1 entry;
    *(void **)&entry = dlsym(image, PBAY_ENTRY_SYMBOL);
    pbay_error error = {.size = sizeof error};
    if (!entry || entry(&test_host, &module, &error) != PBAY_OK) { fprintf(stderr, "no entry: %s\n", error.message); return 2; }
    if (!strcmp(mode, "--bench")) { bench_all(); return 0; }
    if (!strcmp(mode, "--print")) { print_case(words[at + 1]); return 0; }
    unsigned failures = 0, cases = 0;
    const char *rounds = getenv("FUZZ_ROUNDS");
    for (int i = at + 1; i < count; i++, cases++) failures += !run_case(words[i], rounds ? (unsigned)atoi(rounds) : 400);
    printf("cases: %u passed, %u failed\n", cases - failures, failures);
    return failures || !cases;
}
