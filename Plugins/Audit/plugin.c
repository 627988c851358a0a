/*
 * Audit: a line of JSON for each request. The ABI: entry, module, instance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "audit.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const pbay_hook_api *audit_host;
static const pbay_log_api *logs; /* null where the host has none */

void audit_log(const audit *audit, int32_t level, const char *format, ...) {
    char message[512];
    va_list arguments;
    if (logs == NULL) return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    logs->write(audit->id, level, (pbay_text){message, strlen(message)});
}

/* ------------------------------------------------------------------------------------------------------ an instance */

static const void *instance_get_extension(void *self, const char *id) {
    audit *audit = self;
    return strcmp(id, PBAY_HOOKS) == 0 ? &audit->hooks : NULL;
}

/* The process's signals are for the host's own threads; among them the one for a file that may not grow, which is an errno then. */
static int start_thread(audit *audit) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&audit->thread, NULL, writer_main, audit);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code == 0;
}

static int32_t instance_start(void *self, pbay_error *err) {
    audit *audit = self;
    int code = file_ready(audit);
    if (code == EINVAL || code == ENXIO) return perror_set(err, PBAY_EINVALID, "path", "path must be a regular file.");
    if (code != 0) return perror_set(err, PBAY_EINVALID, "path", "path can't be opened: %s.", strerror(code));
    audit->running = start_thread(audit);
    if (audit->running) return PBAY_OK;
    file_close(audit);
    return perror_set(err, PBAY_EOVERLOADED, NULL, "No thread could be started.");
}

static void instance_stop(void *self) {
    audit *audit = self;
    if (!audit->running) return;
    queue_stop(audit);
    pthread_join(audit->thread, NULL); /* it writes what waits first */
    audit->running = 0;
}

static void instance_health(void *self, pbay_health *out) {
    audit *audit = self;
    if (out->size < sizeof *out) return; /* there has been no shorter one */
    pthread_mutex_lock(&audit->mutex);
    int full = audit->newly_dropped > 0;
    out->state = audit->failing || full ? PBAY_DEGRADED : PBAY_HEALTHY;
    out->message[0] = 0;
    if (audit->failing || audit->dropped > 0 || audit->lost > 0) {
        snprintf(out->message, sizeof out->message, "%s%s%llu lines dropped because the queue was full, %llu lost because the file couldn't be written.",
                 audit->failing ? audit->failure : "", audit->failing ? ". " : "", (unsigned long long)audit->dropped,
                 (unsigned long long)audit->lost);
    }
    pthread_mutex_unlock(&audit->mutex);
}

static void instance_destroy(void *self) {
    audit *audit = self;
    pthread_cond_destroy(&audit->filled);
    pthread_cond_destroy(&audit->emptied);
    pthread_mutex_destroy(&audit->mutex);
    free(audit->path);
    free(audit);
}

/* ------------------------------------------------------------------------------------------------- module and entry */

static int32_t module_create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    audit *audit = calloc(1, sizeof *audit);
    if (audit == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    audit->id = id;
    audit->file = -1;
    audit->table.size = sizeof audit->table;
    audit->table.self = audit;
    audit->table.get_extension = instance_get_extension;
    audit->table.start = instance_start;
    audit->table.health = instance_health;
    audit->table.stop = instance_stop;
    audit->table.destroy = instance_destroy;
    if (pthread_mutex_init(&audit->mutex, NULL) != 0 || pthread_cond_init(&audit->filled, NULL) != 0 ||
        pthread_cond_init(&audit->emptied, NULL) != 0) {
        free(audit);
        return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of locks.");
    }
    int32_t code = config_read(audit, config, err);
    if (code != PBAY_OK) {
        instance_destroy(audit);
        return code;
    }
    hooks_fill(audit);
    *out = &audit->table;
    return PBAY_OK;
}

static const char *const interfaces[] = {PBAY_HOOKS, NULL};

static const pbay_module module = {
    .size = sizeof module,
    .abi_minor = 2,
    .id = "patchbay.audit",
    .version = "1.0.0",
    .licence = "Apache-2.0",
    .description = "Writes a line of JSON for each request to a file",
    .interfaces = interfaces,
    .create = module_create,
};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err);

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    audit_host = host->get_extension(PBAY_HOST_HOOK);
    logs = host->get_extension(PBAY_HOST_LOG);
    if (audit_host == NULL) return perror_set(err, PBAY_EUNSUPPORTED, NULL, "This host has no %s.", PBAY_HOST_HOOK);
    *out = &module;
    return PBAY_OK;
}
