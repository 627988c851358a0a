/*
 * Audit: what was said, documents that make no sense, and what other hooks leave in the bag.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"
#include "host_state.h"

#include <stdlib.h>

static void say(instance *instance) {
    request *request = host_open(instance, "r", "o", "m", 0, NULL);
    host_visit(request, PBAY_POINT_REQUEST, "{\"model\":\"m\",\n \"instructions\": \"be kind\",\n \"input\": [ {\"role\": \"user\", \"content\": \"a \\\" b\"} ]\n}");
    host_visit(request, PBAY_POINT_COMPLETE, "{\"status\":\"completed\", \"output\":[ {\"type\":\"message\"\n, \"content\":\"of mine\"} ]}");
    host_close(request);
}

void check_contents(void) {
    lines *all;
    fresh();
    instance instance = start_with("");
    say(&instance);
    the_line(&instance, &all);
    EXPECT(strstr(all->data, "kind") == NULL && strstr(all->data, "mine") == NULL && strstr(all->data, " b") == NULL, "%s", all->data);
    free_lines(all);
    fresh();
    instance = start_with("\"contents\":true");
    say(&instance);
    pjson_value line = the_line(&instance, &all);
    IS(line, "instructions", "be kind");
    IS(line, "input", "[{\"role\":\"user\",\"content\":\"a \\\" b\"}]");
    IS(line, "output", "[{\"type\":\"message\",\"content\":\"of mine\"}]");
    free_lines(all);
    fresh();
    instance = start_with("\"contents\":true,\"max_content_bytes\":20");
    say(&instance);
    line = the_line(&instance, &all);
    EXPECT(strncmp(at(line, "input"), "{\"omitted_bytes\":", 17) == 0, "%s", at(line, "input"));
    EXPECT(strncmp(at(line, "output"), "{\"omitted_bytes\":", 17) == 0, "%s", at(line, "output"));
    free_lines(all);
}

void check_hostile(void) {
    static const char *const documents[] = {"", "{", "[]", "null", "{\"output\":7,\"usage\":\"x\",\"error\":[],\"response\":3}",
                                            "{\"status\":\"a\\\"b\\\\\\n\\u0000\",\"output\":[1,null,{\"type\":5},{\"type\":\"_call\",\"name\":{}}]}"};
    char *deep = calloc(1, 5000);
    memset(deep, '[', 4999);
    fresh();
    instance instance = start_with("\"contents\":true");
    for (size_t i = 0; i <= sizeof documents / sizeof *documents; i++) {
        const char *document = i < sizeof documents / sizeof *documents ? documents[i] : deep;
        request *request = host_open(&instance, "\"\n\\\x01\x7f", "", "\xf0\x9f\x98\x80", 0, NULL);
        host_visit(request, PBAY_POINT_REQUEST, document);
        host_visit(request, PBAY_POINT_ROUTE, document);
        host_visit(request, PBAY_POINT_ATTEMPT_FAILED, document);
        host_visit(request, PBAY_POINT_COMPLETE, document);
        if (i % 2 == 0) host_visit(request, PBAY_POINT_FAILURE, document);
        host_close(request);
    }
    host_stop(&instance);
    lines *all = read_lines("");
    EXPECT(all->count == sizeof documents / sizeof *documents + 1, "%zu lines", all->count);
    for (size_t i = 0; i < all->count; i++) {
        IS(all->line[i], "request_id", "\"\n\\\x01\x7f");
        IS(all->line[i], "model", "\xf0\x9f\x98\x80");
    }
    free_lines(all);
    free(deep);
}

/* As another hook would say it: in the bag, while a visit is without its verdict. */
void check_rejected(void) {
    static const char name[] = "patchbay.rejected", *const values[] = {"{\"by\": \"guard\",\n\"rule\":\"models\"}", "no JSON"};
    const pbay_hook_api *host = host_extension(PBAY_HOST_HOOK);
    fresh();
    for (int i = 0; i < 2; i++) {
        instance instance = start_with("\"required\":true");
        atomic_store(&hold_writes, 1);
        request *request = host_open(&instance, "r", "o", "m", 0, NULL);
        host_begin(request, PBAY_POINT_REQUEST, 0, "{}", NULL, 0);
        EXPECT(host->put(request->visit.id, text_of(name), text_of(values[i])) == PBAY_OK, "put");
        atomic_store(&hold_writes, 0);
        host_wait(request);
        host_visit(request, PBAY_POINT_FAILURE, "{\"error\":{\"kind\":\"invalid_request\"},\"response\":null}");
        host_close(request);
        host_stop(&instance);
    }
    lines *all = read_lines("");
    EXPECT(all->count == 4, "%zu lines", all->count);
    IS(all->line[1], "rejected", "{\"by\":\"guard\",\"rule\":\"models\"}");
    IS(all->line[3], "rejected", "-");
    IS(all->line[3], "status", "failed");
    free_lines(all);
}
