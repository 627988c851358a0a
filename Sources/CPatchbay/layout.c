/*
 * The layout of major 1, frozen: a size, an offset or a number that changes is a broken promise, and doesn't compile. A later minor adds
 * fields at a struct's end: it changes the size here, adds a line for each, and leaves every other line as it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "patchbay.h"
#include <stddef.h>

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "the size of " #type " is frozen")
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field " is frozen")
#define IS(name, number) _Static_assert((name) == (number), #name " is frozen")

/* Wherever pointers have 64 bits: patchbay.h asks for nothing else of a platform. */
#if UINTPTR_MAX == UINT64_MAX

SIZE(pbay_text, 16);
AT(pbay_text, data, 0);
AT(pbay_text, size, 8);

SIZE(pbay_header, 32);
AT(pbay_header, name, 0);
AT(pbay_header, value, 16);

SIZE(pbay_error, 1176);
AT(pbay_error, size, 0);
AT(pbay_error, code, 4);
AT(pbay_error, flags, 8);
AT(pbay_error, upstream_status, 12);
AT(pbay_error, retry_after_ms, 16);
AT(pbay_error, param, 24);
AT(pbay_error, message, 152);
AT(pbay_error, detail, 664);

SIZE(pbay_host, 32);
AT(pbay_host, size, 0);
AT(pbay_host, abi_minor, 4);
AT(pbay_host, name, 8);
AT(pbay_host, version, 16);
AT(pbay_host, get_extension, 24);

SIZE(pbay_module, 56);
AT(pbay_module, size, 0);
AT(pbay_module, abi_minor, 4);
AT(pbay_module, id, 8);
AT(pbay_module, version, 16);
AT(pbay_module, licence, 24);
AT(pbay_module, description, 32);
AT(pbay_module, interfaces, 40);
AT(pbay_module, create, 48);

SIZE(pbay_health, 520);
AT(pbay_health, size, 0);
AT(pbay_health, state, 4);
AT(pbay_health, message, 8);

SIZE(pbay_instance, 64);
AT(pbay_instance, size, 0);
AT(pbay_instance, reserved, 4);
AT(pbay_instance, self, 8);
AT(pbay_instance, get_extension, 16);
AT(pbay_instance, start, 24);
AT(pbay_instance, drain, 32);
AT(pbay_instance, health, 40);
AT(pbay_instance, stop, 48);
AT(pbay_instance, destroy, 56);

SIZE(pbay_request, 64);
AT(pbay_request, size, 0);
AT(pbay_request, flags, 4);
AT(pbay_request, body, 8);
AT(pbay_request, model, 24);
AT(pbay_request, conversation, 40);
AT(pbay_request, timeout_ms, 56);

SIZE(pbay_model_info, 80);
AT(pbay_model_info, size, 0);
AT(pbay_model_info, reserved, 4);
AT(pbay_model_info, name, 8);
AT(pbay_model_info, context_tokens, 24);
AT(pbay_model_info, max_output_tokens, 32);
AT(pbay_model_info, tool_markup, 40);
AT(pbay_model_info, kinds, 56);
AT(pbay_model_info, inputs, 60);
AT(pbay_model_info, features, 64);
AT(pbay_model_info, features_known, 68);
AT(pbay_model_info, dimensions, 72);
AT(pbay_model_info, reserved3, 76);

SIZE(pbay_provider, 48);
AT(pbay_provider, size, 0);
AT(pbay_provider, reserved, 4);
AT(pbay_provider, models, 8);
AT(pbay_provider, begin, 16);
AT(pbay_provider, resume, 24);
AT(pbay_provider, cancel, 32);
AT(pbay_provider, release, 40);

SIZE(pbay_token_count, 16);
AT(pbay_token_count, size, 0);
AT(pbay_token_count, reserved, 4);
AT(pbay_token_count, begin, 8);

SIZE(pbay_embeddings, 16);
AT(pbay_embeddings, size, 0);
AT(pbay_embeddings, max_inputs, 4);
AT(pbay_embeddings, begin, 8);

SIZE(pbay_event, 64);
AT(pbay_event, size, 0);
AT(pbay_event, kind, 4);
AT(pbay_event, index, 8);
AT(pbay_event, reserved, 12);
AT(pbay_event, text, 16);
AT(pbay_event, id, 32);
AT(pbay_event, name, 48);

SIZE(pbay_usage, 48);
AT(pbay_usage, size, 0);
AT(pbay_usage, reserved, 4);
AT(pbay_usage, input_tokens, 8);
AT(pbay_usage, cached_tokens, 16);
AT(pbay_usage, cache_write_tokens, 24);
AT(pbay_usage, output_tokens, 32);
AT(pbay_usage, reasoning_tokens, 40);

SIZE(pbay_upstream_info, 72);
AT(pbay_upstream_info, size, 0);
AT(pbay_upstream_info, reserved, 4);
AT(pbay_upstream_info, response_id, 8);
AT(pbay_upstream_info, model, 24);
AT(pbay_upstream_info, request_id, 40);
AT(pbay_upstream_info, stop_sequence, 56);

SIZE(pbay_stream_api, 48);
AT(pbay_stream_api, size, 0);
AT(pbay_stream_api, reserved, 4);
AT(pbay_stream_api, push, 8);
AT(pbay_stream_api, usage, 16);
AT(pbay_stream_api, upstream, 24);
AT(pbay_stream_api, finish, 32);
AT(pbay_stream_api, fail, 40);

SIZE(pbay_http_request, 104);
AT(pbay_http_request, size, 0);
AT(pbay_http_request, framing, 4);
AT(pbay_http_request, method, 8);
AT(pbay_http_request, url, 24);
AT(pbay_http_request, headers, 40);
AT(pbay_http_request, header_count, 48);
AT(pbay_http_request, body, 56);
AT(pbay_http_request, connect_timeout_ms, 72);
AT(pbay_http_request, head_timeout_ms, 76);
AT(pbay_http_request, idle_timeout_ms, 80);
AT(pbay_http_request, total_timeout_ms, 84);
AT(pbay_http_request, max_body_bytes, 88);
AT(pbay_http_request, max_event_bytes, 96);

SIZE(pbay_http_event, 40);
AT(pbay_http_event, size, 0);
AT(pbay_http_event, reserved, 4);
AT(pbay_http_event, name, 8);
AT(pbay_http_event, data, 24);

SIZE(pbay_http_result, 32);
AT(pbay_http_result, size, 0);
AT(pbay_http_result, outcome, 4);
AT(pbay_http_result, status, 8);
AT(pbay_http_result, sent, 12);
AT(pbay_http_result, message, 16);

SIZE(pbay_http_callbacks, 40);
AT(pbay_http_callbacks, size, 0);
AT(pbay_http_callbacks, reserved, 4);
AT(pbay_http_callbacks, head, 8);
AT(pbay_http_callbacks, data, 16);
AT(pbay_http_callbacks, event, 24);
AT(pbay_http_callbacks, done, 32);

SIZE(pbay_http_api, 24);
AT(pbay_http_api, size, 0);
AT(pbay_http_api, reserved, 4);
AT(pbay_http_api, start, 8);
AT(pbay_http_api, cancel, 16);

SIZE(pbay_timer_api, 24);
AT(pbay_timer_api, size, 0);
AT(pbay_timer_api, reserved, 4);
AT(pbay_timer_api, start, 8);
AT(pbay_timer_api, cancel, 16);

SIZE(pbay_log_api, 16);
AT(pbay_log_api, size, 0);
AT(pbay_log_api, reserved, 4);
AT(pbay_log_api, write, 8);

SIZE(pbay_op, 40);
AT(pbay_op, size, 0);
AT(pbay_op, flags, 4);
AT(pbay_op, id, 8);
AT(pbay_op, owner, 16);
AT(pbay_op, now_ms, 32);

SIZE(pbay_blob, 32);
AT(pbay_blob, hash, 0);
AT(pbay_blob, data, 16);

SIZE(pbay_record, 136);
AT(pbay_record, size, 0);
AT(pbay_record, flags, 4);
AT(pbay_record, id, 8);
AT(pbay_record, kind, 24);
AT(pbay_record, parent, 40);
AT(pbay_record, root, 56);
AT(pbay_record, created_ms, 72);
AT(pbay_record, expires_ms, 80);
AT(pbay_record, version, 88);
AT(pbay_record, status, 96);
AT(pbay_record, reserved, 100);
AT(pbay_record, value, 104);
AT(pbay_record, blobs, 120);
AT(pbay_record, blob_count, 128);

SIZE(pbay_write, 152);
AT(pbay_write, size, 0);
AT(pbay_write, verb, 4);
AT(pbay_write, precondition, 8);
AT(pbay_write, reserved, 12);
AT(pbay_write, record, 16);

SIZE(pbay_storage_stats, 40);
AT(pbay_storage_stats, size, 0);
AT(pbay_storage_stats, reserved, 4);
AT(pbay_storage_stats, records, 8);
AT(pbay_storage_stats, hidden, 16);
AT(pbay_storage_stats, value_bytes, 24);
AT(pbay_storage_stats, medium_bytes, 32);

SIZE(pbay_storage, 80);
AT(pbay_storage, size, 0);
AT(pbay_storage, reserved, 4);
AT(pbay_storage, put, 8);
AT(pbay_storage, get, 16);
AT(pbay_storage, remove, 24);
AT(pbay_storage, load_chain, 32);
AT(pbay_storage, list, 40);
AT(pbay_storage, batch, 48);
AT(pbay_storage, touch, 56);
AT(pbay_storage, sweep, 64);
AT(pbay_storage, stats, 72);

SIZE(pbay_storage_results, 32);
AT(pbay_storage_results, size, 0);
AT(pbay_storage_results, reserved, 4);
AT(pbay_storage_results, record, 8);
AT(pbay_storage_results, stats, 16);
AT(pbay_storage_results, complete, 24);

SIZE(pbay_hooked_request, 56);
AT(pbay_hooked_request, size, 0);
AT(pbay_hooked_request, flags, 4);
AT(pbay_hooked_request, request_id, 8);
AT(pbay_hooked_request, owner, 24);
AT(pbay_hooked_request, model, 40);

SIZE(pbay_visit, 40);
AT(pbay_visit, size, 0);
AT(pbay_visit, point, 4);
AT(pbay_visit, id, 8);
AT(pbay_visit, flags, 16);
AT(pbay_visit, round, 20);
AT(pbay_visit, events, 24);
AT(pbay_visit, event_count, 32);

SIZE(pbay_hooks, 48);
AT(pbay_hooks, size, 0);
AT(pbay_hooks, flags, 4);
AT(pbay_hooks, points, 8);
AT(pbay_hooks, events, 12);
AT(pbay_hooks, open, 16);
AT(pbay_hooks, visit, 24);
AT(pbay_hooks, cancel, 32);
AT(pbay_hooks, close, 40);

SIZE(pbay_hook_answer, 32);
AT(pbay_hook_answer, size, 0);
AT(pbay_hook_answer, reason, 4);
AT(pbay_hook_answer, usage, 8);
AT(pbay_hook_answer, provider, 16);

SIZE(pbay_hook_api, 96);
AT(pbay_hook_api, size, 0);
AT(pbay_hook_api, reserved, 4);
AT(pbay_hook_api, document, 8);
AT(pbay_hook_api, proceed, 16);
AT(pbay_hook_api, replace, 24);
AT(pbay_hook_api, emit, 32);
AT(pbay_hook_api, replace_events, 40);
AT(pbay_hook_api, answer, 48);
AT(pbay_hook_api, reject, 56);
AT(pbay_hook_api, fail, 64);
AT(pbay_hook_api, put, 72);
AT(pbay_hook_api, get, 80);
AT(pbay_hook_api, ask, 88);

SIZE(pbay_tool_info, 56);
AT(pbay_tool_info, size, 0);
AT(pbay_tool_info, reserved, 4);
AT(pbay_tool_info, name, 8);
AT(pbay_tool_info, description, 24);
AT(pbay_tool_info, parameters, 40);

SIZE(pbay_tool_call, 96);
AT(pbay_tool_call, size, 0);
AT(pbay_tool_call, reserved, 4);
AT(pbay_tool_call, name, 8);
AT(pbay_tool_call, arguments, 24);
AT(pbay_tool_call, call_id, 40);
AT(pbay_tool_call, request_id, 56);
AT(pbay_tool_call, owner, 72);
AT(pbay_tool_call, timeout_ms, 88);

SIZE(pbay_tools, 40);
AT(pbay_tools, size, 0);
AT(pbay_tools, flags, 4);
AT(pbay_tools, list, 8);
AT(pbay_tools, invoke, 16);
AT(pbay_tools, cancel, 24);
AT(pbay_tools, release, 32);

#endif

IS(PBAY_OK, 0);
IS(PBAY_PAUSE, 1);
IS(PBAY_CLOSED, -1);
IS(PBAY_EINVALID, -2);
IS(PBAY_EUNSUPPORTED, -3);
IS(PBAY_ENOTFOUND, -4);
IS(PBAY_ECONFLICT, -5);
IS(PBAY_EAUTH, -6);
IS(PBAY_ERATELIMIT, -7);
IS(PBAY_EOVERLOADED, -8);
IS(PBAY_ETIMEOUT, -9);
IS(PBAY_ECANCELLED, -10);
IS(PBAY_EUPSTREAM, -11);
IS(PBAY_ECONTEXT_LENGTH, -12);
IS(PBAY_ELIMIT, -13);
IS(PBAY_EDATALOSS, -14);
IS(PBAY_EIO, -15);
IS(PBAY_EINTERNAL, -16);
IS(PBAY_ERROR_RETRYABLE, 1);
IS(PBAY_HEALTHY, 0);
IS(PBAY_DEGRADED, 1);
IS(PBAY_UNHEALTHY, 2);
IS(PBAY_CANCEL_CLIENT, 1);
IS(PBAY_CANCEL_DEADLINE, 2);
IS(PBAY_CANCEL_SHUTDOWN, 3);
IS(PBAY_CANCEL_LIMIT, 4);
IS(PBAY_REQUEST_STREAM, 1);
IS(PBAY_EVENT_TEXT, 1);
IS(PBAY_EVENT_REFUSAL, 2);
IS(PBAY_EVENT_REASONING, 3);
IS(PBAY_EVENT_REASONING_SUMMARY, 4);
IS(PBAY_EVENT_REASONING_OPAQUE, 5);
IS(PBAY_EVENT_TOOL_CALL, 6);
IS(PBAY_EVENT_ARGUMENTS, 7);
IS(PBAY_EVENT_TOOL_CALL_END, 8);
IS(PBAY_EVENT_ITEM, 9);
IS(PBAY_EVENT_ANNOTATION, 10);
IS(PBAY_EVENT_LOGPROBS, 11);
IS(PBAY_EVENT_PART_END, 12);
IS(PBAY_EVENT_ITEM_END, 13);
IS(PBAY_EVENT_VECTOR, 14);

IS(PBAY_MODEL_ANSWERS, 1);
IS(PBAY_MODEL_EMBEDDINGS, 2);
IS(PBAY_INPUT_TEXT, 1);
IS(PBAY_INPUT_IMAGE, 2);
IS(PBAY_INPUT_FILE, 4);
IS(PBAY_INPUT_AUDIO, 8);
IS(PBAY_FEATURE_TOOLS, 1);
IS(PBAY_FEATURE_REASONING, 2);
IS(PBAY_FEATURE_STRUCTURED_OUTPUT, 4);
IS(PBAY_FEATURE_DIMENSIONS, 8);
IS(PBAY_MAX_DIMENSIONS, 65536);
IS(PBAY_FINISH_STOP, 1);
IS(PBAY_FINISH_LENGTH, 2);
IS(PBAY_FINISH_CONTENT_FILTER, 3);
IS(PBAY_HTTP_BYTES, 0);
IS(PBAY_HTTP_SSE, 1);
IS(PBAY_HTTP_NDJSON, 2);
IS(PBAY_HTTP_OK, 0);
IS(PBAY_HTTP_TIMEOUT_CONNECT, 1);
IS(PBAY_HTTP_TIMEOUT_HEAD, 2);
IS(PBAY_HTTP_TIMEOUT_IDLE, 3);
IS(PBAY_HTTP_TIMEOUT_TOTAL, 4);
IS(PBAY_HTTP_RESET, 5);
IS(PBAY_HTTP_REFUSED, 6);
IS(PBAY_HTTP_DNS, 7);
IS(PBAY_HTTP_TLS, 8);
IS(PBAY_HTTP_LIMIT, 9);
IS(PBAY_HTTP_PROTOCOL, 10);
IS(PBAY_HTTP_CANCELLED, 11);
IS(PBAY_LOG_DEBUG, 1);
IS(PBAY_LOG_INFO, 2);
IS(PBAY_LOG_WARNING, 3);
IS(PBAY_LOG_ERROR, 4);
IS(PBAY_OP_DURABLE, 1);
IS(PBAY_RECORD_HIDDEN, 1);
IS(PBAY_PUT_ANY, 0);
IS(PBAY_PUT_ABSENT, 1);
IS(PBAY_PUT_VERSION, 2);
IS(PBAY_WRITE_PUT, 1);
IS(PBAY_WRITE_DELETE, 2);
IS(PBAY_POINT_REQUEST, 1);
IS(PBAY_POINT_HISTORY_LOADED, 2);
IS(PBAY_POINT_ROUTE, 4);
IS(PBAY_POINT_ATTEMPT_FAILED, 8);
IS(PBAY_POINT_EVENTS, 16u);
IS(PBAY_POINT_TOOL_CALL, 32u);
IS(PBAY_POINT_TOOL_RESULT, 64u);
IS(PBAY_POINT_COMPLETE, 128u);
IS(PBAY_POINT_PERSISTED, 256u);
IS(PBAY_POINT_FAILURE, 512u);
IS(PBAY_HOOKS_MAY_BLOCK, 1);
IS(PBAY_HOOKED_STREAM, 1);
IS(PBAY_HOOKED_BACKGROUND, 2);
IS(PBAY_HOOKED_STORE, 4);
IS(PBAY_VISIT_LAST, 1);
IS(PBAY_VISIT_SENT, 2);
IS(PBAY_TOOLS_MAY_BLOCK, 1);
IS(PBAY_DEFER, 2);
IS(PBAY_ABI_MAJOR, 1u);
IS(PBAY_MESSAGE_CAPACITY, 512);
IS(PBAY_PARAM_CAPACITY, 128);
