#include "Embedder.h"

#include "Host.h"

#include <algorithm>
#include <utility>

namespace patchbay::llama {

Embedder::Embedder(std::unique_ptr<Model> model, Settings settings, pbay_instance_id instance)
    : Worker(std::move(model), std::move(settings), instance),
      batch(llama_batch_init(static_cast<int32_t>(std::max(options.batch, options.context)), 0, 1)) {}

Embedder::~Embedder() {
    stop();
    llama_batch_free(batch);
}

std::string Embedder::capacity() const {
    return "vectors of " + std::to_string(loaded->dimensions()) + " numbers, inputs of " + std::to_string(options.context) +
           " tokens at most, batches of " + std::to_string(options.batch);
}

void Embedder::take(Call &call) { calls.push_back(std::make_unique<Embedding>(call, *loaded, options)); }

// One batch.
void Embedder::step() {
    gather();
    try {
        while (!shares.empty() && !is_stopping()) {
            const int32_t result = compute();
            if (result == 0) {
                take_results();
            } else if (result == 2) {
                sweep_cancelled(); // and once more for those who shared the batch with them
            } else {
                throw Failure::internal("the model failed", "llama.cpp answered " + std::to_string(result));
            }
        }
    } catch (const Failure &failure) {
        fail_batch(failure);
    } catch (const std::exception &error) {
        fail_batch(Failure::internal("the model failed", error.what()));
    }
    if (!calls.empty()) {
        calls.splice(calls.end(), calls, calls.begin()); // a long list doesn't go first for ever
    }
}

// The next input of each call in turn, until the batch is full. The first one fits however long it is.
void Embedder::gather() {
    sweep_cancelled();
    size_t room = options.batch;
    for (bool is_more = true; is_more && room > 0;) {
        is_more = false;
        for (auto at = calls.begin(); at != calls.end();) {
            try {
                is_more |= gather_from(**at, room);
                ++at;
            } catch (const Failure &failure) {
                at = end(at, &failure);
            } catch (const std::exception &error) { // llama.cpp's tokenizers throw where a vocabulary has a gap
                const Failure failure = Failure::internal("the input could not be turned into tokens", error.what());
                at = end(at, &failure);
            }
        }
    }
}

bool Embedder::gather_from(Embedding &embedding, size_t &room) {
    if (!embedding.has_more() || shares.size() == packed_inputs || (!shares.empty() && room == 0)) {
        return false;
    }
    const size_t size = embedding.upcoming().size();
    if (size > room && !shares.empty()) {
        return false;
    }
    const uint32_t input = embedding.next_index();
    shares.push_back({&embedding, input, embedding.take()});
    room -= std::min(size, room);
    return true;
}

int32_t Embedder::compute() {
    batch.n_tokens = 0;
    for (size_t sequence = 0; sequence < shares.size(); ++sequence) {
        const std::vector<llama_token> &tokens = shares[sequence].tokens;
        for (size_t position = 0; position < tokens.size(); ++position) {
            const int32_t index = batch.n_tokens++;
            batch.token[index] = tokens[position];
            batch.pos[index] = static_cast<llama_pos>(position);
            batch.n_seq_id[index] = 1;
            batch.seq_id[index][0] = static_cast<llama_seq_id>(sequence);
            batch.logits[index] = true;
        }
    }
    llama_memory_t memory = llama_get_memory(loaded->context());
    if (memory != nullptr) { // of a model that was made from one that goes on with a text
        llama_memory_clear(memory, false);
    }
    const int32_t result = memory != nullptr ? llama_decode(loaded->context(), batch) : llama_encode(loaded->context(), batch);
    expect_complaints(false);
    return result;
}

void Embedder::take_results() {
    const std::vector<Share> done = std::exchange(shares, {});
    for (size_t sequence = 0; sequence < done.size(); ++sequence) {
        const auto at = find(done[sequence].embedding);
        if (at == calls.end()) {
            continue;
        }
        const float *vector = llama_get_embeddings_seq(loaded->context(), static_cast<llama_seq_id>(sequence));
        Failure failure = Failure::internal("the model failed", "llama.cpp gave no vector");
        try {
            if (vector != nullptr && (*at)->deliver(done[sequence].input, vector)) {
                if ((*at)->is_complete()) {
                    end(at, nullptr);
                }
                continue;
            }
            if (vector != nullptr) {
                failure = Failure::cancelled("the host takes no more of these vectors");
            }
        } catch (const Failure &thrown) {
            failure = thrown;
        }
        end(at, &failure);
    }
}

void Embedder::fail_batch(const Failure &failure) {
    while (!shares.empty()) {
        end(find(shares.front().embedding), &failure);
    }
}

void Embedder::sweep_cancelled() {
    const Failure failure = Failure::cancelled("cancelled");
    for (auto at = calls.begin(); at != calls.end();) {
        at = (*at)->call.cancelled ? end(at, &failure) : std::next(at);
    }
}

void Embedder::end_all(const Failure &failure) {
    for (auto at = calls.begin(); at != calls.end();) {
        at = end(at, &failure);
    }
}

// After it the call may be gone.
Embedder::Calls::iterator Embedder::end(Calls::iterator at, const Failure *failure) {
    const std::unique_ptr<Embedding> embedding = std::move(*at);
    const auto mine = [&](const Share &share) { return share.embedding == embedding.get(); };
    shares.erase(std::remove_if(shares.begin(), shares.end(), mine), shares.end());
    const auto next = calls.erase(at);
    if (failure != nullptr) {
        refuse(embedding->call, *failure);
    } else {
        finish(embedding->call, PBAY_FINISH_STOP, embedding->usage());
    }
    return next;
}

Embedder::Calls::iterator Embedder::find(const Embedding *embedding) {
    return std::find_if(calls.begin(), calls.end(), [&](const auto &one) { return one.get() == embedding; });
}

// Whether most of the batch is for nobody: the rest of it is computed again without them.
bool Embedder::should_abort() const {
    size_t all = 0, cancelled = 0;
    for (const Share &share : shares) {
        all += share.tokens.size();
        cancelled += share.embedding->call.cancelled ? share.tokens.size() : 0;
    }
    const bool abort = is_stopping() || (cancelled > 0 && cancelled * 2 >= all);
    if (abort) {
        expect_complaints(true);
    }
    return abort;
}

} // namespace patchbay::llama
