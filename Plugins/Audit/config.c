/*
 * The configuration.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <stdlib.h>
#include <string.h>

static int32_t read_number(pjson_value value, const char *key, int64_t least, int64_t most, uint64_t *out, pbay_error *err) {
    int64_t number = 0;
    if (!pjson_int(value, &number) || number < least || number > most) {
        return perror_set(err, PBAY_EINVALID, key, "%s must be an integer from %lld to %lld.", key, (long long)least, (long long)most);
    }
    *out = (uint64_t)number;
    return PBAY_OK;
}

static int32_t read_flag(pjson_value value, const char *key, int *out, pbay_error *err) {
    if (value.kind != PJSON_TRUE && value.kind != PJSON_FALSE) {
        return perror_set(err, PBAY_EINVALID, key, "%s must be true or false.", key);
    }
    *out = value.kind == PJSON_TRUE;
    return PBAY_OK;
}

static int32_t read_on_full(audit *audit, pjson_value value, pbay_error *err) {
    audit->on_full_given = 1;
    audit->block = pjson_equals(value, "block");
    if (audit->block || pjson_equals(value, "drop")) return PBAY_OK;
    return perror_set(err, PBAY_EINVALID, "on_full", "on_full must be drop or block.");
}

static int32_t read_path(audit *audit, pjson_value value, pbay_error *err) {
    size_t size = pjson_decode(value, NULL, 0);
    if (value.kind != PJSON_STRING || size == 0 || size > 3000) {
        return perror_set(err, PBAY_EINVALID, "path", "path must be the file that the lines are written to.");
    }
    free(audit->path);
    audit->path = calloc(1, size + 1);
    if (audit->path == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    pjson_decode(value, audit->path, size);
    if (strlen(audit->path) != size) return perror_set(err, PBAY_EINVALID, "path", "path must not hold a zero character.");
    return PBAY_OK;
}

static int32_t read_member(audit *audit, pjson_value key, pjson_value value, pbay_error *err) {
    if (pjson_equals(key, "path")) return read_path(audit, value, err);
    if (pjson_equals(key, "max_bytes")) return read_number(value, "max_bytes", 4096, (int64_t)1 << 50, &audit->max_bytes, err);
    if (pjson_equals(key, "keep")) return read_number(value, "keep", 0, 1000, &audit->keep, err);
    if (pjson_equals(key, "queue")) return read_number(value, "queue", 1, 1 << 20, &audit->capacity, err);
    if (pjson_equals(key, "max_content_bytes")) {
        return read_number(value, "max_content_bytes", 1, QUEUE_MAX_BYTES, &audit->max_content_bytes, err);
    }
    if (pjson_equals(key, "contents")) return read_flag(value, "contents", &audit->contents, err);
    if (pjson_equals(key, "fsync")) return read_flag(value, "fsync", &audit->sync, err);
    if (pjson_equals(key, "required")) return read_flag(value, "required", &audit->required, err);
    if (pjson_equals(key, "on_full")) return read_on_full(audit, value, err);
    char name[PBAY_PARAM_CAPACITY] = {0};
    pjson_decode(key, name, sizeof name - 1);
    return perror_set(err, PBAY_EINVALID, name,
                      "Unknown key; there are path, max_bytes, keep, contents, max_content_bytes, queue, on_full, fsync and required.");
}

int32_t config_read(audit *audit, pbay_text text, pbay_error *err) {
    pjson_value config, key, value;
    size_t error_at = 0;
    audit->max_bytes = 100u << 20;
    audit->keep = 5;
    audit->capacity = 4096;
    audit->max_content_bytes = 1u << 20;
    if (!pjson_parse(text.data, (size_t)text.size, &config, &error_at) || config.kind != PJSON_OBJECT) {
        return perror_set(err, PBAY_EINVALID, NULL, "The configuration must be one JSON object (byte %zu).", error_at);
    }
    pjson_iterator members = pjson_iterate(config);
    while (pjson_next(&members, &key, &value)) {
        int32_t code = read_member(audit, key, value, err);
        if (code != PBAY_OK) return code;
    }
    if (audit->path == NULL) return perror_set(err, PBAY_EINVALID, "path", "path is missing: the file that the lines are written to.");
    if (audit->required && audit->on_full_given) {
        return perror_set(err, PBAY_EINVALID, "on_full", "on_full has no meaning with required: a request that can't be recorded fails.");
    }
    if (!audit->contents && audit->max_content_bytes != 1u << 20) {
        return perror_set(err, PBAY_EINVALID, "max_content_bytes", "max_content_bytes has no meaning without contents: true.");
    }
    return PBAY_OK;
}
