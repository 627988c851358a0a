/*
 * sockets: a client of WebSocket mode for benchmarks, one thread on epoll, to /v1/responses on 127.0.0.1. Sends the same message again
 * and again, each time the last answer has ended, and prints one line of JSON, as load does.
 *
 *   sockets PORT MESSAGE-FILE [-c CONNECTIONS] [-n TURNS] [-chain]
 *   sockets PORT MESSAGE-FILE -c CONNECTIONS -hold
 *
 * -chain: each message but a connection's first continues the response before it; the file then must end with `}`. -hold: opens the
 * sockets, prints "held" and keeps them, idle, until its input ends.
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
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    int fd;
    unsigned char *bytes; /* what has come and isn't a whole frame */
    size_t size, capacity;
    char last[80]; /* the id of the last response */
    int64_t began_ns;
} connection;

static char *message;
static size_t message_size;
static int chained;
static int64_t begun, done, most = 1, events, received, *times;

static int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "sockets: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void send_all(int fd, const void *data, size_t size) {
    for (size_t sent = 0; sent < size;) {
        ssize_t count = send(fd, (const char *)data + sent, size - sent, MSG_NOSIGNAL);
        if (count < 0) fail("send");
        sent += (size_t)count;
    }
}

/* One masked text frame; the mask is zero, which is a mask too. */
static void begin(connection *c) {
    static unsigned char frame[1 << 20];
    if (begun == most) return;
    begun++;
    char *payload = (char *)frame + 14;
    size_t size = message_size;
    memcpy(payload, message, size);
    if (chained && c->last[0] != 0)
        size += (size_t)sprintf(payload + size - 1, ",\"previous_response_id\":\"%s\"}", c->last) - 1;
    frame[0] = 0x81;
    frame[1] = 0x80 | 127;
    for (int i = 0; i < 8; i++) frame[2 + i] = (unsigned char)(size >> (56 - 8 * i));
    memset(frame + 10, 0, 4);
    c->began_ns = now_ns();
    send_all(c->fd, frame, 14 + size);
}

static int starts(const char *text, size_t size, const char *with) {
    return size >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static void event(connection *c, const char *text, size_t size) {
    static const char completed[] = "{\"type\":\"response.completed\"", id[] = "\"id\":\"resp_";
    events++;
    if (starts(text, size, "{\"type\":\"error\"") || starts(text, size, "{\"type\":\"response.failed\"")) {
        fprintf(stderr, "sockets: %.*s\n", (int)size, text);
        exit(1);
    }
    if (!starts(text, size, completed)) return;
    const char *at = memmem(text, size, id, sizeof id - 1);
    if (at == NULL) fail("no id");
    sscanf(at + 6, "%79[^\"]", c->last);
    times[done++] = now_ns() - c->began_ns;
    begin(c);
}

static void readable(connection *c) {
    if (c->capacity - c->size < 65536) {
        c->capacity = c->capacity * 2 + 65536;
        c->bytes = realloc(c->bytes, c->capacity);
        if (c->bytes == NULL) fail("memory");
    }
    ssize_t count = recv(c->fd, c->bytes + c->size, c->capacity - c->size - 1, 0);
    if (count <= 0) fail("the server closed the connection");
    received += count;
    c->size += (size_t)count;
    size_t at = 0;
    while (c->size - at >= 2) {
        uint64_t length = c->bytes[at + 1];
        size_t head = length == 126 ? 4 : length == 127 ? 10 : 2;
        if (c->size - at < head) break;
        if (head > 2) {
            length = 0;
            for (size_t i = 2; i < head; i++) length = length << 8 | c->bytes[at + i];
        }
        if (c->size - at - head < length) break;
        if (c->bytes[at] == 0x81) event(c, (char *)c->bytes + at + head, length);
        at += head + length;
    }
    memmove(c->bytes, c->bytes + at, c->size - at);
    c->size -= at;
}

static void open_socket(connection *c, int port) {
    static const char head[] =
        "GET /v1/responses HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    char answer[1024] = "";
    size_t size = 0;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    send_all(c->fd, head, sizeof head - 1);
    while (strstr(answer, "\r\n\r\n") == NULL) {
        ssize_t count = recv(c->fd, answer + size, sizeof answer - 1 - size, 0);
        if (count <= 0) fail("no answer to the handshake");
        size += (size_t)count;
        answer[size] = 0;
    }
    if (strncmp(answer, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "sockets: %s\n", answer);
        exit(1);
    }
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile(double part) {
    return (double)times[(int64_t)(part * (double)(done - 1))] / 1000;
}

int main(int count, char **arguments) {
    int connections = 1, hold = 0;
    if (count < 3) {
        fprintf(stderr, "usage: sockets PORT MESSAGE-FILE [-c CONNECTIONS] [-n TURNS] [-chain] [-hold]\n");
        return 2;
    }
    for (int i = 3; i < count; i++) {
        const char *value = i + 1 < count ? arguments[i + 1] : "0";
        if (strcmp(arguments[i], "-hold") == 0) hold = 1;
        else if (strcmp(arguments[i], "-chain") == 0) chained = 1;
        else if (strcmp(arguments[i], "-c") == 0) connections = atoi(value), i++;
        else if (strcmp(arguments[i], "-n") == 0) most = atoll(value), i++;
    }
    FILE *input = fopen(arguments[2], "rb");
    if (input == NULL) fail(arguments[2]);
    message = malloc(1 << 19);
    if (message == NULL) fail("memory");
    message_size = fread(message, 1, 1 << 19, input);
    fclose(input);

    connection *all = calloc((size_t)connections, sizeof *all);
    times = calloc((size_t)most + 1, sizeof *times);
    if (all == NULL || times == NULL) fail("memory");
    int poller = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < connections; i++) {
        open_socket(&all[i], atoi(arguments[1]));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[i]};
        epoll_ctl(poller, EPOLL_CTL_ADD, all[i].fd, &event);
    }
    if (hold) {
        printf("held\n");
        fflush(stdout);
        while (getchar() != EOF) continue;
        return 0;
    }
    int64_t start = now_ns();
    for (int i = 0; i < connections; i++) begin(&all[i]);
    while (done < most) {
        struct epoll_event ready[256];
        int number = epoll_wait(poller, ready, 256, 10000);
        if (number <= 0) fail("nothing comes");
        for (int i = 0; i < number; i++) readable(ready[i].data.ptr);
    }
    double elapsed = (double)(now_ns() - start) / 1e9;
    qsort(times, (size_t)done, sizeof *times, by_size);
    printf("{\"requests\":%lld,\"failures\":0,\"events\":%lld,\"bytes\":%lld,\"seconds\":%.6f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
           "\"max_us\":%.1f}\n",
           (long long)done, (long long)events, (long long)received, elapsed, percentile(0.5), percentile(0.99), percentile(1));
    return 0;
}
