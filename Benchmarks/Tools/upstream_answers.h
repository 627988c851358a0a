/*
 * What upstream.c answers, in the words of each API.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>

/* A reply that is ready to be sent. */
typedef struct {
    char *data;
    size_t size;
} bytes;

/* What one API writes: the answer whole, and a stream's events before, for and after the N texts. */
typedef struct {
    const char *path, *whole, *before, *text, *after;
    bytes once, burst;
    int burst_events;
} api;

/* 227 bytes of JSON: what servers send for one token. */
static const char chunk_json[] =
    "{\"id\":\"chatcmpl-A1b2C3d4E5f6G7h8\",\"object\":\"chat.completion.chunk\",\"created\":1763700000,"
    "\"model\":\"benchmark-model-1\",\"system_fingerprint\":\"fp_44709d6fcb\",\"choices\":[{\"index\":0,\"delta\":"
    "{\"content\":\" hello\"},\"finish_reason\":null}]}";
static const char last_json[] =
    "{\"id\":\"chatcmpl-A1b2C3d4E5f6G7h8\",\"object\":\"chat.completion.chunk\",\"created\":1763700000,"
    "\"model\":\"benchmark-model-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";
static const char whole_json[] =
    "{\"id\":\"chatcmpl-A1b2C3d4E5f6G7h8\",\"object\":\"chat.completion\",\"created\":1763700000,"
    "\"model\":\"benchmark-model-1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
    "\"The quick brown fox jumps over the lazy dog, and the dog doesn't mind it in the least.\"},"
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":21,\"total_tokens\":33}}";

#define TEXT "The quick brown fox jumps over the lazy dog, and the dog doesn't mind it in the least."

/* The events of a stream, each as `name data\n`. */
static api messages = {
    .path = "messages/",
    .whole = "{\"id\":\"msg_01A1b2C3d4E5f6G7h8\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"benchmark-model-1\","
             "\"content\":[{\"type\":\"text\",\"text\":\"" TEXT "\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
             "\"usage\":{\"input_tokens\":12,\"output_tokens\":21}}",
    .before = "message_start {\"type\":\"message_start\",\"message\":{\"id\":\"msg_01A1b2C3d4E5f6G7h8\",\"type\":\"message\","
              "\"role\":\"assistant\",\"model\":\"benchmark-model-1\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
              "\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}\n"
              "content_block_start {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n"
              "ping {\"type\":\"ping\"}\n",
    .text = "content_block_delta {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" hello\"}}\n",
    .after = "content_block_stop {\"type\":\"content_block_stop\",\"index\":0}\n"
             "message_delta {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
             "\"usage\":{\"output_tokens\":1000}}\n"
             "message_stop {\"type\":\"message_stop\"}\n",
    .burst_events = -1,
};

#define RESPONSE(status, output, usage) \
    "{\"id\":\"resp_A1b2C3d4E5f6G7h8\",\"object\":\"response\",\"created_at\":1763700000,\"status\":\"" status "\",\"error\":null," \
    "\"incomplete_details\":null,\"model\":\"benchmark-model-1\",\"output\":[" output "],\"parallel_tool_calls\":true," \
    "\"store\":false,\"temperature\":1.0,\"tool_choice\":\"auto\",\"tools\":[],\"top_p\":1.0,\"usage\":" usage "}"
#define USAGE \
    "{\"input_tokens\":12,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":21," \
    "\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":33}"
#define PART(text) "{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[],\"logprobs\":[]}"
#define MESSAGE(status, parts) \
    "{\"id\":\"msg_A1b2C3d4E5f6G7h8\",\"type\":\"message\",\"status\":\"" status "\",\"role\":\"assistant\",\"content\":[" parts "]}"
#define AT "\"item_id\":\"msg_A1b2C3d4E5f6G7h8\",\"output_index\":0,\"content_index\":0"
#define EVENT(type, rest) type " {\"type\":\"" type "\",\"sequence_number\":7," rest "}\n"

static api responses = {
    .path = "responses/",
    .whole = RESPONSE("completed", MESSAGE("completed", PART(TEXT)), USAGE),
    .before = EVENT("response.created", "\"response\":" RESPONSE("in_progress", "", "null"))
        EVENT("response.in_progress", "\"response\":" RESPONSE("in_progress", "", "null"))
        EVENT("response.output_item.added", "\"output_index\":0,\"item\":" MESSAGE("in_progress", ""))
        EVENT("response.content_part.added", AT ",\"part\":" PART("")),
    .text = EVENT("response.output_text.delta", AT ",\"delta\":\" hello\",\"logprobs\":[]"),
    .after = EVENT("response.output_text.done", AT ",\"text\":\"hello\",\"logprobs\":[]")
        EVENT("response.content_part.done", AT ",\"part\":" PART("hello"))
        EVENT("response.output_item.done", "\"output_index\":0,\"item\":" MESSAGE("completed", PART("hello")))
        EVENT("response.completed", "\"response\":" RESPONSE("completed", MESSAGE("completed", PART("hello")), USAGE)),
    .burst_events = -1,
};
