/*
 * The table pbay_hooks. A short document is looked at on the strand, which takes some microseconds; a long one by a thread of the
 * plugin's own, while the visit is deferred.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

#include <csignal>
#include <new>
#include <system_error>

namespace guard {

/* Larger ones would hold up a strand: expressions read a few hundred bytes in a microsecond. */
constexpr uint64_t kOnStrand = 16 << 10;
/* Visits that wait for the thread. One more is a failure of the hook. */
constexpr size_t kMaxTasks = 1024;

uint32_t Config::points() const {
    bool limited = limits.input_bytes >= 0 || limits.items >= 0 || limits.images >= 0 || limits.tools >= 0 || limits.output_tokens >= 0;
    bool asked = !moderation.model.empty();
    uint32_t points = 0;
    if (limited || !models.empty() || !tools.empty() || !texts.empty() || (asked && moderation.input)) points |= PBAY_POINT_REQUEST;
    if (!tools.empty()) points |= PBAY_POINT_TOOL_CALL;
    if (!answers.deny.empty()) points |= PBAY_POINT_EVENTS;
    if (asked && moderation.output) points |= PBAY_POINT_COMPLETE;
    return points;
}

/* The texts, and what comes between two texts. */
uint32_t Config::events() const {
    uint32_t events = PBAY_EVENT_BIT(PBAY_EVENT_TEXT) | PBAY_EVENT_BIT(PBAY_EVENT_REFUSAL) | PBAY_EVENT_BIT(PBAY_EVENT_TOOL_CALL) |
        PBAY_EVENT_BIT(PBAY_EVENT_ITEM) | PBAY_EVENT_BIT(PBAY_EVENT_PART_END) | PBAY_EVENT_BIT(PBAY_EVENT_ITEM_END);
    if (answers.reasoning) events |= PBAY_EVENT_BIT(PBAY_EVENT_REASONING) | PBAY_EVENT_BIT(PBAY_EVENT_REASONING_SUMMARY);
    return events;
}

void reject(pbay_visit_id visit, const Refusal &refusal) {
    std::string by = "{\"by\":\"patchbay.guard\",\"rule\":" + json_string(refusal.rule) + "}";
    pbay_error error = perror_empty();
    perror_message(&error, refusal.code, refusal.param.c_str(), refusal.message.c_str());
    perror_copy(error.detail, sizeof error.detail, ("refused by the rule " + refusal.rule).c_str());
    host->put(visit, pbay_text{kRejectedBy.data(), kRejectedBy.size()}, pbay_text{by.data(), by.size()});
    host->reject(visit, &error);
}

static void fail(pbay_visit_id visit, int32_t code, const char *message) {
    pbay_error error = perror_empty();
    perror_message(&error, code, nullptr, message);
    host->fail(visit, &error);
}

/* A server tool that the model calls: told to the model, or the end of the answer. */
Outcome Instance::look_at_call(pbay_visit_id visit, pbay_text document) {
    pjson_value item;
    if (!pjson_parse(document.data, static_cast<size_t>(document.size), &item, nullptr)) {
        fail(visit, PBAY_EINTERNAL, "The call is no JSON.");
        return Outcome::settled;
    }
    const char *list = config.tools.refuses(decoded(pjson_member(item, "name")));
    if (list == nullptr) return Outcome::proceed;
    if (config.tell) {
        std::string output = "{\"output\":" + json_string(config.tools.message) + "}";
        if (host->replace(visit, pbay_text{output.data(), output.size()}) == PBAY_OK) return Outcome::settled;
    }
    reject(visit, Refusal{PBAY_EINVALID, "", config.tools.message, "tools." + std::string(list)});
    return Outcome::settled;
}

Outcome Instance::look(Request &request, pbay_visit_id visit, uint32_t point, pbay_text document) {
    if (point == PBAY_POINT_TOOL_CALL) return look_at_call(visit, document);
    if (point == PBAY_POINT_COMPLETE) return ask(request, visit, output_text(document), true);
    Refusal refusal;
    Said said;
    if (check_request(config, document, refusal, said)) {
        reject(visit, refusal);
        return Outcome::settled;
    }
    return ask(request, visit, said.text, false);
}

int32_t Instance::visit(Request &request, const pbay_visit &visit, pbay_error *err) {
    if (visit.point == PBAY_POINT_EVENTS) {
        const Pattern *found = request.watch.look(config.answers, visit);
        if (found != nullptr) reject(visit.id, Refusal{PBAY_EINVALID, "", found->message, found->path});
        return PBAY_OK;
    }
    pbay_text document;
    int32_t code = host->document(visit.id, &document);
    if (code == PBAY_CLOSED) return PBAY_OK;
    if (code != PBAY_OK) return perror_set(err, code, nullptr, "There is no document.");
    if (document.size <= kOnStrand) {
        return look(request, visit.id, visit.point, document) == Outcome::asked ? PBAY_DEFER : PBAY_OK;
    }
    std::lock_guard<std::mutex> lock(mutex_);
    if (tasks_.size() >= kMaxTasks) return perror_set(err, PBAY_EOVERLOADED, nullptr, "Too many long requests wait to be checked.");
    tasks_.push_back(Task{&request, visit.id, visit.point, document});
    changed_.notify_one();
    return PBAY_DEFER;
}

void Instance::run() {
    for (;;) {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        Task task = tasks_.front();
        tasks_.pop_front();
        lock.unlock();
        try {
            /* After a verdict, or an ask that has been answered, the request is gone. */
            if (look(*task.request, task.visit, task.point, task.document) == Outcome::proceed) host->proceed(task.visit);
        } catch (...) {
            fail(task.visit, PBAY_EOVERLOADED, "Out of memory.");
        }
    }
}

void Instance::start() {
    sigset_t all, before; /* the process's signals are for the host's own threads */
    if ((hooks.points & (PBAY_POINT_REQUEST | PBAY_POINT_COMPLETE)) == 0) return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error &) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Instance::stop() {
    {
        std::lock_guard<std::mutex> lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

/* ------------------------------------------------------------------------------------- the table: nothing is thrown past it */

static int32_t out_of_memory(pbay_error *err) { return perror_set(err, PBAY_EOVERLOADED, nullptr, "Out of memory."); }

static int32_t open_request(void *self, const pbay_hooked_request *, void **state, pbay_error *err) {
    auto *request = new (std::nothrow) Request{static_cast<Instance *>(self), {}, 0};
    if (request == nullptr) return out_of_memory(err);
    *state = request;
    return PBAY_OK;
}

static int32_t visit_request(void *self, void *state, const pbay_visit *visit, pbay_error *err) {
    try {
        return static_cast<Instance *>(self)->visit(*static_cast<Request *>(state), *visit, err);
    } catch (...) {
        return out_of_memory(err);
    }
}

static void close_request(void *, void *state) { delete static_cast<Request *>(state); }

Instance::Instance(pbay_instance_id id, Config config) : id(id), config(std::move(config)) {
    hooks.size = sizeof hooks;
    hooks.points = this->config.points();
    hooks.events = this->config.events();
    hooks.open = open_request;
    hooks.visit = visit_request;
    hooks.close = close_request;
}

} // namespace guard
