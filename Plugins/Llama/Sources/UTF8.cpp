#include "UTF8.h"

namespace patchbay::llama {

static constexpr const char *replacement = "\xEF\xBF\xBD";

size_t utf8_floor(std::string_view text, size_t limit) {
    if (text.size() <= limit) {
        return text.size();
    }
    size_t size = limit;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
        --size;
    }
    return size;
}

enum class Verdict { whole, incomplete, invalid };

// Judges the character at the beginning of `text`; `size` is its length where whole, else the number of bytes to drop.
static Verdict judge(std::string_view text, size_t &size) {
    const auto at = [&](size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned char lead = at(0);
    size = 1;
    if (lead < 0x80) {
        return Verdict::whole;
    }
    const size_t length = lead >= 0xC2 && lead <= 0xDF ? 2 : (lead & 0xF0) == 0xE0 ? 3 : lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    if (length == 0) {
        return Verdict::invalid;
    }
    for (size_t index = 1; index < length; ++index) {
        if (index == text.size()) {
            return Verdict::incomplete;
        }
        unsigned char low = 0x80, high = 0xBF;
        if (index == 1) { // no overlong forms, no surrogates, nothing past U+10FFFF
            low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : low;
            high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : high;
        }
        if (at(index) < low || at(index) > high) {
            size = index;
            return Verdict::invalid;
        }
    }
    size = length;
    return Verdict::whole;
}

std::string UTF8Assembler::feed(std::string_view bytes) {
    std::string input = std::move(pending);
    pending.clear();
    input += bytes;
    std::string output;
    output.reserve(input.size());
    std::string_view rest = input;
    while (!rest.empty()) {
        size_t size = 0;
        const Verdict verdict = judge(rest, size);
        if (verdict == Verdict::incomplete) {
            pending = rest;
            break;
        }
        if (verdict == Verdict::whole) {
            output += rest.substr(0, size);
        } else {
            output += replacement;
        }
        rest.remove_prefix(size);
    }
    return output;
}

std::string UTF8Assembler::finish() {
    const bool cut = !pending.empty();
    pending.clear();
    return cut ? replacement : "";
}

} // namespace patchbay::llama
