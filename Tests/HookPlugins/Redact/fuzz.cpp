// Random texts: masked, none of the values is left; unmasked, whatever the pieces, they are what they were.
#include "transcript.h"

#include "plugin_json.h"

#include <algorithm>

namespace {

unsigned state;

unsigned draw(unsigned below) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % below;
}

template <size_t count>
std::string any(const char *const (&list)[count]) {
    return list[draw(count)];
}

const char *const secrets[] = {"bob@x.org", "a.b+c@d-e.co.uk", "j\xc3\xbcrgen@m\xc3\xbcller.de", "4111111111111111", "3782 822463 10005",
                               "sk-abcdefghijklmnopqrstuvwx", "AKIAIOSFODNN7EXAMPLE", "+14155552671", "020 7946 0958", "ID<\"\\\n\t>"};
const char *const fillers[] = {" and ", "\xc3\xa9", "\xf0\x9f\x98\x80", "\n", "\\", "\"", "[", "]", "[EMAIL", "[EMAIL_1]", "[X_a2]", "_1]", "/", "{", "}",
                               " 12 ", "word", "\t", "\x01", "\\u0041", "(", "[[", "1998, "};
const char config[] = "{\"unmask\":true,\"patterns\":[{\"name\":\"id\",\"regex\":\"ID<[^>]*>\"}]}";

// A text as a JSON string, some of its characters escaped at will.
std::string written(const std::string &text) {
    static const char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || (byte < 0x80 && draw(12) == 0)) {
            out += std::string("\\u00") + digits[byte >> 4] + digits[byte & 15];
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string decoded(pjson_value value) {
    std::string text(pjson_decode(value, nullptr, 0), '\0');
    pjson_decode(value, text.data(), text.size());
    return text;
}

// The text of input[0]'s member of this name.
std::string member(const std::string &document, const char *name) {
    pjson_value root, item;
    if (pjson_parse(document.data(), document.size(), &root, nullptr) == 0) return "no JSON";
    pjson_iterator items = pjson_iterate(pjson_member(root, "input"));
    return pjson_next(&items, nullptr, &item) != 0 ? decoded(pjson_member(item, name)) : "no item";
}

std::string streamed(request *one, uint32_t kind, const std::string &text) {
    std::vector<Said> events;
    for (size_t at = 0; at < text.size();) {
        size_t end = std::min(text.size(), at + 1 + draw(9));
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) end++;
        events.push_back({kind, text.substr(at, end - at), 0});
        at = end;
    }
    Stream stream(one);
    stream.run(events, draw(2) == 0);
    return stream.out.size() == 1 ? stream.out[0].text : stream.out.empty() ? "" : "more than one event";
}

void round(const instance &plugin, unsigned number) {
    std::vector<std::string> used;
    std::string text;
    for (unsigned i = 1 + draw(12); i > 0; i--) {
        text += any(fillers);
        if (draw(2) == 0) {
            used.push_back(any(secrets));
            text += " " + used.back() + " ";
        }
    }
    const Case one(plugin);
    const std::string arguments = "{\"a\":[" + written(text) + ",1]}";
    const std::string document =
        "{\"input\":[{\"text\":" + written(text) + ",\"id\":\"i\",\"arguments\":" + written(arguments) + "}]}";
    const std::string masked = one.history(document);
    const std::string label = "round " + std::to_string(number) + ": " + document;
    if (masked == "=") {
        check(label, used.empty());
        return;
    }
    const std::string plain = member(masked, "text");
    const std::string json = member(masked, "arguments");
    for (const std::string &value : used) {
        check(label, plain.find(value) == std::string::npos && json.find(value) == std::string::npos, masked);
    }
    check_same(label, streamed(one.one, PBAY_EVENT_TEXT, plain), text);
    // The values come back as they stand in a string, which need not be how they came: the strings are the same.
    pjson_value value, element;
    const std::string back = streamed(one.one, PBAY_EVENT_ARGUMENTS, json);
    const bool parsed = pjson_parse(back.data(), back.size(), &value, nullptr) != 0;
    pjson_iterator elements = pjson_iterate(pjson_member(value, "a"));
    check_same(label, parsed && pjson_next(&elements, nullptr, &element) != 0 ? decoded(element) : back, text);
}

std::string masked_again(std::string text) {
    for (size_t at = 0; (at = text.find("bob@x.org", at)) != std::string::npos;) text.replace(at, 9, "[EMAIL_1]");
    return text;
}

// Any events that a provider may give, in any visits: each text is the same but for the tokens, nothing else is lost or
// moved before its text, and no rule of the host's is broken (it counts).
void mixed(const instance &plugin, unsigned number) {
    static const char *const parts[] = {"[", "[E", "[EMA", "IL_1]", "MAIL_1]", "EMAIL_1]", "[EMAIL_1]", "[EMAIL_1", "]", "x", "[EMAIL_2]", ""};
    static const uint32_t kinds[] = {PBAY_EVENT_TEXT,         PBAY_EVENT_TEXT,     PBAY_EVENT_REFUSAL,   PBAY_EVENT_REASONING, PBAY_EVENT_REASONING_SUMMARY,
                                     PBAY_EVENT_ARGUMENTS,    PBAY_EVENT_ARGUMENTS, PBAY_EVENT_TOOL_CALL, PBAY_EVENT_TOOL_CALL_END, PBAY_EVENT_LOGPROBS,
                                     PBAY_EVENT_ITEM_END};
    const Case one(plugin);
    one.history("{\"input\":[{\"content\":\"bob@x.org\"}]}");
    Stream stream(one.one);
    std::vector<Said> all, visit;
    const bool calm = draw(2) == 0; // few kinds, so that more is held back
    bool open[2] = {false, false};  // the calls
    for (unsigned i = 1 + draw(24); i > 0; i--) {
        Said said{calm ? kinds[draw(2) * 5] : kinds[draw(sizeof kinds / sizeof *kinds)], "", 0};
        const bool is_text = said.kind <= PBAY_EVENT_REASONING_SUMMARY || said.kind == PBAY_EVENT_ARGUMENTS;
        if (is_text) said.text = any(parts);
        if (said.kind >= PBAY_EVENT_REASONING_SUMMARY && said.kind <= PBAY_EVENT_TOOL_CALL_END) said.index = draw(2);
        if (said.kind >= PBAY_EVENT_TOOL_CALL && said.kind <= PBAY_EVENT_TOOL_CALL_END) {
            // A call begins before anything else of it comes; its number may be given to another one after its end.
            if (open[said.index] == (said.kind == PBAY_EVENT_TOOL_CALL)) said = {open[said.index] ? PBAY_EVENT_TOOL_CALL_END : PBAY_EVENT_TOOL_CALL, "", said.index};
            open[said.index] = said.kind != PBAY_EVENT_TOOL_CALL_END;
        }
        all.push_back(said);
        visit.push_back(said);
        if (draw(2) == 0) {
            stream.visit(visit);
            visit.clear();
        }
    }
    stream.visit(visit, PBAY_VISIT_LAST);
    // By text and index, what came before each event that ends it.
    for (const uint32_t kind : {PBAY_EVENT_TEXT, PBAY_EVENT_REFUSAL, PBAY_EVENT_REASONING, PBAY_EVENT_REASONING_SUMMARY, PBAY_EVENT_ARGUMENTS}) {
        for (uint32_t index = 0; index < 2; index++) {
            std::string in, out;
            const auto write = [&](std::string &to, const Said &said) {
                if (said.kind == kind && said.index == index) to += said.text;
                if (said.kind == PBAY_EVENT_ITEM_END || (kind == PBAY_EVENT_ARGUMENTS && said.kind == PBAY_EVENT_TOOL_CALL_END && said.index == index)) to += "|";
            };
            for (const Said &said : all) write(in, said);
            for (const Said &said : stream.out) write(out, said);
            check_same("mixed events, round " + std::to_string(number), masked_again(out), in);
        }
    }
}

} // namespace

void check_fuzz(unsigned seed, unsigned rounds) {
    state = seed * 2654435761u + 1;
    const Case shared(config);
    for (unsigned i = 0; i < rounds; i++) round(shared.plugin, i);
    for (unsigned i = 0; i < 4 * rounds; i++) mixed(shared.plugin, i);
}
