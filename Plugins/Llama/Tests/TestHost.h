// A host in miniature: loads the plugin from its .so and plays Patchbay's part of the ABI.
#pragma once

#include "json.h"
#include "patchbay.h"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

struct Recorded {
    uint32_t kind;
    uint32_t index;
    std::string text;
    std::string name;
};

// One call, from begin to release. Its fields are read after `wait`.
struct Stream {
    pbay_stream_id id = 0;
    std::string body;
    std::string conversation;
    pbay_request request{};
    void *call = nullptr;
    int32_t begun = PBAY_OK;
    pbay_error error{}; // of begin, or of fail

    std::vector<Recorded> events;
    int terminals = 0;
    bool late_push = false; // pushed after the terminal, or while paused for longer than one token's worth
    bool finished = false;  // by finish, not by fail
    int32_t reason = 0;
    pbay_usage usage{};
    size_t pause_at = 0; // answer PBAY_PAUSE to this event (counted from 1)
    bool is_cancelled = false;

    std::string text() const { return joined(PBAY_EVENT_TEXT); }
    // By the inputs they are of; empty where one is missing.
    std::vector<std::vector<float>> vectors() const;
    std::string joined(uint32_t kind) const;
    size_t count(uint32_t kind) const;
};

class TestHost {
public:
    TestHost(const std::string &library, const std::string &config);
    ~TestHost();

    Stream &begin(const common_json &body, bool streams = true, const std::string &conversation = {}, size_t pause_at = 0);
    // The prompt's tokens, by patchbay.token-count/1.
    Stream &count(const common_json &body);
    // Vectors, by patchbay.embeddings/1.
    Stream &begin_embedding(const common_json &body);
    Stream &embed(const common_json &body) { return wait(begin_embedding(body)); }
    // Waits for the terminal and releases the call.
    Stream &wait(Stream &stream);
    void wait_events(Stream &stream, size_t count);
    size_t events(const Stream &stream) const; // so far
    void cancel(Stream &stream);
    void resume(Stream &stream);
    Stream &run(const common_json &body, bool streams = true, const std::string &conversation = {}) {
        return wait(begin(body, streams, conversation));
    }
    void drain() { instance->drain(instance->self, 1000); }
    void stop();
    std::string health() const;
    std::string model_name() const;
    std::string model_markup() const;
    // What it tells of any name. Its texts are gone with the call that told it.
    pbay_model_info model_info() const;

    // create alone: what the plugin says of a configuration.
    static pbay_error try_config(const std::string &library, const std::string &config, bool start);

private:
    std::pair<std::string, std::string> model() const; // its name and its markup
    using Begin = int32_t (*)(void *, const pbay_request *, pbay_stream_id, void **, pbay_error *);
    Stream &begin(Begin function, const common_json &body, bool streams, const std::string &conversation, size_t pause_at);

    const pbay_instance *instance = nullptr;
    const pbay_provider *provider = nullptr;
    bool stopped = false;
};
