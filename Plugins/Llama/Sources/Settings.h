// The plugin's configuration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::llama {

struct Settings {
    std::string model;               // path of a GGUF file
    uint32_t context = 0;            // tokens of one sequence; 0: the model's own, at most 4096
    uint32_t parallel = 4;           // answers generated at the same time
    uint32_t sequences = 16;         // conversations kept in the KV cache, the running ones included
    uint32_t kv_tokens = 0;          // size of the KV cache in tokens, for all sequences; 0: twice `context`
    uint32_t threads = 1;            // of the computation
    uint32_t batch = 256;            // tokens evaluated in one step
    uint32_t queue = 64;             // requests that may wait for a place
    uint32_t max_output_tokens = 1024; // where the request names none
    uint32_t string_limit = 512;     // characters of a string in an answer bound by a JSON schema
    double temperature = 0.7;        // the three used where the request names none
    double top_p = 0.95;
    uint32_t top_k = 40;             // 0: off
    std::optional<uint32_t> seed;    // absent: another one for each request

    // Reads one JSON object. Throws Failure with the key in `param`.
    static Settings parse(std::string_view text);
};

} // namespace patchbay::llama
