/*
 * A model that is asked about a text, through the host.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

namespace guard {

std::string json_string(std::string_view text) {
    static const char digits[] = "0123456789abcdef";
    std::string out = "\"";
    out.reserve(text.size() + 2);
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out += '"';
}

namespace {

enum class Judgement { pass, block, unclear };

Judgement judge_field(const Moderation &moderation, std::string_view answer) {
    /* Models like to wrap their JSON in a fence or a sentence. */
    size_t first = answer.find('{'), last = answer.rfind('}');
    pjson_value value;
    if (first == std::string_view::npos || last == std::string_view::npos || last < first) return Judgement::unclear;
    if (!pjson_parse(answer.data() + first, last - first + 1, &value, nullptr)) return Judgement::unclear;
    for (const auto &name : moderation.field) value = pjson_member(value, name.c_str());
    if (value.kind == PJSON_NONE) return Judgement::unclear;
    if (moderation.pattern != nullptr) {
        std::string text = value.kind == PJSON_STRING ? decoded(value) : std::string(value.data, value.size);
        return re2::RE2::PartialMatch(text, *moderation.pattern) ? Judgement::block : Judgement::pass;
    }
    return value.kind == PJSON_TRUE ? Judgement::block : value.kind == PJSON_FALSE ? Judgement::pass : Judgement::unclear;
}

Judgement judge(const Moderation &moderation, std::string_view answer) {
    if (answer.find_first_not_of(" \t\r\n") == std::string_view::npos) return Judgement::unclear;
    if (!moderation.field.empty()) return judge_field(moderation, answer);
    return re2::RE2::PartialMatch(re2::StringPiece(answer.data(), answer.size()), *moderation.pattern) ? Judgement::block : Judgement::pass;
}

void fail(pbay_visit_id visit, const char *detail) {
    pbay_error error = perror_empty();
    perror_set(&error, PBAY_EUPSTREAM, nullptr, "The moderation failed.");
    perror_copy(error.detail, sizeof error.detail, detail);
    host->fail(visit, &error);
}

/* [strand] The model's answer. The request may be gone as soon as the verdict is given. */
void answered(void *context, int32_t code, pbay_text text, const pbay_error *) {
    auto &request = *static_cast<Request *>(context);
    const Moderation &moderation = request.instance->config.moderation;
    pbay_visit_id visit = request.asking;
    try {
        if (code < 0) return fail(visit, "the model that moderates gave no answer");
        switch (judge(moderation, std::string_view(text.size == 0 ? "" : text.data, static_cast<size_t>(text.size)))) {
        case Judgement::pass: host->proceed(visit); return;
        case Judgement::block: return reject(visit, Refusal{PBAY_EINVALID, "", moderation.message, "moderation"});
        case Judgement::unclear: return fail(visit, "the answer of the model that moderates isn't what block_if expects");
        }
    } catch (...) {
        fail(visit, "out of memory");
    }
}

} // namespace

Outcome ask(Request &request, pbay_visit_id visit, const std::string &text, bool of_output) {
    const Moderation &moderation = request.instance->config.moderation;
    if (text.empty()) return Outcome::proceed;
    if (text.size() > moderation.max_bytes) {
        reject(visit, Refusal{PBAY_EINVALID, of_output ? "" : "input",
                              std::string(of_output ? "The answer" : "The input") + " is too long to be moderated: at most " +
                                  std::to_string(moderation.max_bytes) + " bytes.",
                              "moderation.max_bytes"});
        return Outcome::settled;
    }
    std::string body = "{\"model\":" + json_string(moderation.model) + ",\"instructions\":" + json_string(moderation.instructions) +
        ",\"input\":[{\"role\":\"user\",\"content\":" + json_string(text) + "}],\"store\":false}";
    pbay_error error = perror_empty();
    request.asking = visit;
    int32_t code = host->ask(visit, pbay_text{body.data(), body.size()}, answered, &request, &error);
    if (code == PBAY_OK) return Outcome::asked;
    fail(visit, "the model that moderates can't be asked");
    return Outcome::settled;
}

} // namespace guard
