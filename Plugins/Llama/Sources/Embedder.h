// Makes vectors: packs the inputs of all calls, one of each in turn, into batches with a sequence for each input.
#pragma once

#include "Embedding.h"
#include "Worker.h"

#include <list>
#include <vector>

namespace patchbay::llama {

class Embedder : public Worker {
public:
    Embedder(std::unique_ptr<Model> model, Settings settings, pbay_instance_id instance);
    ~Embedder() override;

protected:
    void take(Call &call) override;
    bool can_step() const override { return !calls.empty(); }
    void step() override;
    void end_all(const Failure &failure) override;
    bool should_abort() const override;
    std::string capacity() const override;

private:
    using Calls = std::list<std::unique_ptr<Embedding>>;
    struct Share { // of a batch; its place in `shares` is its sequence
        Embedding *embedding;
        uint32_t input;
        std::vector<llama_token> tokens;
    };

    void sweep_cancelled();
    void gather();
    // Whether there was something to be had: a share, or the end of a call that can give none.
    bool gather_from(Embedding &embedding, size_t &room);
    int32_t compute();
    void take_results();
    void fail_batch(const Failure &failure);
    // Ends a call, of which nothing stays in the batch.
    Calls::iterator end(Calls::iterator at, const Failure *failure);
    Calls::iterator find(const Embedding *embedding);

    llama_batch batch;
    std::vector<Share> shares; // read by should_abort on the same thread
    Calls calls;               // the next batch begins with the first
};

} // namespace patchbay::llama
