// Pushes the pieces of one answer to the host.
#pragma once

#include "AnswerParser.h"
#include "Call.h"

#include <string>
#include <vector>

namespace patchbay::llama {

class Emitter {
public:
    explicit Emitter(Call &call) : call(call) {}

    void push(const std::vector<AnswerPiece> &pieces);
    // What was gathered for a client that reads no stream.
    void flush();
    // The host takes no more: it ended the stream or cancelled it.
    bool closed() const { return is_closed; }

private:
    void send(const AnswerPiece &piece);

    Call &call;
    AnswerPiece gathered{AnswerPiece::Kind::text, {}};
    bool is_closed = false;
};

} // namespace patchbay::llama
