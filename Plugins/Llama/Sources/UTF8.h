// Whole and valid UTF-8 out of a model's bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::llama {

// The largest size <= limit at which `text` can be cut without splitting a character.
size_t utf8_floor(std::string_view text, size_t limit);

// Takes bytes as they come, gives back whole characters; an incomplete one waits for its rest, and what can't become
// valid is replaced by U+FFFD.
class UTF8Assembler {
public:
    std::string feed(std::string_view bytes);
    // What was still incomplete, as U+FFFD.
    std::string finish();

private:
    std::string pending; // at most 3 bytes, a valid beginning
};

} // namespace patchbay::llama
