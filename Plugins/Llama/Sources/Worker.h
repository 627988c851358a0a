// The one thread that computes, and the bounded queue of calls before it. What becomes of a call is the heirs' matter:
// Engine answers, Embedder makes vectors.
#pragma once

#include "Call.h"
#include "Failure.h"
#include "Model.h"
#include "Settings.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <pthread.h>

namespace patchbay::llama {

class Worker {
public:
    virtual ~Worker() = default;
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    // Starts the thread. Throws Failure.
    void start();
    // Ends every call and joins the thread. Heirs call it before they go.
    void stop();

    // [any] Takes the call until its terminal. Throws Failure where the queue is full or the worker stops.
    void submit(Call &call);
    // [any] Something about a call has changed (`cancelled`, `resumes`).
    void wake();
    // [any] No more calls are taken.
    void drain();
    void health(pbay_health &health) const;

    const Settings &settings() const { return options; }
    const Model &model() const { return *loaded; }

protected:
    Worker(std::unique_ptr<Model> model, Settings settings, pbay_instance_id instance);

    // All below on the thread. A call that arrived; what it throws refuses the call.
    virtual void take(Call &call) = 0;
    // Whether there is something to compute now.
    virtual bool can_step() const = 0;
    // A part of the work, and the ends that come of it.
    virtual void step() = 0;
    virtual void end_all(const Failure &failure) = 0;
    // Asked while llama.cpp computes.
    virtual bool should_abort() const = 0;
    // What the log says when the thread has begun, and `health` of the load.
    virtual std::string capacity() const = 0;
    virtual std::string load() const { return {}; }

    void finish(Call &call, int32_t reason, const pbay_usage &usage);
    void refuse(Call &call, const Failure &failure);
    bool is_stopping() const { return stopping; }

    const Settings options;
    const std::unique_ptr<Model> loaded;
    const pbay_instance_id instance;

private:
    void run();
    void guarded_step();
    void settle();

    mutable std::mutex mutex; // guards the four below
    std::condition_variable changed;
    std::deque<Call *> inbox;
    size_t taken = 0; // calls between submit and their terminal
    bool signalled = false;
    bool draining = false;

    std::atomic<bool> stopping{false};
    bool is_running = false; // of the thread that starts and stops
    pthread_t thread{};
};

} // namespace patchbay::llama
