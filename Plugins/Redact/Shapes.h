// What the built-in kinds look like.
#pragma once

#include "Settings.h"

#include <string>
#include <string_view>

namespace patchbay::redact {

// The regular expression (RE2) of a kind. What it matches is a candidate: see accept.
std::string shape(Kind kind);

// A candidate at [start, end) of `text` is looked at more closely. Answers where what is to be masked ends, which may be
// before `end`, or 0: it is something else. Only cards and phone numbers are ever refused; their candidates are short.
size_t accept(Kind kind, std::string_view text, size_t start, size_t end);

// The check digit of card numbers. Other characters than digits are passed over.
bool luhn(std::string_view digits);

} // namespace patchbay::redact
