/*
 * Audit: a configuration that means nothing is refused, with the place of what is wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <stdlib.h>
#include <sys/stat.h>

static void refuse(const char *config, const char *param, const char *words) {
    instance instance;
    pbay_error error;
    int32_t code = host_start(&instance, config, &error);
    EXPECT(code == PBAY_EINVALID, "%s: %d", config, code);
    EXPECT(strcmp(error.param, param) == 0, "%s: %s", config, error.param);
    EXPECT(strstr(error.message, words) != NULL, "%s: %s", config, error.message);
    if (code == PBAY_OK) host_stop(&instance);
}

void check_configuration(void) {
    char config[600];
    refuse("[]", "", "one JSON object");
    refuse("{\"path\":", "", "one JSON object");
    refuse("{}", "path", "missing");
    refuse("{\"path\":7}", "path", "must be the file");
    refuse("{\"path\":\"\"}", "path", "must be the file");
    refuse("{\"path\":\"a\\u0000b\"}", "path", "zero");
    refuse("{\"path\":\"/nowhere/at/all\"}", "path", "No such file");
    refuse("{\"path\":\"/tmp\"}", "path", "");
    refuse("{\"path\":\"/dev/full\"}", "path", "regular file");
    refuse("{\"path\":\"x\",\"max_bytes\":4095}", "max_bytes", "from 4096");
    refuse("{\"path\":\"x\",\"max_bytes\":\"1MB\"}", "max_bytes", "integer");
    refuse("{\"path\":\"x\",\"keep\":-1}", "keep", "from 0");
    refuse("{\"path\":\"x\",\"queue\":0}", "queue", "from 1");
    refuse("{\"path\":\"x\",\"contents\":\"yes\"}", "contents", "true or false");
    refuse("{\"path\":\"x\",\"max_content_bytes\":7}", "max_content_bytes", "without contents");
    refuse("{\"path\":\"x\",\"on_full\":\"wait\"}", "on_full", "drop or block");
    refuse("{\"path\":\"x\",\"required\":true,\"on_full\":\"block\"}", "on_full", "required");
    refuse("{\"path\":\"x\",\"fsync\":1}", "fsync", "true or false");
    refuse("{\"path\":\"x\",\"pth\":1}", "pth", "Unknown key");
    fresh();
    snprintf(config, sizeof config, "%s", path);
    if (mkfifo(config, 0600) != 0) abort();
    snprintf(config, sizeof config, "{\"path\":\"%s\"}", path);
    refuse(config, "path", "regular file");
}
