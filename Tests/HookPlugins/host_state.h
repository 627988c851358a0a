/* host_state.h - what host.c (requests and visits) and host_api.c (what the plugin calls) share. */
#ifndef HOOK_PLUGINS_HOST_STATE_H
#define HOOK_PLUGINS_HOST_STATE_H

#include "host.h"

#include <pthread.h>

#define HOST_SLOTS 4096 /* requests at a time */
#define MAX_ASKS 8
#define MAX_BAG 64
#define MAX_PUTS 4096 /* over a request's life: what was replaced is kept until the close */

/* An event with something behind it that a plugin of this header doesn't know: it must go by events[0].size. */
typedef struct wide_event {
    pbay_event event;
    uint64_t unknown[2];
} wide_event;

typedef struct ask {
    char *body;
    void (*done)(void *context, int32_t code, pbay_text text, const pbay_error *error);
    void *context;
} ask;

struct request {
    instance *instance;
    void *state;
    unsigned slot;
    uint32_t round;

    /* The visit that is under way; all under the mutex. */
    pbay_visit visit;
    int has_verdict, has_returned, cancelled;
    char *document;
    char *texts; /* of the events, one after another */
    size_t texts_size;
    wide_event *events;
    wide_event *before; /* the events of the visit before it; their texts are gone */
    size_t before_count;
    uint64_t shown_calls, open_calls; /* the first 64 numbers: it was shown the begin; it has left the begin and no end */
    verdict verdict;
    ask asks[MAX_ASKS];
    unsigned ask_count;
    pthread_t thread;
    int has_thread;

    struct {
        char *name, *value;
        size_t size;
        int gone;
    } bag[MAX_PUTS];
    unsigned bag_count;

    host_ask on_ask;
    void *ask_context;
};

extern pthread_mutex_t host_mutex;
extern pthread_cond_t host_changed; /* a verdict or an ask has come */

/* The request whose visit this is, or null. With the mutex. */
request *host_find(pbay_visit_id id);
void host_violation(const char *what);
/* Ends the visit with the verdict that stands in request->verdict.kind. With the mutex. */
void host_settle(request *request);
const void *host_extension(const char *id);
/* Frees what the visit had and what was said of it. */
void host_forget(request *request);
pbay_error host_empty_error(void);
char *host_copy(const char *data, size_t size);

#endif
