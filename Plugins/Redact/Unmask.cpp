#include "Unmask.h"

#include "Common.h"
#include "Decoded.h"
#include "Texts.h"

#include <algorithm>

namespace patchbay::redact {

namespace {

// Appends `text` with its tokens replaced. Answers where an unfinished one begins, or text.size().
size_t replace(std::string_view text, const Vault &vault, unsigned escapes, std::string &out) {
    size_t at = 0;
    while (at < text.size()) {
        const size_t open = std::min(text.find('[', at), text.size());
        out.append(text.substr(at, open - at));
        if (open == text.size()) {
            break;
        }
        const Vault::Reading token = vault.read(text.substr(open));
        if (token.unfinished) {
            return open;
        }
        if (token.value == nullptr) {
            out += '[';
            at = open + 1;
            continue;
        }
        std::string value = *token.value;
        for (unsigned i = 0; i < escapes; i++) {
            std::string escaped;
            append_escaped(escaped, value);
            value = std::move(escaped);
        }
        out += value;
        at = open + token.size;
    }
    return text.size();
}

} // namespace

void TextUnmasker::feed(std::string_view piece, const Vault &vault, Form form, std::string &out) {
    std::string joined;
    std::string_view text = piece;
    if (!held.empty()) {
        joined = std::move(held);
        joined += piece;
        held.clear();
        text = joined;
    }
    const size_t rest = replace(text, vault, form == Form::json ? 1 : 0, out);
    held.assign(text.substr(rest));
}

void TextUnmasker::finish(std::string &out) {
    out += held;
    held.clear();
}

std::string unmask_json(std::string_view json, const Vault &vault) {
    std::string out;
    size_t at = 0;
    while (at < json.size()) {
        const size_t quote = std::min(json.find('"', at), json.size());
        out.append(json.substr(at, quote - at));
        if (quote == json.size()) {
            break;
        }
        const size_t end = string_end(json, quote);
        if (end == std::string_view::npos) { // the host takes no such event
            out.append(json.substr(quote));
            break;
        }
        const std::string_view raw = json.substr(quote + 1, end - quote - 2);
        unsigned escapes = 1;
        if (raw.find('[') != std::string_view::npos) {
            const Decoded decoded(raw);
            const std::string_view text = decoded.text();
            const size_t first = text.find_first_not_of(" \t\r\n");
            pjson_value value;
            if (text[first] == '{' || text[first] == '[') {
                escapes += pjson_parse(text.data(), text.size(), &value, nullptr) != 0 ? 1 : 0;
            }
        }
        out += '"';
        const size_t rest = replace(raw, vault, escapes, out);
        out.append(raw.substr(rest));
        out += '"';
        at = end;
    }
    return out;
}

} // namespace patchbay::redact
