#include "Model.h"

#include "Failure.h"
#include "Grammar.h"

#include "ggml-cpu.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>

namespace patchbay::llama {

static constexpr uint32_t default_context = 4096;

static void check_file(const std::string &path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        const std::string reason = errno == ENOENT ? "there is no such file" : std::strerror(errno);
        throw Failure::invalid("model", "can't open the model " + path + ": " + reason +
                                            ". Plugins/Llama/setup-model fetches the default one; or name another GGUF file");
    }
    char magic[4] = {};
    file.read(magic, sizeof(magic));
    if (std::memcmp(magic, "GGUF", sizeof(magic)) != 0) {
        throw Failure::invalid("model", path + " is no GGUF file");
    }
}

Model::Model(Settings &settings) {
    static std::once_flag once;
    std::call_once(once, llama_backend_init);
    check_file(settings.model);
    try {
        open(settings);
        fill_in(settings);
        make_context(settings);
    } catch (...) {
        close();
        throw;
    }
}

void Model::fill_in(Settings &settings) const {
    const uint32_t trained = static_cast<uint32_t>(std::max(llama_model_n_ctx_train(weights), 1));
    if (settings.context > trained) {
        throw Failure::invalid("context", "context is more than the model's own " + std::to_string(trained));
    }
    if (settings.context == 0) {
        settings.context = std::min(trained, default_context);
    }
    if (settings.kv_tokens == 0) {
        settings.kv_tokens = settings.context * 2;
    }
    if (settings.kv_tokens < settings.context) {
        throw Failure::invalid("kv_tokens", "kv_tokens must be at least the context, " + std::to_string(settings.context));
    }
}

Model::~Model() { close(); }

void Model::close() {
    if (state != nullptr) {
        llama_free(state);
    }
    if (pool != nullptr) {
        ggml_threadpool_free(pool);
    }
    if (weights != nullptr) {
        llama_model_free(weights);
    }
    state = nullptr;
    pool = nullptr;
    weights = nullptr;
}

void Model::open(const Settings &settings) {
    title = settings.model.substr(settings.model.find_last_of('/') + 1);
    title = title.substr(0, title.rfind(".gguf"));
    llama_model_params parameters = llama_model_default_params();
    parameters.n_gpu_layers = 0;
    weights = llama_model_load_from_file(settings.model.c_str(), parameters);
    if (weights == nullptr) {
        throw Failure::invalid("model", "llama.cpp can't load " + settings.model +
                                            " (damaged, or of an architecture that it doesn't know); the debug log says more");
    }
    if (llama_model_has_encoder(weights) || !llama_model_has_decoder(weights) || llama_model_is_diffusion(weights)) {
        throw Failure::invalid("model", settings.model + " is no model that continues a text");
    }
    const std::string pooling = metadata(metadata("general.architecture") + ".pooling_type");
    if (pooling == std::to_string(LLAMA_POOLING_TYPE_RANK)) {
        throw Failure::invalid("model", settings.model + " is a model that ranks texts: it neither answers nor makes vectors");
    }
    pools = !pooling.empty() && pooling != std::to_string(LLAMA_POOLING_TYPE_NONE);
    words = std::make_unique<Vocabulary>(llama_model_get_vocab(weights),
                                         std::vector<std::string>{call_opening, call_closing, "<think>", "</think>"});
    if (words->size() == 0) {
        throw Failure::invalid("model", settings.model + " has no vocabulary");
    }
    if (pools) {
        return;
    }
    const char *source = llama_model_chat_template(weights, nullptr);
    conversation = std::make_unique<ChatTemplate>(source == nullptr ? "" : source,
                                                  words->text_of(llama_vocab_bos(words->raw())),
                                                  words->text_of(llama_vocab_eos(words->raw())));
}

void Model::make_context(const Settings &settings) {
    llama_context_params parameters = llama_context_default_params();
    if (pools) { // an input is computed in one piece, as long as it may be
        parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = std::max(settings.batch, settings.context);
        parameters.n_seq_max = packed_inputs;
        parameters.embeddings = true;
    } else {
        parameters.n_ctx = settings.kv_tokens;
        parameters.n_batch = parameters.n_ubatch = settings.batch;
        parameters.n_seq_max = parameters.n_outputs_max = settings.sequences; // llama.cpp wants an output for each
    }
    parameters.n_threads = static_cast<int32_t>(settings.threads);
    parameters.n_threads_batch = static_cast<int32_t>(settings.threads);
    parameters.kv_unified = true; // sequences share cells: a copied prefix costs nothing
    parameters.swa_full = true;   // or an earlier turn could not be gone back to
    parameters.no_perf = true;
    state = llama_init_from_model(weights, parameters);
    if (state == nullptr) {
        throw Failure::invalid(pools ? "context" : "kv_tokens", "llama.cpp could not make a context of " +
                                                                    std::to_string(parameters.n_ctx) + " tokens; is there memory enough?");
    }
    if (!pools && llama_get_memory(state) == nullptr) {
        throw Failure::invalid("model", settings.model + " continues no text, and doesn't say how its vectors of tokens become one "
                                                         "of a text (pooling_type)");
    }
    if (settings.threads > 1) { // without a pool of its own every step would start threads anew
        ggml_threadpool_params threads = ggml_threadpool_params_default(static_cast<int>(settings.threads));
        pool = ggml_threadpool_new(&threads);
        if (pool == nullptr) {
            throw Failure::invalid("threads", "the threads could not be started");
        }
        llama_attach_threadpool(state, pool, pool);
    }
}

bool Model::partial_cache() const { return !llama_model_is_recurrent(weights) && !llama_model_is_hybrid(weights); }

std::string Model::metadata(const std::string &key) const {
    char value[256] = {};
    return llama_model_meta_val_str(weights, key.c_str(), value, sizeof(value)) < 0 ? std::string() : std::string(value);
}

uint32_t Model::dimensions() const { return static_cast<uint32_t>(std::max(llama_model_n_embd_out(weights), 0)); }

// No file says so of itself: those that their makers say it of, and whose vectors need only be cut.
bool Model::shortens_vectors() const {
    std::string name = title + " " + metadata("general.name") + " " + metadata("general.basename");
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) { return letter == ' ' || letter == '_' ? '-' : std::tolower(letter); });
    static const char *const known[] = {"qwen3-embedding", "embeddinggemma", "embedding-gemma", "mxbai-embed-large-v1", "arctic-embed-m-v1.5", "arctic-embed-m-v2", "arctic-embed-l-v2"};
    return std::any_of(std::begin(known), std::end(known), [&](const char *one) { return name.find(one) != std::string::npos; });
}

std::string Model::description() const {
    char kind[128] = {};
    llama_model_desc(weights, kind, sizeof(kind));
    return title + " (" + kind + ", " + std::to_string(llama_model_size(weights) >> 20) + " MiB)";
}

} // namespace patchbay::llama
