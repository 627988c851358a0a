// One request of the host, from `begin` to `release`.
#pragma once

#include "EmbeddingRequest.h"
#include "Request.h"

#include "patchbay.h"

#include <atomic>
#include <memory>
#include <string_view>

namespace patchbay::llama {

struct Call {
    pbay_stream_id stream = 0;
    std::string_view body;         // the host's, until `release`
    std::string_view conversation; // likewise
    bool streams = false;
    enum class Purpose { answer, count, embed } purpose = Purpose::answer; // count: the prompt's tokens alone
    // Null until the body has been read: of an embedding the second, else the first.
    std::unique_ptr<Request> request;
    std::unique_ptr<EmbeddingRequest> inputs;

    // Written on the strand, read by the engine's thread.
    std::atomic<bool> cancelled{false};
    std::atomic<uint32_t> resumes{0};

    // Of the engine's thread.
    uint32_t pauses = 0;
    bool paused() const { return pauses > resumes.load(std::memory_order_acquire); }
};

} // namespace patchbay::llama
