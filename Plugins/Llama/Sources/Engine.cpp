#include "Engine.h"

#include "Failure.h"
#include "Host.h"

#include <cstring>

namespace patchbay::llama {

// Some tokenizers run regular expressions that recurse over long texts.
static constexpr size_t stack_size = 64 << 20; // bytes; only what is used is ever touched

Engine::Engine(Settings given, pbay_instance_id instance)
    : options(std::move(given)), instance(instance),
      loaded(options, [](void *self) { return static_cast<Engine *>(self)->should_abort(); }, this),
      slots(options.sequences, loaded.partial_cache()) {
    batch = llama_batch_init(static_cast<int32_t>(options.batch), 0, 1);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_size);
    const auto body = [](void *self) -> void * {
        static_cast<Engine *>(self)->run();
        return nullptr;
    };
    const int failed = pthread_create(&thread, &attributes, body, this);
    pthread_attr_destroy(&attributes);
    if (failed != 0) {
        llama_batch_free(batch);
        throw Failure::internal("the engine's thread could not be started", std::strerror(failed));
    }
    log(instance, PBAY_LOG_INFO,
        "loaded " + loaded.description() + ": context of " + std::to_string(options.context) + " tokens, " +
            std::to_string(options.parallel) + " answers at a time, KV cache of " + std::to_string(options.kv_tokens) + " tokens");
}

Engine::~Engine() {
    stopping = true;
    wake();
    pthread_join(thread, nullptr);
    llama_batch_free(batch);
}

void Engine::submit(Call &call) {
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

void Engine::wake() {
    {
        const std::lock_guard lock(mutex);
        signalled = true;
    }
    changed.notify_one();
}

void Engine::drain() {
    const std::lock_guard lock(mutex);
    draining = true;
}

void Engine::health(pbay_health &health) const {
    size_t count = 0;
    {
        const std::lock_guard lock(mutex);
        count = taken;
    }
    const std::string words = std::to_string(count) + " requests running or waiting, " + std::to_string(cached.load()) +
                              " of " + std::to_string(options.kv_tokens) + " tokens of the KV cache in use";
    health.state = count >= options.parallel + options.queue ? PBAY_DEGRADED : PBAY_HEALTHY;
    std::memcpy(health.message, words.data(), words.size());
    health.message[words.size()] = 0;
}

bool Engine::can_step() const {
    for (const auto &answer : running) {
        if (!answer->call.paused()) {
            return true;
        }
    }
    return false;
}

void Engine::run() {
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
            for (Call *call : arrived) {
                refuse(*call, Failure::cancelled("the model is being shut down"));
            }
            end_all(Failure::cancelled("the model is being shut down"));
            return;
        }
        for (Call *call : arrived) {
            prepare(*call);
        }
        sweep_cancelled();
        admit();
        if (can_step()) {
            try {
                step();
            } catch (const Failure &failure) {
                fail_batch(failure);
            } catch (const std::exception &error) {
                fail_batch(Failure::internal("the model failed", error.what()));
            }
        }
        cached = slots.held_tokens();
    }
}

void Engine::prepare(Call &call) {
    try {
        if (call.counts) {
            count(call);
            return;
        }
        waiting.push_back(std::make_unique<Answer>(call, loaded, options));
        if (const std::string &note = waiting.back()->left_out(); !note.empty()) {
            log(instance, PBAY_LOG_WARNING, note);
        }
    } catch (const Failure &failure) {
        refuse(call, failure);
    } catch (const std::exception &error) {
        refuse(call, Failure::internal("the request could not be prepared", error.what()));
    }
}

void Engine::count(Call &call) {
    if (call.cancelled) {
        throw Failure::cancelled("cancelled");
    }
    pbay_usage usage{sizeof(pbay_usage), 0, -1, -1, -1, -1, -1};
    usage.input_tokens = static_cast<int64_t>(Answer::count_tokens(call, loaded, options));
    settle();
    host().stream->finish(call.stream, PBAY_FINISH_STOP, &usage);
}

// In the order of arrival, as long as each one's most tokens fit into the KV cache: so none that runs can starve.
void Engine::admit() {
    while (!waiting.empty() && running.size() < options.parallel &&
           reserved + waiting.front()->most_tokens() <= options.kv_tokens) {
        std::unique_ptr<Answer> answer = std::move(waiting.front());
        waiting.pop_front();
        start(std::move(answer));
    }
}

void Engine::start(std::unique_ptr<Answer> answer) {
    const std::string conversation(answer->call.conversation);
    const Placement placement = slots.place(answer->tokens, conversation);
    Slot &slot = *placement.slot; // there are at least as many as may run
    if (placement.source != nullptr) {
        forget(slot, 0);
        llama_memory_seq_cp(llama_get_memory(loaded.context()), placement.source->sequence, slot.sequence, 0,
                            static_cast<llama_pos>(placement.reused));
        slot.tokens.assign(placement.source->tokens.begin(),
                           placement.source->tokens.begin() + static_cast<ptrdiff_t>(placement.reused));
    } else {
        forget(slot, placement.reused);
    }
    slot.busy = true;
    slot.conversation = conversation;
    slots.touch(slot);
    answer->slot = &slot;
    answer->reused = slot.tokens.size();
    reserved += answer->most_tokens();
    running.push_back(std::move(answer));
}

void Engine::sweep_cancelled() {
    for (auto *list : {&waiting, &running}) {
        for (auto at = list->begin(); at != list->end();) {
            if ((*at)->call.cancelled) {
                end(*list, at, {0, Failure::cancelled("cancelled")});
            } else {
                ++at;
            }
        }
    }
}

void Engine::end_all(const Failure &failure) {
    for (auto *list : {&waiting, &running}) {
        for (auto at = list->begin(); at != list->end();) {
            end(*list, at, {0, failure});
        }
    }
}

// Gives the slot back (its tokens stay, for the next turn), then tells the host. After that the call may be gone.
void Engine::end(std::list<std::unique_ptr<Answer>> &list, std::list<std::unique_ptr<Answer>>::iterator &at,
                 const Ending &ending) {
    const std::unique_ptr<Answer> answer = std::move(*at);
    at = list.erase(at);
    if (answer->slot != nullptr) {
        reserved -= answer->most_tokens();
        answer->slot->busy = false;
        slots.touch(*answer->slot);
    }
    const pbay_usage usage = answer->usage();
    const pbay_stream_id stream = answer->call.stream;
    if (ending.failure) {
        host().stream->usage(stream, &usage);
        refuse(answer->call, *ending.failure);
    } else {
        settle();
        host().stream->finish(stream, ending.reason, &usage);
    }
}

void Engine::refuse(Call &call, const Failure &failure) {
    pbay_error error{};
    error.size = sizeof(error);
    fill(&error, failure);
    settle();
    host().stream->fail(call.stream, &error);
}

// One call less: told before its terminal, so that whoever has seen the terminal finds the place free.
void Engine::settle() {
    const std::lock_guard lock(mutex);
    --taken;
}

} // namespace patchbay::llama
