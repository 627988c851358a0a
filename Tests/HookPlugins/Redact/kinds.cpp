// Each built-in kind: what it is, and what only looks like it.
#include "checks.h"

namespace {

struct Example {
    const char *kind, *text, *masked; // masked null: it stays as it is
};

const Example examples[] = {
    {"email", "write to bob@example.org.", "write to [EMAIL]."},
    {"email", "<mailto:a.b+c%d@x-y.co.uk>,next", "<mailto:[EMAIL]>,next"},
    {"email", "a@b.de and c@d.fr;e@f.it", "[EMAIL] and [EMAIL];[EMAIL]"},
    {"email", "j\xc3\xbcrgen@m\xc3\xbcller.de!", "[EMAIL]!"},
    {"email", "\xe8\xaf\xb7" "bob@x.com\xe8\xb0\xa2", "\xe8\xaf\xb7[EMAIL]\xe8\xb0\xa2"},
    {"email", "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0@\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd1\x80\xd1\x84", "[EMAIL]"},
    {"email", "user@sub.sub2.example.museum", "[EMAIL]"},
    {"email", "@name, name@, a@b, a@b.1, @a.b, x @ y.org", nullptr},
    {"email", "git@1.2.3.4 and 5@6.7", nullptr},

    {"card", "4111111111111111", "[CARD]"},
    {"card", "card 4111 1111 1111 1111, thanks", "card [CARD], thanks"},
    {"card", "4111-1111-1111-1111", "[CARD]"},
    {"card", "Amex 3782 822463 10005.", "Amex [CARD]."},
    {"card", "378282246310005 5555555555554444 6011111111111117", "[CARD] [CARD] [CARD]"},
    {"card", "4222222222222 (13)", "[CARD] (13)"},
    {"card", "6304000000000000000 (19)", "[CARD] (19)"},
    {"card", "2223003122003222", "[CARD]"},
    {"card", "4111 1111 1111 1111 12/29", "[CARD] 12/29"},
    {"card", "12 4111 1111 1111 1111", "12 [CARD]"},
    {"card", "4111\xc2\xa0" "1111\xc2\xa0" "1111\xc2\xa0" "1111 now", "[CARD] now"},
    {"card", "4111111111111112", nullptr},
    {"card", "411111111111 and 41111111111111111111", nullptr},
    {"card", "x4111111111111111 4111111111111111x _4111111111111111", nullptr},
    {"card", "0.4111111111111111", nullptr},
    {"card", "550e8400-e29b-41d4-4716-446655440004", nullptr},
    {"card", "1763700000000 1763700000009", nullptr},
    {"card", "2024-01-15 2024-01-16 2024-01-17", nullptr},
    {"card", "41 11 11 11 11 11 11 11", nullptr},
    {"card", "numbers 4, 1111, 1111, 1111, 1111", nullptr},

    {"key", "sk-abcdefghijklmnopqrstuvwx is it", "[KEY] is it"},
    {"key", "OPENAI=sk-proj-AbC_123-456789012345678901", "OPENAI=[KEY]"},
    {"key", "sk-ant-api03-AAAAAAAAAAAAAAAAAAAAAAAA", "[KEY]"},
    {"key", "ghp_abcdefghijklmnopqrstuvwxyz0123456789!", "[KEY]!"},
    {"key", "AKIAIOSFODNN7EXAMPLE, ASIAIOSFODNN7EXAMPLE", "[KEY], [KEY]"},
    {"key", "xoxb-123456789012-abcdef", "[KEY]"},
    {"key", "sk_live_abcdefghijklmnop", "[KEY]"},
    {"key", "AIzaAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "[KEY]"},
    {"key", "glpat-aaaaaaaaaaaaaaaaaaaa hf_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "[KEY] [KEY]"},
    {"key", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl.", "Bearer [KEY]"},
    {"key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\nabc\n-----END RSA PRIVATE KEY-----\nafter", "[KEY]\nafter"},
    {"key", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE\n-----END RSA PRIVATE KEY-----.", "[KEY]."},
    {"key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nV: 1\n\nx\n-----END PGP PRIVATE KEY BLOCK-----", "[KEY]"},
    {"key", "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg", "[KEY]"},
    {"key", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", nullptr},
    {"key", "task-aaaaaaaaaaaaaaaaaaaaaaaa sk-short risk-aversion ghp_ AKIA AKIAx", nullptr},
    {"key", "eyJ.eyJ.x and xox- and sha256:0123456789abcdef0123456789abcdef", nullptr},

    {"phone", "+14155552671", "[PHONE]"},
    {"phone", "call +1 (415) 555-2671 now", "call [PHONE] now"},
    {"phone", "+49 (0) 30 123456, +33 1 23 45 67 89", "[PHONE], [PHONE]"},
    {"phone", "tel:+442079460958", "tel:[PHONE]"},
    {"phone", "415-555-2671 (415) 555-2671 415.555.2671", "[PHONE] [PHONE] [PHONE]"},
    {"phone", "1-800-555-0199", "[PHONE]"},
    {"phone", "020 7946 0958 or 030/1234567", "[PHONE] or [PHONE]"},
    {"phone", "01 23 45 67 89; 01.23.45.67.89", "[PHONE]; [PHONE]"},
    {"phone", "0171 1234567 in 2024", "[PHONE] in 2024"},
    {"phone", "0171 1234567 2024 was", "[PHONE] 2024 was"},
    {"phone", "0049 30 1234567", "[PHONE]"},
    {"phone", "(030) 123456 7", "[PHONE] 7"},
    {"phone", "03-1234-5678 and 044 668 18 00", "[PHONE] and [PHONE]"},
    {"phone", "1234567890 0301234567 id 20240115103000", nullptr},
    {"phone", "2024-01-15 15-01-2024 01/02/2024 01-02-2024 01/02/2024 10:30", nullptr},
    {"phone", "192.168.100.1 10.0.0.1 1,234,567,890 3.1415926535", nullptr},
    {"phone", "550e8400-e29b-41d4-a716-446655440000 978-0-306-40615-7", nullptr},
    {"phone", "1+4155552671 x+14155552671 +1 +123 ++14155552671", nullptr},
    {"phone", "a415-555-2671 #415-555-2671 415-555-2671-9", nullptr},
    {"phone", "123-45-6789 12-34-56 0:00 00:00:00 100 200 300", nullptr},
};

} // namespace

void check_kinds() {
    for (const Example &example : examples) {
        const Case one("{\"kinds\":[\"" + std::string(example.kind) + "\"]}");
        const std::string seen = one.request(user(quoted(example.text)));
        check_same(example.text, seen, example.masked == nullptr ? "=" : user(quoted(example.masked)));
    }
    // All kinds together don't take from one another.
    const Case all("{}");
    for (const Example &example : examples) {
        if (example.masked != nullptr) {
            const std::string seen = all.request(user(quoted(example.text)));
            check_same(std::string("with all kinds: ") + example.text, seen, user(quoted(example.masked)));
        }
    }
    // A card is found whatever is around it, and none of its prefixes with a wrong check digit.
    const Case cards("{\"kinds\":[\"card\"]}");
    for (unsigned digit = 0; digit < 10; digit++) {
        const std::string number = "555555555555444" + std::to_string(digit);
        const std::string wanted = digit == 4 ? user("\"[CARD]\"") : "=";
        check_same("check digit: " + number, cards.request(user(quoted(number))), wanted);
    }
}
