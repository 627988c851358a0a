#include "Engine.h"

#include "Host.h"

#include <algorithm>

namespace patchbay::llama {

// One batch: the next token of each answer that is being generated, then parts of prompts, in the order of arrival, as
// far as there is room. Prompts are cut to what is left, so a long one never holds the others up for more than a batch.
void Engine::compute() {
    fill_batch();
    if (shares.empty()) {
        return;
    }
    make_room(static_cast<size_t>(batch.n_tokens));
    const int32_t result = llama_decode(loaded->context(), batch);
    expect_complaints(false);
    if (result == 0) {
        take_results();
        return;
    }
    for (const Share &share : shares) { // what was computed of a batch that failed is not kept
        forget(*share.answer->slot, share.answer->slot->tokens.size());
    }
    Slot *idle = slots.oldest_idle();
    if (result == 1 && idle != nullptr) { // no room after all: tried again in the next step
        forget(*idle, 0);
    } else if (result == 1) {
        fail_batch(Failure::overloaded("the model's KV cache is full"));
    } else if (result != 2) { // 2: aborted, and the cancelled ones are swept before the next step
        fail_batch(Failure::internal("the model failed", "llama_decode answered " + std::to_string(result)));
    }
}

void Engine::fill_batch() {
    batch.n_tokens = 0;
    shares.clear();
    for (const bool generating : {true, false}) {
        for (const auto &answer : running) {
            const size_t left = answer->tokens.size() - answer->slot->tokens.size();
            const size_t space = options.batch - static_cast<size_t>(batch.n_tokens);
            if ((left == 1) == generating && space > 0 && !answer->call.paused() && !answer->call.cancelled) {
                add(*answer, std::min(left, space));
            }
        }
    }
}

void Engine::add(Answer &answer, size_t count) {
    const size_t from = answer.slot->tokens.size();
    const bool last = from + count == answer.tokens.size();
    for (size_t offset = 0; offset < count; ++offset) {
        const int32_t index = batch.n_tokens++;
        batch.token[index] = answer.tokens[from + offset];
        batch.pos[index] = static_cast<llama_pos>(from + offset);
        batch.n_seq_id[index] = 1;
        batch.seq_id[index][0] = answer.slot->sequence;
        batch.logits[index] = last && offset + 1 == count;
    }
    shares.push_back({&answer, count, last ? batch.n_tokens - 1 : -1});
}

// Idle conversations give way, the least recently used first.
void Engine::make_room(size_t count) {
    while (slots.held_tokens() + count > options.kv_tokens) {
        Slot *idle = slots.oldest_idle();
        if (idle == nullptr) {
            return;
        }
        forget(*idle, 0);
    }
}

// Removes a sequence's tokens from `from` on, all of them where the cache can't forget a part.
void Engine::forget(Slot &slot, size_t from) {
    llama_memory_t memory = llama_get_memory(loaded->context());
    if (from == 0 || !llama_memory_seq_rm(memory, slot.sequence, static_cast<llama_pos>(from), -1)) {
        llama_memory_seq_rm(memory, slot.sequence, -1, -1);
        from = 0;
    }
    slot.tokens.resize(std::min(from, slot.tokens.size()));
}

void Engine::take_results() {
    const std::vector<Share> done = std::move(shares);
    shares.clear();
    for (const Share &share : done) {
        Answer &answer = *share.answer;
        std::vector<Token> &held = answer.slot->tokens;
        const auto from = answer.tokens.begin() + static_cast<ptrdiff_t>(held.size());
        held.insert(held.end(), from, from + static_cast<ptrdiff_t>(share.count));
        if (share.logits < 0 || answer.call.cancelled) {
            continue;
        }
        std::optional<Ending> ending;
        try {
            ending = answer.advance(llama_get_logits_ith(loaded->context(), share.logits), room);
        } catch (const Failure &failure) {
            ending = Ending{0, failure};
        } catch (const std::exception &error) {
            ending = Ending{0, Failure::internal("the model failed", error.what())};
        }
        if (ending) {
            auto at = std::find_if(running.begin(), running.end(), [&](const auto &other) { return other.get() == &answer; });
            end(running, at, *ending);
        }
    }
}

void Engine::fail_batch(const Failure &failure) {
    const std::vector<Share> failed = std::move(shares);
    shares.clear();
    for (const Share &share : failed) {
        auto at = std::find_if(running.begin(), running.end(), [&](const auto &other) { return other.get() == share.answer; });
        if (at != running.end()) {
            forget(*share.answer->slot, 0);
            end(running, at, {0, failure});
        }
    }
}

// Whether most of the batch is for nobody: the rest of it is computed again without them.
bool Engine::should_abort() const {
    size_t all = 0, cancelled = 0;
    for (const Share &share : shares) {
        all += share.count;
        cancelled += share.answer->call.cancelled ? share.count : 0;
    }
    const bool abort = is_stopping() || (cancelled > 0 && cancelled * 2 >= all);
    if (abort) {
        expect_complaints(true);
    }
    return abort;
}

} // namespace patchbay::llama
