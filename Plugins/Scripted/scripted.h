/*
 * scripted.h - what the five files of this plugin share.
 *
 *   plugin.c   the ABI: entry, module, instance, provider. Begin here; copy it for a provider of your own.
 *   request.c  what the plugin wants to know of a request's body
 *   models.c   the "models": each a small function that says what comes next
 *   tools.c    those of them that call tools
 *   vectors.c  embeddings
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SCRIPTED_H
#define SCRIPTED_H

#include "patchbay.h"
#include "plugin_error.h"
#include "plugin_json.h"

#include <stddef.h>

/* Text that the plugin owns: malloc'd, not terminated. */
typedef struct owned_text {
    char *data;
    size_t size;
} owned_text;

/* A configured answer: what the model of that name says. */
typedef struct answer {
    owned_text model;
    owned_text text;
    struct answer *next;
} answer;

/* One entry under `plugins:`. Never changed after `create`, so that every strand may read it. */
typedef struct instance {
    pbay_instance table;
    pbay_instance_id id;
    uint64_t chunk_delay_ms;
    uint64_t long_count;
    answer *answers;
    uint64_t dimensions; /* of a vector, where none are asked for */
    pbay_embeddings embeddings;
} instance;

/* What a model says next. */
typedef enum verdict {
    SAY,             /* push the event that was filled in */
    FINISH,          /* the good end */
    FINISH_LENGTH,   /* cut as if by max_output_tokens */
    FINISH_FILTERED, /* cut as if by a filter */
    FAIL,            /* the bad end: call->failure says which */
    WAIT             /* nothing more until `cancel` */
} verdict;

typedef struct call call;
typedef verdict (*model_function)(call *call, pbay_event *event);

/*
 * One call of the provider. All of its functions run on the call's strand, so it needs no lock. `body` and whatever was sliced
 * out of it point into the host's request, which lives until `release`.
 */
struct call {
    const instance *instance;
    pbay_stream_id stream;
    pbay_text model;
    pbay_text raw_body;
    pjson_value body;
    pjson_value input;     /* the array of items */
    pjson_value last_item; /* of kind PJSON_NONE where there is none */
    owned_text said;       /* the last user text */

    /* Where the model's function stands. */
    model_function next;
    owned_text text;   /* what it says, where that isn't a constant */
    owned_text second; /* another text, for a model that needs two */
    size_t at;         /* bytes of `text` that have been said */
    uint64_t step;     /* how many events it has made */
    uint64_t total;    /* how many it will make, where that is known before */
    char scratch[256]; /* for an event that is put together */
    pbay_error failure;

    /* Of embeddings. */
    pjson_iterator inputs; /* those that have no vector yet */
    float *vector;
    uint32_t dimensions;

    /* Where the stream stands. */
    int paused;   /* push answered PBAY_PAUSE: wait for `resume` */
    int waiting;  /* a timer is under way */
    int ended;    /* the terminal was given */
    uint64_t delay_ms;
    int64_t input_words;
    int64_t output_words;
    int64_t reasoning_words;
};

/* request.c */

/* Reads the body. Answers PBAY_OK, or an error with err filled. */
int32_t request_read(call *call, pbay_text body, pbay_error *err);
/* The text of a message's `content` or of an output: a string, or the `text` of all parts, one a line. NULL data: no memory. */
owned_text request_text(pjson_value content);
/* Decodes a string value. */
owned_text request_string(pjson_value string);
int64_t count_words(const char *text, size_t size);
/* The words of what a model is given beside the messages: the instructions and the tools. */
int64_t request_overhead(const call *call);
/* The number after `word` in what the user said ("count 50"), or `otherwise`. */
uint64_t request_number(const call *call, const char *word, uint64_t otherwise);
/* Whether the user said this, anywhere. */
int request_says(const call *call, const char *word);

/* models.c */

/* Fills in an event of that kind. Answers SAY. */
verdict say(pbay_event *event, uint32_t kind, const char *data, size_t size);
/* call->text becomes a copy of this. 0 where there is no memory. */
int set_text(call *call, const char *data, size_t size);
/* Says call->text word by word. */
verdict next_words(call *call, pbay_event *event);

/* Chooses the model and makes it ready. PBAY_OK, or an error with err filled. */
int32_t model_prepare(call *call, pbay_error *err);
/* The name of model number `index`, or null past the last. */
const char *model_name(size_t index);

/* What the failing models fail with, by a word of what the user said. */
void choose_failure(call *call);

/* vectors.c */

/* Makes an embeddings request ready. PBAY_OK, or an error with err filled. */
int32_t vectors_prepare(call *call, pbay_text body, pbay_error *err);

/* tools.c */

int prepare_tools(call *call);
int prepare_again(call *call);
verdict next_tool(call *call, pbay_event *event);
verdict next_tools(call *call, pbay_event *event);

#endif
