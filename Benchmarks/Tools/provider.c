/*
 * A provider that costs as little as a provider can, so that what is measured is the host. It reads nothing of its request: the model's
 * name says what it does.
 *
 *   none      finishes at once
 *   push-N    pushes N text deltas in one run on the strand (from a timer, as a translator does from its upstream's bytes), then finishes
 *   tick-N    pushes N text deltas, one each millisecond, then finishes
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <patchbay.h>

#include <stdlib.h>
#include <string.h>

typedef struct {
    pbay_stream_id stream;
    unsigned long left;
    int is_ticking;
} call;

static const pbay_stream_api *streams;
static const pbay_timer_api *timers;

static void run(void *context) {
    static const char text[] = " hello";
    call *call = context;
    pbay_event event = {.size = sizeof event, .kind = PBAY_EVENT_TEXT, .text = {text, sizeof text - 1}};
    while (call->left > 0) {
        call->left--;
        int32_t answer = streams->push(call->stream, &event);
        if (answer == PBAY_PAUSE) return;
        if (answer < 0) break;
        if (call->is_ticking && call->left > 0) {
            pbay_timer_id timer;
            timers->start(call->stream, 1, run, call, &timer);
            return;
        }
    }
    streams->finish(call->stream, PBAY_FINISH_STOP, NULL);
}

static int32_t begin(void *self, const pbay_request *request, pbay_stream_id stream, void **out, pbay_error *err) {
    (void)self;
    call *call = calloc(1, sizeof *call);
    if (call == NULL) {
        err->code = PBAY_EOVERLOADED;
        return PBAY_EOVERLOADED;
    }
    call->stream = stream;
    call->is_ticking = request->model.size > 5 && memcmp(request->model.data, "tick-", 5) == 0;
    if (call->is_ticking || (request->model.size > 5 && memcmp(request->model.data, "push-", 5) == 0)) {
        for (uint64_t i = 5; i < request->model.size; i++) {
            call->left = call->left * 10 + (unsigned long)(request->model.data[i] - '0');
        }
    }
    *out = call;
    if (call->left > 0) {
        pbay_timer_id timer;
        return timers->start(stream, 0, run, call, &timer);
    }
    return streams->finish(stream, PBAY_FINISH_STOP, &(pbay_usage){.size = sizeof(pbay_usage), .input_tokens = 9, .output_tokens = 1});
}

static void resume(void *self, void *context) {
    (void)self;
    run(context);
}

static void cancel(void *self, void *context, int32_t reason) {
    (void)self;
    (void)reason;
    streams->finish(((call *)context)->stream, PBAY_FINISH_STOP, NULL);
}

static void release(void *self, void *context) {
    (void)self;
    free(context);
}

static const pbay_provider provider = {
    .size = sizeof provider, .begin = begin, .resume = resume, .cancel = cancel, .release = release};

static const void *get_extension(void *self, const char *id) {
    (void)self;
    return strcmp(id, PBAY_PROVIDER) == 0 ? &provider : NULL;
}

static int32_t start(void *self, pbay_error *err) {
    (void)self;
    (void)err;
    return PBAY_OK;
}

static void nothing(void *self) { (void)self; }

static const pbay_instance instance = {
    .size = sizeof instance, .get_extension = get_extension, .start = start, .stop = nothing, .destroy = nothing};

static int32_t create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    (void)id;
    (void)config;
    (void)err;
    *out = &instance;
    return PBAY_OK;
}

static const char *const interfaces[] = {PBAY_PROVIDER, NULL};
static const pbay_module module = {
    .size = sizeof module,
    .id = "patchbay.benchmark",
    .version = "1.0.0",
    .licence = "Apache-2.0",
    .description = "A provider that costs as little as a provider can",
    .interfaces = interfaces,
    .create = create,
};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err);

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    streams = host->get_extension(PBAY_HOST_STREAM);
    timers = host->get_extension(PBAY_HOST_TIMER);
    if (streams == NULL || timers == NULL) {
        err->code = PBAY_EUNSUPPORTED;
        return PBAY_EUNSUPPORTED;
    }
    *out = &module;
    return PBAY_OK;
}
