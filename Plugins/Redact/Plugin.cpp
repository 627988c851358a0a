// The ABI: entry, module, instance and hooks. No exception leaves this file.
#include "Answer.h"
#include "Document.h"
#include "Worker.h"

#include "Common.h"

#include <cstring>
#include <exception>
#include <memory>

namespace patchbay::redact {

namespace {

// The host's table. Written once by the entry, before anything else runs.
const pbay_hook_api *api = nullptr;

// A document up to this size is masked on the strand, in 100 us where it is full of values; a larger one by the worker.
constexpr size_t small_document = 8 << 10;

struct Instance {
    explicit Instance(Settings &&read) : settings(std::move(read)), finder(settings) {}

    const Settings settings;
    const Finder finder;
    Worker worker;
    pbay_instance table{};
    pbay_hooks hooks{};
};

// One request. Its visits come one after another.
struct Request {
    explicit Request(const Instance &instance) : vault(instance.finder), answer(vault) {}

    Vault vault;
    Answer answer;
};

pbay_error error_of(int32_t code, const char *param, const char *message) {
    pbay_error error = perror_empty();
    perror_message(&error, code, param, message);
    return error;
}

// Runs `body`; what it throws is told in `error`.
template <typename Body>
int32_t guarded(pbay_error *error, const Body &body) noexcept {
    try {
        return body();
    } catch (const Failure &failure) {
        return perror_message(error, failure.code, failure.param.c_str(), failure.message.c_str());
    } catch (const std::bad_alloc &) {
        return perror_message(error, PBAY_EOVERLOADED, nullptr, "Out of memory.");
    } catch (const std::exception &unexpected) {
        const int32_t code = perror_message(error, PBAY_EINTERNAL, nullptr, "The hook failed.");
        if (error->size >= sizeof *error) {
            perror_copy(error->detail, sizeof error->detail, unexpected.what());
        }
        return code;
    }
}

// --------------------------------------------------------------------------------------------------------- documents

DocumentKind kind_of(uint32_t point) {
    return point == PBAY_POINT_REQUEST            ? DocumentKind::request
           : point == PBAY_POINT_HISTORY_LOADED ? DocumentKind::history
                                                : DocumentKind::tool_result;
}

// Masks, and gives the verdict. Nothing of the visit is looked at afterwards.
int32_t decide(const Instance &instance, Request *request, pbay_visit_id visit, uint32_t point, std::string_view document) {
    std::string out;
    const Outcome outcome = mask(kind_of(point), document, instance.finder, request == nullptr ? nullptr : &request->vault, out);
    switch (outcome) {
    case Outcome::unchanged:
        api->proceed(visit);
        return PBAY_OK;
    case Outcome::changed:
        if (api->replace(visit, text(out)) == PBAY_EINVALID) {
            break;
        }
        return PBAY_OK;
    case Outcome::too_many: {
        const pbay_error error = error_of(PBAY_EINVALID, "input", "The input has more values to mask than one request may have.");
        api->reject(visit, &error);
        return PBAY_OK;
    }
    case Outcome::malformed: break;
    }
    const pbay_error error = error_of(PBAY_EINTERNAL, nullptr, "The document isn't what the point promises.");
    api->fail(visit, &error);
    return PBAY_OK;
}

int32_t visit_document(Instance &instance, Request *request, const pbay_visit &visit) {
    pbay_text document{};
    const pbay_visit_id id = visit.id;
    const uint32_t point = visit.point;
    const int32_t code = api->document(id, &document);
    if (code < 0) {
        return code == PBAY_CLOSED ? PBAY_OK : code;
    }
    if (document.size > instance.settings.max_bytes) {
        const std::string words = "The input is too large to be masked: " + std::to_string(instance.settings.max_bytes) + " bytes at most.";
        const pbay_error error = error_of(PBAY_EINVALID, "input", words.c_str());
        api->reject(id, &error);
        return PBAY_OK;
    }
    if (document.size <= small_document) {
        return decide(instance, request, id, point, view(document));
    }
    instance.worker.submit([&instance, request, id, point, document] {
        pbay_error error = perror_empty();
        if (guarded(&error, [&] { return decide(instance, request, id, point, view(document)); }) < 0) {
            api->fail(id, &error);
        }
    });
    return PBAY_DEFER;
}

// ------------------------------------------------------------------------------------------------------------- hooks

int32_t hooks_open(void *self, const pbay_hooked_request *, void **state, pbay_error *error) {
    return guarded(error, [&] {
        const Instance &instance = *static_cast<Instance *>(self);
        *state = instance.settings.unmask ? new Request(instance) : nullptr;
        return PBAY_OK;
    });
}

int32_t visit_events(Request &request, const pbay_visit &visit) {
    const pbay_visit_id id = visit.id;
    int32_t worst = PBAY_OK;
    const bool replaced = request.answer.visit(visit, [&](const pbay_event &event) {
        const int32_t code = api->emit(id, &event);
        worst = code < worst ? code : worst;
    });
    if (!replaced || worst == PBAY_CLOSED) {
        return PBAY_OK;
    }
    if (worst < 0) {
        refuse("", "An event was not taken.");
    }
    api->replace_events(id);
    return PBAY_OK;
}

int32_t hooks_visit(void *self, void *state, const pbay_visit *visit, pbay_error *error) {
    return guarded(error, [&] {
        auto *request = static_cast<Request *>(state);
        if (visit->point == PBAY_POINT_EVENTS) {
            return visit_events(*request, *visit);
        }
        return visit_document(*static_cast<Instance *>(self), request, *visit);
    });
}

void hooks_close(void *, void *state) { delete static_cast<Request *>(state); }

// ---------------------------------------------------------------------------------------------------------- instance

const void *instance_extension(void *self, const char *id) {
    return std::strcmp(id, PBAY_HOOKS) == 0 ? &static_cast<Instance *>(self)->hooks : nullptr;
}

int32_t instance_start(void *self, pbay_error *error) {
    return guarded(error, [&] {
        static_cast<Instance *>(self)->worker.start();
        return PBAY_OK;
    });
}

void instance_stop(void *self) { static_cast<Instance *>(self)->worker.stop(); }

void instance_destroy(void *self) { delete static_cast<Instance *>(self); }

int32_t module_create(pbay_instance_id, pbay_text config, const pbay_instance **out, pbay_error *error) {
    return guarded(error, [&] {
        auto instance = std::make_unique<Instance>(Settings::parse(view(config)));
        pbay_instance &table = instance->table;
        table.size = sizeof table;
        table.self = instance.get();
        table.get_extension = instance_extension;
        table.start = instance_start;
        table.stop = instance_stop;
        table.destroy = instance_destroy;
        pbay_hooks &hooks = instance->hooks;
        hooks.size = sizeof hooks;
        // Masked for good on the way in; or for the provider alone, and put back in what it says.
        hooks.points = instance->settings.unmask ? PBAY_POINT_HISTORY_LOADED | PBAY_POINT_EVENTS
                                                 : PBAY_POINT_REQUEST | PBAY_POINT_HISTORY_LOADED | PBAY_POINT_TOOL_RESULT;
        hooks.events = instance->settings.unmask ? PBAY_EVENTS_ALL : 0;
        hooks.open = hooks_open;
        hooks.visit = hooks_visit;
        hooks.close = hooks_close;
        *out = &instance.release()->table;
        return PBAY_OK;
    });
}

const char *const interfaces[] = {PBAY_HOOKS, nullptr};

const pbay_module module = {
    sizeof(pbay_module), 2, "patchbay.redact", "1.0.0", "Apache-2.0", "Masks addresses, card numbers, keys and patterns of your own",
    interfaces, module_create,
};

} // namespace

} // namespace patchbay::redact

extern "C" PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *error) {
    using patchbay::redact::api;
    api = static_cast<const pbay_hook_api *>(host->get_extension(PBAY_HOST_HOOK));
    if (api == nullptr) {
        return perror_message(error, PBAY_EUNSUPPORTED, nullptr, "This host has no " PBAY_HOST_HOOK ".");
    }
    *out = &patchbay::redact::module;
    return PBAY_OK;
}
