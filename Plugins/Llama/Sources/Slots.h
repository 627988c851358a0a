// Which sequence of the KV cache holds what, and which one a request gets. Knows tokens, not llama.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace patchbay::llama {

using Token = int32_t;

struct Slot {
    int32_t sequence = 0;      // llama.cpp's sequence id
    std::vector<Token> tokens; // what the KV cache holds for it
    std::string conversation;  // of the last request
    uint64_t last_used = 0;    // a counter; 0: never
    bool busy = false;
};

// What a request gets: a slot, and where its first `reused` tokens come from.
struct Placement {
    Slot *slot = nullptr;   // null: all are busy
    Slot *source = nullptr; // to copy the prefix from; null: `slot` has it itself
    size_t reused = 0;
};

class Slots {
public:
    // `partial`: whether the cache can forget a sequence's end, and copy a beginning (recurrent models can't).
    Slots(size_t count, bool partial);

    // Changes nothing.
    Placement place(const std::vector<Token> &prompt, const std::string &conversation);
    // The idle slot used least recently that holds something, or null.
    Slot *oldest_idle();
    void touch(Slot &slot) { slot.last_used = ++clock; }
    size_t held_tokens() const;
    std::vector<Slot> &all() { return slots; }

private:
    std::vector<Slot> slots; // never resized: others point into it
    bool partial;
    uint64_t clock = 0;
};

} // namespace patchbay::llama
