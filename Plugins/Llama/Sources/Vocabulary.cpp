#include "Vocabulary.h"

#include "Failure.h"

#include <algorithm>

namespace patchbay::llama {

Vocabulary::Vocabulary(const llama_vocab *vocab, const std::vector<std::string> &marks) : vocab(vocab) {
    for (llama_token token = 0; token < static_cast<llama_token>(size()); ++token) {
        const int attributes = llama_vocab_get_attr(vocab, token);
        const std::string words = text_of(token);
        longest = std::max(longest, words.size());
        if ((attributes & (LLAMA_TOKEN_ATTR_CONTROL | LLAMA_TOKEN_ATTR_UNKNOWN)) == 0 || words.empty()) {
            continue;
        }
        control_texts.push_back(words);
        if (std::find(marks.begin(), marks.end(), words) != marks.end()) {
            mark_tokens.emplace(token, words);
        }
    }
}

std::string Vocabulary::text_of(llama_token token) const {
    const char *words = token < 0 ? nullptr : llama_vocab_get_text(vocab, token);
    return words == nullptr ? std::string() : std::string(words);
}

bool Vocabulary::holds_control_text(const std::string &words) const {
    return std::any_of(control_texts.begin(), control_texts.end(),
                       [&](const std::string &control) { return words.find(control) != std::string::npos; });
}

void Vocabulary::append(std::vector<llama_token> &tokens, std::string_view words, bool first, bool with_control) const {
    const size_t before = tokens.size();
    tokens.resize(before + words.size() + 2);
    const int32_t count =
        llama_tokenize(vocab, words.data(), static_cast<int32_t>(words.size()), tokens.data() + before,
                       static_cast<int32_t>(tokens.size() - before), first, with_control);
    if (count < 0) {
        throw Failure::internal("the prompt could not be turned into tokens");
    }
    tokens.resize(before + static_cast<size_t>(count));
}

std::vector<llama_token> Vocabulary::tokenize(const std::vector<PromptPart> &prompt) const {
    const bool forged = std::any_of(prompt.begin(), prompt.end(), [&](const PromptPart &part) {
        return part.from_request && holds_control_text(part.text);
    });
    // Templates often write the beginning-of-text token that the tokenizer adds as well.
    const std::string bos = llama_vocab_get_add_bos(vocab) ? text_of(llama_vocab_bos(vocab)) : std::string();
    const bool doubled = !bos.empty() && !prompt.empty() && prompt.front().text.rfind(bos, 0) == 0;
    std::vector<llama_token> tokens;
    if (!forged) {
        // In one piece, as in the model's training: a border between parts would be a border between tokens.
        std::string whole;
        for (const PromptPart &part : prompt) {
            whole += part.text;
        }
        append(tokens, std::string_view(whole).substr(doubled ? bos.size() : 0), true, true);
        return tokens;
    }
    for (size_t index = 0; index < prompt.size(); ++index) {
        const std::string_view words = prompt[index].text;
        const bool first = index == 0;
        append(tokens, words.substr(first && doubled ? bos.size() : 0), first, !prompt[index].from_request);
    }
    return tokens;
}

std::vector<llama_token> Vocabulary::tokenize(std::string_view words) const {
    std::vector<llama_token> tokens;
    append(tokens, words, false, false);
    return tokens;
}

std::vector<llama_token> Vocabulary::tokenize_input(std::string_view words) const {
    std::vector<llama_token> tokens;
    append(tokens, words, true, false);
    return tokens;
}

std::string Vocabulary::piece(llama_token token) const {
    if (const auto mark = mark_tokens.find(token); mark != mark_tokens.end()) {
        return mark->second;
    }
    std::string words(32, 0);
    int32_t size = llama_token_to_piece(vocab, token, words.data(), static_cast<int32_t>(words.size()), 0, false);
    if (size < 0) {
        words.resize(static_cast<size_t>(-size));
        size = llama_token_to_piece(vocab, token, words.data(), static_cast<int32_t>(words.size()), 0, false);
    }
    words.resize(static_cast<size_t>(std::max(size, 0)));
    return words;
}

} // namespace patchbay::llama
