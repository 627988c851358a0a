/*
 * Audit: what its lines say. audit LIBRARY [CHECK]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char path[256];

void fresh(void) {
    static int number;
    snprintf(path, sizeof path, "%s/%d", getenv("AUDIT_FOLDER"), number++);
    if (mkdir(path, 0700) != 0) abort();
    strcat(path, "/audit.log");
}

instance start_with(const char *settings) {
    char config[1024];
    instance instance;
    pbay_error error;
    snprintf(config, sizeof config, "{\"path\":\"%s\"%s%s}", path, *settings ? "," : "", settings);
    int32_t code = host_start(&instance, config, &error);
    EXPECT(code == PBAY_OK, "%d %s: %s", code, error.param, error.message);
    if (code != PBAY_OK) exit(1);
    return instance;
}

void run_complete(instance *instance, const char *id) {
    request *request = host_open(instance, id, "owner", "m", 0, NULL);
    EXPECT(host_visit(request, PBAY_POINT_COMPLETE, RESPONSE)->kind == VERDICT_CONTINUE, "%s", id);
    host_close(request);
}

pbay_health health_of(const instance *instance) {
    pbay_health health = {.size = sizeof health};
    instance->table->health(instance->self, &health);
    return health;
}

lines *read_lines(const char *suffix) {
    char name[300];
    lines *lines = calloc(1, sizeof *lines);
    snprintf(name, sizeof name, "%s%s", path, suffix);
    FILE *file = fopen(name, "r");
    if (file == NULL) return lines;
    fseek(file, 0, SEEK_END);
    lines->size = (size_t)ftell(file);
    rewind(file);
    lines->data = malloc(lines->size + 1);
    if (fread(lines->data, 1, lines->size, file) != lines->size) abort();
    fclose(file);
    lines->data[lines->size] = 0;
    EXPECT(lines->size == 0 || lines->data[lines->size - 1] == '\n', "%s ends in the middle of a line", name);
    for (char *from = lines->data, *end; (end = strchr(from, '\n')) != NULL; from = end + 1) {
        int whole = pjson_parse(from, (size_t)(end - from), &lines->line[lines->count], NULL);
        EXPECT(whole && lines->line[lines->count].kind == PJSON_OBJECT, "no line of JSON: %.*s", (int)(end - from), from);
        lines->count++;
    }
    return lines;
}

void free_lines(lines *lines) {
    free(lines->data);
    free(lines);
}

const char *at(pjson_value line, const char *member) {
    static char buffers[4][2048];
    static int turn;
    char *buffer = buffers[turn++ % 4];
    pjson_value value = pjson_member(line, member);
    if (value.kind == PJSON_STRING) buffer[pjson_decode(value, buffer, 2047)] = 0;
    else if (value.kind == PJSON_NONE) strcpy(buffer, "-");
    else snprintf(buffer, 2048, "%.*s", (int)value.size, value.data);
    return buffer;
}

lines *stop_and_read(instance *instance) {
    host_stop(instance);
    return read_lines("");
}

pjson_value the_line(instance *instance, lines **all) {
    pjson_value none = {NULL, 0, PJSON_NONE};
    *all = stop_and_read(instance);
    EXPECT((*all)->count == 1, "%zu lines", (*all)->count);
    return (*all)->count == 0 ? none : (*all)->line[0];
}

/* ---------------------------------------------------------------------------------------------------------- the lines */

static void check_complete(void) {
    lines *all;
    fresh();
    instance instance = start_with("");
    request *request = host_open(&instance, "req_1", "0a1b", "fast", PBAY_HOOKED_STREAM | PBAY_HOOKED_STORE, NULL);
    host_visit(request, PBAY_POINT_ROUTE, "{\"model\":\"fast\",\"provider\":\"a\",\"upstream_model\":\"a-1\",\"fallbacks\":[]}");
    host_visit(request, PBAY_POINT_COMPLETE, RESPONSE);
    host_close(request);
    pjson_value line = the_line(&instance, &all);
    IS(line, "request_id", "req_1");
    IS(line, "owner", "0a1b");
    IS(line, "model", "fast");
    IS(line, "provider", "a");
    IS(line, "upstream_model", "a-1");
    IS(line, "response_id", "resp_1");
    IS(line, "status", "completed");
    IS(line, "stream", "true");
    IS(line, "store", "true");
    IS(line, "background", "false");
    IS(line, "usage", "{\"input_tokens\":3}");
    IS(line, "items", "1");
    IS(line, "tool_call_count", "0");
    IS(line, "error", "-");
    IS(line, "dropped", "-");
    const char *time = at(line, "time");
    EXPECT(strlen(time) == 24 && time[10] == 'T' && time[23] == 'Z', "%s", time);
    EXPECT(pjson_member(line, "duration_ms").kind == PJSON_NUMBER, "%s", at(line, "duration_ms"));
    free_lines(all);
}

static void check_incomplete(void) {
    lines *all;
    fresh();
    instance instance = start_with("");
    request *request = host_open(&instance, "r", "o", "m", 0, NULL);
    host_visit(request, PBAY_POINT_COMPLETE, "{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"output\":[]}");
    host_close(request);
    pjson_value line = the_line(&instance, &all);
    IS(line, "status", "incomplete");
    IS(line, "reason", "max_output_tokens");
    free_lines(all);
}

static void fail_with(const char *settings, const char *failure, lines **all, pjson_value *line) {
    fresh();
    instance instance = start_with(settings);
    request *request = host_open(&instance, "r", "o", "m", 0, NULL);
    const verdict *verdict = host_visit(request, PBAY_POINT_FAILURE, failure);
    EXPECT(verdict->kind == VERDICT_CONTINUE, "%d", verdict->kind);
    host_close(request);
    *line = the_line(&instance, all);
}

static void check_failure(void) {
    static const char failure[] = "{\"error\":{\"kind\":\"provider\",\"code\":\"server_error\",\"message\":\"the user said so\"},"
                                  "\"response\":{\"id\":\"resp_2\",\"status\":\"failed\",\"usage\":{\"output_tokens\":9},\"output\":[]}}";
    lines *all;
    pjson_value line;
    fail_with("", failure, &all, &line);
    IS(line, "status", "failed");
    IS(line, "error", "{\"kind\":\"provider\",\"code\":\"server_error\"}");
    IS(line, "usage", "{\"output_tokens\":9}");
    IS(line, "response_id", "resp_2");
    free_lines(all);
    fail_with("\"contents\":true", failure, &all, &line);
    EXPECT(strstr(at(line, "error"), "the user said so") != NULL, "%s", at(line, "error"));
    free_lines(all);
    fail_with("", "{\"error\":{\"kind\":\"cancelled\",\"code\":null,\"message\":\"x\"},\"response\":null}", &all, &line);
    IS(line, "status", "cancelled");
    IS(line, "error", "{\"kind\":\"cancelled\"}");
    IS(line, "items", "-");
    free_lines(all);
}

static void check_failure_after_complete(void) {
    lines *all;
    fresh();
    instance instance = start_with("");
    request *request = host_open(&instance, "r", "o", "m", 0, NULL);
    host_visit(request, PBAY_POINT_COMPLETE, RESPONSE);
    host_visit(request, PBAY_POINT_FAILURE, "{\"error\":{\"kind\":\"internal\",\"code\":\"x\",\"message\":\"\"},\"response\":null}");
    host_close(request);
    pjson_value line = the_line(&instance, &all);
    IS(line, "status", "failed");
    free_lines(all);
}

static void check_nothing_known(void) {
    lines *all;
    fresh();
    instance instance = start_with("");
    host_close(host_open(&instance, "r", "o", "m", PBAY_HOOKED_BACKGROUND, NULL));
    pjson_value line = the_line(&instance, &all);
    IS(line, "status", "unknown");
    IS(line, "background", "true");
    free_lines(all);
}

static void check_fallbacks(void) {
    lines *all;
    fresh();
    instance instance = start_with("");
    request *request = host_open(&instance, "r", "o", "m", 0, NULL);
    host_visit(request, PBAY_POINT_ROUTE, "{\"model\":\"m\",\"provider\":\"a\",\"upstream_model\":\"a-1\",\"fallbacks\":[{\"provider\":\"b\",\"upstream_model\":\"b-1\"}]}");
    host_visit(request, PBAY_POINT_ATTEMPT_FAILED, "{\"provider\":\"a\",\"upstream_model\":\"a-1\",\"attempt\":1,\"error\":{\"kind\":\"timeout\",\"code\":null,\"message\":\"secret\"},\"next\":\"b\"}");
    host_visit(request, PBAY_POINT_COMPLETE, RESPONSE);
    host_close(request);
    pjson_value line = the_line(&instance, &all);
    IS(line, "provider", "b");
    IS(line, "upstream_model", "b-1");
    IS(line, "failed_attempt_count", "1");
    IS(line, "failed_attempts", "[{\"provider\":\"a\",\"kind\":\"timeout\"}]");
    free_lines(all);
    fresh();
    instance = start_with("");
    request = host_open(&instance, "r", "o", "m", 0, NULL);
    for (int i = 0; i < 20; i++) {
        host_visit(request, PBAY_POINT_ATTEMPT_FAILED, "{\"provider\":\"a\",\"error\":{\"kind\":\"timeout\"},\"next\":null}");
    }
    host_close(request);
    line = the_line(&instance, &all);
    IS(line, "failed_attempt_count", "20");
    EXPECT(pjson_count(pjson_member(line, "failed_attempts")) == 8, "%s", at(line, "failed_attempts"));
    free_lines(all);
}

static void check_tool_calls(void) {
    char response[8192] = "{\"status\":\"completed\",\"output\":[{\"type\":\"web_search_call\"},{\"type\":\"message\"},{\"type\":\"function_call_output\"}";
    lines *all;
    fresh();
    for (int i = 0; i < 70; i++) strcat(response, ",{\"type\":\"function_call\",\"name\":\"look\",\"arguments\":\"{}\"}");
    strcat(response, "]}");
    instance instance = start_with("");
    request *request = host_open(&instance, "r", "o", "m", 0, NULL);
    host_visit(request, PBAY_POINT_COMPLETE, response);
    host_close(request);
    pjson_value line = the_line(&instance, &all);
    IS(line, "items", "73");
    IS(line, "tool_call_count", "71");
    EXPECT(pjson_count(pjson_member(line, "tool_calls")) == 64, "%s", at(line, "tool_calls"));
    EXPECT(strncmp(at(line, "tool_calls"), "[\"web_search_call\",\"look\",\"look\"", 32) == 0, "%s", at(line, "tool_calls"));
    free_lines(all);
}

int main(int count, char **arguments) {
    static const check checks[] = {
        {"complete", check_complete}, {"incomplete", check_incomplete}, {"failure", check_failure},
        {"failure after complete", check_failure_after_complete}, {"nothing known", check_nothing_known},
        {"fallbacks", check_fallbacks}, {"tool calls", check_tool_calls}, {"contents", check_contents}, {"hostile", check_hostile},
        {"rejected", check_rejected}, {"configuration", check_configuration}, {"file mode", check_file_mode},
        {"rotation under load", check_rotation_load}, {"rotation keeps", check_rotation_keep}, {"rotation fails", check_rotation_fails},
        {"reopened", check_reopened}, {"full queue: drop", check_full_drop}, {"full queue: block", check_full_block},
        {"full disk", check_full_disk}, {"short write", check_short_write}, {"torn line", check_torn_line},
        {"stop flushes", check_stop_flushes}, {"required", check_required}, {"required, disk", check_required_disk},
        {"required, full queue", check_required_full}, {"required, failure after", check_required_failure_after}, {"fsync", check_fsync},
    };
    if (count < 2) return 2;
    host_load(arguments[1]);
    return checks_run(checks, sizeof checks / sizeof *checks, count > 2 ? arguments[2] : NULL);
}
