#include "csimdjson.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "builder.hpp"

namespace {

/// csj_parser_trim keeps what documents up to this size need.
constexpr size_t kept_bytes = 1 << 19;
constexpr size_t kept_values = 1 << 15;

using stage1_parser = simdjson::internal::dom_parser_implementation;

}  // namespace

struct csj_parser {
    std::unique_ptr<stage1_parser> stage1;
    csj::storage room;
    /// simdjson's first stage copies the last block of a document, so that it needs no padding; all but the one for
    /// processors without vectors, which looks a few bytes further. It is given a copy with the padding.
    bool wants_padding = simdjson::get_active_implementation()->name() == "fallback";
    csj::buffer<uint8_t> padded;
};

extern "C" csj_parser *csj_parser_new(void) { return new (std::nothrow) csj_parser; }

extern "C" void csj_parser_free(csj_parser *parser) { delete parser; }

extern "C" void csj_parser_trim(csj_parser *parser) {
    if (parser->stage1 && parser->stage1->capacity() > kept_bytes) parser->stage1.reset();
    csj::storage &room = parser->room;
    if (room.nodes.capacity() > kept_values) room.nodes.release();
    if (room.strings.capacity() > kept_bytes) room.strings.release();
    if (room.open.capacity() > kept_values) room.open.release();
    if (room.keys.capacity() > kept_values) room.keys.release();
    if (parser->padded.capacity() > kept_bytes) parser->padded.release();
}

extern "C" double csj_double(const uint8_t *text, size_t length) { return csj::to_double(text, text + length); }

extern "C" int csj_equals(const csj_node *node, const uint8_t *text, const uint8_t *strings, const uint8_t *other,
                          size_t length) {
    if (node->bits >> CSJ_PAYLOAD_SHIFT != length) return 0;
    return csj::same(node->bits & CSJ_ESCAPED ? strings + node->link : text + node->start + 1, other, length);
}

extern "C" size_t csj_find(const csj_node *nodes, size_t object, const uint8_t *text, const uint8_t *strings,
                           const uint8_t *key, size_t key_length) {
    if ((nodes[object].bits & CSJ_KIND_MASK) != CSJ_OBJECT) return 0;
    size_t at = object + 1;
    for (uint32_t left = nodes[object].bits >> CSJ_PAYLOAD_SHIFT; left > 0; --left) {
        if (csj_equals(&nodes[at], text, strings, key, key_length)) return at + 1;
        const csj_node &value = nodes[at + 1];
        at = (value.bits & CSJ_KIND_MASK) >= CSJ_ARRAY ? value.link : at + 2;
    }
    return 0;
}

/// Finds the tokens. simdjson allocates for the capacity it is told, four times as much, so that it is told of round
/// sizes only, and of a small one first: there may be many streams of small documents, each with a parser.
static int32_t find_tokens(csj_parser &parser, const uint8_t *text, size_t length, size_t &offset) noexcept {
    if (!parser.stage1 || parser.stage1->capacity() < length) {
        size_t wanted = 256;
        while (wanted < length) wanted *= 2;
        if (parser.stage1) {
            if (parser.stage1->set_capacity(wanted) != simdjson::SUCCESS) return CSJ_NO_MEMORY;
        } else if (simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, parser.stage1)
                   != simdjson::SUCCESS) {
            return CSJ_NO_MEMORY;
        }
    }
    if (parser.wants_padding) {
        if (!parser.padded.reserve(length + simdjson::SIMDJSON_PADDING)) return CSJ_NO_MEMORY;
        std::memcpy(parser.padded.data(), text, length);
        std::memset(parser.padded.data() + length, ' ', simdjson::SIMDJSON_PADDING);
        text = parser.padded.data();
    }
    switch (parser.stage1->stage1(text, length, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS: return CSJ_OK;
    case simdjson::EMPTY: return CSJ_EMPTY;
    case simdjson::UTF8_ERROR: offset = csj::find_invalid_utf8(text, length); return CSJ_INVALID_UTF8;
    case simdjson::UNCLOSED_STRING: offset = csj::find_bad_string(text, length); return CSJ_UNCLOSED_STRING;
    case simdjson::UNESCAPED_CHARS: offset = csj::find_bad_string(text, length); return CSJ_CONTROL_CHARACTER;
    case simdjson::CAPACITY: return CSJ_TOO_LARGE;
    case simdjson::MEMALLOC: return CSJ_NO_MEMORY;
    default: return CSJ_EXPECTED_VALUE;
    }
}

extern "C" int32_t csj_parse(csj_parser *parser, const uint8_t *text, size_t length, const csj_limits *limits,
                             csj_result *result) {
    *result = csj_result{};
    result->offset = CSJ_NO_OFFSET;
    if (length == 0) return result->code = CSJ_EMPTY;
    if (length > CSJ_MAX_BYTES) return result->code = CSJ_TOO_LARGE;

    int32_t code = find_tokens(*parser, text, length, result->offset);
    if (code != CSJ_OK) return result->code = code;

    const size_t count = parser->stage1->n_structural_indexes;
    uint32_t *const index = parser->stage1->structural_indexes.get();
    index[count] = static_cast<uint32_t>(length);  // simdjson keeps room for its own such marks

    // Every node comes from one token, so that this is room enough.
    csj_limits bounded = *limits;
    bounded.max_values = static_cast<uint32_t>(std::min<size_t>(bounded.max_values, CSJ_MAX_BYTES));
    csj::storage &room = parser->room;
    if (!room.nodes.reserve(std::min<size_t>(count, bounded.max_values) + 1)
        || !room.open.reserve(std::min<size_t>(count, bounded.max_depth) + 1)) {
        return result->code = CSJ_NO_MEMORY;
    }
    csj::builder builder(room, text, length, index, count, bounded, *result);
    code = builder.run();
    result->code = code;
    result->strings = room.strings.data();
    result->string_bytes = builder.string_bytes();
    if (code == CSJ_OK) {
        result->nodes = room.nodes.data();
        result->node_count = builder.node_count();
    }
    return code;
}
