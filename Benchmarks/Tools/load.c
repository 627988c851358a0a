/*
 * load: a client for benchmarks, one thread on epoll, HTTP/1.1 with keep-alive to 127.0.0.1. Sends the same POST again and again and
 * prints one line of JSON: what came, and how long it took.
 *
 *   load PORT PATH BODY-FILE [-c CONNECTIONS] [-n REQUESTS] [-t SECONDS] [-H "Name: value"]
 *   load PORT PATH BODY-FILE -c CONNECTIONS -hold
 *
 * The first ends after REQUESTS answers or SECONDS, whichever comes first; its status is 1 if an answer was no 200 or was cut.
 * The second sends one request a connection, prints "held" once each has brought an event, and keeps them until its input ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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

#define HEAD_BYTES 8192

enum state { HEAD, LENGTH, CHUNK_SIZE, CHUNK, CHUNK_END, LAST_LINE };

typedef struct {
    int fd;
    enum state state;
    char head[HEAD_BYTES];
    size_t head_size;
    uint64_t left;       /* of the body or of the chunk */
    int is_last_chunk;
    char before;         /* the last byte of the body so far */
    int has_event;
    size_t sent;
    int64_t began_ns;
} connection;

static char *request;
static size_t request_size;
static int poller, hold, failures, held;
static int64_t begun, done, most = 1, events, received, *times;

static int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void make_request(const char *port, const char *path, const char *file, const char *header) {
    FILE *input = fopen(file, "rb");
    if (input == NULL) fail(file);
    fseek(input, 0, SEEK_END);
    size_t size = (size_t)ftell(input);
    rewind(input);
    request = malloc(size + strlen(path) + strlen(header) + 512);
    if (request == NULL) fail("memory");
    int head = sprintf(request,
                       "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nContent-Type: application/json\r\nAccept: */*\r\n%s%s"
                       "Content-Length: %zu\r\n\r\n",
                       path, port, header, *header ? "\r\n" : "", size);
    if (fread(request + head, 1, size, input) != size) fail(file);
    fclose(input);
    request_size = (size_t)head + size;
}

static void lose(connection *c, const char *why) {
    if (failures++ == 0) fprintf(stderr, "load: %s\n%.*s\n", why, (int)c->head_size, c->head);
    close(c->fd);
    c->fd = -1;
}

static void send_more(connection *c) {
    while (c->sent < request_size) {
        ssize_t size = send(c->fd, request + c->sent, request_size - c->sent, MSG_NOSIGNAL);
        if (size < 0 && errno != EAGAIN) {
            lose(c, "the server closed the connection");
            return;
        }
        struct epoll_event event = {.events = size < 0 ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c};
        if (size < 0 || (c->sent > 0 && c->sent + (size_t)size == request_size)) epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
        if (size < 0) return;
        c->sent += (size_t)size;
    }
}

static void begin(connection *c) {
    if (begun == most) return;
    begun++;
    c->state = HEAD;
    c->head_size = 0;
    c->sent = 0;
    c->before = 0;
    c->began_ns = now_ns();
    send_more(c);
}

/* A piece of the body: an event ends with an empty line. */
static void body(connection *c, const char *data, size_t size) {
    const char *at = data, *end = data + size;
    received += (int64_t)size;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if ((at == data ? c->before : at[-1]) == '\n') {
            events++;
            if (!c->has_event) {
                c->has_event = 1;
                held++;
            }
        }
        at++;
    }
    if (size > 0) c->before = end[-1];
}

static int head_ends(connection *c) {
    c->head[c->head_size] = 0;
    if (strncmp(c->head, "HTTP/1.1 200", 12) != 0) return 0;
    const char *length = strcasestr(c->head, "\r\ncontent-length:");
    if (length != NULL) {
        c->left = strtoull(length + 17, NULL, 10);
        c->state = LENGTH;
    } else if (strcasestr(c->head, "\r\ntransfer-encoding: chunked") != NULL) {
        c->left = 0;
        c->state = CHUNK_SIZE;
    } else {
        return 0;
    }
    return 1;
}

static void answered(connection *c) {
    times[done++] = now_ns() - c->began_ns;
    begin(c);
}

static void take(connection *c, const char *data, size_t size) {
    while (size > 0 && c->fd >= 0) {
        size_t part = 1;
        switch (c->state) {
        case HEAD:
            if (c->head_size == HEAD_BYTES - 1) return lose(c, "a head that is too long");
            c->head[c->head_size++] = *data;
            if (*data == '\n' && c->head_size >= 4 && memcmp(c->head + c->head_size - 4, "\r\n\r\n", 4) == 0) {
                if (!head_ends(c)) return lose(c, "not the answer that was wanted");
                if (c->state == LENGTH && c->left == 0) answered(c);
            }
            break;
        case LENGTH:
        case CHUNK:
            part = size < c->left ? size : c->left;
            body(c, data, part);
            c->left -= part;
            if (c->left == 0 && c->state == LENGTH) answered(c);
            else if (c->left == 0) c->state = CHUNK_END;
            break;
        case CHUNK_SIZE:
            if (*data == '\n') {
                c->state = c->left == 0 ? LAST_LINE : CHUNK;
            } else if (*data != '\r') {
                int digit = *data <= '9' ? *data - '0' : (*data | 32) - 'a' + 10;
                c->left = c->left * 16 + (uint64_t)digit;
            }
            break;
        case CHUNK_END:
            if (*data == '\n') c->state = CHUNK_SIZE;
            break;
        case LAST_LINE:
            if (*data == '\n') answered(c);
            break;
        }
        data += part;
        size -= part;
    }
}

static void readable(connection *c) {
    static char input[262144];
    ssize_t size = recv(c->fd, input, sizeof input, 0);
    if (size > 0) take(c, input, (size_t)size);
    else if (size == 0 || errno != EAGAIN) lose(c, "the server closed the connection");
}

static void connect_all(connection *all, int count, int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < count; i++) {
        int on = 1;
        connection *c = &all[i];
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
    }
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile(double part) {
    return done == 0 ? 0 : (double)times[(int64_t)(part * (double)(done - 1))] / 1000;
}

int main(int count, char **arguments) {
    int connections = 1;
    double seconds = 60;
    const char *header = "";
    if (count < 4) {
        fprintf(stderr, "usage: load PORT PATH BODY-FILE [-c CONNECTIONS] [-n REQUESTS] [-t SECONDS] [-H HEADER] [-hold]\n");
        return 2;
    }
    for (int i = 4; i < count; i++) {
        const char *value = i + 1 < count ? arguments[i + 1] : "0";
        if (strcmp(arguments[i], "-hold") == 0) hold = 1;
        else if (strcmp(arguments[i], "-c") == 0) connections = atoi(value), i++;
        else if (strcmp(arguments[i], "-n") == 0) most = atoll(value), i++;
        else if (strcmp(arguments[i], "-t") == 0) seconds = atof(value), i++;
        else if (strcmp(arguments[i], "-H") == 0) header = value, i++;
    }
    if (hold) most = connections;
    make_request(arguments[1], arguments[2], arguments[3], header);
    connection *all = calloc((size_t)connections, sizeof *all);
    times = calloc((size_t)most + 1, sizeof *times);
    if (all == NULL || times == NULL) fail("memory");

    poller = epoll_create1(EPOLL_CLOEXEC);
    connect_all(all, connections, atoi(arguments[1]));
    if (hold) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, 0, &event) != 0) fail("the input can't be watched");
    }
    int64_t start = now_ns(), deadline = start + (int64_t)(seconds * 1e9);
    int was_held = 0;
    for (int i = 0; i < connections; i++) begin(&all[i]);
    while (done < most && failures < connections && (was_held || now_ns() < deadline)) {
        struct epoll_event ready[256];
        int number = epoll_wait(poller, ready, 256, was_held ? -1 : 100);
        for (int i = 0; i < number; i++) {
            connection *c = ready[i].data.ptr;
            if (c == NULL) return failures > 0;
            if (c->fd >= 0 && (ready[i].events & EPOLLOUT)) send_more(c);
            if (c->fd >= 0 && (ready[i].events & ~(uint32_t)EPOLLOUT)) readable(c);
        }
        if (hold && !was_held && held == connections) {
            was_held = 1;
            printf("held\n");
            fflush(stdout);
        }
    }
    double elapsed = (double)(now_ns() - start) / 1e9;
    qsort(times, (size_t)done, sizeof *times, by_size);
    printf("{\"requests\":%lld,\"failures\":%d,\"events\":%lld,\"bytes\":%lld,\"seconds\":%.6f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
           "\"max_us\":%.1f}\n",
           (long long)done, failures, (long long)events, (long long)received, elapsed, percentile(0.5), percentile(0.99),
           percentile(1));
    return failures > 0 || done == 0 || (hold && !was_held);
}
