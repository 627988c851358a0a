#include "Host.h"

#include "llama.h"

#include <string>

namespace patchbay::llama {

static Host tables; // written once, by the entry, before any other thread of the plugin is there
static thread_local pbay_instance_id speaking = 0;
static thread_local bool complaints_expected = false;

const Host &host() { return tables; }

void set_host(const Host &found) { tables = found; }

void log(pbay_instance_id instance, int32_t level, std::string_view message) {
    if (tables.log != nullptr) {
        tables.log->write(instance, level, text(message));
    }
}

LogScope::LogScope(pbay_instance_id instance) : before(speaking) { speaking = instance; }

LogScope::~LogScope() { speaking = before; }

void expect_complaints(bool expected) { complaints_expected = expected; }

// llama.cpp writes lines in pieces: a piece is kept until its end of line comes.
static void take_engine_message(enum ggml_log_level level, const char *piece, void *) {
    static constexpr size_t capacity = 4096;
    static thread_local std::string line;
    static thread_local int32_t line_level = PBAY_LOG_DEBUG;
    if (level != GGML_LOG_LEVEL_CONT) {
        const bool bad = level == GGML_LOG_LEVEL_ERROR || level == GGML_LOG_LEVEL_WARN;
        line_level = bad && !complaints_expected ? PBAY_LOG_WARNING : PBAY_LOG_DEBUG;
    }
    for (const char *byte = piece; *byte != 0; ++byte) {
        if (*byte != '\n' && line.size() < capacity) {
            line += *byte;
        } else if (*byte == '\n') {
            if (!line.empty()) {
                log(speaking, line_level, line);
            }
            line.clear();
        }
    }
}

// Instead of starting a debugger for a backtrace. The process ends when this returns.
static void take_abort(const char *message) { log(speaking, PBAY_LOG_ERROR, message); }

void route_engine_log() {
    llama_log_set(take_engine_message, nullptr);
    ggml_set_abort_callback(take_abort);
}

} // namespace patchbay::llama
