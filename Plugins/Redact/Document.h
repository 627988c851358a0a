// The documents of the points, masked: a request, a history, a tool's result.
#pragma once

#include "Finder.h"
#include "Vault.h"

#include <string>
#include <string_view>

namespace patchbay::redact {

enum class DocumentKind { request, history, tool_result };

enum class Outcome {
    unchanged,   // there is nothing to mask
    changed,     // `out` is what takes the document's place
    malformed,   // this is no such document
    too_many     // more values than a request may have
};

// Masks what `finder` finds in the texts of a document, and writes what the point's REPLACE wants. Texts are what a model
// reads: messages, instructions, arguments and outputs of calls, in all their shapes; never ids, roles, types, names and
// addresses of files. Everything else stays as it is, byte for byte. With a vault, the tokens are numbered and kept in
// it; without, nothing remembers what was masked.
Outcome mask(DocumentKind kind, std::string_view document, const Finder &finder, Vault *vault, std::string &out);

} // namespace patchbay::redact
