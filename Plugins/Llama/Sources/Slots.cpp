#include "Slots.h"

#include <algorithm>

namespace patchbay::llama {

// A shorter end may be forgotten: it is what two renderings of the same turn differ by.
static constexpr size_t worthless_tail = 32;

Slots::Slots(size_t count, bool partial) : slots(count), partial(partial) {
    for (size_t index = 0; index < count; ++index) {
        slots[index].sequence = static_cast<int32_t>(index);
    }
}

static size_t common_prefix(const std::vector<Token> &left, const std::vector<Token> &right, size_t limit) {
    const size_t size = std::min({left.size(), right.size(), limit});
    return static_cast<size_t>(std::mismatch(left.begin(), left.begin() + static_cast<ptrdiff_t>(size), right.begin()).first -
                               left.begin());
}

// Which of two idle slots to give up first: one that holds nothing, else the one used least recently.
static bool gives_way(const Slot &slot, const Slot &other) {
    if (slot.tokens.empty() != other.tokens.empty()) {
        return slot.tokens.empty();
    }
    return slot.last_used < other.last_used;
}

Placement Slots::place(const std::vector<Token> &prompt, const std::string &conversation) {
    // The last token is always evaluated: its logits choose the first one of the answer.
    const size_t limit = prompt.empty() ? 0 : prompt.size() - 1;
    Slot *best = nullptr, *oldest = nullptr;
    size_t best_reuse = 0;
    for (Slot &slot : slots) {
        size_t reuse = common_prefix(slot.tokens, prompt, limit);
        if (!partial && (reuse < slot.tokens.size() || slot.busy)) {
            reuse = 0;
        }
        const bool same = !conversation.empty() && slot.conversation == conversation;
        const bool best_same = best != nullptr && !conversation.empty() && best->conversation == conversation;
        // At the same length an idle one is better (nothing to copy), then one of this conversation.
        if (reuse > best_reuse ||
            (reuse == best_reuse && reuse > 0 && best != nullptr &&
             ((best->busy && !slot.busy) || (best->busy == slot.busy && same && !best_same)))) {
            best = &slot;
            best_reuse = reuse;
        }
        if (!slot.busy && (oldest == nullptr || gives_way(slot, *oldest))) {
            oldest = &slot;
        }
    }
    if (oldest == nullptr) {
        return {};
    }
    if (best == nullptr) {
        return {oldest, nullptr, 0};
    }
    if (best->busy) {
        return {oldest, best, best_reuse};
    }
    // A branch: the other one's end stays where there is an older or empty slot to give up instead.
    const bool tail_matters = best->tokens.size() > best_reuse + worthless_tail;
    if (partial && tail_matters && oldest != best) {
        return {oldest, best, best_reuse};
    }
    return {best, nullptr, best_reuse};
}

Slot *Slots::oldest_idle() {
    Slot *oldest = nullptr;
    for (Slot &slot : slots) {
        if (!slot.busy && !slot.tokens.empty() && (oldest == nullptr || slot.last_used < oldest->last_used)) {
            oldest = &slot;
        }
    }
    return oldest;
}

size_t Slots::held_tokens() const {
    size_t total = 0;
    for (const Slot &slot : slots) {
        total += slot.tokens.size();
    }
    return total;
}

} // namespace patchbay::llama
