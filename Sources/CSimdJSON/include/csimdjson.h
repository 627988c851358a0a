#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A JSON reader over the system's simdjson. simdjson's first stage (vectorised: UTF-8 validation, control characters in
// strings, the positions of all tokens) is used as it is; a second stage of our own turns the positions into a flat array
// of nodes that know their exact place in the source, which simdjson's own tape doesn't keep.
//
// There is no global state; nothing here throws. One csj_parser serves one thread at a time and may be used again and
// again: it keeps its buffers.

/// Kinds of node, in the low three bits of csj_node.bits.
enum {
    CSJ_NULL = 0,
    CSJ_FALSE = 1,
    CSJ_TRUE = 2,
    CSJ_INTEGER = 3,  // no fraction, no exponent; fits in int64_t or uint64_t
    CSJ_DOUBLE = 4,   // has a fraction or an exponent; finite
    CSJ_STRING = 5,
    CSJ_ARRAY = 6,
    CSJ_OBJECT = 7,
    CSJ_KIND_MASK = 7,
    CSJ_ESCAPED = 8,       // a string with escapes: its text stands in csj_result.strings, not in the source
    CSJ_PAYLOAD_SHIFT = 4  // the upper 28 bits: see csj_node
};

/// One value, or one key (a CSJ_STRING followed at once by the node of its value). Nodes stand in the order of the source.
typedef struct csj_node {
    uint32_t start;  // offset of the value's first byte in the source (a string's opening quote)
    uint32_t end;    // offset after its last byte
    uint32_t link;   // array, object: index of the node after the whole subtree. Escaped string: its offset in strings
    uint32_t bits;   // kind, CSJ_ESCAPED, and the payload: a string's length in bytes, unescaped; an array's count of
                     // elements; an object's count of members
} csj_node;

/// What went wrong. CSJ_OK is 0.
enum {
    CSJ_OK = 0,
    CSJ_EMPTY,              // nothing but white space
    CSJ_TOO_LARGE,          // more than CSJ_MAX_BYTES
    CSJ_TOO_MANY_VALUES,    // more nodes than csj_limits.max_values
    CSJ_NO_MEMORY,
    CSJ_INVALID_UTF8,
    CSJ_UNCLOSED_STRING,
    CSJ_CONTROL_CHARACTER,  // a byte below 0x20 inside a string
    CSJ_BAD_ESCAPE,
    CSJ_LONE_SURROGATE,     // \uD800 to \uDFFF without its other half
    CSJ_BAD_NUMBER,
    CSJ_NUMBER_RANGE,       // an integer beyond 64 bits, or a double beyond the finite ones
    CSJ_EXPECTED_VALUE,
    CSJ_EXPECTED_KEY,
    CSJ_EXPECTED_COLON,
    CSJ_EXPECTED_OBJECT_END,  // neither ',' nor '}'
    CSJ_EXPECTED_ARRAY_END,   // neither ',' nor ']'
    CSJ_UNEXPECTED_END,
    CSJ_TOO_DEEP,
    CSJ_DUPLICATE_KEY,
    CSJ_TRAILING            // something after the document
};

/// The hard limit for a document, whatever the caller's own: lengths and counts have 28 bits in a node.
#define CSJ_MAX_BYTES ((size_t)0x0FFFFFFF)
/// csj_result.offset when the place isn't known.
#define CSJ_NO_OFFSET SIZE_MAX

typedef struct csj_limits {
    uint32_t max_depth;              // arrays and objects inside one another; [] has depth 1
    uint32_t max_values;             // nodes: values and keys
    uint32_t reject_duplicate_keys;  // 0 or 1; keys are compared unescaped
} csj_limits;

/// What csj_parse found. The pointers belong to the parser and hold until its next csj_parse or csj_parser_free.
typedef struct csj_result {
    int32_t code;
    size_t offset;             // of the fault, in bytes
    size_t key_start;          // CSJ_DUPLICATE_KEY: the key, unescaped, as bytes of strings (key_escaped) or of the source
    size_t key_length;
    uint32_t key_escaped;
    const csj_node *nodes;     // nodes[0] is the document's value
    size_t node_count;
    const uint8_t *strings;    // the unescaped texts of the strings that have escapes, one after the other
    size_t string_bytes;
} csj_result;

typedef struct csj_parser csj_parser;

/// A new parser, or NULL without memory. It owns nothing but memory. Free it with csj_parser_free.
csj_parser *csj_parser_new(void);
/// NULL is allowed.
void csj_parser_free(csj_parser *parser);

/// Parses one document; returns result->code. `text` is only read, never past `length`, and isn't kept; it needs no
/// padding. On failure the result has no nodes.
int32_t csj_parse(csj_parser *parser, const uint8_t *text, size_t length, const csj_limits *limits, csj_result *result);

/// Gives back the memory that only a large document needed. The last result's pointers don't hold any more.
void csj_parser_trim(csj_parser *parser);

/// The node of the value of the first member with this key, of the object at nodes[object]; 0 if there is none. Any other
/// kind of value has none. `nodes`, `text` and `strings` are one document's.
size_t csj_find(const csj_node *nodes, size_t object, const uint8_t *text, const uint8_t *strings, const uint8_t *key,
                size_t key_length);

/// Whether the string at `node`, with its escapes undone, is `other`.
int csj_equals(const csj_node *node, const uint8_t *text, const uint8_t *strings, const uint8_t *other, size_t length);

/// The value of a node of kind CSJ_INTEGER or CSJ_DOUBLE, correctly rounded. `text` and `length` are its source.
double csj_double(const uint8_t *text, size_t length);

// Writing.

/// The room that csj_escape needs for `length` bytes.
#define CSJ_ESCAPED_MAX 6

/// Writes `text` as the inside of a JSON string, without the quotes, and returns how many bytes it wrote: '"', '\\' and
/// control characters are escaped, nothing else. `out` has room for CSJ_ESCAPED_MAX * length bytes. A text may be given in
/// pieces, cut anywhere.
size_t csj_escape(uint8_t *out, const uint8_t *text, size_t length);

/// Writes the decimal digits, at most 20 bytes with the sign, and returns how many.
size_t csj_write_int64(uint8_t *out, int64_t value);
size_t csj_write_uint64(uint8_t *out, uint64_t value);

/// The room that csj_write_floats needs for each number, its comma included.
#define CSJ_FLOAT_MAX 20

/// Writes finite numbers with commas between them, each in the shortest form that reads back as the same float, and returns
/// how many bytes that are. `out` has room for CSJ_FLOAT_MAX * count bytes.
size_t csj_write_floats(uint8_t *out, const float *numbers, size_t count);

/// Writes `length` bytes as base64 with padding, and returns how many bytes that are: (length + 2) / 3 * 4.
size_t csj_write_base64(uint8_t *out, const uint8_t *bytes, size_t length);

#ifdef __cplusplus
}
#endif

#endif
