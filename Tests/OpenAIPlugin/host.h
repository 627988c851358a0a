/* A host for tests: the tables of patchbay.h over a scripted reply, writing down all that the plugin does. */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include "patchbay.h"
#include <stdbool.h>
#include <stddef.h>

/* Bytes that grow. */
typedef struct buffer {
    char *data;
    size_t size, capacity;
} buffer;

void buffer_add(buffer *to, const char *data, size_t size);
void buffer_print(buffer *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `text` on one line: line ends and bytes that are no printable ASCII or UTF-8 as escapes. */
void buffer_text(buffer *to, const char *data, size_t size);

/* What the host answers to a push, and what it has seen. One stream at a time. */
typedef struct stream_state {
    buffer *log;            /* what happened; null: not wanted */
    int32_t answer;         /* to each push */
    int32_t refusal;        /* the answer from the push number `refuse_at` on (0: never) */
    unsigned refuse_at;
    unsigned pushes, terminals;
    bool is_cancelled;
    char call_is_open[1024]; /* by its index */
    bool takes_vectors;      /* the call is one for embeddings */
    char has_vector[1024];   /* by its index */
    uint64_t vector_size;    /* bytes, of the first */
    const char *violation;  /* a broken rule of the ABI, the first */
    /* The exchange. */
    bool has_exchange;
    pbay_http_callbacks callbacks;
    void *context;
    void (*timer)(void *);
    void *timer_context;
    uint32_t framing;
} stream_state;

extern stream_state stream;
extern const pbay_host test_host;

#define TEST_STREAM ((pbay_stream_id)0x500000001)

void stream_reset(buffer *log);
bool is_utf8(const char *data, size_t size);

#endif
