// The characters of a JSON string, and where each of them stands in the document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::redact {

class Decoded {
public:
    // `raw` is what stands between the quotes; it is borrowed. Without escapes nothing is copied. What is no escape is
    // taken as it stands, half of a surrogate pair as U+FFFD.
    explicit Decoded(std::string_view raw);

    [[nodiscard]] std::string_view text() const { return copied ? std::string_view(copy) : raw; }
    [[nodiscard]] bool has_escapes() const { return copied; }

    // The offset in `raw` of the character at `offset` of the text (text().size(): the end).
    [[nodiscard]] size_t place(size_t offset) const;

private:
    std::string_view raw;
    bool copied;
    std::string copy;
    // Where an escape ends: in the text and in `raw`. Between two of them both go on alike.
    std::vector<std::pair<uint32_t, uint32_t>> marks;

    size_t escape(size_t at);
};

// Appends `text` as it stands inside a JSON string.
void append_escaped(std::string &out, std::string_view text);

} // namespace patchbay::redact
