// The second stage: from the positions of the tokens to nodes.
#pragma once

#include <cstdint>

#include "buffer.hpp"
#include "csimdjson.h"
#include "keys.hpp"
#include "number.hpp"
#include "text.hpp"

namespace csj {

/// What outlives a document, so that the next one allocates nothing.
struct storage {
    buffer<csj_node> nodes;
    buffer<uint8_t> strings;
    buffer<uint32_t> open;  // the nodes of the arrays and objects around the current value
    buffer<key> keys;
};

/// One pass over one document. Never recursive; all memory is in `storage`.
class builder {
public:
    /// `index` holds the `count` positions of the tokens, ascending, then `length`. Room for the nodes and for
    /// limits.max_depth open containers has been made.
    builder(storage &room, const uint8_t *text, size_t length, const uint32_t *index, size_t count,
            const csj_limits &limits, csj_result &result) noexcept
        : room_(room), text_(text), length_(length), index_(index), last_(index + count), nodes_(room.nodes.data()),
          max_nodes_(limits.max_values), limits_(limits), result_(result) {}

    int32_t run() noexcept {
        uint32_t *const open = room_.open.data();
        uint32_t depth = 0;
        int32_t code;
        uint8_t byte;

    value:
        if (index_ == last_) return fail(CSJ_UNEXPECTED_END, length_);
        if (node_count_ == max_nodes_) return fail(CSJ_TOO_MANY_VALUES, *index_);
        byte = text_[*index_];
        switch (byte) {
        case '{':
        case '[':
            if (depth == limits_.max_depth) return fail(CSJ_TOO_DEEP, *index_);
            open[depth++] = static_cast<uint32_t>(node_count_);
            nodes_[node_count_++] = {*index_, 0, 0, static_cast<uint32_t>(byte == '{' ? CSJ_OBJECT : CSJ_ARRAY)};
            ++index_;
            if (index_ == last_) return fail(CSJ_UNEXPECTED_END, length_);
            if (text_[*index_] == byte + 2) goto close;  // '{' + 2 is '}', '[' + 2 is ']'
            if (byte == '{') goto key;
            goto value;
        case '"':
            if ((code = string()) != CSJ_OK) return code;
            break;
        default:
            if ((code = scalar(byte)) != CSJ_OK) return code;
        }

    after:
        if (depth == 0) {
            if (index_ != last_) return fail(CSJ_TRAILING, *index_);
            return CSJ_OK;
        }
        {
            csj_node &container = nodes_[open[depth - 1]];
            container.bits += 1u << CSJ_PAYLOAD_SHIFT;
            const bool object = (container.bits & CSJ_KIND_MASK) == CSJ_OBJECT;
            if (index_ == last_) return fail(CSJ_UNEXPECTED_END, length_);
            byte = text_[*index_];
            if (byte == ',') {
                ++index_;
                if (object) goto key;
                goto value;
            }
            if (byte != (object ? '}' : ']')) {
                return fail(object ? CSJ_EXPECTED_OBJECT_END : CSJ_EXPECTED_ARRAY_END, *index_);
            }
        }

    close:
        if ((code = close(open[--depth])) != CSJ_OK) return code;
        goto after;

    key:
        if (index_ == last_) return fail(CSJ_UNEXPECTED_END, length_);
        if (text_[*index_] != '"') return fail(CSJ_EXPECTED_KEY, *index_);
        if (node_count_ == max_nodes_) return fail(CSJ_TOO_MANY_VALUES, *index_);
        if ((code = string()) != CSJ_OK) return code;
        if (index_ == last_) return fail(CSJ_UNEXPECTED_END, length_);
        if (text_[*index_] != ':') return fail(CSJ_EXPECTED_COLON, *index_);
        ++index_;
        goto value;
    }

    size_t node_count() const noexcept { return node_count_; }
    size_t string_bytes() const noexcept { return string_bytes_; }

private:
    int32_t fail(int32_t code, size_t offset) noexcept {
        result_.offset = offset;
        return code;
    }

    /// The end of the string or scalar that begins at the current token: between two tokens there is only white space,
    /// because whatever else follows a string or a scalar is a token itself.
    uint32_t token_end() const noexcept {
        uint32_t end = index_[1];
        for (;; --end) {
            const uint8_t byte = text_[end - 1];
            if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return end;
        }
    }

    int32_t string() noexcept {
        const uint32_t start = *index_, end = token_end();
        if (end - start < 2 || text_[end - 1] != '"') return fail(CSJ_UNCLOSED_STRING, start);
        const uint8_t *const body = text_ + start + 1;
        const uint32_t length = end - start - 2;
        if (is_plain(body, length, text_ + length_)) {
            nodes_[node_count_++] = {start, end, 0, length << CSJ_PAYLOAD_SHIFT | CSJ_STRING};
        } else {
            if (!room_.strings.reserve(string_bytes_ + length)) return fail(CSJ_NO_MEMORY, start);
            uint8_t *const out = room_.strings.data() + string_bytes_;
            uint8_t *stop = out;
            const uint8_t *fault = body;
            const int32_t code = unescape(body, body + length, stop, fault);
            if (code != CSJ_OK) return fail(code, static_cast<size_t>(fault - text_));
            const uint32_t written = static_cast<uint32_t>(stop - out);
            nodes_[node_count_++] = {start, end, static_cast<uint32_t>(string_bytes_),
                                     written << CSJ_PAYLOAD_SHIFT | CSJ_ESCAPED | CSJ_STRING};
            string_bytes_ += written;
        }
        ++index_;
        return CSJ_OK;
    }

    int32_t scalar(uint8_t first) noexcept {
        const uint32_t start = *index_, end = token_end();
        const uint8_t *const text = text_ + start;
        const uint32_t length = end - start;
        uint32_t kind;
        if (first == '-' || is_digit(first)) {
            const number judged = check_number(text, text_ + end);
            if (judged.code != CSJ_OK) return fail(judged.code, start);
            kind = judged.kind;
        } else if (length == 4 && std::memcmp(text, "null", 4) == 0) {
            kind = CSJ_NULL;
        } else if (length == 4 && std::memcmp(text, "true", 4) == 0) {
            kind = CSJ_TRUE;
        } else if (length == 5 && std::memcmp(text, "false", 5) == 0) {
            kind = CSJ_FALSE;
        } else {
            return fail(CSJ_EXPECTED_VALUE, start);
        }
        nodes_[node_count_++] = {start, end, 0, kind};
        ++index_;
        return CSJ_OK;
    }

    /// At the closing bracket of `container`.
    int32_t close(uint32_t container) noexcept {
        csj_node &node = nodes_[container];
        node.end = *index_ + 1;
        node.link = static_cast<uint32_t>(node_count_);
        ++index_;
        const uint32_t count = node.bits >> CSJ_PAYLOAD_SHIFT;
        if ((node.bits & CSJ_KIND_MASK) != CSJ_OBJECT || count < 2 || !limits_.reject_duplicate_keys) return CSJ_OK;

        if (!room_.keys.reserve(count)) return fail(CSJ_NO_MEMORY, node.start);
        key *const keys = room_.keys.data();
        const uint8_t *const strings = room_.strings.data();
        const uint8_t *const limit = text_ + length_;
        uint32_t at = container + 1;
        for (uint32_t i = 0; i < count; ++i) {
            const csj_node &name = nodes_[at];
            if (name.bits & CSJ_ESCAPED) {
                keys[i] = key(strings + name.link, name.bits >> CSJ_PAYLOAD_SHIFT, strings + string_bytes_, at);
            } else {
                keys[i] = key(text_ + name.start + 1, name.bits >> CSJ_PAYLOAD_SHIFT, limit, at);
            }
            const csj_node &value = nodes_[at + 1];
            at = (value.bits & CSJ_KIND_MASK) >= CSJ_ARRAY ? value.link : at + 2;
        }
        const uint32_t duplicate = find_duplicate(keys, count);
        if (duplicate == 0) return CSJ_OK;
        const csj_node &name = nodes_[duplicate];
        result_.key_escaped = (name.bits & CSJ_ESCAPED) != 0;
        result_.key_start = result_.key_escaped ? name.link : name.start + 1;
        result_.key_length = name.bits >> CSJ_PAYLOAD_SHIFT;
        return fail(CSJ_DUPLICATE_KEY, name.start);
    }

    storage &room_;
    const uint8_t *const text_;
    const size_t length_;
    const uint32_t *index_;       // the current token
    const uint32_t *const last_;  // after the last token
    csj_node *const nodes_;
    const size_t max_nodes_;
    size_t node_count_ = 0;
    size_t string_bytes_ = 0;
    const csj_limits &limits_;
    csj_result &result_;
};

}  // namespace csj
