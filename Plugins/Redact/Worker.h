// A thread for documents that are too large for an event loop.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace patchbay::redact {

class Worker {
public:
    using Job = std::function<void()>; // throws nothing

    ~Worker() { stop(); }
    // Throws std::system_error where there is no thread to be had.
    void start();
    // What was given is done before this returns.
    void stop();
    // The queue is as long as there are visits that wait: the host bounds its requests.
    void submit(Job job);

private:
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> jobs;
    bool ending = false;
    std::thread thread;

    void run();
};

} // namespace patchbay::redact
