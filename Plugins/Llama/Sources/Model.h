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

class Model {
public:
    // Loads the file. Fills in what `settings` left to the model. Throws Failure. `abort` stops a decode when it
    // answers true; it is asked on the thread that decodes.
    Model(Settings &settings, bool (*abort)(void *), void *abort_data);
    ~Model();
    Model(const Model &) = delete;
    Model &operator=(const Model &) = delete;

    const Vocabulary &vocabulary() const { return *words; }
    const ChatTemplate &chat_template() const { return *conversation; }
    // Of one thread only: the engine's.
    llama_context *context() const { return state; }
    // Whether the KV cache can forget a sequence's end and copy a beginning.
    bool partial_cache() const;
    const std::string &name() const { return title; } // the file's name without its ending
    std::string description() const;                  // for the log

private:
    void open(const Settings &settings);
    void make_context(const Settings &settings, bool (*abort)(void *), void *abort_data);
    void close();

    std::string title;
    llama_model *weights = nullptr;
    llama_context *state = nullptr;
    ggml_threadpool *pool = nullptr;
    std::unique_ptr<Vocabulary> words;
    std::unique_ptr<ChatTemplate> conversation;
};

} // namespace patchbay::llama
