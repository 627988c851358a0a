// The ABI: entry, module, instance and provider. No exception leaves this file.
#include "CPUCheck.h"
#include "Embedder.h"
#include "Engine.h"
#include "Failure.h"
#include "Host.h"

#include "patchbay.h"

#include <cstring>
#include <memory>
#include <string>

namespace patchbay::llama {

namespace {

// A body up to this size is read in `begin`, so that its mistakes are answered at once; a larger one would hold up the
// event loop, and is read by the engine's thread.
constexpr uint64_t small_body = 16 << 10;

struct Instance {
    pbay_instance_id id = 0;
    pbay_instance table{};
    Settings settings;
    std::unique_ptr<Worker> worker; // from start to stop
};

Instance &instance(void *self) { return *static_cast<Instance *>(self); }

// Runs `body`; what it throws is told in `error`.
template <typename Body>
int32_t guarded(pbay_error *error, const Body &body) noexcept {
    try {
        body();
        return PBAY_OK;
    } catch (const Failure &failure) {
        return fill(error, failure);
    } catch (const std::exception &unexpected) {
        error->code = PBAY_EINTERNAL;
        std::strncpy(error->detail, unexpected.what(), sizeof(error->detail) - 1);
        return PBAY_EINTERNAL;
    }
}

// ------------------------------------------------------------------------------------------------------- provider

// What is newer than the host that asks is behind the size that it knows.
int32_t provider_models(void *self, void (*emit)(void *, const pbay_model_info *), void *context) {
    const Model &model = instance(self).worker->model();
    pbay_model_info info{};
    info.size = sizeof(info);
    info.name = text(model.name());
    info.context_tokens = instance(self).worker->settings().context;
    info.inputs = PBAY_INPUT_TEXT;
    std::string markup;
    if (model.embeds()) {
        info.kinds = PBAY_MODEL_EMBEDDINGS;
        info.features_known = PBAY_FEATURE_DIMENSIONS;
        info.features = model.shortens_vectors() ? PBAY_FEATURE_DIMENSIONS : 0;
        info.dimensions = model.dimensions();
    } else {
        info.kinds = PBAY_MODEL_ANSWERS;
        info.features_known = PBAY_FEATURE_TOOLS | PBAY_FEATURE_STRUCTURED_OUTPUT | PBAY_FEATURE_REASONING;
        info.features = PBAY_FEATURE_TOOLS | PBAY_FEATURE_STRUCTURED_OUTPUT;
        info.features |= model.chat_template().knows_thinking() ? PBAY_FEATURE_REASONING : 0;
        info.max_output_tokens = info.context_tokens;
        markup = model.chat_template().tool_markup();
        info.tool_markup = text(markup);
    }
    emit(context, &info);
    if (host().minor >= 3) { // it serves its one model under any name
        info.name = {};
        emit(context, &info);
    }
    return PBAY_OK;
}

int32_t begin(void *self, const pbay_request *request, pbay_stream_id stream, Call::Purpose purpose, void **out, pbay_error *error) {
    return guarded(error, [&] {
        Worker &worker = *instance(self).worker;
        if (const bool embeds = worker.model().embeds(); embeds != (purpose == Call::Purpose::embed)) {
            throw Failure::unsupported("model", embeds ? "this model makes vectors (POST /v1/embeddings) and answers nothing"
                                                       : "this model answers and makes no vectors");
        }
        auto call = std::make_unique<Call>();
        call->stream = stream;
        call->body = view(request->body);
        call->conversation = view(request->conversation);
        call->streams = (request->flags & PBAY_REQUEST_STREAM) != 0;
        call->purpose = purpose;
        if (call->body.size() <= small_body && purpose == Call::Purpose::embed) {
            call->inputs = std::make_unique<EmbeddingRequest>(EmbeddingRequest::parse(call->body, worker.model().vocabulary().size()));
        } else if (call->body.size() <= small_body) {
            call->request = std::make_unique<Request>(Request::parse(call->body, worker.settings()));
        }
        *out = call.get(); // before the worker has it: the terminal may come while this still runs
        worker.submit(*call);
        call.release();
    });
}

int32_t provider_begin(void *self, const pbay_request *request, pbay_stream_id stream, void **out, pbay_error *error) {
    return begin(self, request, stream, Call::Purpose::answer, out, error);
}

// A template takes longer than a strand may: it is run by the engine's thread, between two steps of the computation.
int32_t count_begin(void *self, const pbay_request *request, pbay_stream_id stream, void **out, pbay_error *error) {
    return begin(self, request, stream, Call::Purpose::count, out, error);
}

int32_t embeddings_begin(void *self, const pbay_request *request, pbay_stream_id stream, void **out, pbay_error *error) {
    return begin(self, request, stream, Call::Purpose::embed, out, error);
}

void provider_resume(void *self, void *call) {
    static_cast<Call *>(call)->resumes.fetch_add(1, std::memory_order_release);
    instance(self).worker->wake();
}

void provider_cancel(void *self, void *call, int32_t) {
    static_cast<Call *>(call)->cancelled = true;
    instance(self).worker->wake();
}

void provider_release(void *, void *call) { delete static_cast<Call *>(call); }

const pbay_provider provider = {
    sizeof(pbay_provider), 0,
    provider_models,       provider_begin,
    provider_resume,       provider_cancel,
    provider_release,
};

const pbay_token_count token_count = {sizeof(pbay_token_count), 0, count_begin};

// However many inputs: they are computed in batches, between those of others.
const pbay_embeddings embeddings = {sizeof(pbay_embeddings), 0, embeddings_begin};

// ------------------------------------------------------------------------------------------------------- instance

const void *instance_extension(void *, const char *id) {
    if (std::strcmp(id, PBAY_PROVIDER) == 0) {
        return &provider;
    }
    if (std::strcmp(id, PBAY_EMBEDDINGS) == 0) {
        return &embeddings;
    }
    return std::strcmp(id, PBAY_TOKEN_COUNT) == 0 ? &token_count : nullptr;
}

int32_t instance_start(void *self, pbay_error *error) {
    return guarded(error, [&] {
        Instance &one = instance(self);
        const LogScope scope(one.id);
        if (const char *missing = missing_cpu_feature()) {
            throw Failure::unsupported("", std::string("this plugin was built for a CPU with ") + missing +
                                               ", which this machine lacks: build it here (make, or Plugins/Llama/setup-engine)");
        }
        Settings settings = one.settings;
        auto model = std::make_unique<Model>(settings);
        if (model->embeds()) {
            one.worker = std::make_unique<Embedder>(std::move(model), std::move(settings), one.id);
        } else {
            one.worker = std::make_unique<Engine>(std::move(model), std::move(settings), one.id);
        }
        one.worker->start();
    });
}

void instance_drain(void *self, uint64_t) { instance(self).worker->drain(); }

void instance_health(void *self, pbay_health *out) {
    if (instance(self).worker) {
        instance(self).worker->health(*out);
    } else {
        out->state = PBAY_UNHEALTHY;
        std::strncpy(out->message, "not started", sizeof(out->message) - 1);
    }
}

void instance_stop(void *self) {
    const LogScope scope(instance(self).id);
    instance(self).worker.reset();
}

void instance_destroy(void *self) { delete static_cast<Instance *>(self); }

// --------------------------------------------------------------------------------------------------------- module

int32_t module_create(pbay_instance_id id, pbay_text config, const pbay_instance **out, pbay_error *error) {
    return guarded(error, [&] {
        auto one = std::make_unique<Instance>();
        one->id = id;
        one->settings = Settings::parse(view(config));
        one->table = {sizeof(pbay_instance), 0,
                      one.get(),             instance_extension,
                      instance_start,        instance_drain,
                      instance_health,       instance_stop,
                      instance_destroy};
        *out = &one.release()->table;
    });
}

const char *const interfaces[] = {PBAY_PROVIDER, PBAY_TOKEN_COUNT, PBAY_EMBEDDINGS, nullptr};

const pbay_module module = {
    sizeof(pbay_module), 1 /* the host finds the calls in a text */, "patchbay.llama", "0.1.0", "Apache-2.0", "A local engine: any GGUF model, through llama.cpp",
    interfaces, module_create,
};

} // namespace

} // namespace patchbay::llama

extern "C" PBAY_EXPORT int32_t patchbay_plugin_entry_v1(const pbay_host *host, const pbay_module **out, pbay_error *error) {
    using namespace patchbay::llama;
    Host found;
    found.minor = host->abi_minor;
    found.stream = static_cast<const pbay_stream_api *>(host->get_extension(PBAY_HOST_STREAM));
    found.log = static_cast<const pbay_log_api *>(host->get_extension(PBAY_HOST_LOG));
    if (found.stream == nullptr) {
        return fill(error, Failure::unsupported("", std::string("the host offers no ") + PBAY_HOST_STREAM));
    }
    set_host(found);
    route_engine_log();
    *out = &module;
    return PBAY_OK;
}
