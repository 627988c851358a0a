// One call for vectors in the making: which of its inputs are next, and what becomes of each vector.
#pragma once

#include "Call.h"
#include "Model.h"

#include <vector>

namespace patchbay::llama {

class Embedding {
public:
    // Reads the request. Throws Failure.
    Embedding(Call &call, const Model &model, const Settings &settings);

    Call &call;

    bool has_more() const { return next < call.inputs->inputs.size(); }
    // The tokens of the next input, as long as the context at most. Throws Failure that names the input.
    const std::vector<llama_token> &upcoming();
    // Takes the next input over, to be computed. After `upcoming`.
    std::vector<llama_token> take();
    uint32_t next_index() const { return static_cast<uint32_t>(next); }
    // Pushes an input's vector, of unit length and cut to the dimensions asked for. False: the host takes no more.
    // Throws Failure where it is none.
    bool deliver(uint32_t index, const float *vector);
    bool is_complete() const { return delivered == call.inputs->inputs.size(); }
    pbay_usage usage() const;

private:
    const Model &model;
    const Settings &settings;
    size_t next = 0;
    size_t delivered = 0;
    int64_t evaluated = 0;           // tokens
    std::vector<llama_token> tokens; // of the next input, once it has been looked at
    std::vector<float> numbers;
};

} // namespace patchbay::llama
