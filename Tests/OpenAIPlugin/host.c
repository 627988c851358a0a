#include "host.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

stream_state stream;

void buffer_add(buffer *to, const char *data, size_t size) {
    if (to->size + size + 1 > to->capacity) {
        to->capacity = (to->size + size + 1) * 2;
        to->data = realloc(to->data, to->capacity);
        if (!to->data) abort();
    }
    if (size) memcpy(to->data + to->size, data, size);
    to->size += size;
    to->data[to->size] = 0;
}

void buffer_print(buffer *to, const char *format, ...) {
    if (!to) return;
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    buffer_add(to, line, size < (int)sizeof line ? (size_t)size : sizeof line - 1);
}

void buffer_text(buffer *to, const char *data, size_t size) {
    if (!to) return;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)data[i];
        if (byte == '\n') buffer_add(to, "\\n", 2);
        else if (byte < 0x20 || byte == 0x7F) buffer_print(to, "\\x%02x", byte);
        else buffer_add(to, data + i, 1);
    }
}

bool is_utf8(const char *data, size_t size) {
    const unsigned char *p = (const unsigned char *)data, *end = p + size;
    while (p < end) {
        unsigned length = *p < 0x80 ? 1 : *p >= 0xC2 && *p < 0xE0 ? 2 : (*p & 0xF0) == 0xE0 ? 3 : *p >= 0xF0 && *p < 0xF5 ? 4 : 0;
        if (!length || (size_t)(end - p) < length) return false;
        for (unsigned i = 1; i < length; i++) if ((p[i] & 0xC0) != 0x80) return false;
        if ((*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F) || (*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] > 0x8F)) return false;
        p += length;
    }
    return true;
}

static void violate(const char *what) {
    if (!stream.violation) stream.violation = what;
}

void stream_reset(buffer *log) {
    memset(&stream, 0, sizeof stream);
    stream.log = log;
}

static void field(const char *name, pbay_text text) {
    if (!stream.log || !text.size) return;
    buffer_print(stream.log, " %s=", name);
    buffer_text(stream.log, text.data, text.size);
}

static const char *const kinds[] = {"?", "TEXT", "REFUSAL", "REASONING", "SUMMARY", "OPAQUE", "TOOL_CALL", "ARGUMENTS",
                                    "TOOL_CALL_END", "ITEM", "ANNOTATION", "LOGPROBS", "PART_END", "ITEM_END", "VECTOR"};

/* As the header has it: whole finite numbers, of an input once, all of one length. */
static void check_vector(const pbay_event *event) {
    if (event->text.size % sizeof(float) || !event->text.size || event->text.size / sizeof(float) > PBAY_MAX_DIMENSIONS) violate("push: a vector's length");
    if (stream.vector_size && stream.vector_size != event->text.size) violate("push: vectors of two lengths");
    stream.vector_size = event->text.size;
    if (event->index >= sizeof stream.has_vector || stream.has_vector[event->index]++) violate("push: a vector's index");
    for (size_t at = 0; at + sizeof(float) <= event->text.size; at += sizeof(float)) {
        float number;
        memcpy(&number, event->text.data + at, sizeof number);
        if (!isfinite(number)) violate("push: a number that isn't finite");
    }
}

static void print_vector(const pbay_event *event) {
    buffer_print(stream.log, " %u |", event->index);
    for (size_t at = 0; at + sizeof(float) <= event->text.size; at += sizeof(float)) {
        float number;
        memcpy(&number, event->text.data + at, sizeof number);
        buffer_print(stream.log, "%s%.9g", at ? " " : "", (double)number);
    }
    buffer_print(stream.log, "|\n");
}

static int32_t push(pbay_stream_id id, const pbay_event *event) {
    if (id != TEST_STREAM) violate("push: a stream that isn't there");
    if (stream.terminals) violate("push after the terminal");
    if (event->size != sizeof *event) violate("push: size");
    if (event->kind < 1 || event->kind > 14) violate("push: kind");
    if (event->reserved) violate("push: reserved");
    if ((event->kind == PBAY_EVENT_VECTOR) != stream.takes_vectors) violate("push: of another kind than the call");
    if (event->kind == PBAY_EVENT_VECTOR) check_vector(event);
    else if (!is_utf8(event->text.data, event->text.size) || !is_utf8(event->name.data, event->name.size) || !is_utf8(event->id.data, event->id.size))
        violate("push: not UTF-8");
    bool is_text = event->kind <= PBAY_EVENT_REASONING_OPAQUE || event->kind == PBAY_EVENT_ARGUMENTS;
    if (is_text && !event->text.size) violate("push: an empty delta");
    if ((event->kind == PBAY_EVENT_ITEM || event->kind == PBAY_EVENT_ANNOTATION) && (!event->text.size || event->text.data[0] != '{'))
        violate("push: not an object");
    if (event->kind == PBAY_EVENT_LOGPROBS && (!event->text.size || event->text.data[0] != '[')) violate("push: not an array");
    if (event->kind == PBAY_EVENT_TOOL_CALL) {
        if (event->index >= sizeof stream.call_is_open) violate("push: index of a tool call");
        else if (stream.call_is_open[event->index]) violate("push: a tool call begins twice");
        else stream.call_is_open[event->index] = 1;
        if (!event->name.size) violate("push: a tool call without a name");
    }
    if (event->kind == PBAY_EVENT_ARGUMENTS || event->kind == PBAY_EVENT_TOOL_CALL_END) {
        if (event->index >= sizeof stream.call_is_open || stream.call_is_open[event->index] != 1) violate("push: no such tool call is open");
        else if (event->kind == PBAY_EVENT_TOOL_CALL_END) stream.call_is_open[event->index] = 2;
    }
    stream.pushes++;
    if (stream.is_cancelled) return PBAY_CLOSED;
    if (stream.refuse_at && stream.pushes >= stream.refuse_at) return stream.refusal;
    if (stream.log) {
        buffer_print(stream.log, "%s", kinds[event->kind % 15]);
        if (event->kind == PBAY_EVENT_VECTOR) {
            print_vector(event);
            return PBAY_OK;
        }
        bool has_index = event->kind == PBAY_EVENT_REASONING_SUMMARY || (event->kind >= PBAY_EVENT_TOOL_CALL && event->kind <= PBAY_EVENT_TOOL_CALL_END);
        if (has_index) buffer_print(stream.log, " %u", event->index);
        else if (event->index) violate("push: an index where none belongs");
        field("id", event->id);
        field("name", event->name);
        if (event->text.size) {
            buffer_add(stream.log, " |", 2);
            buffer_text(stream.log, event->text.data, event->text.size);
            buffer_add(stream.log, "|", 1);
        }
        buffer_add(stream.log, "\n", 1);
    }
    return stream.answer;
}

static void print_usage(const pbay_usage *usage) {
    if (!usage) return;
    buffer_print(stream.log, " input=%lld cached=%lld written=%lld output=%lld reasoning=%lld", (long long)usage->input_tokens,
                 (long long)usage->cached_tokens, (long long)usage->cache_write_tokens, (long long)usage->output_tokens,
                 (long long)usage->reasoning_tokens);
}

static int32_t usage(pbay_stream_id id, const pbay_usage *counts) {
    (void)id;
    buffer_print(stream.log, "USAGE");
    print_usage(counts);
    buffer_print(stream.log, "\n");
    return PBAY_OK;
}

static int32_t upstream(pbay_stream_id id, const pbay_upstream_info *info) {
    if (id != TEST_STREAM) violate("upstream: a stream that isn't there");
    buffer_print(stream.log, "UPSTREAM");
    field("response", info->response_id);
    field("model", info->model);
    field("request", info->request_id);
    field("stop", info->stop_sequence);
    buffer_print(stream.log, "\n");
    return PBAY_OK;
}

static int32_t finish(pbay_stream_id id, int32_t reason, const pbay_usage *counts) {
    if (id != TEST_STREAM) violate("finish: a stream that isn't there");
    if (stream.terminals++) violate("two terminals");
    if (reason < PBAY_FINISH_STOP || reason > PBAY_FINISH_CONTENT_FILTER) violate("finish: reason");
    static const char *const reasons[] = {"?", "STOP", "LENGTH", "CONTENT_FILTER"};
    buffer_print(stream.log, "FINISH %s", reasons[reason & 3]);
    print_usage(counts);
    buffer_print(stream.log, "\n");
    return PBAY_OK;
}

static int32_t fail(pbay_stream_id id, const pbay_error *error) {
    if (id != TEST_STREAM) violate("fail: a stream that isn't there");
    if (stream.terminals++) violate("two terminals");
    if (error->code >= 0) violate("fail: no error code");
    if (!memchr(error->message, 0, sizeof error->message) || !error->message[0]) violate("fail: message");
    buffer_print(stream.log, "FAIL %d%s status=%d", error->code, error->flags & PBAY_ERROR_RETRYABLE ? " retryable" : "", error->upstream_status);
    if (error->retry_after_ms) buffer_print(stream.log, " after=%lldms", (long long)error->retry_after_ms);
    if (error->param[0]) buffer_print(stream.log, " param=%s", error->param);
    buffer_print(stream.log, "\n  message: %s\n", error->message);
    if (error->detail[0]) buffer_print(stream.log, "  detail: %s\n", error->detail);
    return PBAY_OK;
}

static int32_t http_start(pbay_stream_id id, const pbay_http_request *request, const pbay_http_callbacks *callbacks, void *context,
                          pbay_http_id *out, pbay_error *error) {
    (void)error;
    if (id != TEST_STREAM) violate("http: a stream that isn't there");
    if (stream.has_exchange) violate("http: two exchanges");
    if (!callbacks->data || !callbacks->done || (request->framing && !callbacks->event)) violate("http: a callback is missing");
    stream.has_exchange = true;
    stream.callbacks = *callbacks;
    stream.context = context;
    stream.framing = request->framing;
    *out = 0x700000001;
    if (!stream.log) return PBAY_OK;
    buffer_text(stream.log, request->method.data, request->method.size);
    buffer_print(stream.log, " ");
    buffer_text(stream.log, request->url.data, request->url.size);
    buffer_print(stream.log, " framing=%u", request->framing);
    const uint32_t times[] = {request->connect_timeout_ms, request->head_timeout_ms, request->idle_timeout_ms, request->total_timeout_ms};
    const char *const names[] = {"connect", "head", "idle", "total"};
    for (int i = 0; i < 4; i++) if (times[i]) buffer_print(stream.log, " %s=%ums", names[i], times[i]);
    buffer_print(stream.log, "\n");
    for (uint64_t i = 0; i < request->header_count; i++) {
        buffer_print(stream.log, "  ");
        buffer_text(stream.log, request->headers[i].name.data, request->headers[i].name.size);
        buffer_print(stream.log, ": ");
        buffer_text(stream.log, request->headers[i].value.data, request->headers[i].value.size);
        buffer_print(stream.log, "\n");
    }
    buffer_print(stream.log, "  ");
    buffer_text(stream.log, request->body.data, request->body.size);
    buffer_print(stream.log, "\n");
    return PBAY_OK;
}

static int32_t http_cancel(pbay_http_id id) {
    (void)id;
    return PBAY_OK;
}

static int32_t timer_start(pbay_stream_id id, uint64_t delay_ms, void (*fire)(void *), void *context, pbay_timer_id *out) {
    (void)id, (void)delay_ms;
    stream.timer = fire;
    stream.timer_context = context;
    *out = 0x900000001;
    return PBAY_OK;
}

static int32_t timer_cancel(pbay_timer_id id) {
    (void)id;
    return PBAY_OK;
}

static void write_log(pbay_instance_id instance, int32_t level, pbay_text message) {
    (void)instance;
    if (!stream.log) return;
    buffer_print(stream.log, "LOG %d ", level);
    buffer_text(stream.log, message.data, message.size);
    buffer_print(stream.log, "\n");
}

static const void *get_extension(const char *id) {
    static const pbay_stream_api streams = {sizeof streams, 0, push, usage, upstream, finish, fail};
    static const pbay_http_api http = {sizeof http, 0, http_start, http_cancel};
    static const pbay_timer_api timers = {sizeof timers, 0, timer_start, timer_cancel};
    static const pbay_log_api logs = {sizeof logs, 0, write_log};
    if (!strcmp(id, PBAY_HOST_STREAM)) return &streams;
    if (!strcmp(id, PBAY_HOST_HTTP)) return &http;
    if (!strcmp(id, PBAY_HOST_TIMER)) return &timers;
    if (!strcmp(id, PBAY_HOST_LOG)) return &logs;
    return NULL;
}

const pbay_host test_host = {sizeof test_host, 0, "test", "0", get_extension};
