#include "Worker.h"

#include <csignal>
#include <utility>

namespace patchbay::redact {

void Worker::start() {
    sigset_t all; // the process's signals are for the host's own threads
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        thread = std::thread([this] { run(); });
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Worker::stop() {
    {
        const std::lock_guard<std::mutex> lock(mutex);
        ending = true;
    }
    changed.notify_all();
    if (thread.joinable()) {
        thread.join();
    }
}

void Worker::submit(Job job) {
    {
        const std::lock_guard<std::mutex> lock(mutex);
        jobs.push_back(std::move(job));
    }
    changed.notify_one();
}

void Worker::run() {
    std::unique_lock<std::mutex> lock(mutex);
    while (true) {
        changed.wait(lock, [this] { return ending || !jobs.empty(); });
        if (jobs.empty()) {
            return;
        }
        const Job job = std::move(jobs.front());
        jobs.pop_front();
        lock.unlock();
        job();
        lock.lock();
    }
}

} // namespace patchbay::redact
