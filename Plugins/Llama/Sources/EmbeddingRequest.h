// An embeddings request as the embedder understands it.
#pragma once

#include "llama.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::llama {

struct EmbeddingRequest {
    // A text, or tokens where the client has cut it itself: then they are taken as they are.
    struct Input {
        std::string text;
        std::vector<llama_token> tokens; // not empty: there is no text
    };

    std::vector<Input> inputs;
    std::optional<uint32_t> dimensions;

    // Reads the body; `vocabulary` is the number of the model's tokens. Throws Failure with a path in `param`.
    static EmbeddingRequest parse(std::string_view body, size_t vocabulary);
};

// The path of one input.
inline std::string input_path(size_t index) { return "input[" + std::to_string(index) + "]"; }

} // namespace patchbay::llama
