// Puts values back into what a model says.
#pragma once

#include "Vault.h"

#include <string>
#include <string_view>

namespace patchbay::redact {

// A text that comes in pieces. Of a piece that may end inside a token, no more is held back than that beginning.
class TextUnmasker {
public:
    // What the text is: inside JSON text, a value is written as it stands in a string.
    enum class Form { plain, json };

    // Appends to `out` what can be said.
    void feed(std::string_view piece, const Vault &vault, Form form, std::string &out);
    // No more comes: appends what was held back, as it is.
    void finish(std::string &out);
    [[nodiscard]] bool holds() const { return !held.empty(); }

private:
    std::string held; // shorter than a token
};

// A whole JSON value: tokens in its strings; also in those that hold JSON text themselves, there escaped twice.
std::string unmask_json(std::string_view json, const Vault &vault);

} // namespace patchbay::redact
