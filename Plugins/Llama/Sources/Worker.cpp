#include "Worker.h"

#include "Host.h"

#include <cstring>

namespace patchbay::llama {

// Some tokenizers run regular expressions that recurse over long texts.
static constexpr size_t stack_size = 64 << 20; // bytes; only what is used is ever touched

Worker::Worker(std::unique_ptr<Model> model, Settings settings, pbay_instance_id instance)
    : options(std::move(settings)), loaded(std::move(model)), instance(instance) {
    llama_set_abort_callback(loaded->context(), [](void *self) { return static_cast<Worker *>(self)->should_abort(); }, this);
}

void Worker::start() {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_size);
    const auto body = [](void *self) -> void * {
        static_cast<Worker *>(self)->run();
        return nullptr;
    };
    const int failed = pthread_create(&thread, &attributes, body, this);
    pthread_attr_destroy(&attributes);
    if (failed != 0) {
        throw Failure::internal("the engine's thread could not be started", std::strerror(failed));
    }
    is_running = true;
    log(instance, PBAY_LOG_INFO, "loaded " + loaded->description() + ": " + capacity());
}

void Worker::stop() {
    stopping = true;
    wake();
    if (is_running) {
        pthread_join(thread, nullptr);
        is_running = false;
    }
}

void Worker::submit(Call &call) {
    {
        const std::lock_guard lock(mutex);
        if (draining || stopping) {
            throw Failure::overloaded("the model is being shut down");
        }
        if (taken >= options.parallel + options.queue) {
            throw Failure::overloaded("the model is busy: " + std::to_string(taken) + " requests are running or waiting");
        }
        ++taken;
        inbox.push_back(&call);
        signalled = true;
    }
    changed.notify_one();
}

void Worker::wake() {
    {
        const std::lock_guard lock(mutex);
        signalled = true;
    }
    changed.notify_one();
}

void Worker::drain() {
    const std::lock_guard lock(mutex);
    draining = true;
}

void Worker::health(pbay_health &health) const {
    size_t count = 0;
    {
        const std::lock_guard lock(mutex);
        count = taken;
    }
    const std::string words = std::to_string(count) + " requests running or waiting" + load();
    health.state = count >= options.parallel + options.queue ? PBAY_DEGRADED : PBAY_HEALTHY;
    std::memcpy(health.message, words.data(), words.size());
    health.message[words.size()] = 0;
}

void Worker::run() {
    const LogScope scope(instance);
    while (true) {
        std::deque<Call *> arrived;
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return signalled || stopping || can_step(); });
            signalled = false;
            arrived.swap(inbox);
        }
        if (stopping) {
            const Failure failure = Failure::cancelled("the model is being shut down");
            for (Call *call : arrived) {
                refuse(*call, failure);
            }
            end_all(failure);
            return;
        }
        for (Call *call : arrived) {
            try {
                take(*call);
            } catch (const Failure &failure) {
                refuse(*call, failure);
            } catch (const std::exception &error) {
                refuse(*call, Failure::internal("the request could not be prepared", error.what()));
            }
        }
        guarded_step();
    }
}

// What a step lets through is nobody's in particular: it ends all calls, and the thread goes on.
void Worker::guarded_step() {
    Failure failure;
    try {
        return step();
    } catch (const Failure &thrown) {
        failure = thrown;
    } catch (const std::exception &error) {
        failure = Failure::internal("the model failed", error.what());
    }
    log(instance, PBAY_LOG_ERROR, "a step failed, and with it every call: " + failure.message + ": " + failure.detail);
    end_all(failure);
}

void Worker::finish(Call &call, int32_t reason, const pbay_usage &usage) {
    const pbay_stream_id stream = call.stream;
    settle();
    host().stream->finish(stream, reason, &usage);
}

void Worker::refuse(Call &call, const Failure &failure) {
    pbay_error error{};
    error.size = sizeof(error);
    fill(&error, failure);
    settle();
    host().stream->fail(call.stream, &error);
}

// One call less: told before its terminal, so that whoever has seen the terminal finds the place free.
void Worker::settle() {
    const std::lock_guard lock(mutex);
    --taken;
}

} // namespace patchbay::llama
