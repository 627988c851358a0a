// The events of one answer, with the values put back.
#pragma once

#include "Unmask.h"

#include "Common.h"

#include <map>
#include <vector>

namespace patchbay::redact {

// Texts are held back only as long as they can still be a token, and let go of before any event of another kind. Two
// exceptions, since both stand between the pieces of a text: logprobs, where more of the text follows in the same visit,
// and what belongs to another tool call. A text is let go of at the end of the first visit that has none of its kind: the
// next one could not say it any more.
class Answer {
public:
    explicit Answer(const Vault &vault) : vault(vault) {}

    // One visit of PBAY_POINT_EVENTS. True where `emit` was called with what takes the events' place; false where they
    // stay as they are, and it was not called.
    template <typename Emit>
    bool visit(const pbay_visit &visit, const Emit &emit) {
        if (!concerns(visit)) {
            return false;
        }
        for (uint64_t i = 0; i < visit.event_count; i++) {
            take(visit, i, emit);
        }
        end(visit, emit);
        return true;
    }

private:
    using Form = TextUnmasker::Form;
    static constexpr size_t max_calls = 1024; // that hold something back at a time; more hold nothing

    const Vault &vault;
    TextUnmasker open; // of the text that is being said
    uint32_t open_kind = 0;
    uint32_t open_index = 0;
    std::map<uint32_t, TextUnmasker> calls; // by index: those that hold something back

    [[nodiscard]] bool concerns(const pbay_visit &visit) const;
    static const pbay_event &event(const pbay_visit &visit, uint64_t index);
    // Whether the visit has arguments of this call.
    static bool says(const pbay_visit &visit, uint32_t call);
    static bool goes_on(const pbay_visit &visit, uint64_t index, uint32_t kind);

    template <typename Emit>
    void say(const Emit &emit, uint32_t kind, uint32_t index, const std::string &words) {
        pbay_event event{};
        event.size = sizeof event;
        event.kind = kind;
        event.index = index;
        event.text = text(words);
        emit(event);
    }

    template <typename Emit>
    void let_go(const Emit &emit) {
        std::string words;
        open.finish(words);
        if (!words.empty()) {
            say(emit, open_kind, open_index, words);
        }
    }

    template <typename Emit>
    void let_go_of_call(const Emit &emit, uint32_t index) {
        const auto call = calls.find(index);
        if (call != calls.end()) {
            std::string words;
            call->second.finish(words);
            calls.erase(call);
            say(emit, PBAY_EVENT_ARGUMENTS, index, words);
        }
    }

    template <typename Emit>
    void let_go_of_calls(const Emit &emit) {
        while (!calls.empty()) {
            let_go_of_call(emit, calls.begin()->first);
        }
    }

    template <typename Emit>
    void take(const pbay_visit &visit, uint64_t index, const Emit &emit) {
        pbay_event one = event(visit, index);
        std::string words;
        switch (one.kind) {
        case PBAY_EVENT_TEXT:
        case PBAY_EVENT_REFUSAL:
        case PBAY_EVENT_REASONING:
        case PBAY_EVENT_REASONING_SUMMARY:
            let_go_of_calls(emit);
            if (one.kind != open_kind || one.index != open_index) {
                let_go(emit);
            }
            open_kind = one.kind;
            open_index = one.index;
            open.feed(view(one.text), vault, Form::plain, words);
            one.text = text(words);
            if (!words.empty() || !open.holds()) {
                emit(one);
            }
            return;
        case PBAY_EVENT_ARGUMENTS: {
            let_go(emit);
            TextUnmasker &call = calls[one.index];
            call.feed(view(one.text), vault, Form::json, words);
            const bool holds = call.holds();
            if (!holds || calls.size() > max_calls) {
                call.finish(words);
                calls.erase(one.index);
            }
            one.text = text(words);
            if (!words.empty() || !holds) {
                emit(one);
            }
            return;
        }
        case PBAY_EVENT_LOGPROBS:
            if (!goes_on(visit, index, open_kind)) {
                let_go(emit);
            }
            break;
        case PBAY_EVENT_TOOL_CALL:
        case PBAY_EVENT_TOOL_CALL_END:
            let_go(emit);
            let_go_of_call(emit, one.index);
            break;
        case PBAY_EVENT_ITEM:
        case PBAY_EVENT_ANNOTATION:
            let_go(emit);
            let_go_of_calls(emit);
            words = unmask_json(view(one.text), vault);
            one.text = text(words);
            break;
        default:
            let_go(emit);
            let_go_of_calls(emit);
        }
        emit(one);
    }

    template <typename Emit>
    void end(const pbay_visit &visit, const Emit &emit) {
        const bool last = (visit.flags & PBAY_VISIT_LAST) != 0;
        if (last) { // else whatever isn't of the open text has let it go
            let_go(emit);
        }
        std::vector<uint32_t> over;
        for (const auto &[index, call] : calls) {
            if (last || !says(visit, index)) {
                over.push_back(index);
            }
        }
        for (const uint32_t index : over) {
            let_go_of_call(emit, index);
        }
    }
};

} // namespace patchbay::redact
