// Duplicate keys: few by comparing all pairs, many by sorting. Sorting has no bad case that a client could build.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace csj {

struct key {
    uint64_t prefix;  // the first eight bytes, or all of them and zeros
    const uint8_t *text;
    uint32_t length;
    uint32_t node;

    key(const uint8_t *bytes, uint32_t count, const uint8_t *limit, uint32_t index) noexcept
        : prefix(0), text(bytes), length(count), node(index) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        if (count > 0 && limit - bytes >= 8) {
            std::memcpy(&prefix, bytes, 8);
            if (count < 8) prefix &= (uint64_t{1} << (8 * count)) - 1;
            return;
        }
#endif
        (void)limit;
        if (count > 0) std::memcpy(&prefix, bytes, count < 8 ? count : 8);
    }

    bool operator==(const key &other) const noexcept {
        return prefix == other.prefix && length == other.length
            && (length <= 8 || std::memcmp(text + 8, other.text + 8, length - 8) == 0);
    }

    /// Some order in which equal keys are neighbours, the earlier one first.
    bool operator<(const key &other) const noexcept {
        if (prefix != other.prefix) return prefix < other.prefix;
        if (length != other.length) return length < other.length;
        if (length > 8) {
            const int order = std::memcmp(text + 8, other.text + 8, length - 8);
            if (order != 0) return order < 0;
        }
        return node < other.node;
    }
};

/// The node of a key that an earlier key equals, or 0 (the root is never a key).
inline uint32_t find_duplicate(key *keys, uint32_t count) noexcept {
    if (count <= 16) {
        for (uint32_t i = 1; i < count; ++i) {
            for (uint32_t j = 0; j < i; ++j) {
                if (keys[i] == keys[j]) return keys[i].node;
            }
        }
        return 0;
    }
    std::sort(keys, keys + count);
    for (uint32_t i = 1; i < count; ++i) {
        if (keys[i] == keys[i - 1]) return keys[i].node;
    }
    return 0;
}

}  // namespace csj
