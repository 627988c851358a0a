#include "Shapes.h"

#include <array>

namespace patchbay::redact {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Letters of the scripts that are written with spaces: in a text without spaces an address would have no beginning.
#define LETTER "\\p{Latin}\\p{Greek}\\p{Cyrillic}"
// What stands between the digits of a number: a space (narrow and unbreakable ones too), a dash of any kind.
#define GAP " \\x{A0}\\x{202F}\\x{2010}\\x{2011}\\x{2013}\\-"
#define PEM "(?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"

constexpr const char *email_shape = "@(?:[" LETTER "0-9-]+\\.)+[" LETTER "]{2,}";

// Issuers' numbers begin with 2 to 6: so a time in milliseconds is none.
constexpr const char *card_shape = "\\b[2-6](?:[" GAP "]?\\d){12,18}\\b";

constexpr const char *phone_shape =
    "\\+[1-9](?:[" GAP ".()/]{0,2}\\d){7,14}\\b"                                       // E.164
    "|\\(\\d{2,5}\\) ?\\d{2,8}(?:[" GAP "]?\\d{2,4}){0,3}\\b"                          // (030) 123456, (415) 555-2671
    "|\\b(?:1[" GAP ".])?[2-9]\\d\\d[" GAP ".][2-9]\\d\\d[" GAP ".]\\d{4}\\b"          // 415-555-2671
    "|\\b0\\d{1,4}[" GAP "/]\\d{2,8}(?:[" GAP "]\\d{2,8}){0,4}\\b"                     // 030 123456, 01 23 45 67 89
    "|\\b0\\d(?:\\.\\d\\d){4}\\b";                                                     // 01.23.45.67.89

constexpr const char *key_shape =
    "\\bsk-[A-Za-z0-9_-]{20,}"                                             // OpenAI, Anthropic and those like them
    "|\\b[rsp]k_(?:live|test)_[A-Za-z0-9]{16,}|\\bwhsec_[A-Za-z0-9]{24,}"  // Stripe
    "|\\bgh[pousr]_[A-Za-z0-9]{30,}|\\bgithub_pat_[A-Za-z0-9_]{50,}"       // GitHub
    "|\\bglpat-[A-Za-z0-9_-]{20,}"                                         // GitLab
    "|\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b"                                     // AWS
    "|\\bAIza[A-Za-z0-9_-]{35}|\\bya29\\.[A-Za-z0-9_-]{20,}"               // Google
    "|\\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\\bxapp-[A-Za-z0-9-]{10,}"         // Slack
    "|\\bhf_[A-Za-z0-9]{30,}|\\bnpm_[A-Za-z0-9]{36}|\\bpypi-[A-Za-z0-9_-]{50,}"
    "|\\bSG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}"                     // SendGrid
    // JWT, JWE. The header has a bound, so that no search goes through a large text for its first dot.
    "|\\beyJ[A-Za-z0-9_-]{8,1000}\\.[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*){1,3}"
    // A key whose end is missing goes as far as it looks like one. The body has no two dashes: so a text of a thousand
    // beginnings is read once.
    "|-----BEGIN " PEM "(?:(?:[^-]|-[^-])*-----END " PEM "|[A-Za-z0-9+/=\\s]*)";

// The digits of a candidate, and the places where a group of them ends.
struct Groups {
    std::array<size_t, 32> ends{};   // offsets in the text
    std::array<size_t, 32> digits{}; // up to there
    size_t count = 0;

    Groups(std::string_view text, size_t start, size_t end) {
        size_t total = 0;
        for (size_t at = start; at < end && count < ends.size(); at++) {
            if (!is_digit(text[at])) {
                continue;
            }
            total++;
            if (at + 1 == end || !is_digit(text[at + 1])) {
                ends[count] = at + 1;
                digits[count] = total;
                count++;
            }
        }
    }

    [[nodiscard]] size_t size(size_t group) const { return group == 0 ? digits[0] : digits[group] - digits[group - 1]; }
};

// 446655440000 of a UUID: what comes before is "-" and hexadecimal digits before that.
bool in_uuid(std::string_view text, size_t start) {
    return start >= 5 && text[start - 1] == '-' && is_hex(text[start - 2]) && is_hex(text[start - 3]) && is_hex(text[start - 4]) &&
           is_hex(text[start - 5]);
}

// A number goes on after `end`: a fraction, a range, a time.
bool goes_on(std::string_view text, size_t end) {
    return end + 1 < text.size() && std::string_view(".,:/-").find(text[end]) != std::string_view::npos && is_digit(text[end + 1]);
}

size_t accept_card(std::string_view text, size_t start, size_t end) {
    if ((start > 0 && text[start - 1] == '.') || in_uuid(text, start)) {
        return 0;
    }
    const Groups groups(text, start, end);
    size_t sound = 0; // groups that can be a card's: 4-4-4-4, 4-6-5, 6-13, or all in one
    while (sound < groups.count && (sound == 0 ? groups.size(0) >= 4 : groups.size(sound) >= 3)) {
        sound++;
    }
    for (size_t group = sound; group-- > 0;) {
        const size_t last = groups.ends[group];
        if (groups.digits[group] < 13) {
            return 0;
        }
        if (!(last + 1 < text.size() && text[last] == '.' && is_digit(text[last + 1])) && luhn(text.substr(start, last - start))) {
            return last;
        }
    }
    return 0;
}

// 24-12-2024, 24/12/2024.
bool is_date(std::string_view text, size_t start) {
    const std::string_view rest = text.substr(start, 10);
    return rest.size() == 10 && (rest[2] == '-' || rest[2] == '/') && rest[5] == rest[2] && is_digit(rest[3]) && is_digit(rest[4]) &&
           is_digit(rest[6]) && is_digit(rest[7]) && is_digit(rest[8]) && is_digit(rest[9]);
}

size_t accept_phone(std::string_view text, size_t start, size_t end) {
    const char first = text[start];
    if (start > 0) {
        const char before = text[start - 1];
        const bool in_word = is_alphanumeric(before) || before == '_';
        const std::string_view not_before = first == '+' ? "+" : ".-/+:#=$";
        if (in_word || not_before.find(before) != std::string_view::npos) {
            return 0;
        }
    }
    if (first == '0' && is_date(text, start)) {
        return 0;
    }
    const bool is_whole = first == '+' || (first >= '1' && first <= '9'); // of a fixed length, or bounded by the shape
    const bool abroad = text.substr(start, 2) == "00";
    const size_t most = first == '+' || abroad ? 15 : 12;
    const size_t least = first == '+' ? 8 : abroad ? 10 : 9;
    const Groups groups(text, start, end);
    for (size_t group = groups.count; group-- > 0;) {
        const size_t digits = groups.digits[group] - (abroad ? 2 : 0);
        if (digits >= least && digits <= most && !goes_on(text, groups.ends[group])) {
            return groups.ends[group];
        }
        if (is_whole || digits < least) {
            return 0;
        }
    }
    return 0;
}

// A character of the scripts above, roughly: what stands in the local part of an address.
bool is_letter(uint32_t c) { return (c >= 0xC0 && c <= 0x24F) || (c >= 0x370 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1FFF); }

bool in_local_part(char c) {
    return is_alphanumeric(c) || std::string_view("._%+-").find(c) != std::string_view::npos;
}

} // namespace

size_t local_part(std::string_view text, size_t from, size_t at) {
    const size_t least = at > from + 256 ? at - 256 : from;
    size_t start = at;
    while (start > least) {
        const auto last = static_cast<unsigned char>(text[start - 1]);
        if (last < 0x80) {
            if (!in_local_part(text[start - 1])) {
                break;
            }
            start--;
            continue;
        }
        uint32_t c = last & 0x3F; // a character of two or three bytes
        size_t size = 1;
        unsigned shift = 6;
        while (size < 3 && start - size > least && (static_cast<unsigned char>(text[start - size]) & 0xC0) == 0x80) {
            size++;
            const auto byte = static_cast<unsigned char>(text[start - size]);
            c |= static_cast<uint32_t>((byte & 0xC0) == 0x80 ? byte & 0x3F : size == 2 ? byte & 0x1F : byte & 0x0F) << shift;
            shift += 6;
        }
        if (!is_letter(c)) {
            break;
        }
        start -= size;
    }
    while (start < at && text[start] == '.') {
        start++;
    }
    return at > start && text[at - 1] == '.' ? at : start;
}

bool luhn(std::string_view text) {
    unsigned sum = 0;
    bool doubled = false;
    for (size_t at = text.size(); at-- > 0;) {
        if (!is_digit(text[at])) {
            continue;
        }
        unsigned digit = static_cast<unsigned>(text[at] - '0');
        if (doubled) {
            digit = digit < 5 ? 2 * digit : 2 * digit - 9;
        }
        sum += digit;
        doubled = !doubled;
    }
    return sum % 10 == 0;
}

std::string shape(Kind kind) {
    switch (kind) {
    case Kind::key: return key_shape;
    case Kind::email: return email_shape;
    case Kind::card: return card_shape;
    case Kind::phone: return phone_shape;
    }
    return {};
}

size_t accept(Kind kind, std::string_view text, size_t start, size_t end) {
    return kind == Kind::card ? accept_card(text, start, end) : accept_phone(text, start, end);
}

} // namespace patchbay::redact
