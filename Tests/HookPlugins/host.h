/*
 * host.h - a host just large enough for a hook plugin, for the programs of this folder: it loads one, takes requests
 * through its points with documents and events of the test's, keeps the verdicts, and counts every break of a rule.
 *
 * Compile host*.c with the test, and Plugins/Common/json*.c, which check what a plugin replaces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HOOK_PLUGINS_HOST_H
#define HOOK_PLUGINS_HOST_H

#include "patchbay.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A loaded plugin with one instance. */
typedef struct instance {
    const pbay_instance *table;
    const pbay_hooks *hooks;
    void *self;
} instance;

/* An event as it was emitted, copied; the texts are terminated by a zero. */
typedef struct kept_event {
    uint32_t kind, index;
    char *text, *id, *name;
    size_t text_size;
} kept_event;

enum { VERDICT_CONTINUE = 1, VERDICT_REPLACE, VERDICT_REPLACE_EVENTS, VERDICT_ANSWER, VERDICT_REJECT, VERDICT_FAIL };

/* What was said of a visit. Good until the request's next visit. */
typedef struct verdict {
    int kind; /* VERDICT_* */
    int was_called; /* 0: the plugin isn't visited at this point, or at none of these events */
    int was_deferred;
    char *json; /* of REPLACE; terminated by a zero */
    size_t json_size;
    kept_event *events; /* of REPLACE_EVENTS and ANSWER */
    size_t event_count;
    pbay_error error; /* of REJECT and FAIL */
    int32_t reason; /* of ANSWER, as the rest */
    int has_usage;
    pbay_usage usage;
    char provider[128];
} verdict;

/* One request of an instance. */
typedef struct request request;

/* One more table of the host's, for the plugin that is loaded after it; null takes it away. Both live on. */
void host_offer(const char *id, const void *table);
/* Loads the library and calls its entry; ends the program where that fails. */
void host_load(const char *path);
/* Makes and starts an instance. PBAY_OK or the plugin's error, in *error. `config` is JSON text. */
int32_t host_start(instance *instance, const char *config, pbay_error *error);
/* Drains, stops and destroys it. Each of its requests must have been closed. */
void host_stop(instance *instance);

/*
 * The rules that were broken so far, each told on stderr: a second verdict, one after the close, one that can't be at
 * its point, an `ask` without a deferral, a negative code after a verdict, an event of a kind that can't be,
 * arguments of a call that isn't open.
 */
unsigned host_violations(void);
/* How many lines were logged, and the last one, copied (null: none). HOST_LOG=1 in the environment shows them. */
unsigned host_logged(char *last, size_t capacity);

/*
 * Opens a request; null where the plugin refused, with its error in *error (which may be null). `flags` are
 * PBAY_HOOKED_*. With PBAY_HOOKS_MAY_BLOCK this and all that follows is called from another thread than the test's.
 */
request *host_open(instance *instance, const char *request_id, const char *owner, const char *model, uint32_t flags,
                   pbay_error *error);
/* The last call for the request; a visit's verdict must have been given. */
void host_close(request *request);

/* A visit with a document, and with events; each waits for the verdict. */
const verdict *host_visit(request *request, uint32_t point, const char *document);
const verdict *host_events(request *request, uint32_t flags, const pbay_event *events, size_t count);

/*
 * The same in two steps, for visits that wait for one another. `document` null: the point has none. What is handed in
 * is copied; the copy is spoilt at the verdict, so that whoever reads it later reads nonsense. Events whose kinds the
 * plugin doesn't want are kept from it.
 */
void host_begin(request *request, uint32_t point, uint32_t flags, const char *document, const pbay_event *events,
                size_t count);
/* Waits for the verdict, answering what the plugin asks; 30 s at most: then the program ends. */
const verdict *host_wait(request *request);
/* 1 when the visit has its verdict. */
int host_has_verdict(request *request);
/* Cancels a deferred visit, once. Its asks are answered PBAY_ECANCELLED by host_wait. */
void host_cancel(request *request);
/* Sets the round of the visits that follow. */
void host_round(request *request, uint32_t round);

/*
 * Answers a plugin's `ask`: hands out PBAY_OK and a text (which lives until the next call), or a code and an error's
 * message. Called by host_wait, on the test's thread. Without one, each ask fails with PBAY_EUPSTREAM.
 */
typedef int32_t (*host_ask)(void *context, const char *body, const char **text);
void host_on_ask(request *request, host_ask ask, void *context);

/* A value of the bag, or null. Good until the request's close. */
const char *host_bag(request *request, const char *name);

pbay_text text_of(const char *zero_terminated);
/* An event with a text. */
pbay_event event_of(uint32_t kind, const char *text);

#ifdef __cplusplus
}
#endif

#endif
