#include "Embedding.h"

#include "Failure.h"
#include "Host.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace patchbay::llama {

// A text of this size is tokenized in about the time of a few batches, whatever the context.
static constexpr size_t text_limit = 256 << 10;

Embedding::Embedding(Call &call, const Model &model, const Settings &settings)
    : call(call), model(model), settings(settings) {
    if (!call.inputs) {
        call.inputs = std::make_unique<EmbeddingRequest>(EmbeddingRequest::parse(call.body, model.vocabulary().size()));
    }
    const uint32_t own = model.dimensions(), wanted = call.inputs->dimensions.value_or(own);
    if (wanted > own || (wanted < own && !model.shortens_vectors())) {
        throw Failure::unsupported("dimensions", "this model makes vectors of " + std::to_string(own) + " numbers" +
                                                     (model.shortens_vectors() ? " at most" : " alone"));
    }
    numbers.resize(wanted);
}

const std::vector<llama_token> &Embedding::upcoming() {
    if (!tokens.empty()) {
        return tokens;
    }
    EmbeddingRequest::Input &input = call.inputs->inputs[next];
    const auto too_long = [&](const std::string &size) {
        return Failure{PBAY_ECONTEXT_LENGTH, input_path(next), input_path(next) + " has " + size + " tokens; this model takes " +
                       std::to_string(settings.context) + " in one input", {}, 0, 0};
    };
    if (input.tokens.empty()) {
        if (input.text.size() > std::max(text_limit, settings.context * model.vocabulary().longest_piece())) {
            throw too_long("too many");
        }
        tokens = model.vocabulary().tokenize_input(input.text);
    } else {
        tokens = std::move(input.tokens);
    }
    input = {};
    if (tokens.empty()) {
        throw Failure::invalid(input_path(next), input_path(next) + " holds nothing that this model knows");
    }
    if (tokens.size() > settings.context) {
        throw too_long(std::to_string(tokens.size()));
    }
    return tokens;
}

std::vector<llama_token> Embedding::take() {
    evaluated += static_cast<int64_t>(tokens.size());
    ++next;
    return std::exchange(tokens, {});
}

bool Embedding::deliver(uint32_t index, const float *vector) {
    double sum = 0;
    for (size_t at = 0; at < numbers.size(); ++at) {
        sum += double(vector[at]) * vector[at];
    }
    if (!std::isfinite(sum)) {
        throw Failure::internal("the model failed", "a vector of " + input_path(index) + " holds numbers that are not finite");
    }
    const float scale = sum > 0 ? static_cast<float>(1 / std::sqrt(sum)) : 0;
    std::transform(vector, vector + numbers.size(), numbers.begin(), [&](float number) { return number * scale; });
    pbay_event event{};
    event.size = sizeof(event);
    event.kind = PBAY_EVENT_VECTOR;
    event.index = index;
    event.text = {reinterpret_cast<const char *>(numbers.data()), numbers.size() * sizeof(float)};
    ++delivered;
    return host().stream->push(call.stream, &event) >= 0;
}

pbay_usage Embedding::usage() const { return {sizeof(pbay_usage), 0, evaluated, -1, -1, -1, -1}; }

} // namespace patchbay::llama
