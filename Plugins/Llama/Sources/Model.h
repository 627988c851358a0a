// A loaded GGUF file and its context.
#pragma once

#include "ChatTemplate.h"
#include "Settings.h"
#include "Vocabulary.h"

#include "llama.h"

#include <memory>
#include <string>

struct ggml_threadpool;

namespace patchbay::llama {

// Inputs in one batch of an embedder.
constexpr uint32_t packed_inputs = 64;

class Model {
public:
    // Loads the file. Fills in what `settings` left to the model. Throws Failure.
    explicit Model(Settings &settings);
    ~Model();
    Model(const Model &) = delete;
    Model &operator=(const Model &) = delete;

    const Vocabulary &vocabulary() const { return *words; }
    // Whether it makes vectors, and then nothing else: the file says how those of the tokens become one.
    bool embeds() const { return pools; }
    // Of a model that makes vectors: their length, and whether it was trained so that their beginnings are vectors too.
    uint32_t dimensions() const;
    bool shortens_vectors() const;
    // Of one that doesn't.
    const ChatTemplate &chat_template() const { return *conversation; }
    // Of one thread only: the engine's.
    llama_context *context() const { return state; }
    // Whether the KV cache can forget a sequence's end and copy a beginning.
    bool partial_cache() const;
    const std::string &name() const { return title; } // the file's name without its ending
    std::string description() const;                  // for the log

private:
    void open(const Settings &settings);
    void fill_in(Settings &settings) const;
    void make_context(const Settings &settings);
    void close();
    std::string metadata(const std::string &key) const; // empty where there is none

    std::string title;
    bool pools = false;
    llama_model *weights = nullptr;
    llama_context *state = nullptr;
    ggml_threadpool *pool = nullptr;
    std::unique_ptr<Vocabulary> words;
    std::unique_ptr<ChatTemplate> conversation;
};

} // namespace patchbay::llama
