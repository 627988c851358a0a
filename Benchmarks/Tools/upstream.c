/*
 * upstream PORT: a model's server for benchmarks, HTTP/1.1 with keep-alive on 127.0.0.1, one thread on epoll. The beginning of the
 * path says how it answers, whatever the request asks; port 0 picks one. It prints "listening PORT".
 *
 *   /once/...          a chat completion, whole
 *   /burst/N/...       N chunks of one as fast as they go, each an HTTP chunk of its own
 *   /spaced/N/MS/...   N chunks, one every MS milliseconds
 *   /stall/...         one chunk, then nothing
 *   /vectors/N/DIMENSIONS/float|base64/...   embeddings, N of them
 *
 * Behind `/messages` and `/responses`, as in /once/messages/... and /burst/messages/N/..., the same text in the words of Anthropic's
 * Messages and of OpenAI's Responses; else in those of Chat Completions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "upstream_answers.h"

#define MAX_EVENTS 100000
#define HEAD_BYTES 16384

typedef struct connection {
    int fd;
    char head[HEAD_BYTES];
    size_t head_size;
    size_t body_left;      /* of the request */
    const char *out;       /* what is being sent, owned by a reply */
    size_t out_left;
    int events_left;       /* of a spaced answer */
    int interval_ms;
    int64_t due_ms;
    struct connection *next, *previous; /* among those that are spaced */
} connection;

static const char stream_head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";

static bytes once, burst, one_event, stall, ending, vectors;
static int burst_events = -1;
static connection *spaced;
static int poller;

static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void append(bytes *to, const char *data, size_t size) {
    to->data = realloc(to->data, to->size + size);
    if (to->data == NULL) fail("memory");
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

static void append_event(bytes *to, const char *json) {
    char frame[1024];
    int size = snprintf(frame, sizeof frame, "%zx\r\ndata: %s\n\n\r\n", strlen(json) + 8, json);
    append(to, frame, (size_t)size);
}

/* Events with names, each an HTTP chunk of its own. */
static void append_named(bytes *to, const char *events) {
    char frame[2048];
    for (const char *end; (end = strchr(events, '\n')) != NULL; events = end + 1) {
        const char *data = strchr(events, ' ') + 1;
        int name = (int)(data - 1 - events), size = (int)(end - data);
        int length = snprintf(frame, sizeof frame, "%x\r\nevent: %.*s\ndata: %.*s\n\n\r\n", (unsigned)(name + size + 16), name, events, size, data);
        append(to, frame, (size_t)length);
    }
}

static void append_whole(bytes *to, const char *json) {
    char head[128];
    int size = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", strlen(json));
    append(to, head, (size_t)size);
    append(to, json, strlen(json));
}

static void make_replies(void) {
    append_whole(&once, whole_json);
    append_whole(&messages.once, messages.whole);
    append_whole(&responses.once, responses.whole);
    append_event(&one_event, chunk_json);
    append(&stall, stream_head, sizeof stream_head - 1);
    append_event(&stall, chunk_json);
    append_event(&ending, last_json);
    append_event(&ending, "[DONE]");
    append(&ending, "0\r\n\r\n", 5);
}

static void make_burst(int events) {
    if (events == burst_events) return;
    burst_events = events;
    burst.size = 0;
    append(&burst, stream_head, sizeof stream_head - 1);
    for (int i = 0; i < events; i++) append(&burst, one_event.data, one_event.size);
    append(&burst, ending.data, ending.size);
}

/* Numbers as models make them: of seven or eight digits, small. */
static float number_of(unsigned i) {
    return (float)(int32_t)(i * 2654435761u) / 2147483648.0f / 24.0f;
}

static void append_base64(bytes *to, const unsigned char *data, size_t size) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = (uint32_t)data[i] << 16 | (i + 1 < size ? (uint32_t)data[i + 1] << 8 : 0) | (i + 2 < size ? data[i + 2] : 0);
        char group[4] = {letters[bits >> 18], letters[bits >> 12 & 63], i + 1 < size ? letters[bits >> 6 & 63] : '=', i + 2 < size ? letters[bits & 63] : '='};
        append(to, group, 4);
    }
}

static void append_vector(bytes *to, int index, int dimensions, int is_base64) {
    char text[128];
    append(to, text, (size_t)snprintf(text, sizeof text, "%s{\"object\":\"embedding\",\"index\":%d,\"embedding\":%s", index > 0 ? "," : "", index, is_base64 ? "\"" : "["));
    float numbers[4096];
    for (int i = 0; i < dimensions; i++) numbers[i] = number_of((unsigned)(index * dimensions + i + 1));
    if (is_base64) append_base64(to, (const unsigned char *)numbers, (size_t)dimensions * sizeof *numbers);
    for (int i = 0; i < dimensions && !is_base64; i++) append(to, text, (size_t)snprintf(text, sizeof text, "%s%.9g", i > 0 ? "," : "", (double)numbers[i]));
    append(to, is_base64 ? "\"}" : "]}", 2);
}

static void make_vectors(int count, int dimensions, int is_base64) {
    static int made[3];
    if (made[0] == count && made[1] == dimensions && made[2] == is_base64) return;
    made[0] = count, made[1] = dimensions, made[2] = is_base64;
    bytes body = {NULL, 0};
    append(&body, "{\"object\":\"list\",\"data\":[", 25);
    for (int i = 0; i < count; i++) append_vector(&body, i, dimensions, is_base64);
    char text[256];
    append(&body, text, (size_t)snprintf(text, sizeof text, "],\"model\":\"benchmark-model-1\",\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d}}", 10 * count, 10 * count));
    vectors.size = 0;
    append(&vectors, text, (size_t)snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body.size));
    append(&vectors, body.data, body.size);
    free(body.data);
}

static const bytes *named_burst(api *a, int events) {
    if (events == a->burst_events) return &a->burst;
    a->burst_events = events;
    a->burst.size = 0;
    append(&a->burst, stream_head, sizeof stream_head - 1);
    append_named(&a->burst, a->before);
    for (int i = 0; i < events; i++) append_named(&a->burst, a->text);
    append_named(&a->burst, a->after);
    append(&a->burst, "0\r\n\r\n", 5);
    return &a->burst;
}

static void leave_spaced(connection *c) {
    if (c->events_left < 0) return;
    c->events_left = -1;
    if (c->previous != NULL) c->previous->next = c->next;
    else spaced = c->next;
    if (c->next != NULL) c->next->previous = c->previous;
    c->next = c->previous = NULL;
}

static void drop(connection *c) {
    leave_spaced(c);
    close(c->fd);
    free(c);
}

static void watch(connection *c, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
}

/* Sends what is left. 0: the connection is gone. */
static int flush(connection *c) {
    while (c->out_left > 0) {
        ssize_t sent = send(c->fd, c->out, c->out_left, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EAGAIN) {
                watch(c, EPOLLIN | EPOLLOUT);
                return 1;
            }
            drop(c);
            return 0;
        }
        c->out += sent;
        c->out_left -= (size_t)sent;
        if (c->out_left == 0) watch(c, EPOLLIN);
    }
    return 1;
}

/* A client that is too slow for what follows is dropped: no benchmark has such clients. */
static int reply(connection *c, const char *data, size_t size) {
    if (c->out_left > 0) {
        drop(c);
        return 0;
    }
    c->out = data;
    c->out_left = size;
    return flush(c);
}

static int answer(connection *c) {
    int events = 0, interval = 0;
    const char *path = strchr(c->head, ' ');
    path = path == NULL ? "" : path + 1;
    api *of = NULL;
    if (strncmp(path, "/once/", 6) == 0 || strncmp(path, "/burst/", 7) == 0) {
        const char *rest = strchr(path + 1, '/') + 1;
        if (strncmp(rest, messages.path, strlen(messages.path)) == 0) of = &messages;
        if (strncmp(rest, responses.path, strlen(responses.path)) == 0) of = &responses;
        if (of != NULL && path[1] == 'o') return reply(c, of->once.data, of->once.size);
        if (of != NULL && sscanf(rest + strlen(of->path), "%d/", &events) == 1 && events >= 0 && events <= MAX_EVENTS) {
            const bytes *made = named_burst(of, events);
            return reply(c, made->data, made->size);
        }
    }
    if (sscanf(path, "/burst/%d/", &events) == 1 && events >= 0 && events <= MAX_EVENTS) {
        make_burst(events);
        return reply(c, burst.data, burst.size);
    }
    if (sscanf(path, "/spaced/%d/%d/", &events, &interval) == 2 && events > 0 && interval > 0) {
        c->events_left = events;
        c->interval_ms = interval;
        c->due_ms = now_ms() + interval;
        c->next = spaced;
        if (spaced != NULL) spaced->previous = c;
        spaced = c;
        return reply(c, stream_head, sizeof stream_head - 1);
    }
    int count = 0, dimensions = 0;
    char encoding[8] = "";
    if (sscanf(path, "/vectors/%d/%d/%7[^/]/", &count, &dimensions, encoding) == 3 && count > 0 && count <= 2048 && dimensions > 0 && dimensions <= 4096) {
        make_vectors(count, dimensions, strcmp(encoding, "base64") == 0);
        return reply(c, vectors.data, vectors.size);
    }
    if (strncmp(path, "/stall/", 7) == 0) return reply(c, stall.data, stall.size);
    return reply(c, once.data, once.size);
}

/* Takes `size` bytes of requests. 0: the connection is gone. */
static int take(connection *c, const char *data, size_t size) {
    while (size > 0) {
        if (c->body_left > 0) {
            size_t part = size < c->body_left ? size : c->body_left;
            c->body_left -= part;
            data += part;
            size -= part;
        } else {
            size_t before = c->head_size;
            size_t part = size < HEAD_BYTES - 1 - before ? size : HEAD_BYTES - 1 - before;
            memcpy(c->head + before, data, part);
            c->head[before + part] = 0;
            char *end = memmem(c->head, before + part, "\r\n\r\n", 4);
            if (end == NULL) {
                if (part < size) {
                    drop(c);
                    return 0;
                }
                c->head_size += part;
                return 1;
            }
            size_t used = (size_t)(end + 4 - c->head) - before;
            const char *length = strcasestr(c->head, "\r\ncontent-length:");
            c->body_left = length != NULL && length < end ? strtoull(length + 17, NULL, 10) : 0;
            c->head_size = (size_t)(end + 4 - c->head);
            data += used;
            size -= used;
        }
        if (c->body_left == 0) {
            c->head_size = 0;
            if (!answer(c)) return 0;
        }
    }
    return 1;
}

static void readable(connection *c) {
    static char input[65536];
    for (;;) {
        ssize_t size = recv(c->fd, input, sizeof input, 0);
        if (size > 0) {
            if (!take(c, input, (size_t)size)) return;
            if (size < (ssize_t)sizeof input) return;
        } else if (size < 0 && errno == EAGAIN) {
            return;
        } else {
            drop(c);
            return;
        }
    }
}

static void accept_all(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connection *c = calloc(1, sizeof *c);
        if (c == NULL) fail("memory");
        c->fd = fd;
        c->events_left = -1;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

/* Sends what is due. Answers how long to wait for the next, milliseconds; -1: for ever. */
static int tick(void) {
    int64_t now = now_ms(), wait = -1;
    for (connection *c = spaced, *next; c != NULL; c = next) {
        next = c->next;
        if (c->due_ms <= now) {
            c->due_ms += c->interval_ms;
            if (c->events_left == 0) {
                leave_spaced(c);
                reply(c, ending.data, ending.size);
                continue;
            }
            c->events_left--;
            if (!reply(c, one_event.data, one_event.size)) continue;
        }
        int64_t left = c->due_ms > now ? c->due_ms - now : 0;
        if (wait < 0 || left < wait) wait = left;
    }
    return (int)wait;
}

int main(int count, char **arguments) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    address.sin_port = htons((uint16_t)(count > 1 ? atoi(arguments[1]) : 0));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    if (listen(listener, 4096) != 0) fail("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    make_replies();

    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct epoll_event ready[256];
        int wait = tick();
        int number = epoll_wait(poller, ready, 256, wait);
        for (int i = 0; i < number; i++) {
            connection *c = ready[i].data.ptr;
            if (c == NULL) accept_all(listener);
            else if ((ready[i].events & EPOLLOUT) && !flush(c)) continue;
            else if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(c);
        }
    }
}
