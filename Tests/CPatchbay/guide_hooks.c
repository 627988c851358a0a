/*
 * The hooks of Documentation/plugins/hooks.md do what the page says of them: guide_hooks DENY SHORTEN.
 */
#include "../HookPlugins/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "guide_hooks: %s\n", what);
    exit(1);
}

static instance started(const char *path) {
    instance plugin;
    pbay_error error;
    host_load(path);
    check(host_start(&plugin, "{}", &error) == PBAY_OK, path);
    return plugin;
}

static void deny(const char *path) {
    instance plugin = started(path);
    request *request = host_open(&plugin, "req_1", "owner", "m", 0, 0);
    const verdict *said = host_visit(request, PBAY_POINT_REQUEST, "{\"input\":\"hello\"}");
    check(said->was_called && said->kind == VERDICT_CONTINUE, "deny lets a request through");
    said = host_visit(request, PBAY_POINT_REQUEST, "{\"input\":\"it is swordfish\"}");
    check(said->kind == VERDICT_REJECT && said->error.code == PBAY_EINVALID, "deny rejects a request with the word");
    check(!host_visit(request, PBAY_POINT_COMPLETE, "{}")->was_called, "deny is visited at the request alone");
    host_close(request);
    host_stop(&plugin);
}

static void shorten(const char *path) {
    instance plugin = started(path);
    request *request = host_open(&plugin, "req_2", "owner", "m", PBAY_HOOKED_STREAM, 0);
    char long_text[1501];
    memset(long_text, 'x', 1500);
    long_text[1500] = 0;
    pbay_event event = event_of(PBAY_EVENT_TEXT, long_text);
    const verdict *said = host_events(request, 0, &event, 1);
    check(said->kind == VERDICT_REPLACE_EVENTS && said->event_count == 1 && said->events[0].text_size == 1500,
          "shorten lets the beginning through");
    pbay_event two[] = {event_of(PBAY_EVENT_TEXT, "\xc3\xa9"), event_of(PBAY_EVENT_TEXT, long_text)};
    said = host_events(request, PBAY_VISIT_LAST, two, 2);
    check(said->kind == VERDICT_REPLACE_EVENTS && said->event_count == 2 && said->events[0].text_size == 2 &&
              said->events[1].text_size == 499,
          "shorten cuts at 2000 characters");
    host_close(request);
    host_stop(&plugin);
}

int main(int argc, char **argv) {
    check(argc == 3, "two libraries are needed");
    deny(argv[1]);
    shorten(argv[2]);
    check(host_violations() == 0, "a rule was broken");
    return 0;
}
