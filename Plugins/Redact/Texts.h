// Walks over a document and hands out its texts.
#pragma once

#include "Document.h"

#include <string_view>

namespace patchbay::redact {

// Where a value stands in the document, in bytes.
struct Place {
    size_t start = 0;
    size_t end = 0;
};

// Who is told of the texts.
class TextVisitor {
public:
    TextVisitor() = default;
    TextVisitor(const TextVisitor &) = delete;
    TextVisitor &operator=(const TextVisitor &) = delete;
    virtual ~TextVisitor() = default;
    // What stands between a string's quotes at `place`. `may_be_json`: it may hold JSON text, as arguments do.
    virtual void text(Place place, bool may_be_json) = 0;
    // An array of logprobs: it has the pieces of a text that may be masked.
    virtual void logprobs(Place place) = 0;
};

// The members of the document that REPLACE is made of.
struct Members {
    Place input;
    Place instructions;
    Place output;
};

// One pass, in the order of the document. False where it is no document of this kind, or nested deeper than 128.
bool walk(DocumentKind kind, std::string_view document, TextVisitor &visitor, Members &members);

// The end of the string whose opening quote is at `at`: the offset after its closing quote, or npos.
size_t string_end(std::string_view json, size_t at);

} // namespace patchbay::redact
