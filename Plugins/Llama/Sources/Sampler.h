// Chooses the next token of one answer.
#pragma once

#include "Request.h"
#include "Vocabulary.h"

#include <memory>
#include <string>
#include <vector>

namespace patchbay::llama {

class Sampler {
public:
    // `grammar` may be empty. Throws Failure where it can't be used.
    Sampler(const Vocabulary &vocabulary, const Request &request, const Settings &settings, const std::string &grammar);

    // `logits`: one for each token of the vocabulary. `room`: memory lent for the call, kept between calls.
    llama_token choose(const float *logits, std::vector<llama_token_data> &room);
    // From here on the answer is bound by `grammar`, whose first words `begun` have been generated already (those that
    // don't fit are as if they hadn't been).
    void bind(const std::string &grammar, const std::string &begun);

private:
    struct Delete {
        void operator()(llama_sampler *sampler) const { llama_sampler_free(sampler); }
    };
    using Handle = std::unique_ptr<llama_sampler, Delete>;

    llama_token draw(llama_token_data_array &candidates);
    bool fits(llama_token token) const;
    void accept(llama_token token);

    const Vocabulary &vocabulary;
    bool greedy;
    Handle chain;   // null where greedy
    Handle grammar; // null where free
};

} // namespace patchbay::llama
