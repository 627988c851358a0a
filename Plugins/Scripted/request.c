/*
 * What the plugin wants to know of a request's body.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scripted.h"

#include <stdlib.h>
#include <string.h>

/* One byte more than asked for, so that an empty text isn't null. */
static owned_text text_of_size(size_t size) {
    owned_text text = {malloc(size + 1), size};
    return text;
}

owned_text request_string(pjson_value string) {
    owned_text text = text_of_size(string.size);
    if (text.data != NULL) text.size = pjson_decode(string, text.data, string.size);
    return text;
}

owned_text request_text(pjson_value content) {
    if (content.kind != PJSON_ARRAY) return request_string(content);
    /* The decoded text is never longer than its JSON, and each part's quotes leave room for the line break. */
    owned_text text = text_of_size(content.size);
    size_t used = 0;
    pjson_iterator parts = pjson_iterate(content);
    pjson_value part;
    while (text.data != NULL && pjson_next(&parts, NULL, &part)) {
        pjson_value string = pjson_member(part, "text");
        if (string.kind != PJSON_STRING) continue;
        if (used > 0) text.data[used++] = '\n';
        used += pjson_decode(string, text.data + used, content.size - used);
    }
    text.size = used;
    return text;
}

int64_t count_words(const char *text, size_t size) {
    int64_t words = 0;
    int inside = 0;
    for (size_t i = 0; i < size; i++) {
        int space = text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r';
        words += !space && !inside;
        inside = !space;
    }
    return words;
}

int64_t request_overhead(const call *call) {
    pjson_value instructions = pjson_member(call->body, "instructions"), tools = pjson_member(call->body, "tools");
    int64_t words = 0;
    if (instructions.kind == PJSON_STRING) {
        owned_text text = request_string(instructions);
        if (text.data != NULL) words += count_words(text.data, text.size);
        free(text.data);
    }
    if (tools.kind == PJSON_ARRAY) words += count_words(tools.data, tools.size);
    return words;
}

/* Where `word` stands in what the user said, or null. */
static const char *find(const call *call, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= call->said.size; i++) {
        if (memcmp(call->said.data + i, word, length) == 0) return call->said.data + i;
    }
    return NULL;
}

int request_says(const call *call, const char *word) { return find(call, word) != NULL; }

uint64_t request_number(const call *call, const char *word, uint64_t otherwise) {
    const char *at = find(call, word), *end = call->said.data + call->said.size;
    if (at == NULL) return otherwise;
    at += strlen(word);
    while (at < end && *at == ' ') at++;
    if (at == end || *at < '0' || *at > '9') return otherwise;
    uint64_t number = 0;
    while (at < end && *at >= '0' && *at <= '9' && number < 1000000000u) number = number * 10 + (uint64_t)(*at++ - '0');
    return number;
}

int32_t request_read(call *call, pbay_text body, pbay_error *err) {
    size_t error_at = 0;
    call->raw_body = body;
    if (!pjson_parse(body.data, (size_t)body.size, &call->body, &error_at)) {
        return perror_set(err, PBAY_EINVALID, NULL, "The request's body is not JSON (byte %zu).", error_at);
    }
    call->input = pjson_member(call->body, "input");
    if (call->input.kind != PJSON_ARRAY) {
        return perror_set(err, PBAY_EINVALID, "input", "input must be an array of items.");
    }
    pjson_iterator items = pjson_iterate(call->input);
    pjson_value item, last_user = {NULL, 0, PJSON_NONE};
    while (pjson_next(&items, NULL, &item)) {
        pjson_value content = pjson_member(item, "content");
        call->last_item = item;
        if (pjson_equals(pjson_member(item, "role"), "user")) last_user = content;
        if (content.kind == PJSON_NONE) continue;
        owned_text text = request_text(content);
        if (text.data == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
        call->input_words += count_words(text.data, text.size);
        free(text.data);
    }
    call->said = request_text(last_user);
    if (call->said.data == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    return PBAY_OK;
}
