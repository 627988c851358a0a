/*
 * The Redact plugin without a server: redact LIBRARY WHAT ROUNDS prints a figure a line.
 *
 *   plain, dense, patterns   MB/s of a document of 4 MB: English; the same with a value every 60 bytes; with ten patterns
 *   small                    us of a request of 4 kB of English
 *   event, token             ns of a visit with one text event: without a token; one half of a token
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "patchbay.h"

#include <dlfcn.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const words[] = {"the", "of", "and", "in", "to", "it", "is", "was", "that", "for", "on", "you", "he", "with", "as", "by",
                                    "London", "people,", "first.", "like-minded", "over", "1998", "its", "Then", "which", "water", "would", "about"};
static const char *const values[] = {"bob.miller@example.org", "4111 1111 1111 1111", "+1 415 555 2671", "sk-abcdefghijklmnopqrstuvwx"};

static char *document;
static size_t document_size, document_capacity;
static sem_t decided;
static pbay_text replaced;

static int32_t on_document(pbay_visit_id visit, pbay_text *out) {
    (void)visit;
    *out = (pbay_text){document, document_size};
    return PBAY_OK;
}

static int32_t on_verdict(pbay_visit_id visit) {
    (void)visit;
    sem_post(&decided);
    return PBAY_OK;
}

static int32_t on_replace(pbay_visit_id visit, pbay_text json) {
    replaced = json;
    return on_verdict(visit);
}

static int32_t on_emit(pbay_visit_id visit, const pbay_event *event) {
    (void)visit;
    (void)event;
    return PBAY_OK;
}

static const void *get_extension(const char *id) {
    static const pbay_hook_api api = {
        .size = sizeof api, .document = on_document, .proceed = on_verdict, .replace = on_replace, .emit = on_emit, .replace_events = on_verdict,
    };
    return strcmp(id, PBAY_HOST_HOOK) == 0 ? &api : NULL;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time); /* both threads: the machine may be busy */
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void add(const char *text) {
    size_t size = strlen(text);
    if (document_size + size + 1 > document_capacity) {
        document_capacity = 2 * (document_capacity + size) + 64;
        document = realloc(document, document_capacity);
    }
    memcpy(document + document_size, text, size + 1);
    document_size += size;
}

static void make_document(size_t size, int dense) {
    unsigned state = 1, since = 0;
    add("{\"model\":\"m\",\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":\"");
    while (document_size < size) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        const char *word = words[state % (sizeof words / sizeof *words)];
        if (dense && since > 40) {
            word = values[state / 64 % 4];
            since = 0;
        }
        since += (unsigned)strlen(word) + 1;
        add(word);
        add(" ");
    }
    add("\"}]}");
}

static const pbay_hooks *hooks;
static const pbay_instance *table;

static void visit(void *state, const pbay_visit *visit) {
    pbay_error error = {.size = sizeof error};
    int32_t code = hooks->visit(table->self, state, visit, &error);
    if (code < 0) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    if (visit->point != PBAY_POINT_EVENTS) sem_wait(&decided);
}

int main(int count, char **arguments) {
    static const pbay_host host = {sizeof host, PBAY_ABI_MINOR, "bench", "1", get_extension};
    const pbay_module *module;
    pbay_error error = {.size = sizeof error};
    if (count < 4) return 2;
    const char *what = arguments[2];
    int events = strcmp(what, "event") == 0 || strcmp(what, "token") == 0;
    int small = strcmp(what, "small") == 0;
    void *image = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    pbay_entry_v1 entry = NULL;
    if (image != NULL) *(void **)&entry = dlsym(image, PBAY_ENTRY_SYMBOL);
    const char *config = "{\"unmask\":true}";
    if (!events) config = "{}";
    if (strcmp(what, "patterns") == 0) {
        config = "{\"patterns\":[{\"name\":\"a\",\"regex\":\"\\\\bORD-\\\\d{6}\\\\b\"},{\"name\":\"b\",\"regex\":\"\\\\b[A-Z]{2}\\\\d{2}(?: ?\\\\d{4}){4,5}\\\\b\"},"
                 "{\"name\":\"c\",\"regex\":\"(?i)project (?:falcon|osprey)\"},{\"name\":\"d\",\"regex\":\"\\\\b\\\\d{3}-\\\\d{2}-\\\\d{4}\\\\b\"},"
                 "{\"name\":\"e\",\"regex\":\"\\\\b(?:\\\\d{1,3}\\\\.){3}\\\\d{1,3}\\\\b\"},{\"name\":\"f\",\"regex\":\"EMP[0-9]{5}\"},"
                 "{\"name\":\"g\",\"regex\":\"\\\\b[A-Z]\\\\d{8}\\\\b\"},{\"name\":\"h\",\"regex\":\"https?://intranet[^ ]*\"},"
                 "{\"name\":\"i\",\"regex\":\"\\\\bTICKET-\\\\d+\"},{\"name\":\"j\",\"regex\":\"(?i)\\\\bpassword\\\\s*[:=]\\\\s*\\\\S+\"}]}";
    }
    if (entry == NULL || entry(&host, &module, &error) != PBAY_OK ||
        module->create(1, (pbay_text){config, strlen(config)}, &table, &error) != PBAY_OK || table->start(table->self, &error) != PBAY_OK) {
        fprintf(stderr, "%s: %s\n", arguments[1], entry == NULL ? dlerror() : error.message);
        return 2;
    }
    hooks = table->get_extension(table->self, PBAY_HOOKS);
    sem_init(&decided, 0, 0);
    pbay_hooked_request request = {.size = sizeof request};
    void *state = NULL;
    hooks->open(table->self, &request, &state, &error);
    make_document(small || events ? 4096 : 4 << 20, strcmp(what, "dense") == 0 || events);
    pbay_visit history = {.size = sizeof history, .point = PBAY_POINT_HISTORY_LOADED, .id = 1};
    visit(state, &history); /* the tokens are there, the automata made */
    static const char *const token[] = {"so [EMA", "IL_1] is"}, *const none[] = {" water", " about"};
    pbay_event event = {.size = sizeof event, .kind = PBAY_EVENT_TEXT};
    pbay_visit said = {.size = sizeof said, .point = PBAY_POINT_EVENTS, .id = 1, .events = &event, .event_count = 1};
    for (int round = atoi(arguments[3]); round > 0; round--) {
        int times = events ? 1000000 : small ? 2000 : 5;
        double start = now();
        for (int i = 0; i < times; i++) {
            const char *text = (strcmp(what, "token") == 0 ? token : none)[i & 1];
            event.text = (pbay_text){text, strlen(text)};
            visit(state, events ? &said : &history);
        }
        double seconds = (now() - start) / times;
        printf("%.3f\n", events ? seconds * 1e9 : small ? seconds * 1e6 : (double)document_size / seconds / 1e6);
    }
    hooks->close(table->self, state);
    table->stop(table->self);
    table->destroy(table->self);
    return 0;
}
