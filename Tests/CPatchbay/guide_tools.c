/*
 * The tools of Documentation/plugins/tools.md do what the page says of them: guide_tools ROLL COUNT. A host just large
 * enough: a stream that keeps the output and counts the terminals.
 */
#include "patchbay.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char output[256], listed[256];
static unsigned finished, failed;

static void check(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "guide_tools: %s\n", what);
    exit(1);
}

static void append(char *to, pbay_text text) {
    check(strlen(to) + text.size < 256, "too much text");
    strncat(to, text.data, text.size);
}

static int32_t push(pbay_stream_id stream, const pbay_event *event) {
    check(stream == 7 && event->kind == PBAY_EVENT_TEXT && finished + failed == 0, "a push that can't be");
    append(output, event->text);
    return PBAY_OK;
}
static int32_t usage(pbay_stream_id stream, const pbay_usage *usage) { (void)stream; (void)usage; return PBAY_OK; }
static int32_t upstream(pbay_stream_id stream, const pbay_upstream_info *info) { (void)stream; (void)info; return PBAY_OK; }
static int32_t finish(pbay_stream_id stream, int32_t reason, const pbay_usage *usage) {
    (void)usage;
    check(stream == 7 && reason == PBAY_FINISH_STOP, "a wrong finish");
    finished++;
    return PBAY_OK;
}
static int32_t fail(pbay_stream_id stream, const pbay_error *error) {
    check(stream == 7 && error->message[0], "a failure without words");
    failed++;
    return PBAY_OK;
}

static const pbay_stream_api stream = {
    .size = sizeof stream, .push = push, .usage = usage, .upstream = upstream, .finish = finish, .fail = fail};
static const void *service(const char *id) { return strcmp(id, PBAY_HOST_STREAM) == 0 ? &stream : 0; }
static const pbay_host host = {
    .size = sizeof host, .abi_minor = PBAY_ABI_MINOR, .name = "guide", .version = "0", .get_extension = service};

static void emit(void *context, const pbay_tool_info *info) {
    (void)context;
    append(listed, info->name);
    check(info->parameters.size > 2 && info->parameters.data[0] == '{', "parameters are an object schema");
}

static pbay_text text(const char *s) { pbay_text t = {s, strlen(s)}; return t; }

/* Starts a plugin, which has the one tool `name`, and makes one call of it. */
static void try(const char *path, const char *name, const char *arguments) {
    void *image = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    check(image != 0, image ? path : dlerror());
    pbay_entry_v1 entry;
    *(void **)&entry = dlsym(image, PBAY_ENTRY_SYMBOL);
    const pbay_module *module;
    const pbay_instance *plugin;
    pbay_error error = {.size = sizeof error};
    check(entry && entry(&host, &module, &error) == PBAY_OK, "the entry");
    check(strcmp(module->interfaces[0], PBAY_TOOLS) == 0 && !module->interfaces[1], "the interfaces");
    check(module->create(1, text("{}"), &plugin, &error) == PBAY_OK, "create");
    check(plugin->start(plugin->self, &error) == PBAY_OK, "start");
    const pbay_tools *tools = plugin->get_extension(plugin->self, PBAY_TOOLS);
    check(tools && tools->list(plugin->self, emit, 0) == PBAY_OK && strcmp(listed, name) == 0, "list");
    pbay_tool_call call = {.size = sizeof call, .name = text(name), .arguments = text(arguments)};
    void *state = 0;
    check(tools->invoke(plugin->self, &call, 7, &state, &error) == PBAY_OK, "invoke");
    check(finished == 1 && failed == 0, "one terminal");
    if (tools->release) tools->release(plugin->self, state);
    plugin->stop(plugin->self);
    plugin->destroy(plugin->self);
}

int main(int argc, char **argv) {
    check(argc == 3, "two libraries are needed");
    try(argv[1], "roll", "{\"sides\": 20}");
    check(atoi(output) >= 1 && atoi(output) <= 20, "a die's number");
    output[0] = listed[0] = 0;
    finished = 0;
    try(argv[2], "count_words", "{\"text\": \"It isn't a \\u0022long\\u0022 text.\"}");
    check(strcmp(output, "5") == 0, "the words are counted");
    return 0;
}
