// The host's tables, found once at entry, and the route of llama.cpp's own messages to the host's log.
#pragma once

#include "patchbay.h"

#include <string_view>

namespace patchbay::llama {

struct Host {
    uint32_t minor = 0; // of the ABI
    const pbay_stream_api *stream = nullptr;
    const pbay_log_api *log = nullptr; // may be null: then nothing is logged
};

// Set by the entry before anything else runs; never changed afterwards.
const Host &host();
void set_host(const Host &found);

void log(pbay_instance_id instance, int32_t level, std::string_view message);

// Messages of llama.cpp that are written on the calling thread belong to `instance` while this lives.
class LogScope {
public:
    explicit LogScope(pbay_instance_id instance);
    ~LogScope();
    LogScope(const LogScope &) = delete;
    LogScope &operator=(const LogScope &) = delete;

private:
    pbay_instance_id before;
};

// Whether what llama.cpp says on this thread is expected (it complains of each step that is aborted on purpose): then it
// goes to the debug level.
void expect_complaints(bool expected);

// Sends llama.cpp's messages (which would go to standard error) to the host's log: errors and warnings as warnings,
// everything else at debug level.
void route_engine_log();

inline pbay_text text(std::string_view view) { return {view.data(), view.size()}; }
inline std::string_view view(pbay_text text) {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

} // namespace patchbay::llama
