/*
 * Audit: with `required` no request goes on, and none is complete, without its line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

void check_required(void) {
    fresh();
    instance instance = start_with("\"required\":true");
    atomic_store(&hold_writes, 1);
    request *request = host_open(&instance, "r", "o", "m", 0, NULL);
    host_begin(request, PBAY_POINT_REQUEST, 0, "{}", NULL, 0);
    await(&held, 1);
    EXPECT(!host_has_verdict(request), "the request went on before its line was written");
    atomic_store(&hold_writes, 0);
    EXPECT(host_wait(request)->kind == VERDICT_CONTINUE, "the verdict");
    host_visit(request, PBAY_POINT_COMPLETE, RESPONSE);
    lines *all = read_lines("");
    EXPECT(all->count == 2, "%zu lines at the verdict", all->count);
    IS(all->line[0], "event", "begin");
    IS(all->line[1], "status", "completed");
    free_lines(all);
    host_close(request);
    all = stop_and_read(&instance);
    EXPECT(all->count == 2, "%zu lines", all->count);
    free_lines(all);
}

void check_required_disk(void) {
    fresh();
    instance instance = start_with("\"required\":true");
    atomic_store(&fail_writes, -1);
    request *request = host_open(&instance, "r", "o", "m", 0, NULL);
    const verdict *verdict = host_visit(request, PBAY_POINT_REQUEST, "{}");
    EXPECT(verdict->kind == VERDICT_FAIL && verdict->error.code == PBAY_EIO, "%d %d", verdict->kind, verdict->error.code);
    verdict = host_visit(request, PBAY_POINT_COMPLETE, RESPONSE);
    EXPECT(verdict->kind == VERDICT_FAIL, "%d", verdict->kind);
    atomic_store(&fail_writes, 0);
    host_close(request);
    run_complete(&instance, "next");
    lines *all = stop_and_read(&instance);
    EXPECT(all->count == 1, "%zu lines", all->count);
    IS(all->line[0], "dropped", "2");
    free_lines(all);
}

void check_required_full(void) {
    fresh();
    instance instance = start_with("\"required\":true,\"queue\":1");
    atomic_store(&hold_writes, 1);
    request *requests[3];
    for (int i = 0; i < 3; i++) {
        requests[i] = host_open(&instance, "r", "o", "m", 0, NULL);
        host_begin(requests[i], PBAY_POINT_REQUEST, 0, "{}", NULL, 0);
        if (i == 0) await(&held, 1);
    }
    const verdict *verdict = host_wait(requests[2]);
    EXPECT(verdict->kind == VERDICT_FAIL && verdict->error.code == PBAY_EOVERLOADED, "%d", verdict->kind);
    EXPECT(!host_has_verdict(requests[1]), "the second waits");
    atomic_store(&hold_writes, 0);
    for (int i = 0; i < 2; i++) EXPECT(host_wait(requests[i])->kind == VERDICT_CONTINUE, "request %d", i);
    for (int i = 0; i < 3; i++) host_close(requests[i]);
    host_stop(&instance);
}

void check_required_failure_after(void) {
    fresh();
    instance instance = start_with("\"required\":true");
    request *request = host_open(&instance, "r", "o", "m", 0, NULL);
    host_visit(request, PBAY_POINT_COMPLETE, RESPONSE);
    host_visit(request, PBAY_POINT_FAILURE, "{\"error\":{\"kind\":\"internal\"},\"response\":null}");
    host_close(request);
    lines *all = stop_and_read(&instance);
    EXPECT(all->count == 2, "%zu lines", all->count);
    IS(all->line[0], "status", "completed");
    IS(all->line[1], "status", "failed");
    free_lines(all);
}

void check_fsync(void) {
    fresh();
    atomic_store(&sync_count, 0);
    instance instance = start_with("\"required\":true");
    run_complete(&instance, "r");
    host_stop(&instance);
    EXPECT(atomic_load(&sync_count) == 0, "%d syncs without fsync", atomic_load(&sync_count));
    instance = start_with("\"required\":true,\"fsync\":true");
    run_complete(&instance, "r");
    EXPECT(atomic_load(&sync_count) == 1, "%d syncs at the verdict", atomic_load(&sync_count));
    atomic_store(&fail_syncs, 1);
    request *request = host_open(&instance, "r", "o", "m", 0, NULL);
    EXPECT(host_visit(request, PBAY_POINT_COMPLETE, RESPONSE)->kind == VERDICT_FAIL, "a line that wasn't synced");
    host_close(request);
    EXPECT(health_of(&instance).state == PBAY_DEGRADED, "the health");
    host_stop(&instance);
}
