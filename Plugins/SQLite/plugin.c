/*
 * The SQLite store: entry, module, instance, configuration.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "store.h"

#include "plugin_json.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The host's tables. Written once by the entry, before anything else runs. */
const pbay_storage_results *sqlite_results;
static const pbay_log_api *logs; /* null where the host has none */

void store_log(const store *store, int32_t level, const char *format, ...) {
    char message[1024];
    va_list arguments;
    if (logs == NULL) return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    pbay_text text = {message, strlen(message)};
    logs->write(store->id, level, text);
}

/* ------------------------------------------------------------------------------------------------------ an instance */

static const void *instance_get_extension(void *self, const char *id) {
    (void)self;
    return strcmp(id, PBAY_STORAGE) == 0 ? &sqlite_storage : NULL;
}

/* Ends what start has begun: the threads, each after its queue is empty, then the connections, the writer's last. */
static void end(store *store) {
    queue_stop(&store->reads);
    queue_stop(&store->writes);
    for (uint64_t i = 0; i < store->readers_running; i++) pthread_join(store->reader_threads[i], NULL);
    if (store->writer_running) pthread_join(store->writer_thread, NULL);
    store->readers_running = 0;
    store->writer_running = 0;
    for (uint64_t i = 0; i < MAX_READERS; i++) database_close(&store->reader[i]);
    database_close(&store->writer);
}

static int start_thread(pthread_t *thread, void *(*function)(void *), void *argument) {
    sigset_t all, before; /* the process's signals are for the host's own threads */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(thread, NULL, function, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code == 0;
}

static int start_reader(store *store, uint64_t index) {
    reader_argument *argument = malloc(sizeof *argument);
    if (argument == NULL) return 0;
    argument->store = store;
    argument->database = &store->reader[index];
    if (start_thread(&store->reader_threads[index], reader_main, argument)) return 1;
    free(argument);
    return 0;
}

static int32_t instance_start(void *self, pbay_error *err) {
    store *store = self;
    int32_t code = database_open_writer(store, err);
    for (uint64_t i = 0; i < store->reader_count && code == PBAY_OK; i++) {
        code = database_open_reader(store, &store->reader[i], err);
    }
    if (code == PBAY_OK) {
        store->writer_running = start_thread(&store->writer_thread, writer_main, store);
        if (!store->writer_running) code = perror_set(err, PBAY_EOVERLOADED, NULL, "No thread could be started.");
    }
    while (code == PBAY_OK && store->readers_running < store->reader_count) {
        if (start_reader(store, store->readers_running)) store->readers_running++;
        else code = perror_set(err, PBAY_EOVERLOADED, NULL, "No thread could be started.");
    }
    if (code != PBAY_OK) end(store);
    return code;
}

static void instance_stop(void *self) { end(self); }

static void instance_health(void *self, pbay_health *out) {
    store *store = self;
    int failing = __atomic_load_n(&store->failing, __ATOMIC_RELAXED);
    if (out->size < sizeof *out) return; /* there has been no shorter one */
    out->state = failing ? PBAY_UNHEALTHY : PBAY_HEALTHY;
    perror_copy(out->message, sizeof out->message, failing ? "The last write failed; the log says why." : "");
}

static void instance_destroy(void *self) {
    store *store = self;
    queue_free(&store->reads);
    queue_free(&store->writes);
    pthread_mutex_destroy(&store->uses.mutex);
    free(store->path);
    free(store);
}

/* ---------------------------------------------------------------------------------------------------- configuration */

static int32_t read_number(pjson_value value, const char *key, int64_t least, int64_t most, uint64_t *out, pbay_error *err) {
    int64_t number = 0;
    if (!pjson_int(value, &number) || number < least || number > most) {
        return perror_set(err, PBAY_EINVALID, key, "%s must be an integer from %lld to %lld.", key, (long long)least, (long long)most);
    }
    *out = (uint64_t)number;
    return PBAY_OK;
}

static int32_t read_path(store *store, pjson_value value, pbay_error *err) {
    size_t size = pjson_decode(value, NULL, 0);
    if (value.kind != PJSON_STRING || size == 0 || size > 3000) {
        return perror_set(err, PBAY_EINVALID, "path", "path must be the database's file.");
    }
    store->path = calloc(1, size + 1);
    if (store->path == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    pjson_decode(value, store->path, size);
    if (strlen(store->path) != size) return perror_set(err, PBAY_EINVALID, "path", "path must not hold a zero character.");
    if (strcmp(store->path, ":memory:") == 0) {
        return perror_set(err, PBAY_EINVALID, "path", "path must be a file; to keep nothing on disk, use libpatchbay_memory.so.");
    }
    return PBAY_OK;
}

static int32_t read_configuration(store *store, pbay_text text, pbay_error *err) {
    pjson_value config, key, value;
    size_t error_at = 0;
    if (!pjson_parse(text.data, (size_t)text.size, &config, &error_at) || config.kind != PJSON_OBJECT) {
        return perror_set(err, PBAY_EINVALID, NULL, "The configuration must be one JSON object (byte %zu).", error_at);
    }
    pjson_iterator members = pjson_iterate(config);
    while (pjson_next(&members, &key, &value)) {
        int32_t code;
        if (pjson_equals(key, "path") && store->path == NULL) {
            code = read_path(store, value, err);
        } else if (pjson_equals(key, "max_value_bytes")) {
            code = read_number(value, "max_value_bytes", 1, 512 << 20, &store->max_value_bytes, err);
        } else if (pjson_equals(key, "max_bytes_per_owner")) {
            code = read_number(value, "max_bytes_per_owner", 1, (int64_t)1 << 50, &store->max_bytes_per_owner, err);
        } else if (pjson_equals(key, "busy_timeout_ms")) {
            code = read_number(value, "busy_timeout_ms", 0, 600000, &store->busy_timeout_ms, err);
        } else if (pjson_equals(key, "readers")) {
            code = read_number(value, "readers", 1, MAX_READERS, &store->reader_count, err);
        } else {
            char name[PBAY_PARAM_CAPACITY] = {0};
            pjson_decode(key, name, sizeof name - 1);
            code = perror_set(err, PBAY_EINVALID, name,
                              "Unknown key; there are path, max_value_bytes, max_bytes_per_owner, busy_timeout_ms and readers.");
        }
        if (code != PBAY_OK) return code;
    }
    if (store->path == NULL) return perror_set(err, PBAY_EINVALID, "path", "path is missing: the database's file.");
    return PBAY_OK;
}

static int32_t module_create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    store *store = calloc(1, sizeof *store);
    if (store == NULL) return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of memory.");
    store->id = id;
    store->max_value_bytes = 16 << 20;
    store->busy_timeout_ms = 5000;
    store->reader_count = 2;
    store->table.size = sizeof store->table;
    store->table.self = store;
    store->table.get_extension = instance_get_extension;
    store->table.start = instance_start;
    store->table.health = instance_health;
    store->table.stop = instance_stop;
    store->table.destroy = instance_destroy;
    if (!queue_init(&store->reads) || !queue_init(&store->writes) || pthread_mutex_init(&store->uses.mutex, NULL) != 0) {
        free(store);
        return perror_set(err, PBAY_EOVERLOADED, NULL, "Out of locks.");
    }
    int32_t code = read_configuration(store, config, err);
    if (code != PBAY_OK) {
        instance_destroy(store);
        return code;
    }
    *out = &store->table;
    return PBAY_OK;
}

/* ------------------------------------------------------------------------------------------------- module and entry */

static const char *const interfaces[] = {PBAY_STORAGE, NULL};

static const pbay_module module = {
    .size = sizeof module,
    .abi_minor = 0,
    .id = "patchbay.sqlite",
    .version = "1.0.0",
    .licence = "Apache-2.0",
    .description = "Keeps records in one SQLite file",
    .interfaces = interfaces,
    .create = module_create,
};

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err);

PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    sqlite_results = host->get_extension(PBAY_HOST_STORAGE_RESULTS);
    logs = host->get_extension(PBAY_HOST_LOG);
    if (sqlite_results == NULL) {
        return perror_set(err, PBAY_EUNSUPPORTED, NULL, "This host has no %s.", PBAY_HOST_STORAGE_RESULTS);
    }
    if (!sqlite3_threadsafe()) return perror_set(err, PBAY_EUNSUPPORTED, NULL, "The system's SQLite is built for one thread.");
    *out = &module;
    return PBAY_OK;
}
