#include "Answer.h"

#include <algorithm>
#include <cstring>

namespace patchbay::redact {

// An event as far as its writer knows it: a host of another minor may have shorter or longer ones.
const pbay_event &Answer::event(const pbay_visit &visit, uint64_t index) {
    const char *first = reinterpret_cast<const char *>(visit.events);
    return *reinterpret_cast<const pbay_event *>(first + index * visit.events->size);
}

bool Answer::says(const pbay_visit &visit, uint32_t call) {
    for (uint64_t i = 0; i < visit.event_count; i++) {
        if (event(visit, i).kind == PBAY_EVENT_ARGUMENTS && event(visit, i).index == call) {
            return true;
        }
    }
    return false;
}

// Whether more of the open text follows in this visit, with nothing but logprobs before it.
bool Answer::goes_on(const pbay_visit &visit, uint64_t index, uint32_t kind) {
    for (index++; index < visit.event_count; index++) {
        if (event(visit, index).kind != PBAY_EVENT_LOGPROBS) {
            return event(visit, index).kind == kind;
        }
    }
    return false;
}

// Most visits are none of our business: nothing is masked, or nothing is held back and no text has a "[".
bool Answer::concerns(const pbay_visit &visit) const {
    if (vault.empty()) {
        return false;
    }
    if (open.holds() || !calls.empty()) {
        return true;
    }
    for (uint64_t i = 0; i < visit.event_count; i++) {
        if (view(event(visit, i).text).find('[') != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

} // namespace patchbay::redact
