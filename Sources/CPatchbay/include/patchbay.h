/*
 * patchbay.h - the Patchbay plugin ABI, major version 1.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * This header is all that a plugin needs, in any language that can export one C function. It includes <stdint.h> and
 * nothing else, and compiles as C99, C11 and C++17.
 *
 * A plugin is a shared object that exports one symbol, patchbay_plugin_entry_v1, and hides every other. Everything else
 * is reached through tables of functions: the plugin's tables by pbay_instance.get_extension, the host's by
 * pbay_host.get_extension, both by a string id that carries the table's own version.
 *
 * ------------------------------------------------------------------------------------------------------------------
 * RULES THAT HOLD EVERYWHERE (a function's own comment only says what differs)
 *
 * Structs.    Every struct that may grow begins with `size`: the writer sets it to sizeof(its own version); the reader
 *             uses min(size, sizeof(own version)) bytes and takes what is missing as zero. Structs grow at the end
 *             only; what is released keeps its name, layout, meaning, owner and thread. pbay_text and pbay_header are
 *             frozen whole. Reserved fields are zero.
 * Text.       pbay_text is {pointer, length in bytes}, UTF-8 unless a comment says bytes, not terminated by a zero.
 *             A length of 0 makes the pointer meaningless (it may be null).
 * Lifetime.   Unless said otherwise an input is borrowed until the call returns: whoever wants it longer copies it.
 *             Nobody frees the other side's memory. Outputs are pushed into the other side's functions, which copy.
 * Ownership.  Passes on success only. A call that answers an error has had no effect, and nothing follows from it.
 * Null.       A pointer argument is never null unless its comment says so. A table's function pointer may be null only
 *             where marked [optional].
 * Handles.    What a plugin holds of the host is a 64-bit id with a generation in it, never a pointer. 0 is never a
 *             handle. Using one that has ended is safe and answers PBAY_CLOSED.
 * Errors.     Functions answer int32_t: 0 or a positive value is success, a negative one is a PBAY_E* code. A function
 *             with a `pbay_error *err` fills it when it answers a negative code; err is the caller's, zeroed and
 *             sized by it, and never null.
 * Exceptions. No exception, longjmp or panic may cross this border, in either direction.
 * Fork.       A plugin doesn't fork, doesn't change signal handlers, locale, environment or working directory.
 *
 * THREADS. Each function carries one of these tags:
 *
 *   [init]      On the host's one loader thread: never two at a time over all plugins. May block for a while (opening a
 *               database, loading a model).
 *   [strand]    Serial for one stream: the host never runs two [strand] calls of the same stream at the same time, and
 *               each sees the effects of the one before. Different streams run in parallel on different threads. A
 *               strand is an event loop of the server: MUST NOT block (no file, no socket, no lock held for long, no
 *               computation over about 100 us).
 *   [any]       From any thread, at any time between the instance's start and stop, several at once. MUST NOT block.
 *   [may-block] From a thread that the host keeps for this; may take its time.
 *
 * RE-ENTRANCY. The host never calls a plugin from inside a call that the plugin made into the host, and holds no lock
 * while it calls a plugin. So a plugin may call the host from anywhere, its own locks held or not.
 *
 * LIFE OF AN INSTANCE.   entry -> create -> start -> (serving) -> drain -> stop -> destroy
 *   One module serves many instances, one for each entry under `plugins:` in the YAML. An image is never unloaded.
 */
#ifndef PATCHBAY_H
#define PATCHBAY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The ABI spoken by this header. The major is also part of the entry's name. */
#define PBAY_ABI_MAJOR 1u
#define PBAY_ABI_MINOR 3u

/* Marks the one function that a plugin exports. */
#if defined(__GNUC__) || defined(__clang__)
#define PBAY_EXPORT __attribute__((visibility("default")))
#else
#define PBAY_EXPORT
#endif

/* ---------------------------------------------------------------------------------------------------- basic types */

/* Borrowed text or bytes. Frozen. */
typedef struct pbay_text {
    const char *data; /* may be null when size is 0 */
    uint64_t size;    /* bytes */
} pbay_text;

/* A name and a value, as in HTTP. Frozen. */
typedef struct pbay_header {
    pbay_text name;
    pbay_text value;
} pbay_header;

typedef uint64_t pbay_instance_id; /* one entry under `plugins:`, for the life of the process */
typedef uint64_t pbay_stream_id;   /* one call of a provider */
typedef uint64_t pbay_http_id;     /* one HTTP exchange made by the host for a plugin */
typedef uint64_t pbay_timer_id;    /* one timer */
typedef uint64_t pbay_op_id;       /* one operation of a store */

/* Success codes. */
enum {
    PBAY_OK = 0,
    PBAY_PAUSE = 1 /* accepted; push nothing more until `resume` (see pbay_stream_api.push) */
};

/* Error codes: the fixed list. A reader treats an unknown negative code as PBAY_EINTERNAL. */
enum {
    PBAY_CLOSED = -1,         /* the handle has ended (or never was) */
    PBAY_EINVALID = -2,       /* an argument or the request is malformed or not acceptable: the caller's fault */
    PBAY_EUNSUPPORTED = -3,   /* this plugin or model can't do what was asked */
    PBAY_ENOTFOUND = -4,      /* no such thing for this owner */
    PBAY_ECONFLICT = -5,      /* a precondition did not hold */
    PBAY_EAUTH = -6,          /* the upstream refused the deployment's credentials */
    PBAY_ERATELIMIT = -7,     /* the upstream limits the rate: see retry_after_ms */
    PBAY_EOVERLOADED = -8,    /* out of a bounded resource just now: see retry_after_ms */
    PBAY_ETIMEOUT = -9,       /* a time limit ran out */
    PBAY_ECANCELLED = -10,    /* ended because the host asked for it */
    PBAY_EUPSTREAM = -11,     /* the upstream failed or answered nonsense */
    PBAY_ECONTEXT_LENGTH = -12, /* the input is longer than the model's context */
    PBAY_ELIMIT = -13,        /* a bound of the host was passed (an event too large, the hard cap of a stream) */
    PBAY_EDATALOSS = -14,     /* stored data is missing or damaged */
    PBAY_EIO = -15,           /* the storage medium failed: nothing was stored */
    PBAY_EINTERNAL = -16      /* a defect */
};

/* pbay_error.flags */
enum {
    PBAY_ERROR_RETRYABLE = 1u /* the same call may succeed later or elsewhere */
};

#define PBAY_MESSAGE_CAPACITY 512
#define PBAY_PARAM_CAPACITY 128

/*
 * An error with its details. The receiver of the information owns the memory; texts are zero-terminated UTF-8 and cut
 * at the capacity (cut on a character's border). `message` reaches the client: it says what was wrong and what to do,
 * and holds nothing secret and nothing of the upstream's internals. `detail` reaches only the operator's log.
 */
typedef struct pbay_error {
    uint32_t size;
    int32_t code;            /* one of PBAY_E*; PBAY_EINTERNAL where left 0 */
    uint32_t flags;          /* PBAY_ERROR_* */
    int32_t upstream_status; /* the upstream's HTTP status, 0 if none */
    int64_t retry_after_ms;  /* milliseconds to wait before trying again; 0 unknown */
    /*
     * what was wrong: a path in the request ("input[3].content") or in the configuration ("base_url"); may be
     * empty
     */
    char param[PBAY_PARAM_CAPACITY];
    char message[PBAY_MESSAGE_CAPACITY]; /* for the client */
    char detail[PBAY_MESSAGE_CAPACITY];  /* for the operator's log alone */
} pbay_error;

/* ------------------------------------------------------------------------------------------ entry, module, instance */

/* The host, as a plugin sees it. Lives as long as the process. */
typedef struct pbay_host {
    uint32_t size;
    uint32_t abi_minor;  /* of the host */
    const char *name;    /* "patchbay", zero-terminated */
    const char *version; /* of the host, zero-terminated */
    /*
     * [any] A table of the host by id (PBAY_HOST_*), or null where this host has no such service. The table lives as
     * long as the process.
     * `id` is zero-terminated.
     */
    const void *(*get_extension)(const char *id);
} pbay_host;

typedef struct pbay_instance pbay_instance;

/*
 * What a shared object is. Owned by the plugin; lives, unchanged, as long as the process. All texts are
 * zero-terminated.
 */
typedef struct pbay_module {
    uint32_t size;
    uint32_t abi_minor;             /* the lowest host minor that it can work with: 0 unless it needs something newer */
    const char *id;                 /* reverse-DNS or short name, e.g. "org.example.echo" */
    const char *version;            /* its own, semantic versioning */
    const char *licence;            /* SPDX expression */
    const char *description;        /* one line */
    /* ids of the tables that its instances offer (PBAY_PROVIDER, ...), ended by a null */
    const char *const *interfaces;
    /*
     * [init] Makes an instance. `config` is one JSON object (`{}` where the YAML has none), values from the
     * environment already filled in. An unknown key or a bad value is PBAY_EINVALID with err->param naming it as a
     * path ("base_url", "headers.x-team"): the host adds the file and the line. Takes no network and starts no
     * thread; that is for `start`. On PBAY_OK *out is owned by the plugin until `destroy`.
     */
    int32_t (*create)(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err);
} pbay_module;

/* pbay_health.state */
enum { PBAY_HEALTHY = 0, PBAY_DEGRADED = 1, PBAY_UNHEALTHY = 2 };

typedef struct pbay_health {
    uint32_t size;
    uint32_t state;
    char message[PBAY_MESSAGE_CAPACITY]; /* zero-terminated, for the operator; may be empty */
} pbay_health;

/*
 * One configured plugin. Owned by the plugin from create to destroy. `self` is passed back and means nothing to the
 * host.
 */
struct pbay_instance {
    uint32_t size;
    uint32_t reserved;
    void *self;
    /* [any] after create: a table of this instance by id, or null. It lives until destroy. `id` is zero-terminated. */
    const void *(*get_extension)(void *self, const char *id);
    /*
     * [init] Opens files, starts threads, loads models. Nothing is asked of the instance before it answers PBAY_OK.
     * On an error the host calls `destroy`.
     */
    int32_t (*start)(void *self, pbay_error *err);
    /* [init] [optional] No new work will come; what runs may go on until `deadline_ms` from now. Returns at once. */
    void (*drain)(void *self, uint64_t deadline_ms);
    /* [any] [optional] Fills `out` from what is known; contacts nobody. */
    void (*health)(void *self, pbay_health *out);
    /*
     * [init] No call of the host's is under way or follows. Ends what still runs, and joins all of the instance's
     * threads before it returns.
     */
    void (*stop)(void *self);
    /* [init] Frees everything of the instance. The last call; also after a failed start, then without stop. */
    void (*destroy)(void *self);
};

/*
 * The plugin's only exported symbol: int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out,
 * pbay_error *err)
 * [init] Called once for each image, whatever number of instances. Stores `host` (it lives as long as the process),
 * hands out the module. Answers PBAY_OK, or an error with err filled: the image stays mapped and is never called
 * again.
 */
typedef int32_t (*pbay_entry_v1)(const pbay_host *host, const pbay_module **out, pbay_error *err);
#define PBAY_ENTRY_SYMBOL "patchbay_plugin_entry_v1"

/* --------------------------------------------------------------------------------------------------------- provider */

#define PBAY_PROVIDER "patchbay.provider/1"

/* pbay_provider.cancel reasons */
enum {
    PBAY_CANCEL_CLIENT = 1,   /* the client went away or asked for it */
    PBAY_CANCEL_DEADLINE = 2, /* the request's deadline passed */
    PBAY_CANCEL_SHUTDOWN = 3, /* the host stops */
    PBAY_CANCEL_LIMIT = 4     /* the stream broke a bound (hard cap) */
};

/* One request to a provider. Valid, with all that it points to, until `release` of the call. */
typedef struct pbay_request {
    uint32_t size;
    uint32_t flags;        /* PBAY_REQUEST_* */
    /*
     * One JSON object: the body of an OpenAI Responses request (POST /v1/responses), with the history already
     * expanded into `input` (always an array of items), `model` the upstream's name, no `previous_response_id`,
     * `store` false, and beside it
     * `"patchbay": {"request_id", "owner" (opaque hash), "model" (the name that the client asked for)}`.
     * Items carry no `id` of the host. Unknown item types and fields come as the client sent them.
     */
    pbay_text body;
    pbay_text model;       /* the upstream's model name, for convenience */
    /* an opaque key, the same along a chain of turns (for prompt and KV caches); may be empty */
    pbay_text conversation;
    uint64_t timeout_ms;   /* time left for the whole answer; 0: no limit */
} pbay_request;

enum {
    PBAY_REQUEST_STREAM = 1u /* the client reads a stream: deltas as they come. Without it they may be coalesced */
};

/* pbay_model_info.kinds: which calls the model is for (since 1.3). Of none: the plugin doesn't say */
enum {
    PBAY_MODEL_ANSWERS = 1u,   /* pbay_provider.begin */
    PBAY_MODEL_EMBEDDINGS = 2u /* pbay_embeddings.begin */
};

/* pbay_model_info.inputs: what the model takes in (since 1.3). Of none: the plugin doesn't say */
enum {
    PBAY_INPUT_TEXT = 1u,
    PBAY_INPUT_IMAGE = 2u, /* input_image */
    PBAY_INPUT_FILE = 4u,  /* input_file */
    PBAY_INPUT_AUDIO = 8u  /* input_audio */
};

/* pbay_model_info.features (since 1.3): what the model can besides. A bit that isn't in features_known isn't told */
enum {
    PBAY_FEATURE_TOOLS = 1u,              /* function calls */
    PBAY_FEATURE_REASONING = 2u,          /* reasons before it answers, and says so by reasoning events */
    PBAY_FEATURE_STRUCTURED_OUTPUT = 4u,  /* keeps to `text.format` of the type json_schema */
    PBAY_FEATURE_DIMENSIONS = 8u          /* embeddings: honours `dimensions` */
};

/*
 * What a model can, as far as the plugin knows. `tool_markup` (since 1.1): how the model writes its tool calls into its
 * text, where the plugin pushes them as text and leaves it to the host to find them. Empty or "none": it doesn't; else
 * "hermes", "llama", "mistral", "deepseek", "glm", "qwen_xml" or "json", as Documentation/config.md has them under
 * `models`, whose `tool_markup` goes before it. Another word is taken as none, with a warning in the log.
 *
 * Since 1.3 an info with an empty `name` speaks of each model that no other info of the plugin names: what is true of
 * whatever the upstream serves. A host before 1.3 takes it as one more model: a plugin gives it to hosts of minor 3 on.
 */
typedef struct pbay_model_info {
    uint32_t size;
    uint32_t reserved;
    pbay_text name;
    uint64_t context_tokens;    /* 0: unknown */
    uint64_t max_output_tokens; /* 0: unknown */
    pbay_text tool_markup;
    /* minor 3 */
    uint32_t kinds;             /* PBAY_MODEL_*, 0: unknown */
    uint32_t inputs;            /* PBAY_INPUT_*, 0: unknown */
    uint32_t features;          /* PBAY_FEATURE_* that it has */
    uint32_t features_known;    /* PBAY_FEATURE_* of which `features` tells */
    uint32_t dimensions;        /* embeddings: numbers of a vector, where none are asked for; 0: unknown */
    uint32_t reserved3;
} pbay_model_info;

/*
 * A provider answers requests. A call lives from a `begin` that answered PBAY_OK to its `release`:
 *
 *      begin -> (push | PAUSE/resume)* -> exactly one of finish or fail, by the plugin -> release, by the host
 *
 * The host may call `cancel` once, at any time before the plugin's terminal. The client's answer is then settled:
 * what is pushed later is answered PBAY_CLOSED. The plugin stops its work and still ends the call with finish or fail
 * (usually fail with
 * PBAY_ECANCELLED), since only that tells the host that the plugin's threads have let go of the call. `release`
 * follows each terminal, after which the call and the request's memory are gone.
 */
typedef struct pbay_provider {
    uint32_t size;
    uint32_t reserved;
    /*
     * [any] [optional] Calls `emit(context, &info)` for each model that it can name, before it returns. Asked once,
     * after start; a plugin that names one model only is taken to mean that one whatever name it is asked for, except
     * for its kinds where there is a pbay_embeddings too: of those an info with an empty name speaks.
     */
    int32_t (*models)(void *self, void (*emit)(void *context, const pbay_model_info *info), void *context);
    /*
     * [strand] Begins a call. On PBAY_OK `*call` (may be null) is handed back in the functions below, and the plugin
     * owes one terminal, which may come before `begin` has returned, from any thread. On an error nothing follows: a
     * 4xx or 5xx for the client made from err.
     */
    int32_t (*begin)(void *self, const pbay_request *request, pbay_stream_id stream, void **call, pbay_error *err);
    /*
     * [strand] Pushing may go on. Follows once on each pause: from the first PBAY_PAUSE on, all of them until `resume`
     * are one pause. Where the push came from another thread, `resume` may overtake its return: count, don't set a
     * flag. Not called after `cancel` or after the terminal.
     */
    void (*resume)(void *self, void *call);
    /* [strand] See above. At most once. */
    void (*cancel)(void *self, void *call, int32_t reason);
    /* [strand] The last call for this `call`. */
    void (*release)(void *self, void *call);
} pbay_provider;

/* ------------------------------------------------------------------------------------------ counting tokens (minor 1) */

#define PBAY_TOKEN_COUNT "patchbay.token-count/1"

/*
 * [optional] A provider that can tell how many tokens a request's input has, without answering it, offers this table
 * beside its pbay_provider. A host of minor 0 doesn't ask for it. Without it, and wherever it answers
 * PBAY_EUNSUPPORTED, the host estimates, and says so to the client.
 *
 * A count is a call like that of pbay_provider.begin, with the same life:
 *
 *      begin -> exactly one of finish or fail, by the plugin -> release, by the host
 *
 * `cancel` and `release` of the instance's pbay_provider are called with this table's calls as well; `resume` never
 * is, since a count pushes no event (what it pushes all the same is dropped).
 */
typedef struct pbay_token_count {
    uint32_t size;
    uint32_t reserved;
    /*
     * [strand] Begins a count. The arguments, the lifetime of `request` and the rule for `*call` are those of
     * pbay_provider.begin; PBAY_REQUEST_STREAM is never set. The good end is pbay_stream_api.finish with
     * PBAY_FINISH_STOP and a usage, given there or by pbay_stream_api.usage before, whose input_tokens is the count:
     * all that the model would be given of this request, with its tools, its instructions and whatever the model's
     * template adds. The other fields of the usage are -1. A finish without a count is taken as PBAY_EUNSUPPORTED.
     *
     * Errors, from here or by pbay_stream_api.fail, are those of a request, and PBAY_EUNSUPPORTED where this model or
     * this input can't be counted. An input longer than the model's context is counted and is no error.
     */
    int32_t (*begin)(void *self, const pbay_request *request, pbay_stream_id stream, void **call, pbay_error *err);
} pbay_token_count;

/* ---------------------------------------------------------------------------------------------- embeddings (minor 3) */

#define PBAY_EMBEDDINGS "patchbay.embeddings/1"

#define PBAY_MAX_DIMENSIONS 65536u /* of one vector */

/*
 * [optional] A provider whose models turn texts into vectors offers this table beside its pbay_provider (whose `begin`
 * answers PBAY_EUNSUPPORTED where it can nothing else). A host before minor 3 doesn't ask for it.
 *
 * An embedding is a call like that of pbay_provider.begin, with the same life:
 *
 *      begin -> VECTOR events by pbay_stream_api.push -> exactly one of finish or fail, by the plugin -> release
 *
 * `cancel` and `release` of the instance's pbay_provider are called with this table's calls as well; `resume` never is:
 * vectors are bounded by their number, and no push of one is answered PBAY_PAUSE. Events of other kinds are dropped.
 */
typedef struct pbay_embeddings {
    uint32_t size;
    /* how many inputs one call may carry: the host splits a client's longer list over several calls. 0: any number */
    uint32_t max_inputs;
    /*
     * [strand] Begins a call. The rules are those of pbay_provider.begin; PBAY_REQUEST_STREAM is never set and
     * `conversation` is empty. `body` is one JSON object, the body of an OpenAI embeddings request (POST
     * /v1/embeddings): `input` always an array, of texts or of arrays of token numbers (not mixed), none empty and at
     * least one; `model` the upstream's name; `dimensions` where the client asked for them; no `encoding_format`, since
     * vectors cross as numbers; the client's `user` and what else it sent, as it came; and the `patchbay` object of
     * pbay_request.
     *
     * The good end is PBAY_FINISH_STOP after exactly one VECTOR event for each input, in any order, all of the same
     * length; a usage, given as for pbay_token_count, tells the input's tokens. A finish with a vector missing is taken
     * as PBAY_EUPSTREAM.
     *
     * Errors, from here or by pbay_stream_api.fail, are those of a request, and PBAY_EUNSUPPORTED where this model makes
     * no vectors or, with `dimensions` as the error's param, can't make them of that length.
     */
    int32_t (*begin)(void *self, const pbay_request *request, pbay_stream_id stream, void **call, pbay_error *err);
} pbay_embeddings;

/* ------------------------------------------------------------------------------------------ host: stream of answers */

#define PBAY_HOST_STREAM "patchbay.stream/1"

/*
 * Kinds of events. The host makes the Responses items out of them: a delta of another kind than the open item's
 * closes that item and opens the next, so that a plugin says only what it knows. Ids are minted by the host. A text
 * is whole UTF-8: characters are not split over events.
 */
enum {
    PBAY_EVENT_TEXT = 1,              /* text: more of the answer */
    PBAY_EVENT_REFUSAL = 2,           /* text: more of a refusal */
    PBAY_EVENT_REASONING = 3,         /* text: more of the raw reasoning */
    PBAY_EVENT_REASONING_SUMMARY = 4, /* text: more of the summary part number `index` */
    /* text: encrypted_content of the open reasoning item (whole), opening one if none is */
    PBAY_EVENT_REASONING_OPAQUE = 5,
    /*
     * a function call begins. index: the plugin's number for it; id: call id (may be empty: the host mints one);
     * name: function
     */
    PBAY_EVENT_TOOL_CALL = 6,
    /* text: more of the arguments (JSON text) of call `index`; calls may be interleaved */
    PBAY_EVENT_ARGUMENTS = 7,
    PBAY_EVENT_TOOL_CALL_END = 8,     /* call `index` is complete; optional: the terminal ends all */
    /* text: a whole output item as a JSON object with a `type`, for what has no event of its own */
    PBAY_EVENT_ITEM = 9,
    PBAY_EVENT_ANNOTATION = 10,       /* text: one annotation (JSON object) of the open text part */
    PBAY_EVENT_LOGPROBS = 11,         /* text: JSON array of logprobs of the text event that FOLLOWS */
    PBAY_EVENT_PART_END = 12,         /* the open content or summary part is complete: the next text begins a new one */
    /* the open message or reasoning item is complete: the next text begins a new one */
    PBAY_EVENT_ITEM_END = 13,
    /*
     * minor 3; in calls of pbay_embeddings alone, elsewhere PBAY_EUNSUPPORTED. index: which of the call's inputs, from
     * 0. text: bytes: the vector's numbers, finite IEEE 754 binary32 in the machine's byte order, 1 to
     * PBAY_MAX_DIMENSIONS of them; the pointer needs no alignment. PBAY_EINVALID, which ends the call, for an index past
     * the inputs or given before, a number that isn't finite, or another length than the vectors before
     */
    PBAY_EVENT_VECTOR = 14
};

typedef struct pbay_event {
    uint32_t size;
    uint32_t kind;  /* PBAY_EVENT_*; an unknown kind is refused with PBAY_EUNSUPPORTED */
    uint32_t index; /* where the kind says so, else 0 */
    uint32_t reserved;
    pbay_text text;
    pbay_text id;
    pbay_text name;
} pbay_event;

/* Token counts. -1: not known. */
typedef struct pbay_usage {
    uint32_t size;
    uint32_t reserved;
    int64_t input_tokens;
    int64_t cached_tokens;      /* of input_tokens: not evaluated again */
    int64_t cache_write_tokens; /* of input_tokens: written to a cache */
    int64_t output_tokens;
    int64_t reasoning_tokens;   /* of output_tokens */
} pbay_usage;

/* Why an answer ended well. */
enum {
    PBAY_FINISH_STOP = 1,          /* complete, tool calls included */
    PBAY_FINISH_LENGTH = 2,        /* cut at max_output_tokens or at the context's end */
    PBAY_FINISH_CONTENT_FILTER = 3 /* cut by a filter */
};

/*
 * What is known of the upstream's side, for the record and the log; never shown to the client but for stop_sequence. May
 * be told in several calls: what is empty leaves what was told before.
 */
typedef struct pbay_upstream_info {
    uint32_t size;
    uint32_t reserved;
    pbay_text response_id;
    pbay_text model;
    pbay_text request_id;
    pbay_text stop_sequence; /* minor 2: which of the request's `stop` ended the answer */
} pbay_upstream_info;

typedef struct pbay_stream_api {
    uint32_t size;
    uint32_t reserved;
    /*
     * [any], one push of a stream at a time. Takes the event (copied before it returns).
     *   PBAY_OK            go on
     *   PBAY_PAUSE         taken, but the reader is behind: push nothing until `resume`. What is pushed all the same
     *   is taken up to the hard cap
     *   PBAY_ELIMIT        not taken: past the hard cap, or one event too large. The host has ended the stream with an
     *                      error; `cancel` follows, unless the plugin gives its terminal first
     *   PBAY_EINVALID      not taken: malformed (no UTF-8, no JSON where JSON is wanted, unknown tool call index). The
     *                      host has ended the stream likewise
     *   PBAY_EUNSUPPORTED  not taken: unknown kind; the stream goes on
     *   PBAY_CLOSED        not taken: the stream has ended or was cancelled
     */
    int32_t (*push)(pbay_stream_id stream, const pbay_event *event);
    /* [any] The counts so far; the latest wins. PBAY_OK or PBAY_CLOSED. */
    int32_t (*usage)(pbay_stream_id stream, const pbay_usage *usage);
    /* [any] PBAY_OK or PBAY_CLOSED. */
    int32_t (*upstream)(pbay_stream_id stream, const pbay_upstream_info *info);
    /*
     * [any] The good end. `usage` may be null. Nothing may be pushed after it. It may
     * come while the stream is paused. PBAY_OK, also for a cancelled stream
     * (that is how its call is given back); PBAY_CLOSED where a terminal had been given before.
     */
    int32_t (*finish)(pbay_stream_id stream, int32_t reason, const pbay_usage *usage);
    /* [any] The bad end; otherwise like finish. */
    int32_t (*fail)(pbay_stream_id stream, const pbay_error *error);
} pbay_stream_api;

/* ------------------------------------------------------------------------------------------------------- host: HTTP */

#define PBAY_HOST_HTTP "patchbay.http/1"

/* pbay_http_request.framing: how a body is handed over */
enum {
    PBAY_HTTP_BYTES = 0,  /* as it comes, by `data` */
    PBAY_HTTP_SSE = 1,    /* a 2xx text/event-stream by `event`, anything else by `data` */
    PBAY_HTTP_NDJSON = 2  /* a 2xx reply line by line by `event`, anything else by `data` */
};

typedef struct pbay_http_request {
    uint32_t size;
    uint32_t framing;
    pbay_text method; /* "POST" */
    pbay_text url;    /* absolute, http or https */
    /* may be null when header_count is 0. Host, Content-Length and Connection are the host's */
    const pbay_header *headers;
    uint64_t header_count;
    pbay_text body;   /* bytes */
    /* Limits. 0: the host's default. */
    uint32_t connect_timeout_ms;
    uint32_t head_timeout_ms;  /* until the reply's status */
    uint32_t idle_timeout_ms;  /* between two pieces of the body */
    uint32_t total_timeout_ms; /* of the whole exchange; by default as long as the stream */
    uint64_t max_body_bytes;
    uint64_t max_event_bytes;
} pbay_http_request;

typedef struct pbay_http_event {
    uint32_t size;
    uint32_t reserved;
    pbay_text name; /* SSE `event:`, may be empty */
    pbay_text data; /* SSE `data:` (lines joined by \n), or the NDJSON line; bytes, not checked to be UTF-8 */
} pbay_http_event;

/* pbay_http_result.outcome */
enum {
    PBAY_HTTP_OK = 0,            /* the whole reply came, whatever its status */
    PBAY_HTTP_TIMEOUT_CONNECT = 1,
    PBAY_HTTP_TIMEOUT_HEAD = 2,
    PBAY_HTTP_TIMEOUT_IDLE = 3,
    PBAY_HTTP_TIMEOUT_TOTAL = 4,
    PBAY_HTTP_RESET = 5,         /* the connection broke, or closed before the reply's end */
    PBAY_HTTP_REFUSED = 6,       /* no connection */
    PBAY_HTTP_DNS = 7,
    PBAY_HTTP_TLS = 8,
    PBAY_HTTP_LIMIT = 9,         /* a bound was passed: headers, body, event, connections */
    PBAY_HTTP_PROTOCOL = 10,     /* not HTTP */
    PBAY_HTTP_CANCELLED = 11
};

typedef struct pbay_http_result {
    uint32_t size;
    int32_t outcome;
    int32_t status;     /* of the reply, 0 if none came */
    uint32_t sent;      /* not 0: bytes of the request may have reached the upstream */
    pbay_text message;  /* for the operator's log; valid during the call */
} pbay_http_result;

/*
 * All [strand] of the stream that the exchange belongs to, in the order head, (data | event)*, done. `context` is the
 * plugin's. What they point to is valid during the call.
 */
typedef struct pbay_http_callbacks {
    uint32_t size;
    uint32_t reserved;
    void (*head)(void *context, int32_t status, const pbay_header *headers, uint64_t header_count); /* [optional] */
    void (*data)(void *context, pbay_text bytes);
    void (*event)(void *context, const pbay_http_event *event); /* [optional] for PBAY_HTTP_BYTES */
    void (*done)(void *context, const pbay_http_result *result); /* exactly once, the last */
} pbay_http_callbacks;

/*
 * HTTP done by the host on the stream's event loop: pools, keep-alive, TLS, proxies and time limits are the host's.
 * An exchange is tied to its stream: a paused stream pauses it (no data or event comes until the stream's own
 * resume), and a cancelled or ended stream cancels it.
 */
typedef struct pbay_http_api {
    uint32_t size;
    uint32_t reserved;
    /*
     * [strand] of `stream`. Starts an exchange; everything in `request` is copied, `callbacks` too. No callback comes
     * before it has returned. On PBAY_OK `done` will come, exactly once, and before `release` of the stream's call.
     * PBAY_CLOSED; PBAY_EINVALID (a bad url or header, or not on the strand); PBAY_EOVERLOADED (64 exchanges of one
     * stream, or no place in the queue for the upstream).
     */
    int32_t (*start)(pbay_stream_id stream, const pbay_http_request *request, const pbay_http_callbacks *callbacks,
                     void *context, pbay_http_id *out, pbay_error *err);
    /*
     * [strand] of the same stream. `done` follows with PBAY_HTTP_CANCELLED, after this has returned. PBAY_OK or
     * PBAY_CLOSED.
     */
    int32_t (*cancel)(pbay_http_id http);
} pbay_http_api;

/* ------------------------------------------------------------------------------------------------------ host: timer */

#define PBAY_HOST_TIMER "patchbay.timer/1"

typedef struct pbay_timer_api {
    uint32_t size;
    uint32_t reserved;
    /*
     * [strand] of `stream`. After `delay_ms` calls `fire(context)` once, on the strand. Ends with its stream: a timer
     * of an ended or cancelled stream doesn't fire. PBAY_OK; PBAY_CLOSED; PBAY_EINVALID (not on the strand);
     * PBAY_EOVERLOADED (64 timers of one stream).
     */
    int32_t (*start)(pbay_stream_id stream, uint64_t delay_ms, void (*fire)(void *context), void *context,
                     pbay_timer_id *out);
    /* [strand] of the same stream. It will not fire. PBAY_OK, or PBAY_CLOSED where it has fired or been cancelled. */
    int32_t (*cancel)(pbay_timer_id timer);
} pbay_timer_api;

/* -------------------------------------------------------------------------------------------------------- host: log */

#define PBAY_HOST_LOG "patchbay.log/1"

enum { PBAY_LOG_DEBUG = 1, PBAY_LOG_INFO = 2, PBAY_LOG_WARNING = 3, PBAY_LOG_ERROR = 4 };

typedef struct pbay_log_api {
    uint32_t size;
    uint32_t reserved;
    /*
     * [any], also during create, start and stop. No secret, and at info and above nothing that a user said. `message`
     * is cut at 4 KiB.
     */
    void (*write)(pbay_instance_id instance, int32_t level, pbay_text message);
} pbay_log_api;

/* ---------------------------------------------------------------------------------------------------------- storage */

#define PBAY_STORAGE "patchbay.storage/1"

/* Common to all operations. */
typedef struct pbay_op {
    uint32_t size;
    uint32_t flags;     /* PBAY_OP_* */
    pbay_op_id id;      /* answered exactly once by pbay_storage_results.complete */
    /*
     * whose records. A record of another owner is not found, in the same time and with the same answer as one that
     * never was
     */
    pbay_text owner;
    int64_t now_ms;     /* the time, Unix milliseconds: a store asks no clock for expiry */
} pbay_op;

enum {
    PBAY_OP_DURABLE = 1u /* writes: answer only when the change survives a crash of the process and of the machine */
};

/* pbay_record.flags, set by the store in what it hands out */
enum {
    PBAY_RECORD_HIDDEN = 1u /* deleted or expired, kept for its living descendants (load_chain's ancestors only) */
};

/*
 * A large piece of a record, such as an image, that a store keeps once for each owner and hash, however many of the
 * owner's records have it. It goes when no record has it any more. Frozen.
 */
typedef struct pbay_blob {
    pbay_text hash; /* SHA-256 of data, 64 hexadecimal digits; the host has computed it */
    pbay_text data; /* bytes */
} pbay_blob;

#define PBAY_MAX_BLOBS 65536u /* of one record */

/*
 * One record. `value` is opaque. `parent` makes chains: a record's ancestors are kept, with their values, as long as
 * a living record descends from them, whatever happens to them by delete, expiry or eviction.
 */
typedef struct pbay_record {
    uint32_t size;
    uint32_t flags;
    pbay_text id;        /* 1 to 128 bytes; unique over all owners */
    pbay_text kind;      /* "response"; 1 to 32 bytes */
    pbay_text parent;    /* id, or empty */
    pbay_text root;      /* id of the first of its chain (its own for the first) */
    int64_t created_ms;
    int64_t expires_ms;  /* 0: never. At now_ms >= expires_ms it is not found */
    uint64_t version;    /* out: 1 on the first put, +1 on each. in: see put */
    uint32_t status;     /* a small number of the host's */
    uint32_t reserved;
    pbay_text value;     /* bytes */
    /* Pieces that belong to the value, in an order that matters; a hash may come twice. Null when blob_count is 0. */
    const pbay_blob *blobs;
    uint64_t blob_count;
} pbay_record;

/* put preconditions */
enum {
    PBAY_PUT_ANY = 0,
    PBAY_PUT_ABSENT = 1, /* no record of that id may be there, of any owner, hidden or not */
    PBAY_PUT_VERSION = 2 /* the record is there with record.version */
};

/* pbay_write.verb */
enum { PBAY_WRITE_PUT = 1, PBAY_WRITE_DELETE = 2 };

typedef struct pbay_write {
    uint32_t size;
    uint32_t verb;
    uint32_t precondition; /* of a put */
    uint32_t reserved;
    pbay_record record;    /* of a delete: its id alone */
} pbay_write;

/* What a store holds. */
typedef struct pbay_storage_stats {
    uint32_t size;
    uint32_t reserved;
    uint64_t records;      /* living */
    uint64_t hidden;       /* kept for descendants alone */
    uint64_t value_bytes;  /* of both, with their blobs, each of these once */
    uint64_t medium_bytes; /* on disk, or in memory */
} pbay_storage_stats;

/*
 * A store remembers. Its configuration may have `max_bytes_per_owner`, an integer above 0 (the host hands it down from
 * storage.retention): no owner's records have more bytes than that, hidden ones and blobs included, each blob once. A
 * put or a batch that would take its owner past it evicts, in the same transaction, the owner's own least recently used
 * chains, from their last records on: no other owner's, none that was put by it, and no ancestor of what stays. Where
 * that isn't enough it is refused with PBAY_ELIMIT, and nothing has gone. An owner that has more when a store starts,
 * because the bound was made less, doesn't grow; the next sweep brings it down. Without the key there is no such bound.
 *
 * Every operation is [any], MUST NOT block (queue it), copies its arguments before it returns, and is answered exactly
 * once through pbay_storage_results, from any thread, also before it has returned. An operation that answers an error
 * code at once is NOT answered again. Writes of the same id by one caller take effect in the order of the calls. A read
 * that is begun after a write's `complete` sees that write.
 */
typedef struct pbay_storage {
    uint32_t size;
    uint32_t reserved;
    /*
     * Writes a record. PBAY_OK; PBAY_ECONFLICT; PBAY_ENOTFOUND (parent not living for this owner, or PBAY_PUT_VERSION
     * on nothing); PBAY_ELIMIT (larger than the store takes, blobs included, or than the owner's bound with all that
     * must stay); PBAY_EIO; PBAY_EINVALID where `root` isn't the first of the parent's chain, or a blob is malformed. A
     * put over a living record replaces its value and its blobs, and keeps its owner, parent and root, else
     * PBAY_EINVALID: so no cycle can be made. An id that another owner has, or that is hidden and still needed by
     * descendants, is PBAY_ECONFLICT for every precondition; one that is deleted or expired and needed by nobody is
     * free.
     */
    int32_t (*put)(void *self, const pbay_op *op, const pbay_record *record, uint32_t precondition, pbay_error *err);
    /* One `record`, then PBAY_OK; or PBAY_ENOTFOUND. */
    int32_t (*get)(void *self, const pbay_op *op, pbay_text id, pbay_error *err);
    /* From now on not found; kept hidden while a living record descends from it. PBAY_OK or PBAY_ENOTFOUND. */
    int32_t (*remove)(void *self, const pbay_op *op, pbay_text id, pbay_error *err);
    /*
     * The leaf (living, else PBAY_ENOTFOUND) and its ancestors (hidden or not), as `record`s from the leaf to the
     * root, then PBAY_OK. In one round trip: no query a record. PBAY_ELIMIT where there are more than max_depth
     * records or max_bytes of values and blobs, these as often as they come (then no record need have been handed
     * out); PBAY_EDATALOSS where an ancestor is missing. Both bounds are taken as they are, 0 included. Counts as a use
     * of the whole chain.
     */
    int32_t (*load_chain)(void *self, const pbay_op *op, pbay_text leaf, uint64_t max_depth, uint64_t max_bytes,
                          pbay_error *err);
    /*
     * Living records of a kind, newest first (created, then id), at most `limit`, after the record `after` (empty:
     * from the newest; PBAY_ENOTFOUND for one that isn't living).
     */
    int32_t (*list)(void *self, const pbay_op *op, pbay_text kind, pbay_text after, uint64_t limit, pbay_error *err);
    /*
     * All of the writes or none, in order. The first failure's code. `writes` is an array whose elements are
     * writes[0].size bytes apart; PBAY_ELIMIT for more than 1,024.
     */
    int32_t (*batch)(void *self, const pbay_op *op, const pbay_write *writes, uint64_t count, pbay_error *err);
    /* Sets expires_ms (0: never) and counts as a use. PBAY_OK or PBAY_ENOTFOUND. */
    int32_t (*touch)(void *self, const pbay_op *op, pbay_text id, int64_t expires_ms, pbay_error *err);
    /*
     * Over all owners: gives back what is expired, deleted and needed by no living record; brings each owner to its
     * bound; then evicts the least recently used chains until at most max_value_bytes (0: no bound) are left. The one
     * operation that may work on the caller's thread ([may-block]); it must not hold up the others for long.
     */
    int32_t (*sweep)(void *self, const pbay_op *op, uint64_t max_value_bytes, pbay_error *err);
    /* One `stats`, then PBAY_OK. */
    int32_t (*stats)(void *self, const pbay_op *op, pbay_error *err);
} pbay_storage;

#define PBAY_HOST_STORAGE_RESULTS "patchbay.storage-results/1"

typedef struct pbay_storage_results {
    uint32_t size;
    uint32_t reserved;
    /* [any] One result of `op`, copied. PBAY_OK or PBAY_CLOSED (nobody waits any more). */
    int32_t (*record)(pbay_op_id op, const pbay_record *record);
    /* [any] PBAY_OK or PBAY_CLOSED. */
    int32_t (*stats)(pbay_op_id op, const pbay_storage_stats *stats);
    /* [any] The answer. `error` is null where `code` is PBAY_OK, and may be null otherwise. PBAY_OK or PBAY_CLOSED. */
    int32_t (*complete)(pbay_op_id op, int32_t code, const pbay_error *error);
} pbay_storage_results;

/* ------------------------------------------------------------------------------------------------- hooks (minor 2) */

#define PBAY_HOOKS "patchbay.hooks/1"

/*
 * The points of a request's life at which a hook may look and change, as bits. At each, what
 * pbay_hook_api.document gives (one JSON value), and what the verdicts mean there. Items, requests and responses are
 * those of OpenAI's Responses API, whatever format the client speaks. A verdict that a point doesn't name is a failure
 * of the hook.
 *
 * Points of the request side visit the hooks in the order of the configuration, each seeing what the one before left;
 * those of the response side (marked <) in reverse order. A hook that answers in the provider's place is the last that
 * a request reaches: the answer passes the response side of the hooks before it.
 */
enum {
    /*
     * A request has come and is well-formed. Document: the request's body, its items with ids. Before the history is
     * loaded; what is stored is what this point leaves. REPLACE: another body, whole; `stream`, `background`,
     * `generate`, `previous_response_id` and `conversation` are kept whatever it says. REJECT. ANSWER.
     */
    PBAY_POINT_REQUEST = 1u << 0,
    /*
     * A provider is about to be asked: at first with the history and the new input, and again after each round of
     * tools, with all that it would be given each time. Document: {"model", "instructions" where there are any,
     * "input": [items]}. What this point leaves is for the provider alone: it isn't stored. REPLACE: {"input": [...]},
     * or {"input": [...], "instructions": "..."}. REJECT. ANSWER.
     */
    PBAY_POINT_HISTORY_LOADED = 1u << 1,
    /*
     * The request's model has been looked up, once for a request. Document: {"model", "provider", "upstream_model",
     * "fallbacks": [{"provider", "upstream_model"}]}. REPLACE: {"model": "another name of the configuration"}. REJECT.
     * ANSWER.
     */
    PBAY_POINT_ROUTE = 1u << 2,
    /*
     * < A provider has failed before its first word. Document: {"model", "provider", "upstream_model", "attempt" (from
     * 1), "error": {"kind", "code", "message"}, "next": the provider that is asked next, or null}. CONTINUE: as the
     * host has it. REPLACE: {"model": "a name of the configuration"} that is asked next (8 times for a request at
     * most). REJECT: the request ends with this error. ANSWER.
     */
    PBAY_POINT_ATTEMPT_FAILED = 1u << 3,
    /*
     * < The provider has said something: pbay_visit.events, those that came together and whose kinds are in
     * pbay_hooks.events, in their order; the last visit of an answer has PBAY_VISIT_LAST, perhaps without an event. No
     * document. REPLACE: the events that were emitted take their place. Texts (TEXT, REFUSAL, REASONING,
     * REASONING_SUMMARY, ARGUMENTS) may be left out, cut, joined, changed and held back for a later visit, but not turned
     * into another kind: an emitted text is of a kind that this visit or the one before it had, and ARGUMENTS are of a
     * call that has begun and not ended, among what the hook has left. An event of another kind may be changed or left
     * out, and never added. A hook that holds text back asks for all kinds, so that it can let go
     * of it before what follows. REJECT: the answer ends with this error.
     */
    PBAY_POINT_EVENTS = 1u << 4,
    /*
     * The model has called a tool that the host runs. Document: the function_call item. REPLACE: {"arguments": "JSON
     * text"}, or {"output": "..."}: then the tool isn't run, and the model is told this. REJECT: the answer ends with
     * this error.
     */
    PBAY_POINT_TOOL_CALL = 1u << 5,
    /*
     * < A tool that the host runs has ended. Document: {"call_id", "name", "output", "is_error"}. REPLACE: {"output":
     * "..."}. REJECT.
     */
    PBAY_POINT_TOOL_RESULT = 1u << 6,
    /*
     * < The answer is complete and not stored yet. Document: the response. REPLACE: {"output": [items]}, where the client
     * was sent nothing of it and nobody can have followed it (see PBAY_VISIT_SENT), else a failure of the hook. REJECT:
     * the response has failed with this error.
     */
    PBAY_POINT_COMPLETE = 1u << 7,
    /* < It is stored, where it was to be. Document: the response. Nothing but CONTINUE. */
    PBAY_POINT_PERSISTED = 1u << 8,
    /*
     * < The request has failed: the last point of each that doesn't reach PBAY_POINT_COMPLETE, and of one that fails at
     * it or after it. Document: {"error": {"kind", "code", "message"}, "response": as far as it got, or null}. Nothing
     * but CONTINUE.
     */
    PBAY_POINT_FAILURE = 1u << 9
};

/* The bit of a kind of event in pbay_hooks.events. */
#define PBAY_EVENT_BIT(kind) (1u << (kind))
#define PBAY_EVENTS_ALL 0xFFFFFFFEu

/* pbay_hooks.flags */
enum {
    PBAY_HOOKS_MAY_BLOCK = 1u /* visits come [may-block], from a thread of the host's, and not on the [strand] */
};

typedef uint64_t pbay_visit_id; /* one visit of a hook: a point of one request */

/* A request as a hook first hears of it. Valid during `open`. */
typedef struct pbay_hooked_request {
    uint32_t size;
    uint32_t flags;       /* PBAY_HOOKED_* */
    pbay_text request_id; /* of the log and the x-request-id header */
    pbay_text owner;      /* opaque hash of who asks; the same for all requests of an owner */
    pbay_text model;      /* as the client asked for it */
} pbay_hooked_request;

enum {
    PBAY_HOOKED_STREAM = 1u,     /* the client reads a stream */
    PBAY_HOOKED_BACKGROUND = 2u, /* the answer is made without its client */
    PBAY_HOOKED_STORE = 4u       /* the turn is to be stored */
};

/* pbay_visit.flags */
enum {
    PBAY_VISIT_LAST = 1u, /* of PBAY_POINT_EVENTS: the provider has ended; what was held back must come now or never */
    PBAY_VISIT_SENT = 2u  /* the client has been told of the answer: a rejection is an error event of its stream */
};

/* One visit. Valid, with all that it points to, until the visit's verdict. */
typedef struct pbay_visit {
    uint32_t size;
    uint32_t point;    /* one PBAY_POINT_* */
    pbay_visit_id id;
    uint32_t flags;    /* PBAY_VISIT_* */
    uint32_t round;    /* how often tools have been run for this answer: 0 at first */
    /* Of PBAY_POINT_EVENTS; an array whose elements are events[0].size bytes apart. Null when event_count is 0. */
    const pbay_event *events;
    uint64_t event_count;
} pbay_visit;

/* A third success code, of pbay_hooks.visit. */
#define PBAY_DEFER 2

/*
 * A hook sees requests at the points in `points`. For one request:
 *
 *      open -> (visit -> verdict)* -> close
 *
 * `open` comes before the request's first visit, and `close` after its last, when no visit is without its verdict. The
 * visits of one request come one after another; those of different requests at the same time, on different threads.
 * All three are [strand] of the request, or [may-block] with PBAY_HOOKS_MAY_BLOCK.
 *
 * The verdict is given during `visit`, by a function of pbay_hook_api or by returning PBAY_OK alone, which is CONTINUE;
 * or later, from any thread, where `visit` has returned PBAY_DEFER. There is exactly one: a second is answered
 * PBAY_CLOSED, counted, and has no effect. A visit that takes longer than the configuration's budget has failed: what
 * it says afterwards has no effect, and a visit that was deferred is cancelled, and still owes its verdict, since only
 * that tells the host that the plugin's threads have let go of it.
 *
 * A hook fails by a negative code of `open` or `visit`, by pbay_hook_api.fail, by a verdict that can't be at this point
 * (a REPLACE that is no request, an event of another kind), or by its budget. Then the configuration's `on_error`
 * counts: fail_open goes on as if it had said CONTINUE, fail_closed ends the request with an error that names no
 * internals.
 */
typedef struct pbay_hooks {
    uint32_t size;
    uint32_t flags;  /* PBAY_HOOKS_* */
    uint32_t points; /* PBAY_POINT_* that it is visited at; the others cost nothing */
    uint32_t events; /* PBAY_EVENT_BIT of the kinds that it is visited with at PBAY_POINT_EVENTS */
    /* [optional] `*state` (may be left null) is handed back in the functions below. */
    int32_t (*open)(void *self, const pbay_hooked_request *request, void **state, pbay_error *err);
    /* PBAY_OK, PBAY_DEFER, or a negative code with err filled: the hook has failed. */
    int32_t (*visit)(void *self, void *state, const pbay_visit *visit, pbay_error *err);
    /*
     * [strand] [optional] A deferred visit is not waited for any more: its budget ran out, or the client is gone. At most
     * once a visit. Its verdict is still owed, and has no effect. It may cross a verdict that another thread gives at
     * that moment: what the plugin keeps of the visit may be gone; `state` alone is certain to be there, until `close`.
     */
    void (*cancel)(void *self, void *state, pbay_visit_id visit);
    /* [optional] The last call for this `state`. */
    void (*close)(void *self, void *state);
} pbay_hooks;

#define PBAY_HOST_HOOK "patchbay.hook/1"

/* An answer in the provider's place. */
typedef struct pbay_hook_answer {
    uint32_t size;
    int32_t reason;          /* PBAY_FINISH_* */
    const pbay_usage *usage; /* may be null: none is known */
    /* the name of the provider that once made it, whose encrypted reasoning it may hold; may be empty */
    pbay_text provider;
} pbay_hook_answer;

/*
 * What a hook says of a visit. All [any], during the visit and, where it was deferred, until its verdict. PBAY_CLOSED
 * where the visit has had its verdict, or is not waited for any more.
 */
typedef struct pbay_hook_api {
    uint32_t size;
    uint32_t reserved;
    /*
     * The point's document, made at the first call; borrowed until the verdict. PBAY_OK; PBAY_CLOSED;
     * PBAY_EUNSUPPORTED where the point has none; PBAY_EINVALID where `out` is null.
     */
    int32_t (*document)(pbay_visit_id visit, pbay_text *out);
    /* The verdict CONTINUE. PBAY_OK or PBAY_CLOSED. */
    int32_t (*proceed)(pbay_visit_id visit);
    /*
     * The verdict REPLACE with a document (copied). PBAY_OK, PBAY_CLOSED, or PBAY_EINVALID where it isn't JSON: then no
     * verdict was given. Whether it is a request is found out later, and is a failure of the hook where it isn't.
     */
    int32_t (*replace)(pbay_visit_id visit, pbay_text json);
    /*
     * Adds an event (copied) to those of replace_events or answer. PBAY_OK; PBAY_CLOSED; PBAY_EINVALID (malformed, as in
     * pbay_stream_api.push); PBAY_EUNSUPPORTED (unknown kind); PBAY_ELIMIT (more than 16 MiB in a visit, where each event
     * counts 64 bytes besides its own).
     */
    int32_t (*emit)(pbay_visit_id visit, const pbay_event *event);
    /* The verdict REPLACE at PBAY_POINT_EVENTS, with what was emitted, in its order. PBAY_OK or PBAY_CLOSED. */
    int32_t (*replace_events)(pbay_visit_id visit);
    /*
     * The verdict ANSWER, with what was emitted: given to the client as the provider's, in the same pieces. PBAY_OK,
     * PBAY_CLOSED, or PBAY_EINVALID where `answer` is null: then no verdict was given.
     */
    int32_t (*answer)(pbay_visit_id visit, const pbay_hook_answer *answer);
    /*
     * The verdict REJECT: `error` reaches the client as its error (PBAY_EINVALID: 400, PBAY_ERATELIMIT: 429,
     * PBAY_EOVERLOADED: 503 ...). PBAY_OK or PBAY_CLOSED.
     */
    int32_t (*reject)(pbay_visit_id visit, const pbay_error *error);
    /* The hook itself has failed: `on_error` counts. PBAY_OK or PBAY_CLOSED. */
    int32_t (*fail)(pbay_visit_id visit, const pbay_error *error);
    /*
     * The request's bag: values that hooks leave for later points and for one another, by name; gone with the request.
     * At most 64, names of 1 to 128 bytes, 1 MiB together. An empty value removes. PBAY_OK; PBAY_CLOSED; PBAY_EINVALID;
     * PBAY_ELIMIT.
     */
    int32_t (*put)(pbay_visit_id visit, pbay_text name, pbay_text value);
    /*
     * A value of the bag, borrowed until the verdict. PBAY_OK; PBAY_CLOSED; PBAY_ENOTFOUND; PBAY_ELIMIT (a visit has
     * borrowed 16 MiB).
     */
    int32_t (*get)(pbay_visit_id visit, pbay_text name, pbay_text *out);
    /*
     * Asks a model of the configuration. `request`: the body of a Responses request; `model` is a name of the
     * configuration, `input` text or items. It reaches no hook, is not stored and not streamed. `done` follows exactly
     * once, on the strand, with the answer's text, or with an error; also after the visit was cancelled, then with
     * PBAY_ECANCELLED. The texts are borrowed for the call. To be called before the verdict; a visit that asks defers.
     * `done` may come before `ask` has returned, where another thread than the strand asks: with PBAY_HOOKS_MAY_BLOCK
     * while `visit` still runs. What both touch needs a lock.
     * PBAY_OK; PBAY_CLOSED; PBAY_EINVALID with err filled; PBAY_EOVERLOADED (8 of one visit).
     */
    int32_t (*ask)(pbay_visit_id visit, pbay_text request,
                   void (*done)(void *context, int32_t code, pbay_text text, const pbay_error *error), void *context,
                   pbay_error *err);
} pbay_hook_api;

/* ------------------------------------------------------------------------------------------------- tools (minor 2) */

#define PBAY_TOOLS "patchbay.tools/1"

/* pbay_tools.flags */
enum {
    PBAY_TOOLS_MAY_BLOCK = 1u /* `invoke` comes [may-block], from a thread of the host's, and not on the [strand] */
};

/* A tool, as models are told of it. */
typedef struct pbay_tool_info {
    uint32_t size;
    uint32_t reserved;
    pbay_text name;        /* 1 to 64 of A-Z a-z 0-9 _ - */
    pbay_text description; /* what it does and when to call it, for the model */
    pbay_text parameters;  /* JSON Schema of the arguments: an object schema. Empty: no arguments */
} pbay_tool_info;

/* One call of a tool. Valid, with all that it points to, until `release`. */
typedef struct pbay_tool_call {
    uint32_t size;
    uint32_t reserved;
    pbay_text name;
    pbay_text arguments;  /* JSON text: an object that fits the tool's parameters, checked by the host */
    pbay_text call_id;    /* of the conversation */
    pbay_text request_id; /* of the log */
    pbay_text owner;      /* opaque hash of who asks */
    uint64_t timeout_ms;  /* time left for the call; 0: no limit */
} pbay_tool_call;

/*
 * Tools that the host runs inside a response. A call is a stream like a provider's, so that the host's services (HTTP,
 * timers) are there for it:
 *
 *      invoke -> TEXT events by pbay_stream_api.push -> exactly one of finish or fail, by the plugin -> release
 *
 * The texts together are the call's output: what the model is told. Its length is bounded by the configuration; what is
 * longer is cut, and the model is told so. `fail` is an output too: the model is told the error's message and goes on,
 * unless the configuration says that the answer ends. Other events than TEXT are dropped. A tool's stream is never
 * paused.
 */
typedef struct pbay_tools {
    uint32_t size;
    uint32_t flags; /* PBAY_TOOLS_* */
    /* [any] Calls `emit(context, &info)` for each tool, before it returns. Asked once, after start. */
    int32_t (*list)(void *self, void (*emit)(void *context, const pbay_tool_info *info), void *context);
    /*
     * [strand] of `stream`, or [may-block]. As pbay_provider.begin: on PBAY_OK `*call` (may be null) is handed back
     * below, and one terminal is owed, which may come before `invoke` has returned, from any thread. An error is the
     * call's failure, and nothing follows.
     */
    int32_t (*invoke)(void *self, const pbay_tool_call *arguments, pbay_stream_id stream, void **call, pbay_error *err);
    /*
     * [strand] [optional] As pbay_provider.cancel: the time limit ran out or the client is gone. At most once, and only
     * after `invoke` has returned: with PBAY_TOOLS_MAY_BLOCK an `invoke` that still runs learns of it by PBAY_CLOSED from
     * pbay_stream_api.push.
     */
    void (*cancel)(void *self, void *call, int32_t reason);
    /* [strand] [optional] The last call for this `call`. */
    void (*release)(void *self, void *call);
} pbay_tools;

#ifdef __cplusplus
}
#endif

#endif /* PATCHBAY_H */
