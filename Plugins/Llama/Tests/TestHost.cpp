#include "TestHost.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

namespace {

std::mutex mutex; // guards all streams
std::condition_variable changed;
std::map<pbay_stream_id, std::unique_ptr<Stream>> streams;
pbay_stream_id next_id = 1;

std::string copy(pbay_text text) { return text.size == 0 ? std::string() : std::string(text.data, text.size); }

int32_t push(pbay_stream_id id, const pbay_event *event) {
    const std::lock_guard lock(mutex);
    Stream &stream = *streams.at(id);
    if (stream.terminals > 0) {
        stream.late_push = true;
        return PBAY_CLOSED;
    }
    if (stream.is_cancelled) {
        return PBAY_CLOSED;
    }
    stream.events.push_back({event->kind, event->index, copy(event->text), copy(event->name)});
    changed.notify_all();
    return stream.events.size() == stream.pause_at ? PBAY_PAUSE : PBAY_OK;
}

int32_t usage(pbay_stream_id id, const pbay_usage *usage) {
    const std::lock_guard lock(mutex);
    streams.at(id)->usage = *usage;
    return PBAY_OK;
}

int32_t upstream(pbay_stream_id, const pbay_upstream_info *) { return PBAY_OK; }

int32_t finish(pbay_stream_id id, int32_t reason, const pbay_usage *usage) {
    const std::lock_guard lock(mutex);
    Stream &stream = *streams.at(id);
    stream.finished = true;
    stream.reason = reason;
    stream.usage = *usage;
    ++stream.terminals;
    changed.notify_all();
    return PBAY_OK;
}

int32_t fail(pbay_stream_id id, const pbay_error *error) {
    const std::lock_guard lock(mutex);
    Stream &stream = *streams.at(id);
    stream.error = *error;
    ++stream.terminals;
    changed.notify_all();
    return PBAY_OK;
}

void write_log(pbay_instance_id, int32_t level, pbay_text message) {
    static const bool verbose = std::getenv("LLAMA_TEST_LOG") != nullptr;
    if (verbose || level > PBAY_LOG_INFO) {
        std::fprintf(stderr, "    log %d: %.*s\n", level, static_cast<int>(message.size), message.data);
    }
}

const pbay_stream_api stream_api = {sizeof(pbay_stream_api), 0, push, usage, upstream, finish, fail};
const pbay_log_api log_api = {sizeof(pbay_log_api), 0, write_log};

const void *get_extension(const char *id) {
    return std::strcmp(id, PBAY_HOST_STREAM) == 0 ? static_cast<const void *>(&stream_api)
           : std::strcmp(id, PBAY_HOST_LOG) == 0  ? static_cast<const void *>(&log_api)
                                                  : nullptr;
}

const pbay_host host_table = {sizeof(pbay_host), PBAY_ABI_MINOR, "test", "0", get_extension};

[[noreturn]] void give_up(const std::string &words) {
    std::fprintf(stderr, "%s\n", words.c_str());
    std::exit(2);
}

const pbay_module &open(const std::string &library) {
    static const pbay_module *module = nullptr;
    if (module != nullptr) {
        return *module;
    }
    void *image = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (image == nullptr) {
        give_up(dlerror());
    }
    const auto entry = reinterpret_cast<pbay_entry_v1>(dlsym(image, PBAY_ENTRY_SYMBOL));
    pbay_error error{};
    error.size = sizeof(error);
    if (entry == nullptr || entry(&host_table, &module, &error) != PBAY_OK) {
        give_up(std::string("the entry failed: ") + error.message);
    }
    return *module;
}

} // namespace

std::string Stream::joined(uint32_t kind) const {
    std::string words;
    for (const Recorded &event : events) {
        words += event.kind == kind ? event.text : "";
    }
    return words;
}

size_t Stream::count(uint32_t kind) const {
    size_t total = 0;
    for (const Recorded &event : events) {
        total += event.kind == kind ? 1 : 0;
    }
    return total;
}

pbay_error TestHost::try_config(const std::string &library, const std::string &config, bool start) {
    pbay_error error{};
    error.size = sizeof(error);
    const pbay_instance *made = nullptr;
    if (open(library).create(99, {config.data(), config.size()}, &made, &error) != PBAY_OK) {
        return error;
    }
    if (start && made->start(made->self, &error) == PBAY_OK) {
        made->stop(made->self);
    }
    made->destroy(made->self);
    return error;
}

TestHost::TestHost(const std::string &library, const std::string &config) {
    pbay_error error{};
    error.size = sizeof(error);
    if (open(library).create(1, {config.data(), config.size()}, &instance, &error) != PBAY_OK) {
        give_up(std::string("create failed: ") + error.message);
    }
    if (instance->start(instance->self, &error) != PBAY_OK) {
        give_up(std::string("start failed: ") + error.message + " " + error.detail);
    }
    provider = static_cast<const pbay_provider *>(instance->get_extension(instance->self, PBAY_PROVIDER));
}

TestHost::~TestHost() {
    stop();
    instance->destroy(instance->self);
}

void TestHost::stop() {
    if (!stopped) {
        instance->stop(instance->self);
        stopped = true;
    }
}

Stream &TestHost::begin(const common_json &body, bool streams_it, const std::string &conversation, size_t pause_at) {
    return begin(provider->begin, body, streams_it, conversation, pause_at);
}

Stream &TestHost::count(const common_json &body) {
    const auto *table = static_cast<const pbay_token_count *>(instance->get_extension(instance->self, PBAY_TOKEN_COUNT));
    return wait(begin(table->begin, body, false, {}, 0));
}

Stream &TestHost::begin_embedding(const common_json &body) {
    const auto *table = static_cast<const pbay_embeddings *>(instance->get_extension(instance->self, PBAY_EMBEDDINGS));
    return begin(table->begin, body, false, {}, 0);
}

Stream &TestHost::begin(Begin function, const common_json &body, bool streams_it, const std::string &conversation, size_t pause_at) {
    Stream *stream = nullptr;
    {
        const std::lock_guard lock(mutex);
        auto made = std::make_unique<Stream>();
        made->id = next_id++;
        stream = made.get();
        streams.emplace(stream->id, std::move(made));
    }
    stream->body = body.dump();
    stream->conversation = conversation;
    stream->pause_at = pause_at;
    stream->error.size = sizeof(stream->error);
    stream->request = {sizeof(pbay_request), streams_it ? uint32_t(PBAY_REQUEST_STREAM) : 0,
                       {stream->body.data(), stream->body.size()}, {"test", 4},
                       {stream->conversation.data(), stream->conversation.size()}, 0};
    stream->begun = function(instance->self, &stream->request, stream->id, &stream->call, &stream->error);
    return *stream;
}

Stream &TestHost::wait(Stream &stream) {
    if (stream.begun != PBAY_OK) {
        return stream;
    }
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return stream.terminals > 0; });
    }
    if (stream.call != nullptr) {
        provider->release(instance->self, stream.call);
        stream.call = nullptr;
    }
    return stream;
}

void TestHost::wait_events(Stream &stream, size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return stream.events.size() >= count || stream.terminals > 0; });
}

size_t TestHost::events(const Stream &stream) const {
    const std::lock_guard lock(mutex);
    return stream.events.size();
}

void TestHost::cancel(Stream &stream) {
    {
        const std::lock_guard lock(mutex);
        if (stream.terminals > 0) {
            return;
        }
        stream.is_cancelled = true;
    }
    provider->cancel(instance->self, stream.call, PBAY_CANCEL_CLIENT);
}

void TestHost::resume(Stream &stream) { provider->resume(instance->self, stream.call); }

std::string TestHost::health() const {
    pbay_health health{};
    health.size = sizeof(health);
    instance->health(instance->self, &health);
    return health.message;
}

pbay_model_info TestHost::model_info() const {
    pbay_model_info found{};
    provider->models(instance->self, [](void *context, const pbay_model_info *info) { *static_cast<pbay_model_info *>(context) = *info; },
                     &found);
    return found;
}

std::string TestHost::model_name() const { return model().first; }

std::string TestHost::model_markup() const { return model().second; }

std::pair<std::string, std::string> TestHost::model() const {
    std::pair<std::string, std::string> found;
    provider->models(instance->self, [](void *context, const pbay_model_info *info) {
        if (info->name.size > 0) *static_cast<std::pair<std::string, std::string> *>(context) = {copy(info->name), copy(info->tool_markup)};
    }, &found);
    return found;
}
