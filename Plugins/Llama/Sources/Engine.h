// The one thread that computes: takes calls from a bounded queue, runs several at a time in one context, and keeps
// finished conversations in the KV cache for their next turn.
#pragma once

#include "Answer.h"
#include "Call.h"
#include "Model.h"
#include "Settings.h"
#include "Slots.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace patchbay::llama {

class Engine {
public:
    // Loads the model and starts the thread. Throws Failure.
    Engine(Settings settings, pbay_instance_id instance);
    // Ends every call, joins the thread, frees the model.
    ~Engine();
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;

    // [any] Takes the call until its terminal. Throws Failure where the queue is full or the engine stops.
    void submit(Call &call);
    // [any] Something about a call has changed (`cancelled`, `resumes`).
    void wake();
    // [any] No more calls are taken.
    void drain();
    void health(pbay_health &health) const;

    const Settings &settings() const { return options; }
    const Model &model() const { return loaded; }

private:
    struct Share { // of a batch
        Answer *answer;
        size_t count;
        int32_t logits; // index in the batch, or -1
    };

    // Engine.cpp: the thread and its calls
    void run();
    bool can_step() const;
    void prepare(Call &call);
    void count(Call &call);
    void admit();
    void start(std::unique_ptr<Answer> answer);
    void sweep_cancelled();
    void end_all(const Failure &failure);
    void end(std::list<std::unique_ptr<Answer>> &list, std::list<std::unique_ptr<Answer>>::iterator &at, const Ending &ending);
    void refuse(Call &call, const Failure &failure);
    void settle();

    // EngineStep.cpp: one step of the computation
    void step();
    void fill_batch();
    void add(Answer &answer, size_t count);
    void make_room(size_t count);
    void forget(Slot &slot, size_t from);
    void take_results();
    void fail_batch(const Failure &failure);
    bool should_abort() const;

    Settings options;
    const pbay_instance_id instance;
    Model loaded;
    Slots slots;
    llama_batch batch{};
    std::vector<Share> shares; // of the batch; read by should_abort on the same thread
    std::vector<llama_token_data> room;
    std::list<std::unique_ptr<Answer>> waiting;
    std::list<std::unique_ptr<Answer>> running;
    size_t reserved = 0; // tokens that the running ones may come to hold

    mutable std::mutex mutex; // guards the five below
    std::condition_variable changed;
    std::deque<Call *> inbox;
    size_t taken = 0; // calls between submit and their terminal
    bool signalled = false;
    bool draining = false;

    std::atomic<bool> stopping{false};
    std::atomic<size_t> cached{0}; // tokens in the KV cache, for `health`
    pthread_t thread{};
};

} // namespace patchbay::llama
