#include "Document.h"

#include "Common.h"
#include "Decoded.h"
#include "Texts.h"

#include <vector>

namespace patchbay::redact {

namespace {

struct Edit {
    size_t start; // in the document
    size_t end;
    uint32_t rule;
    uint32_t number; // 0: nothing remembers the value
    enum : uint8_t { token, quoted_token, empty_array } what;
};

bool in_number(char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'; }

class Masker final : public TextVisitor {
public:
    Masker(std::string_view document, const Finder &finder, Vault *vault) : document(document), finder(finder), vault(vault) {
        if (vault != nullptr) {
            salts.note(document); // names and descriptions too: the model sees them
        }
    }

    void text(Place place, bool may_be_json) override {
        const Decoded decoded(document.substr(place.start, place.end - place.start));
        note(decoded);
        const auto map = [&](size_t offset) { return place.start + decoded.place(offset); };
        if (!may_be_json || !json(decoded.text(), map)) {
            plain(decoded.text(), map);
        }
    }

    void logprobs(Place place) override { edits.push_back({place.start, place.end, 0, 0, Edit::empty_array}); }

    [[nodiscard]] bool changes() const { return count > 0; }
    [[nodiscard]] bool is_full() const { return full; }

    bool issue() {
        std::string salt;
        if (!salts.first_free(salt)) {
            return false;
        }
        vault->issue(salt);
        return true;
    }

    // Appends what stands at `place`, masked.
    void append(std::string &out, Place place) const {
        size_t at = place.start;
        for (const Edit &edit : edits) {
            if (edit.start < place.start || edit.end > place.end) {
                continue;
            }
            out.append(document.substr(at, edit.start - at));
            at = edit.end;
            if (edit.what == Edit::empty_array) {
                out += "[]";
                continue;
            }
            const char *quote = edit.what == Edit::quoted_token ? "\\\"" : "";
            out += quote;
            out += token_of(finder.name(edit.rule), vault == nullptr ? std::string() : vault->salt(), edit.number);
            out += quote;
        }
        out.append(document.substr(at, place.end - at));
    }

private:
    std::string_view document;
    const Finder &finder;
    Vault *vault;
    Salts salts;
    std::vector<Edit> edits; // in the document's order
    std::vector<Found> found;
    size_t count = 0;
    bool full = false;

    // The document as it stands has been seen; what its escapes mean has not.
    void note(const Decoded &decoded) {
        if (vault != nullptr && decoded.has_escapes()) {
            salts.note(decoded.text());
        }
    }

    void add(size_t start, size_t end, uint32_t rule, std::string_view value, bool quoted) {
        const uint32_t number = vault == nullptr ? 0 : vault->number(rule, value);
        full = full || (vault != nullptr && number == 0);
        edits.push_back({start, end, rule, number, quoted ? Edit::quoted_token : Edit::token});
        count++;
    }

    template <typename Map>
    void plain(std::string_view text, const Map &map) {
        found.clear();
        finder.find(text, found);
        for (const Found &one : found) {
            add(map(one.start), map(one.end), one.rule, text.substr(one.start, one.end - one.start), false);
        }
    }

    // A text that is a JSON object or array: its strings are texts, names of members included; a number that is found is
    // masked as a whole and becomes a string. False where it is none.
    template <typename Map>
    bool json(std::string_view text, const Map &map) {
        pjson_value value;
        const size_t first = text.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[') ||
            pjson_parse(text.data(), text.size(), &value, nullptr) == 0) {
            return false;
        }
        for (size_t at = first; at < text.size();) {
            if (text[at] == '"') {
                const size_t end = string_end(text, at);
                if (end == std::string_view::npos) {
                    return true; // never in what pjson_parse took
                }
                const size_t start = at + 1;
                const Decoded inner(text.substr(start, end - 1 - start));
                note(inner);
                plain(inner.text(), [&](size_t offset) { return map(start + inner.place(offset)); });
                at = end;
            } else if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9')) {
                size_t end = at;
                while (end < text.size() && in_number(text[end])) {
                    end++;
                }
                const std::string_view number = text.substr(at, end - at);
                found.clear();
                finder.find(number, found);
                if (!found.empty()) {
                    add(map(at), map(end), found[0].rule, number, true);
                }
                at = end;
            } else {
                at++;
            }
        }
        return true;
    }
};

// What REPLACE takes: the point's documents differ from what they are replaced with.
bool write(DocumentKind kind, const Masker &masker, const Members &members, size_t size, std::string &out) {
    switch (kind) {
    case DocumentKind::request:
        masker.append(out, {0, size});
        return true;
    case DocumentKind::history:
        if (members.input.end == 0) {
            return false;
        }
        out += "{\"input\":";
        masker.append(out, members.input);
        if (members.instructions.end > 0) {
            out += ",\"instructions\":";
            masker.append(out, members.instructions);
        }
        out += "}";
        return true;
    case DocumentKind::tool_result:
        out += "{\"output\":";
        masker.append(out, members.output);
        out += "}";
        return members.output.end > 0;
    }
    return false;
}

} // namespace

Outcome mask(DocumentKind kind, std::string_view document, const Finder &finder, Vault *vault, std::string &out) {
    Masker masker(document, finder, vault);
    Members members;
    if (!walk(kind, document, masker, members)) {
        return Outcome::malformed;
    }
    if (masker.is_full() || (vault != nullptr && !masker.issue())) {
        return Outcome::too_many;
    }
    if (!masker.changes()) {
        return Outcome::unchanged;
    }
    out.reserve(document.size() + document.size() / 8);
    return write(kind, masker, members, document.size(), out) ? Outcome::changed : Outcome::malformed;
}

} // namespace patchbay::redact
