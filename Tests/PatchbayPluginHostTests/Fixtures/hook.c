/*
 * A hook that does what the request's model name says: a script of words for each visit, visits parted by "|". The
 * answers of the host are kept for the test, which reads them by fixture_answers, and texts by fixture_text.
 *
 *   proceed replace=JSON events answer=REASON reject=CODE fail=CODE     verdicts
 *   nullanswer nullreject nullfail badprovider usage  of verdicts        short   an older, shorter pbay_hook_answer
 *   emit=TEXT kind=N,TEXT tool=N args=N nullevent badtext flood         events
 *   doc nulldoc put=NAME,VALUE putsize=N names=N,M get=NAME             document and bag
 *   ask=BODY asks=N nullask                                             questions; their answer is the verdict with "askverdict"
 *   thread      what follows is done on a thread   late     the same, when fixture_go is called
 *   join        waits for that thread              block    waits for fixture_go in visit
 *   oncancel    a deferred visit gives its verdict when it is cancelled
 *   ok defer code=N                                             what visit returns; defer is implied by thread, late, ask
 *   stress      defers; the threads of the fixture answer
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "patchbay.h"

#ifndef POINTS
#define POINTS 0x3FFu
#endif
#ifndef EVENTS
#define EVENTS PBAY_EVENTS_ALL
#endif
#ifndef FLAGS
#define FLAGS 0u
#endif
#ifndef SIZE
#define SIZE sizeof(pbay_hooks)
#endif
#ifndef STRESS_THREADS
#define STRESS_THREADS 0
#endif

static const pbay_hook_api *hooks;
static atomic_int opens, visits, cancels, closes, dones, in_done, misuse, oks, owed_done, stops;
static int answers[4096];
static atomic_int answer_count;
static sem_t go;
static char texts[4][4096]; /* open, visit, doc, done */
enum { OPEN, VISIT, DOC, DONE };
static atomic_ullong last_visit;

static void answered(int code) {
    int at = atomic_fetch_add(&answer_count, 1);
    if (at < 4096) answers[at] = code;
}
PBAY_EXPORT int fixture_answers(int *out, int max) {
    int count = answer_count < max ? answer_count : max;
    memcpy(out, answers, (size_t)count * sizeof(int));
    return count;
}
PBAY_EXPORT int fixture_count(const char *what) {
    if (!strcmp(what, "opens")) return opens;
    if (!strcmp(what, "visits")) return visits;
    if (!strcmp(what, "cancels")) return cancels;
    if (!strcmp(what, "closes")) return closes;
    if (!strcmp(what, "dones")) return dones;
    if (!strcmp(what, "misuse")) return misuse;
    if (!strcmp(what, "oks")) return oks;
    if (!strcmp(what, "stops")) return stops;
    if (!strcmp(what, "answers")) return answer_count;
    return -1;
}
PBAY_EXPORT const char *fixture_text(const char *what) {
    return texts[!strcmp(what, "open") ? OPEN : !strcmp(what, "visit") ? VISIT : !strcmp(what, "doc") ? DOC : DONE];
}
PBAY_EXPORT void fixture_go(void) { sem_post(&go); }
PBAY_EXPORT uint64_t fixture_stream(void) { return last_visit; }
/* A verdict of any visit, from the test's thread. */
PBAY_EXPORT int fixture_push(uint64_t visit) { return hooks->proceed(visit); }
PBAY_EXPORT int fixture_document(uint64_t visit) {
    pbay_text text;
    return hooks->document(visit, &text);
}

static void keep(int which, pbay_text text) {
    snprintf(texts[which], sizeof texts[which], "%.*s", (int)text.size, text.data ? text.data : "");
}
static pbay_text text_of(const char *s) { return (pbay_text){s, strlen(s)}; }

typedef struct session {
    char script[3500], *next;
    int oncancel, cancelled, is_closed;
    atomic_int in_visit;
} session;

/* What is left to do of a visit. */
typedef struct job {
    session *s;
    pbay_visit_id id;
    char words[3500], *next;
    int threaded, late, deferred, code, joined, askverdict, replace_done;
    pthread_t thread;
} job;

static pbay_error error_of(int code) {
    pbay_error error = {.size = sizeof error, .code = code, .retry_after_ms = code == PBAY_ERATELIMIT ? 1500 : 0};
    snprintf(error.message, sizeof error.message, "the hook says no");
    snprintf(error.param, sizeof error.param, "input[0]");
    snprintf(error.detail, sizeof error.detail, "the fixture's detail");
    return error;
}

typedef struct question { pbay_visit_id id; int verdict; } question;

static void done(void *context, int32_t code, pbay_text text, const pbay_error *error) {
    question *q = context;
    if (atomic_fetch_add(&in_done, 1)) misuse++; /* on the strand: one after another */
    dones++;
    char line[700];
    snprintf(line, sizeof line, "%d %.*s%s%s", code, (int)text.size, text.data ? text.data : "", error ? error->message : "",
             error ? error->param : "");
    keep(DONE, text_of(line));
    if (q->verdict) answered(hooks->replace(q->id, (pbay_text){"\"asked\"", 7}));
    in_done--;
    free(q);
}

static void word(job *j, const char *w) {
    char *value = strchr(w, '=');
    value = value ? value + 1 : "";
    pbay_event event = {.size = sizeof event, .kind = PBAY_EVENT_TEXT};
    pbay_text text = {0, 0};
    pbay_error err = {.size = sizeof err};
    if (!strcmp(w, "proceed")) answered(hooks->proceed(j->id));
    else if (!strncmp(w, "replace=", 8)) answered(hooks->replace(j->id, text_of(value)));
    else if (!strcmp(w, "events")) answered(hooks->replace_events(j->id));
    else if (!strncmp(w, "answer=", 7)) {
        pbay_usage usage = {.size = sizeof usage, .input_tokens = 3, .output_tokens = 4, .cached_tokens = -1, .cache_write_tokens = -1, .reasoning_tokens = -1};
        pbay_hook_answer answer = {.size = sizeof answer, .reason = atoi(value), .usage = &usage, .provider = {"other", 5}};
        answered(hooks->answer(j->id, &answer));
    } else if (!strcmp(w, "badprovider")) {
        pbay_hook_answer answer = {.size = sizeof answer, .reason = PBAY_FINISH_STOP, .provider = {"\xff", 1}};
        answered(hooks->answer(j->id, &answer));
    } else if (!strcmp(w, "short")) {
        pbay_hook_answer answer = {.size = offsetof(pbay_hook_answer, usage), .reason = PBAY_FINISH_LENGTH, .provider = {"other", 5}};
        answered(hooks->answer(j->id, &answer));
    } else if (!strcmp(w, "nullanswer")) answered(hooks->answer(j->id, 0));
    else if (!strncmp(w, "reject=", 7)) { err = error_of(atoi(value)); answered(hooks->reject(j->id, &err)); }
    else if (!strncmp(w, "bare=", 5)) { err.code = atoi(value); answered(hooks->reject(j->id, &err)); }
    else if (!strcmp(w, "nullreject")) answered(hooks->reject(j->id, 0));
    else if (!strncmp(w, "fail=", 5)) { err = error_of(atoi(value)); answered(hooks->fail(j->id, &err)); }
    else if (!strcmp(w, "nullfail")) answered(hooks->fail(j->id, 0));
    else if (!strncmp(w, "emit=", 5)) { event.text = text_of(value); answered(hooks->emit(j->id, &event)); }
    else if (!strncmp(w, "kind=", 5)) {
        event.kind = (uint32_t)atoi(value);
        char *comma = strchr(value, ',');
        if (comma) event.text = text_of(comma + 1);
        answered(hooks->emit(j->id, &event));
    } else if (!strncmp(w, "tool=", 5)) {
        event.kind = PBAY_EVENT_TOOL_CALL;
        event.index = (uint32_t)atoi(value);
        event.name = text_of("f");
        answered(hooks->emit(j->id, &event));
    } else if (!strncmp(w, "args=", 5)) {
        event.kind = PBAY_EVENT_ARGUMENTS;
        event.index = (uint32_t)atoi(value);
        event.text = text_of("{}");
        answered(hooks->emit(j->id, &event));
    } else if (!strcmp(w, "nullevent")) answered(hooks->emit(j->id, 0));
    else if (!strcmp(w, "badtext")) { event.text = text_of("\xff"); answered(hooks->emit(j->id, &event)); }
    else if (!strcmp(w, "flood")) {
        size_t size = 1 << 20;
        char *bytes = malloc(size);
        memset(bytes, 'x', size);
        event.text = (pbay_text){bytes, size};
        int code = 0, taken = 0;
        while (taken < 1000 && (code = hooks->emit(j->id, &event)) == PBAY_OK) taken++;
        answered(taken);
        answered(code);
        free(bytes);
    } else if (!strcmp(w, "doc")) {
        int code = hooks->document(j->id, &text);
        answered(code);
        if (code == PBAY_OK) {
            keep(DOC, text);
            pbay_text again = {0, 0};
            if (hooks->document(j->id, &again) != PBAY_OK || again.data != text.data) misuse++;
        }
    } else if (!strcmp(w, "nulldoc")) answered(hooks->document(j->id, 0));
    else if (!strncmp(w, "put=", 4)) {
        char *comma = strchr(value, ',');
        answered(hooks->put(j->id, (pbay_text){value, (uint64_t)(comma - value)}, text_of(comma + 1)));
    } else if (!strncmp(w, "putsize=", 8)) {
        size_t size = (size_t)atol(value);
        char *bytes = calloc(size + 1, 1);
        answered(hooks->put(j->id, text_of("n"), (pbay_text){bytes, size}));
        free(bytes);
    } else if (!strncmp(w, "name=", 5)) { /* names of a length */
        size_t size = (size_t)atol(value);
        char *bytes = malloc(size + 1);
        memset(bytes, 'n', size + 1);
        answered(hooks->put(j->id, (pbay_text){bytes, size}, text_of("v")));
        answered(hooks->get(j->id, (pbay_text){bytes, size}, &text));
        free(bytes);
    } else if (!strcmp(w, "badname")) answered(hooks->put(j->id, text_of("\xff"), text_of("v")));
    else if (!strncmp(w, "get=", 4)) {
        int code = hooks->get(j->id, text_of(value), &text);
        answered(code);
        if (code == PBAY_OK) {
            keep(DOC, text);
            pbay_text again = {0, 0};
            if (hooks->get(j->id, text_of(value), &again) != PBAY_OK || again.data != text.data) misuse++;
        }
    } else if (!strcmp(w, "nullget")) answered(hooks->get(j->id, text_of("n"), 0));
    else if (!strcmp(w, "borrow")) { /* changing values until it is too much */
        size_t size = 1 << 20;
        char *bytes = calloc(size, 1);
        int code = 0, taken = 0;
        while (taken < 100) {
            bytes[0] = (char)taken;
            if (hooks->put(j->id, text_of("n"), (pbay_text){bytes, size}) != PBAY_OK) misuse++;
            if ((code = hooks->get(j->id, text_of("n"), &text)) != PBAY_OK) break;
            taken++;
        }
        answered(taken);
        answered(code);
        free(bytes);
    } else if (!strncmp(w, "ask=", 4) || !strncmp(w, "asks=", 5)) {
        int count = w[3] == 's' ? atoi(value) : 1;
        for (int i = 0; i < count; i++) {
            question *q = malloc(sizeof *q);
            *q = (question){j->id, j->askverdict};
            int code = hooks->ask(j->id, text_of(w[3] == 's' ? "{}" : value), done, q, &err);
            if (code < 0) { free(q); keep(DONE, text_of(err.message)); }
            answered(code);
        }
        j->deferred = 1;
    } else if (!strcmp(w, "nullask")) answered(hooks->ask(j->id, text_of("{}"), 0, 0, &err));
    else if (!strcmp(w, "askverdict")) j->askverdict = 1;
    else if (!strcmp(w, "block")) sem_wait(&go);
    else if (!strcmp(w, "oncancel")) { j->s->oncancel = 1; j->deferred = 1; }
    else if (!strcmp(w, "defer")) j->deferred = 1;
    else if (!strncmp(w, "code=", 5)) j->code = atoi(value);
    else if (strcmp(w, "ok")) { misuse++; fprintf(stderr, "no word of the fixture: %s\n", w); }
}

static void run(job *j);
static void *on_thread(void *context) {
    job *j = context;
    if (j->late) sem_wait(&go);
    run(j);
    if (!j->joined) free(j);
    return 0;
}
static void run(job *j) {
    char *w;
    while ((w = strsep(&j->next, " "))) {
        if (!*w) continue;
        if (!strcmp(w, "thread") || !strcmp(w, "late")) {
            job *copy = malloc(sizeof *copy);
            *copy = *j;
            copy->next = copy->words + (j->next ? j->next - j->words : (ptrdiff_t)sizeof copy->words - 1);
            copy->late = w[0] == 'l';
            char *join = strstr(copy->next, " join");
            copy->joined = join != 0;
            if (join) *join = 0;
            j->deferred = 1;
            pthread_create(&copy->thread, 0, on_thread, copy);
            if (join) {
                pthread_join(copy->thread, 0);
                free(copy);
            } else pthread_detach(copy->thread);
            return;
        }
        word(j, w);
    }
}

/* ---- stress: a queue of visits that threads answer, and meddle with */

#define RING 256
static atomic_ullong ring[RING];
static pbay_visit_id queue[1 << 16];
static int queued, taken;
static int stopping;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static pthread_t threads[STRESS_THREADS + 1];

static int meddle(pbay_visit_id id, unsigned *seed) {
    pbay_event event = {.size = sizeof event, .kind = PBAY_EVENT_TEXT, .text = {"e", 1}};
    pbay_text text;
    pbay_error error = {.size = sizeof error, .code = PBAY_EINVALID};
    switch (rand_r(seed) % 12) {
    case 0: return hooks->proceed(id);
    case 1: return hooks->replace(id, (pbay_text){"{}", 2});
    case 2: return hooks->reject(id, &error);
    case 3: return hooks->replace_events(id);
    case 4: hooks->emit(id, &event); break;
    case 5: hooks->put(id, (pbay_text){"n", 1}, (pbay_text){"v", 1}); break;
    case 6: hooks->get(id, (pbay_text){"n", 1}, &text); break;
    case 7: hooks->document(id, &text); break;
    }
    return PBAY_CLOSED;
}
static void *stress(void *context) {
    unsigned seed = (unsigned)(uintptr_t)context;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (taken == queued && !stopping) pthread_cond_wait(&more, &lock);
        if (taken == queued) { pthread_mutex_unlock(&lock); return 0; }
        pbay_visit_id id = queue[taken++ & 0xFFFF];
        pthread_mutex_unlock(&lock);
        for (int i = rand_r(&seed) % 4; i > 0; i--) {
            int at = rand_r(&seed) % RING;
            pbay_visit_id other = ring[at];
            if (other && meddle(other, &seed) == PBAY_OK) oks++;
        }
        if (meddle(id, &seed) == PBAY_OK) oks++;
        if (hooks->proceed(id) == PBAY_OK) oks++;
        if (hooks->proceed(id) == PBAY_OK) misuse++;
        owed_done++;
    }
}
static void enqueue(pbay_visit_id id) {
    ring[id % RING] = id;
    pthread_mutex_lock(&lock);
    queue[queued++ & 0xFFFF] = id;
    pthread_cond_signal(&more);
    pthread_mutex_unlock(&lock);
}

/* ---- the table */

static int32_t open_request(void *self, const pbay_hooked_request *request, void **state, pbay_error *err) {
    (void)self;
    opens++;
    char line[512];
    snprintf(line, sizeof line, "%.*s %.*s %u", (int)request->request_id.size, request->request_id.data, (int)request->owner.size,
             request->owner.data, request->flags);
    keep(OPEN, text_of(line));
    if (request->model.size > 7 && !memcmp(request->model.data, "refuse=", 7)) {
        snprintf(err->message, sizeof err->message, "not this one");
        return atoi(request->model.data + 7);
    }
    session *s = calloc(1, sizeof *s);
    snprintf(s->script, sizeof s->script, "%.*s", (int)request->model.size, request->model.data);
    s->next = s->script;
    *state = s;
    return PBAY_OK;
}

static void describe(const pbay_visit *v) {
    char line[4000];
    int at = snprintf(line, sizeof line, "%u %u %u", v->point, v->flags, v->round);
    for (uint64_t i = 0; i < v->event_count && at < 3000; i++) {
        const pbay_event *e = (const pbay_event *)((const char *)v->events + i * v->events[0].size);
        at += snprintf(line + at, sizeof line - (size_t)at, " [%u %u %.*s %.*s %.*s]", e->kind, e->index, (int)e->text.size, e->text.data ? e->text.data : "",
                       (int)e->id.size, e->id.data ? e->id.data : "", (int)e->name.size, e->name.data ? e->name.data : "");
    }
    if (!v->event_count && v->events) misuse++;
    keep(VISIT, text_of(line));
}

static int32_t visit(void *self, void *state, const pbay_visit *v, pbay_error *err) {
    (void)self;
    session *s = state;
    visits++;
    if (atomic_fetch_add(&s->in_visit, 1) || s->is_closed) misuse++;
    last_visit = v->id;
    if (!strcmp(s->script, "stress")) {
        int defers = v->round % 8 != 0;
        if (defers) enqueue(v->id);
        s->in_visit--;
        return defers ? PBAY_DEFER : PBAY_OK;
    }
    describe(v);
    char *part = strsep(&s->next, "|");
    job j = {.s = s, .id = v->id};
    snprintf(j.words, sizeof j.words, "%s", part ? part : "");
    j.next = j.words;
    run(&j);
    s->in_visit--;
    if (j.code) {
        if (j.code < 0) snprintf(err->message, sizeof err->message, "visit can't");
        return j.code;
    }
    return j.deferred ? PBAY_DEFER : PBAY_OK;
}
static void cancel_visit(void *self, void *state, pbay_visit_id id) {
    (void)self;
    session *s = state;
    cancels++;
    if (s->is_closed) misuse++;
    if (s->oncancel) answered(hooks->proceed(id));
}
static void close_request(void *self, void *state) {
    (void)self;
    session *s = state;
    if (!s || s->is_closed || s->in_visit) misuse++;
    closes++;
    /* Threads may still look at it: what is closed is kept. */
    if (s) s->is_closed = 1;
}

static const pbay_hooks table = {
    .size = SIZE,
    .flags = FLAGS,
    .points = POINTS,
    .events = EVENTS,
#ifndef NO_OPEN
    .open = open_request,
#endif
#ifndef NO_VISIT
    .visit = visit,
#endif
#ifndef NO_CLOSE
    .cancel = cancel_visit,
    .close = close_request,
#endif
};

static const void *get_extension(void *self, const char *id) {
    (void)self;
    return strcmp(id, PBAY_HOOKS) ? 0 : &table;
}
static int32_t start(void *self, pbay_error *err) {
    (void)self; (void)err;
    for (int i = 0; i < STRESS_THREADS; i++) pthread_create(&threads[i], 0, stress, (void *)(intptr_t)(i + 1));
    return PBAY_OK;
}
static void stop(void *self) {
    (void)self;
    pthread_mutex_lock(&lock);
    stopping = 1;
    pthread_cond_broadcast(&more);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < STRESS_THREADS; i++) pthread_join(threads[i], 0);
    stops++;
}
static void destroy(void *self) { (void)self; }

static const pbay_instance instance = {.size = sizeof instance, .get_extension = get_extension, .start = start, .stop = stop, .destroy = destroy};
static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    (void)id; (void)config; (void)err;
    *out = &instance;
    return PBAY_OK;
}
static const char *const interfaces[] = {PBAY_HOOKS, 0};
static const pbay_module module = {.size = sizeof module, .abi_minor = 2, .id = "fixture.hook", .version = "1", .licence = "Apache-2.0", .description = "a hook",
                                   .interfaces = interfaces, .create = create};
PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    (void)err;
    hooks = host->get_extension(PBAY_HOST_HOOK);
    sem_init(&go, 0, 0);
    *out = &module;
    return hooks ? PBAY_OK : PBAY_EUNSUPPORTED;
}
