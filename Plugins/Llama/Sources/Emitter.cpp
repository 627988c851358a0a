#include "Emitter.h"

#include "Host.h"

namespace patchbay::llama {

static constexpr size_t gather_limit = 4096; // bytes

static uint32_t event_kind(AnswerPiece::Kind kind) {
    switch (kind) {
    case AnswerPiece::Kind::text:
        return PBAY_EVENT_TEXT;
    case AnswerPiece::Kind::reasoning:
        return PBAY_EVENT_REASONING;
    case AnswerPiece::Kind::call:
        return PBAY_EVENT_TOOL_CALL;
    case AnswerPiece::Kind::arguments:
        return PBAY_EVENT_ARGUMENTS;
    case AnswerPiece::Kind::call_end:
        return PBAY_EVENT_TOOL_CALL_END;
    }
    return 0;
}

static bool is_delta(AnswerPiece::Kind kind) {
    return kind != AnswerPiece::Kind::call && kind != AnswerPiece::Kind::call_end;
}

void Emitter::push(const std::vector<AnswerPiece> &pieces) {
    for (const AnswerPiece &piece : pieces) {
        if (call.streams) {
            send(piece);
            continue;
        }
        if (gathered.kind != piece.kind || gathered.index != piece.index || !is_delta(piece.kind)) {
            flush();
            gathered = {piece.kind, piece.index, {}};
        }
        if (!is_delta(piece.kind)) {
            send(piece);
            continue;
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
    event.kind = event_kind(piece.kind);
    event.index = piece.index;
    if (piece.kind == AnswerPiece::Kind::call) {
        event.name = text(piece.text);
    } else {
        event.text = text(piece.text);
    }
    const int32_t answer = host().stream->push(call.stream, &event);
    if (answer == PBAY_PAUSE) {
        ++call.pauses;
    } else if (answer < 0 && answer != PBAY_EUNSUPPORTED) {
        is_closed = true;
    }
}

} // namespace patchbay::llama
