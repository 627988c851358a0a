// What the built-in kinds look like.
#pragma once

#include "Settings.h"

#include <string>
#include <string_view>

namespace patchbay::redact {

// The regular expression (RE2) of a kind. Of an address it is the part from the "@" on; what it matches of a card or a
// phone number, at the beginning of a group of digits, is a candidate for `accept`.
std::string shape(Kind kind);

// Where the address begins whose "@" is at `at`: not before `from`, nor before 256 bytes ahead of it. `at`: it has no
// local part.
size_t local_part(std::string_view text, size_t from, size_t at);

constexpr size_t max_domain = 256; // bytes, with the "@"

// A card or a phone number at [start, end) of `text` is looked at more closely. Answers where what is to be masked ends,
// which may be before `end`, or 0: it is something else.
size_t accept(Kind kind, std::string_view text, size_t start, size_t end);

// The check digit of card numbers. Other characters than digits are passed over.
bool luhn(std::string_view digits);

} // namespace patchbay::redact
