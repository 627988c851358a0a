// Answers: runs several at a time in one context, and keeps finished conversations in the KV cache for their next turn.
#pragma once

#include "Answer.h"
#include "Slots.h"
#include "Worker.h"

#include <list>
#include <vector>

namespace patchbay::llama {

class Engine : public Worker {
public:
    Engine(std::unique_ptr<Model> model, Settings settings, pbay_instance_id instance);
    ~Engine() override;

protected:
    void take(Call &call) override;
    bool can_step() const override;
    void step() override;
    void end_all(const Failure &failure) override;
    bool should_abort() const override;
    std::string capacity() const override;
    std::string load() const override;

private:
    struct Share { // of a batch
        Answer *answer;
        size_t count;
        int32_t logits; // index in the batch, or -1
    };

    // Engine.cpp: the calls
    void count(Call &call);
    void admit();
    void start(Answer &answer);
    void sweep_cancelled();
    void end(std::list<std::unique_ptr<Answer>> &list, std::list<std::unique_ptr<Answer>>::iterator &at, const Ending &ending);

    // EngineStep.cpp: one step of the computation
    void compute();
    void fill_batch();
    void add(Answer &answer, size_t count);
    void make_room(size_t count);
    void forget(Slot &slot, size_t from);
    void take_results();
    void fail_batch(const Failure &failure);

    Slots slots;
    llama_batch batch{};
    std::vector<Share> shares; // of the batch; read by should_abort on the same thread
    std::vector<llama_token_data> room;
    std::list<std::unique_ptr<Answer>> waiting;
    std::list<std::unique_ptr<Answer>> running;
    size_t reserved = 0; // tokens that the running ones may come to hold

    std::atomic<size_t> cached{0}; // tokens in the KV cache, for `health`
};

} // namespace patchbay::llama
