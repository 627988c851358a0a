/*
 * Guard: lists, sizes and a moderation model that decide what goes through. The ABI: entry, module, instance.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

#include <cstring>

namespace guard {

const pbay_hook_api *host;

namespace {

const void *instance_get_extension(void *self, const char *id) {
    return std::strcmp(id, PBAY_HOOKS) == 0 ? &static_cast<Instance *>(self)->hooks : nullptr;
}

int32_t instance_start(void *self, pbay_error *err) {
    try {
        static_cast<Instance *>(self)->start();
        return PBAY_OK;
    } catch (...) {
        return perror_set(err, PBAY_EOVERLOADED, nullptr, "No thread could be started.");
    }
}

void instance_stop(void *self) { static_cast<Instance *>(self)->stop(); }

void instance_destroy(void *self) { delete static_cast<Instance *>(self); }

int32_t module_create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *err) {
    try {
        auto instance = std::make_unique<Instance>(id, read_config(std::string_view(config.data, static_cast<size_t>(config.size))));
        pbay_instance &table = instance->table;
        table.size = sizeof table;
        table.self = instance.get();
        table.get_extension = instance_get_extension;
        table.start = instance_start;
        table.stop = instance_stop;
        table.destroy = instance_destroy;
        *out = &instance.release()->table;
        return PBAY_OK;
    } catch (const BadConfig &bad) {
        return perror_message(err, PBAY_EINVALID, bad.path.c_str(), bad.message.c_str());
    } catch (...) {
        return perror_set(err, PBAY_EOVERLOADED, nullptr, "Out of memory.");
    }
}

const char *const interfaces[] = {PBAY_HOOKS, nullptr};

const pbay_module module = {
    sizeof module,
    2, /* hooks came with 1.2 */
    "patchbay.guard",
    "1.0.0",
    "Apache-2.0",
    "Refuses requests and answers by lists, sizes and a moderation model",
    interfaces,
    module_create,
};

} // namespace

} // namespace guard

extern "C" PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err);

extern "C" PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *err) {
    guard::host = static_cast<const pbay_hook_api *>(host->get_extension(PBAY_HOST_HOOK));
    if (guard::host == nullptr) return perror_set(err, PBAY_EUNSUPPORTED, nullptr, "This host has no %s.", PBAY_HOST_HOOK);
    *out = &guard::module;
    return PBAY_OK;
}
