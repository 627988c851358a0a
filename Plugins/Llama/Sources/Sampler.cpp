#include "Sampler.h"

#include "Failure.h"

#include <algorithm>
#include <cmath>

namespace patchbay::llama {

Sampler::Sampler(const Vocabulary &vocabulary, const Request &request, const Settings &settings,
                 const std::string &grammar)
    : vocabulary(vocabulary), greedy(request.temperature <= 0 || request.top_p <= 0) {
    if (!greedy) {
        llama_sampler_chain_params parameters = llama_sampler_chain_default_params();
        parameters.no_perf = true;
        chain.reset(llama_sampler_chain_init(parameters));
        if (request.top_k > 0) {
            llama_sampler_chain_add(chain.get(), llama_sampler_init_top_k(static_cast<int32_t>(request.top_k)));
        }
        if (request.top_p < 1) {
            llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(static_cast<float>(request.top_p), 1));
        }
        llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(static_cast<float>(request.temperature)));
        llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(request.seed.value_or(LLAMA_DEFAULT_SEED)));
    }
    if (!grammar.empty()) {
        bind(grammar, {});
    }
}

void Sampler::bind(const std::string &rules, const std::string &begun) {
    const auto make = [&] {
        grammar.reset(llama_sampler_init_grammar(vocabulary.raw(), rules.c_str(), "root"));
        if (!grammar) {
            throw Failure::unsupported("text.format.schema", "the JSON schema asks for more than a grammar can hold "
                                                             "(long repetitions of large parts)");
        }
    };
    make();
    try {
        for (const llama_token token : vocabulary.tokenize(begun)) {
            accept(token);
        }
    } catch (const std::exception &) {
        make();
    }
}

bool Sampler::fits(llama_token token) const {
    llama_token_data one{token, 1, 0};
    llama_token_data_array single{&one, 1, -1, false};
    llama_sampler_apply(grammar.get(), &single);
    return std::isfinite(one.logit);
}

void Sampler::accept(llama_token token) {
    if (grammar) {
        llama_sampler_accept(grammar.get(), token);
    }
}

llama_token Sampler::draw(llama_token_data_array &candidates) {
    if (greedy) {
        const auto end = candidates.data + candidates.size;
        const auto by_logit = [](const auto &left, const auto &right) { return left.logit < right.logit; };
        return std::max_element(candidates.data, end, by_logit)->id;
    }
    llama_sampler_apply(chain.get(), &candidates);
    return candidates.selected < 0 ? candidates.data[0].id : candidates.data[candidates.selected].id;
}

llama_token Sampler::choose(const float *logits, std::vector<llama_token_data> &room) {
    const auto candidates = [&] {
        room.resize(vocabulary.size());
        for (size_t token = 0; token < room.size(); ++token) {
            room[token] = {static_cast<llama_token>(token), logits[token], 0};
        }
        return llama_token_data_array{room.data(), room.size(), -1, false};
    };
    auto all = candidates();
    llama_token token = draw(all);
    // The grammar is tried on the one token first: over the whole vocabulary it costs as much as a step of the model.
    if (grammar && !fits(token)) {
        all = candidates();
        llama_sampler_apply(grammar.get(), &all);
        const auto fitting = std::remove_if(all.data, all.data + all.size, [](const auto &candidate) {
            return !std::isfinite(candidate.logit);
        });
        all.size = static_cast<size_t>(fitting - all.data);
        token = all.size == 0 ? llama_vocab_eos(vocabulary.raw()) : draw(all);
    }
    if (!vocabulary.ends(token)) {
        accept(token);
    }
    return token;
}

} // namespace patchbay::llama
