/*
 * What a model is asked about, and which texts it has let pass.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "guard.hpp"

namespace guard {

/* Texts that are remembered; the oldest go first. */
constexpr size_t kMaxPassed = 16384;

static Digest digest_of(std::string_view text) {
    pdigest digest = pdigest_begin();
    Digest out;
    pdigest_add(&digest, text.data(), text.size());
    pdigest_end(&digest, out.data());
    return out;
}

bool Passed::has(const Digest &digest) {
    std::lock_guard<std::mutex> lock(mutex_);
    return digests_.count(digest) > 0;
}

void Passed::add(const std::vector<Digest> &digests) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const Digest &digest : digests) {
        if (!digests_.insert(digest).second) continue;
        order_.push_back(digest);
        if (order_.size() <= kMaxPassed) continue;
        digests_.erase(order_.front());
        order_.pop_front();
    }
}

void Said::add(std::string said) {
    if (said.empty()) return;
    const Digest digest = digest_of(said);
    if (known != nullptr && known->has(digest)) return;
    if (!text.empty()) text += '\n';
    text += said;
    digests.push_back(digest);
}

} // namespace guard
