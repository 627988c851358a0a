#include "Engine.h"

#include "Host.h"

namespace patchbay::llama {

Engine::Engine(std::unique_ptr<Model> model, Settings settings, pbay_instance_id instance)
    : Worker(std::move(model), std::move(settings), instance), slots(options.sequences, loaded->partial_cache()),
      batch(llama_batch_init(static_cast<int32_t>(options.batch), 0, 1)) {}

Engine::~Engine() {
    stop();
    llama_batch_free(batch);
}

std::string Engine::capacity() const {
    return "context of " + std::to_string(options.context) + " tokens, " + std::to_string(options.parallel) +
           " answers at a time, KV cache of " + std::to_string(options.kv_tokens) + " tokens";
}

std::string Engine::load() const {
    return ", " + std::to_string(cached.load()) + " of " + std::to_string(options.kv_tokens) + " tokens of the KV cache in use";
}

bool Engine::can_step() const {
    for (const auto &answer : running) {
        if (!answer->call.paused()) {
            return true;
        }
    }
    return false;
}

void Engine::step() {
    sweep_cancelled();
    admit();
    if (can_step()) {
        try {
            compute();
        } catch (const Failure &failure) {
            fail_batch(failure);
        } catch (const std::exception &error) {
            fail_batch(Failure::internal("the model failed", error.what()));
        }
    }
    cached = slots.held_tokens();
}

void Engine::take(Call &call) {
    if (call.purpose == Call::Purpose::count) {
        count(call);
    } else {
        waiting.push_back(std::make_unique<Answer>(call, *loaded, options));
        if (const std::string &note = waiting.back()->left_out(); !note.empty()) {
            log(instance, PBAY_LOG_WARNING, note);
        }
    }
}

void Engine::count(Call &call) {
    if (call.cancelled) {
        throw Failure::cancelled("cancelled");
    }
    pbay_usage usage{sizeof(pbay_usage), 0, -1, -1, -1, -1, -1};
    usage.input_tokens = static_cast<int64_t>(Answer::count_tokens(call, *loaded, options));
    finish(call, PBAY_FINISH_STOP, usage);
}

// In the order of arrival, as long as each one's most tokens fit into the KV cache: so none that runs can starve.
void Engine::admit() {
    while (!waiting.empty() && running.size() < options.parallel &&
           reserved + waiting.front()->most_tokens() <= options.kv_tokens) {
        running.splice(running.end(), waiting, waiting.begin()); // where end_all finds it, whatever happens here
        start(*running.back());
    }
}

void Engine::start(Answer &answer) {
    const std::string conversation(answer.call.conversation);
    const Placement placement = slots.place(answer.tokens, conversation);
    Slot &slot = *placement.slot; // there are at least as many as may run
    answer.slot = &slot;
    slot.busy = true;
    reserved += answer.most_tokens();
    if (placement.source != nullptr) {
        forget(slot, 0);
        llama_memory_seq_cp(llama_get_memory(loaded->context()), placement.source->sequence, slot.sequence, 0,
                            static_cast<llama_pos>(placement.reused));
        slot.tokens.assign(placement.source->tokens.begin(),
                           placement.source->tokens.begin() + static_cast<ptrdiff_t>(placement.reused));
    } else {
        forget(slot, placement.reused);
    }
    slot.conversation = conversation;
    slots.touch(slot);
    answer.reused = slot.tokens.size();
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
    if (ending.failure) {
        host().stream->usage(answer->call.stream, &usage);
        refuse(answer->call, *ending.failure);
    } else {
        finish(answer->call, ending.reason, usage);
    }
}

} // namespace patchbay::llama
