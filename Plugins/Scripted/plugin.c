/*
 * Scripted: the smallest complete provider, as a template for authors and a double for tests. It answers from fixed rules, at
 * once and always the same (see README.md for its models).
 *
 * It shows all that a provider must do:
 *   - hand out one module, and make instances from a checked configuration;
 *   - begin a call, push events, stop at PBAY_PAUSE and go on at `resume`;
 *   - wait by the host's timer, never by sleeping;
 *   - end each call with exactly one terminal, also when it is cancelled;
 *   - give the thread of the strand back between long runs of events.
 * It has no thread and no lock: all of a call happens on the call's strand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scripted.h"

#include <stdlib.h>
#include <string.h>

/* After this many events in a row a timer of 0 ms lets the other streams of this event loop have their turn. */
#define EVENTS_IN_A_ROW 256

/* The host's tables. Written once by the entry, on the loader's thread, before anything else runs. */
static const pbay_stream_api *streams;
static const pbay_timer_api *timers; /* null where the host has none */

/* --------------------------------------------------------------------------------------------------------- a call */

static pbay_usage usage_of(const call *call) {
    pbay_usage usage = {.size = sizeof usage};
    usage.input_tokens = call->input_words;
    usage.output_tokens = call->output_words;
    usage.reasoning_tokens = call->reasoning_words;
    return usage;
}

/* The terminals. Each call sees exactly one of them. */
static void end_well(call *call, int32_t reason) {
    pbay_usage usage = usage_of(call);
    call->ended = 1;
    streams->finish(call->stream, reason, &usage);
}

static void end_badly(call *call, const pbay_error *error) {
    call->ended = 1;
    streams->fail(call->stream, error);
}

static void end_cancelled(call *call) {
    pbay_error error = perror_empty();
    perror_set(&error, PBAY_ECANCELLED, NULL, "The answer was cancelled.");
    end_badly(call, &error);
}

static void run(call *call);

/* [strand] The timer of `wait`. */
static void timer_fired(void *context) {
    call *call = context;
    call->waiting = 0;
    if (!call->paused) run(call);
}

/* Goes on after `delay_ms`. Answers 0 where the host has no timer: then the caller simply goes on. */
static int wait(call *call, uint64_t delay_ms) {
    pbay_timer_id timer;
    if (timers == NULL) return 0;
    call->waiting = timers->start(call->stream, delay_ms, timer_fired, call, &timer) == PBAY_OK;
    return call->waiting;
}

static void count_output(call *call, const pbay_event *event) {
    if (event->kind == PBAY_EVENT_VECTOR) return;
    int64_t words = count_words(event->text.data, (size_t)event->text.size);
    if (event->kind == PBAY_EVENT_REASONING || event->kind == PBAY_EVENT_REASONING_SUMMARY) call->reasoning_words += words;
    if (event->kind != PBAY_EVENT_LOGPROBS && event->kind != PBAY_EVENT_REASONING_OPAQUE) call->output_words += words;
}

/*
 * Pushes until the model has ended, the reader is behind, or it is time to let others run. Whatever makes it return early also
 * brings it back: `resume`, or the timer. So a long answer is a loop, never a recursion.
 */
static void run(call *call) {
    for (int in_a_row = 0;; in_a_row++) {
        if (in_a_row == EVENTS_IN_A_ROW && wait(call, 0)) return;
        pbay_event event = {.size = sizeof event};
        verdict verdict = call->next(call, &event);
        switch (verdict) {
        case SAY: break;
        case FINISH: end_well(call, PBAY_FINISH_STOP); return;
        case FINISH_LENGTH: end_well(call, PBAY_FINISH_LENGTH); return;
        case FINISH_FILTERED: end_well(call, PBAY_FINISH_CONTENT_FILTER); return;
        case FAIL: end_badly(call, &call->failure); return;
        case WAIT: return; /* `cancel` will come: the host bounds every call's time */
        }
        call->step++;
        count_output(call, &event);
        int32_t answer = streams->push(call->stream, &event);
        if (answer < 0 && answer != PBAY_EUNSUPPORTED) {
            end_cancelled(call); /* the host has ended the stream; the terminal gives the call back */
            return;
        }
        /* Taken, but the reader is behind. A terminal would have to wait as well, so nothing more is asked of the model. */
        call->paused = answer == PBAY_PAUSE;
        if (call->delay_ms > 0) wait(call, call->delay_ms);
        if (call->paused || call->waiting) return;
    }
}

static void free_call(call *call) {
    if (call == NULL) return;
    free(call->said.data);
    free(call->text.data);
    free(call->second.data);
    free(call->vector);
    free(call);
}

/* ----------------------------------------------------------------------------------------------------- the provider */

static int32_t provider_models(void *self, void (*emit)(void *context, const pbay_model_info *info), void *context) {
    const instance *instance = self;
    pbay_model_info info = {.size = sizeof info, .kinds = PBAY_MODEL_ANSWERS | PBAY_MODEL_EMBEDDINGS};
    const char *name;
    for (size_t i = 0; (name = model_name(i)) != NULL; i++) {
        info.name = (pbay_text){name, strlen(name)};
        emit(context, &info);
    }
    for (const answer *answer = instance->answers; answer != NULL; answer = answer->next) {
        info.name = (pbay_text){answer->model.data, answer->model.size};
        emit(context, &info);
    }
    return PBAY_OK;
}

static call *new_call(const instance *instance, const pbay_request *request, pbay_stream_id stream) {
    call *call = calloc(1, sizeof *call);
    if (call == NULL) return NULL;
    call->instance = instance;
    call->stream = stream;
    call->model = request->model;
    call->delay_ms = instance->chunk_delay_ms;
    call->failure = perror_empty();
    return call;
}

/* The end of a `begin`: with `code` other than PBAY_OK nothing has happened, and nothing follows. */
static int32_t started(call *call, int32_t code, void **out, pbay_error *err) {
    if (code == PBAY_OK && call->delay_ms > 0 && timers == NULL) {
        code = perror_set(err, PBAY_EUNSUPPORTED, NULL, "This host has no timer, so nothing can be said slowly.");
    }
    if (code != PBAY_OK) {
        free_call(call);
        return code;
    }
    *out = call;
    pbay_upstream_info upstream = {.size = sizeof upstream};
    upstream.response_id = (pbay_text){"scripted_response", 17};
    upstream.model = call->model;
    upstream.request_id = (pbay_text){"scripted_request", 16};
    streams->upstream(call->stream, &upstream);
    run(call);
    return PBAY_OK;
}

static int32_t provider_begin(void *self, const pbay_request *request, pbay_stream_id stream, void **out, pbay_error *err) {
    call *call = new_call(self, request, stream);
    if (call == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    int32_t code = request_read(call, request->body, err);
    if (code == PBAY_OK) code = model_prepare(call, err);
    return started(call, code, out, err);
}

static void provider_resume(void *self, void *context) {
    call *call = context;
    (void)self;
    call->paused = 0;
    if (!call->waiting && !call->ended) run(call);
}

static void provider_cancel(void *self, void *context, int32_t reason) {
    call *call = context;
    (void)self;
    (void)reason;
    if (!call->ended) end_cancelled(call); /* a timer of a cancelled stream doesn't fire */
}

static void provider_release(void *self, void *context) {
    (void)self;
    free_call(context);
}

static const pbay_provider provider = {
    .size = sizeof provider,
    .models = provider_models,
    .begin = provider_begin,
    .resume = provider_resume,
    .cancel = provider_cancel,
    .release = provider_release,
};

/* ---------------------------------------------------------------------------------------------------------- counting */

/*
 * A token is a word: of what the messages say, of the instructions, and of the tools' JSON. The body is bounded by the host and
 * read once, like an answer's. The terminal comes from inside `begin`, so there is no call to keep: the host cancels nothing
 * that has ended, and `release` of a null call does nothing.
 */
static int32_t count_begin(void *self, const pbay_request *request, pbay_stream_id stream, void **out, pbay_error *err) {
    call call = {.instance = self, .stream = stream, .model = request->model};
    int32_t code = request_read(&call, request->body, err);
    if (code == PBAY_OK && !(request->model.size == 9 && memcmp(request->model.data, "uncounted", 9) == 0)) {
        pbay_usage usage = {.size = sizeof usage, .cached_tokens = -1, .cache_write_tokens = -1, .output_tokens = -1, .reasoning_tokens = -1};
        usage.input_tokens = call.input_words + request_overhead(&call);
        streams->finish(stream, PBAY_FINISH_STOP, &usage);
    } else if (code == PBAY_OK) {
        code = perror_set(err, PBAY_EUNSUPPORTED, "model", "This model's tokens can't be counted.");
    }
    free(call.said.data);
    *out = NULL;
    return code;
}

static const pbay_token_count token_count = {.size = sizeof token_count, .begin = count_begin};

/* ------------------------------------------------------------------------------------------------------- embeddings */

/* A call like an answer's, whose events are vectors: `run` pushes them, and the provider's cancel and release are its too. */
static int32_t embeddings_begin(void *self, const pbay_request *request, pbay_stream_id stream, void **out, pbay_error *err) {
    call *call = new_call(self, request, stream);
    if (call == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    return started(call, vectors_prepare(call, request->body, err), out, err);
}

/* ------------------------------------------------------------------------------------------------------ an instance */

static const void *instance_get_extension(void *self, const char *id) {
    const instance *instance = self;
    if (strcmp(id, PBAY_PROVIDER) == 0) return &provider;
    if (strcmp(id, PBAY_EMBEDDINGS) == 0) return &instance->embeddings;
    return strcmp(id, PBAY_TOKEN_COUNT) == 0 ? &token_count : NULL;
}

static int32_t instance_start(void *self, pbay_error *err) {
    (void)self;
    (void)err;
    return PBAY_OK; /* nothing to open */
}

static void instance_stop(void *self) { (void)self; }

static void instance_destroy(void *self) {
    instance *instance = self;
    while (instance->answers != NULL) {
        answer *answer = instance->answers;
        instance->answers = answer->next;
        free(answer->model.data);
        free(answer->text.data);
        free(answer);
    }
    free(instance);
}

/* ---------------------------------------------------------------------------------------------------- configuration */

static int32_t read_number(pjson_value value, const char *key, int64_t most, uint64_t *out, pbay_error *err) {
    int64_t number = 0;
    if (!pjson_int(value, &number) || number < 0 || number > most) {
        return perror_set(err, PBAY_EINVALID, key, "%s must be an integer from 0 to %lld.", key, (long long)most);
    }
    *out = (uint64_t)number;
    return PBAY_OK;
}

static int32_t read_answers(instance *instance, pjson_value value, pbay_error *err) {
    pjson_iterator members = pjson_iterate(value);
    pjson_value key, text;
    if (value.kind != PJSON_OBJECT) {
        return perror_set(err, PBAY_EINVALID, "answers", "answers must be an object: a model's name and what it says.");
    }
    while (pjson_next(&members, &key, &text)) {
        if (text.kind != PJSON_STRING) {
            return perror_set(err, PBAY_EINVALID, "answers", "answers: %.*s must be a string.", (int)key.size, key.data);
        }
        answer *answer = calloc(1, sizeof *answer);
        if (answer == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
        answer->next = instance->answers; /* in the instance at once, so that destroy finds it */
        instance->answers = answer;
        answer->model = request_string(key);
        answer->text = request_string(text);
        if (answer->model.data == NULL || answer->text.data == NULL) {
            return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
        }
    }
    return PBAY_OK;
}

static int32_t read_configuration(instance *instance, pbay_text text, pbay_error *err) {
    pjson_value config, key, value;
    size_t error_at = 0;
    if (!pjson_parse(text.data, (size_t)text.size, &config, &error_at) || config.kind != PJSON_OBJECT) {
        return perror_set(err, PBAY_EINVALID, NULL, "The configuration must be one JSON object (byte %zu).", error_at);
    }
    pjson_iterator members = pjson_iterate(config);
    while (pjson_next(&members, &key, &value)) {
        int32_t code;
        if (pjson_equals(key, "chunk_delay_ms")) {
            code = read_number(value, "chunk_delay_ms", 60000, &instance->chunk_delay_ms, err);
        } else if (pjson_equals(key, "long_count")) {
            code = read_number(value, "long_count", 1000000, &instance->long_count, err);
        } else if (pjson_equals(key, "dimensions")) {
            code = read_number(value, "dimensions", PBAY_MAX_DIMENSIONS, &instance->dimensions, err);
            if (instance->dimensions == 0) instance->dimensions = 64;
        } else if (pjson_equals(key, "max_inputs")) {
            uint64_t most = 0;
            code = read_number(value, "max_inputs", UINT32_MAX, &most, err);
            instance->embeddings.max_inputs = (uint32_t)most;
        } else if (pjson_equals(key, "answers")) {
            code = read_answers(instance, value, err);
        } else {
            char name[PBAY_PARAM_CAPACITY];
            size_t size = pjson_decode(key, name, sizeof name - 1);
            name[size < sizeof name ? size : sizeof name - 1] = 0;
            code = perror_set(err, PBAY_EINVALID, name, "Unknown key; there are chunk_delay_ms, long_count, dimensions, max_inputs and answers.");
        }
        if (code != PBAY_OK) return code;
    }
    return PBAY_OK;
}

static int32_t module_create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    instance *instance = calloc(1, sizeof *instance);
    if (instance == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    instance->id = id;
    instance->long_count = 1000;
    instance->dimensions = 64;
    instance->embeddings = (pbay_embeddings){.size = sizeof instance->embeddings, .max_inputs = 16, .begin = embeddings_begin};
    instance->table.size = sizeof instance->table;
    instance->table.self = instance;
    instance->table.get_extension = instance_get_extension;
    instance->table.start = instance_start;
    instance->table.stop = instance_stop;
    instance->table.destroy = instance_destroy;
    int32_t code = read_configuration(instance, config, err);
    if (code != PBAY_OK) {
        instance_destroy(instance);
        return code;
    }
    *out = &instance->table;
    return PBAY_OK;
}

/* ------------------------------------------------------------------------------------------------- module and entry */

static const char *const interfaces[] = {PBAY_PROVIDER, PBAY_TOKEN_COUNT, PBAY_EMBEDDINGS, NULL};

static const pbay_module module = {
    .size = sizeof module,
    .abi_minor = 0,
    .id = "patchbay.scripted",
    .version = "1.0.0",
    .licence = "Apache-2.0",
    .description = "Answers from fixed rules: a template for authors and a double for tests",
    .interfaces = interfaces,
    .create = module_create,
};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err);

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    streams = host->get_extension(PBAY_HOST_STREAM);
    timers = host->get_extension(PBAY_HOST_TIMER);
    if (streams == NULL) return perror_set(err, PBAY_EUNSUPPORTED, NULL, "This host has no %s.", PBAY_HOST_STREAM);
    *out = &module;
    return PBAY_OK;
}
