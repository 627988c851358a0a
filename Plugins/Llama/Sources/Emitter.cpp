#include "Emitter.h"

#include "Host.h"

namespace patchbay::llama {

static constexpr size_t gather_limit = 4096; // bytes

void Emitter::push(const std::vector<AnswerPiece> &pieces) {
    for (const AnswerPiece &piece : pieces) {
        if (call.streams) {
            send(piece);
            continue;
        }
        if (gathered.kind != piece.kind) {
            flush();
            gathered.kind = piece.kind;
        }
        gathered.text += piece.text;
        if (gathered.text.size() >= gather_limit) {
            flush();
        }
    }
}

void Emitter::flush() {
    if (!gathered.text.empty()) {
        send(gathered);
        gathered.text.clear();
    }
}

void Emitter::send(const AnswerPiece &piece) {
    if (is_closed) {
        return;
    }
    pbay_event event{};
    event.size = sizeof(event);
    event.kind = piece.kind == AnswerPiece::Kind::text ? PBAY_EVENT_TEXT : PBAY_EVENT_REASONING;
    event.text = text(piece.text);
    const int32_t answer = host().stream->push(call.stream, &event);
    if (answer == PBAY_PAUSE) {
        ++call.pauses;
    } else if (answer < 0 && answer != PBAY_EUNSUPPORTED) {
        is_closed = true;
    }
}

} // namespace patchbay::llama
