/*
 * Embeddings: a vector of length 1 for each input, made from a hash of what it says, so that equal inputs have equal vectors. The model's
 * name may ask for a fault (see README.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scripted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word is a token; a list of token numbers has as many as it has. -1: neither of the two. */
static int64_t tokens_of(pjson_value input) {
    if (input.kind == PJSON_ARRAY) return (int64_t)pjson_count(input);
    if (input.kind != PJSON_STRING) return -1;
    owned_text text = request_string(input);
    int64_t words = text.data == NULL ? -1 : count_words(text.data, text.size);
    free(text.data);
    return words;
}

static uint64_t mixed(uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

/* Of a text: its characters; of token numbers: these, however they are spaced. */
static uint64_t hash_of(pjson_value input, const owned_text *text) {
    uint64_t hash = 0xcbf29ce484222325u;
    if (input.kind == PJSON_STRING) {
        for (size_t i = 0; i < text->size; i++) hash = (hash ^ (unsigned char)text->data[i]) * 0x100000001b3u;
        return hash;
    }
    pjson_iterator numbers = pjson_iterate(input);
    pjson_value number;
    while (pjson_next(&numbers, NULL, &number)) {
        int64_t token = 0;
        pjson_int(number, &token);
        hash = mixed(hash ^ (uint64_t)token);
    }
    return hash;
}

/* By Newton's steps: the plugin needs no library for this one root. */
static double root(double square) {
    double guess = square > 1 ? square : 1;
    for (int i = 0; i < 64; i++) guess = (guess + square / guess) / 2;
    return guess;
}

static void make_vector(call *call, uint64_t hash) {
    double squares = 0;
    for (uint32_t i = 0; i < call->dimensions; i++) {
        float number = (float)(mixed(hash + (uint64_t)(i + 1) * 0x9e3779b97f4a7c15u) >> 40) / (float)(1 << 23) - 1; /* -1 to 1 */
        call->vector[i] = number;
        squares += (double)number * number;
    }
    float scale = (float)(1 / root(squares > 0 ? squares : 1));
    for (uint32_t i = 0; i < call->dimensions; i++) call->vector[i] *= scale;
}

static int is_model(const call *call, const char *name) {
    return call->model.size == strlen(name) && memcmp(call->model.data, name, call->model.size) == 0;
}

static verdict next_vector(call *call, pbay_event *event) {
    pjson_value input;
    uint32_t index = (uint32_t)call->step, dimensions = call->dimensions;
    if (is_model(call, "fail_after") && index == 1) return FAIL;
    if (!pjson_next(&call->inputs, NULL, &input)) return FINISH;
    free(call->said.data);
    call->said = request_string(input);
    if (call->said.data == NULL) {
        perror_set(&call->failure, PBAY_EOVERLOADED, NULL, "Out of memory.");
        return FAIL;
    }
    if (is_model(call, "fail_at") && request_says(call, "fail")) {
        choose_failure(call);
        return FAIL;
    }
    make_vector(call, hash_of(input, &call->said));
    if (index + 1 == call->total) { /* the faults are in a call's last vector */
        if (is_model(call, "missing")) return FINISH;
        if (is_model(call, "twice") && index > 0) index--;
        if (is_model(call, "uneven")) dimensions--;
        if (is_model(call, "infinite")) call->vector[dimensions - 1] = __builtin_inff();
    }
    event->index = index;
    return say(event, PBAY_EVENT_VECTOR, (const char *)call->vector, (size_t)dimensions * sizeof *call->vector);
}

int32_t vectors_prepare(call *call, pbay_text body, pbay_error *err) {
    size_t error_at = 0;
    int64_t dimensions = (int64_t)call->instance->dimensions;
    if (!pjson_parse(body.data, (size_t)body.size, &call->body, &error_at)) {
        return perror_set(err, PBAY_EINVALID, NULL, "The request's body is not JSON (byte %zu).", error_at);
    }
    if (is_model(call, "unembedded")) return perror_set(err, PBAY_EUNSUPPORTED, "model", "This model makes no embeddings.");
    call->input = pjson_member(call->body, "input");
    call->inputs = pjson_iterate(call->input);
    call->total = pjson_count(call->input);
    if (call->input.kind != PJSON_ARRAY || call->total == 0) {
        return perror_set(err, PBAY_EINVALID, "input", "input must be an array of texts or of arrays of token numbers.");
    }
    pjson_iterator inputs = call->inputs;
    pjson_value input, asked = pjson_member(call->body, "dimensions");
    for (int i = 0; pjson_next(&inputs, NULL, &input); i++) {
        int64_t tokens = tokens_of(input);
        if (tokens < 0) return perror_set(err, PBAY_EINVALID, "input", "input must be an array of texts or of arrays of token numbers.");
        call->input_words += tokens;
        if (i == 0) call->said = request_string(input);
        if (is_model(call, "short") && tokens > 8) {
            char place[32];
            snprintf(place, sizeof place, "input[%d]", i);
            return perror_set(err, PBAY_ECONTEXT_LENGTH, place, "An input is longer than the 8 tokens of the scripted model.");
        }
    }
    if (asked.kind != PJSON_NONE && (!pjson_int(asked, &dimensions) || dimensions < 1 || dimensions > PBAY_MAX_DIMENSIONS)) {
        return perror_set(err, PBAY_EUNSUPPORTED, "dimensions", "The scripted model makes vectors of 1 to %u numbers.", PBAY_MAX_DIMENSIONS);
    }
    call->dimensions = (uint32_t)dimensions;
    call->vector = malloc(call->dimensions * sizeof *call->vector);
    if (call->vector == NULL || call->said.data == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    if (is_model(call, "fail") || is_model(call, "hang")) return model_prepare(call, err);
    if (is_model(call, "fail_after")) choose_failure(call);
    if (is_model(call, "slow")) call->delay_ms = request_number(call, "every ", 50);
    if (call->delay_ms > 60000) call->delay_ms = 60000;
    call->next = next_vector;
    return PBAY_OK;
}
