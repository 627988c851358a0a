/*
 * Loading, instances and requests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "host_state.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pthread_mutex_t host_mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t host_changed = PTHREAD_COND_INITIALIZER;

static const pbay_module *module;
static request *slots[HOST_SLOTS];
static unsigned violations;

char *host_copy(const char *data, size_t size) {
    char *copy = malloc(size + 1);
    if (size > 0) memcpy(copy, data, size);
    copy[size] = 0;
    return copy;
}

pbay_text text_of(const char *zero_terminated) {
    pbay_text text = {zero_terminated, strlen(zero_terminated)};
    return text;
}

pbay_event event_of(uint32_t kind, const char *text) {
    pbay_event event;
    memset(&event, 0, sizeof event);
    event.size = sizeof event;
    event.kind = kind;
    event.text = text_of(text);
    return event;
}

pbay_error host_empty_error(void) {
    pbay_error error;
    memset(&error, 0, sizeof error);
    error.size = sizeof error;
    return error;
}

/* With the mutex or without: the count is only read when the plugin is at rest. */
void host_violation(const char *what) {
    __atomic_add_fetch(&violations, 1, __ATOMIC_RELAXED);
    fprintf(stderr, "a rule was broken: %s\n", what);
}

unsigned host_violations(void) { return __atomic_load_n(&violations, __ATOMIC_RELAXED); }

request *host_find(pbay_visit_id id) {
    request *request = slots[id % HOST_SLOTS];
    return request != NULL && request->visit.id == id && id != 0 ? request : NULL;
}

/* ------------------------------------------------------------------------------------------------ loading, instances */

void host_load(const char *path) {
    static const pbay_host host = {sizeof host, PBAY_ABI_MINOR, "hook-plugins", "1", host_extension};
    pbay_error error = host_empty_error();
    void *image = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    pbay_entry_v1 entry = NULL;
    if (image != NULL) *(void **)&entry = dlsym(image, PBAY_ENTRY_SYMBOL);
    if (entry == NULL || entry(&host, &module, &error) != PBAY_OK) {
        fprintf(stderr, "%s: %s\n", path, entry == NULL ? dlerror() : error.message);
        exit(2);
    }
}

int32_t host_start(instance *instance, const char *config, pbay_error *error) {
    memset(instance, 0, sizeof *instance);
    *error = host_empty_error();
    char *copy = host_copy(config, strlen(config)); /* of its own size: reading past it is found by a sanitizer */
    int32_t code = module->create(1, text_of(copy), &instance->table, error);
    free(copy);
    if (code < 0) return code;
    instance->self = instance->table->self;
    code = instance->table->start(instance->self, error);
    if (code < 0) {
        instance->table->destroy(instance->self);
        return code;
    }
    instance->hooks = (const pbay_hooks *)instance->table->get_extension(instance->self, PBAY_HOOKS);
    if (instance->hooks == NULL) {
        fprintf(stderr, "the plugin offers no %s\n", PBAY_HOOKS);
        exit(2);
    }
    return PBAY_OK;
}

void host_stop(instance *instance) {
    for (unsigned i = 0; i < HOST_SLOTS; i++) {
        if (slots[i] != NULL && slots[i]->instance == instance) {
            fprintf(stderr, "the test has left a request open\n");
            exit(2);
        }
    }
    if (instance->table->drain != NULL) instance->table->drain(instance->self, 1000);
    instance->table->stop(instance->self);
    instance->table->destroy(instance->self);
}

/* ---------------------------------------------------------------------------------------------------------- requests */

typedef struct opening {
    request *request;
    const pbay_hooked_request *hooked;
    pbay_error *error;
    int32_t code;
} opening;

static void *run_open(void *context) {
    opening *one = context;
    instance *instance = one->request->instance;
    one->code = instance->hooks->open(instance->self, one->hooked, &one->request->state, one->error);
    return NULL;
}

static void *run_close(void *context) {
    request *request = context;
    request->instance->hooks->close(request->instance->self, request->state);
    return NULL;
}

/* On a thread of its own where the plugin says that it may block. */
static void run(instance *instance, void *(*function)(void *), void *context) {
    pthread_t thread;
    if ((instance->hooks->flags & PBAY_HOOKS_MAY_BLOCK) == 0) {
        function(context);
        return;
    }
    if (pthread_create(&thread, NULL, function, context) != 0) abort();
    pthread_join(thread, NULL);
}

request *host_open(instance *instance, const char *request_id, const char *owner, const char *model, uint32_t flags,
                   pbay_error *error) {
    pbay_error unused = host_empty_error();
    if (error == NULL) error = &unused;
    *error = host_empty_error();
    request *request = calloc(1, sizeof *request);
    request->instance = instance;
    char *texts[3] = {host_copy(request_id, strlen(request_id)), host_copy(owner, strlen(owner)),
                      host_copy(model, strlen(model))};
    pbay_hooked_request hooked = {sizeof hooked, flags, text_of(texts[0]), text_of(texts[1]), text_of(texts[2])};
    opening one = {request, &hooked, error, PBAY_OK};
    if (instance->hooks->open != NULL) run(instance, run_open, &one);
    for (int i = 0; i < 3; i++) free(texts[i]);
    if (one.code < 0) {
        free(request);
        return NULL;
    }
    pthread_mutex_lock(&host_mutex);
    while (request->slot < HOST_SLOTS && slots[request->slot] != NULL) request->slot++;
    if (request->slot == HOST_SLOTS) abort(); /* too many requests at a time for this host */
    slots[request->slot] = request;
    pthread_mutex_unlock(&host_mutex);
    return request;
}

void host_close(request *request) {
    if (request->visit.id != 0 && !request->has_verdict) {
        fprintf(stderr, "the test closes a request whose visit has no verdict\n");
        exit(2);
    }
    if (request->has_thread) pthread_join(request->thread, NULL);
    pthread_mutex_lock(&host_mutex);
    slots[request->slot] = NULL; /* what comes from now on is PBAY_CLOSED, and counted */
    pthread_mutex_unlock(&host_mutex);
    if (request->instance->hooks->close != NULL) run(request->instance, run_close, request);
    host_forget(request);
    free(request->events);
    free(request->before);
    for (unsigned i = 0; i < request->bag_count; i++) {
        free(request->bag[i].name);
        free(request->bag[i].value);
    }
    free(request);
}
