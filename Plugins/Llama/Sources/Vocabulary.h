// Text to tokens and back, with the user's words kept apart from the template's control tokens.
#pragma once

#include "llama.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patchbay::llama {

// A rendered prompt: what the template wrote, and what came from the request.
struct PromptPart {
    bool from_request = false;
    std::string text;
};

class Vocabulary {
public:
    // `marks`: texts that must appear in the output even where the model has them as control tokens.
    Vocabulary(const llama_vocab *vocab, const std::vector<std::string> &marks);

    const llama_vocab *raw() const { return vocab; }
    size_t size() const { return static_cast<size_t>(llama_vocab_n_tokens(vocab)); }
    bool ends(llama_token token) const { return llama_vocab_is_eog(vocab, token); }
    // The most bytes that one token can stand for.
    size_t longest_piece() const { return longest; }
    std::string text_of(llama_token token) const; // as written in the vocabulary: for templates

    // A request's words are never read as control tokens: who writes `<|im_end|>` says just that.
    std::vector<llama_token> tokenize(const std::vector<PromptPart> &prompt) const;
    std::vector<llama_token> tokenize(std::string_view words) const;
    // With the tokens that the model wants around each input.
    std::vector<llama_token> tokenize_input(std::string_view words) const;

    // The bytes of a token in an answer; a control token has none, but for the marks.
    std::string piece(llama_token token) const;

private:
    void append(std::vector<llama_token> &tokens, std::string_view words, bool first, bool with_control) const;
    bool holds_control_text(const std::string &words) const;

    const llama_vocab *vocab;
    std::vector<std::string> control_texts;
    std::unordered_map<llama_token, std::string> mark_tokens;
    size_t longest = 1;
};

} // namespace patchbay::llama
