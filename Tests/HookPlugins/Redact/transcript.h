// An answer's events through one request, and what comes out of them.
#pragma once

#include "checks.h"

// One event of a test: its kind, its index, its text.
struct Said {
    uint32_t kind;
    std::string text;
    uint32_t index = 0;
};

inline bool operator==(const Said &a, const Said &b) { return a.kind == b.kind && a.text == b.text && a.index == b.index; }

class Stream {
public:
    explicit Stream(request *one) : one(one) {}

    // One visit; its events are appended to `out`, neighbouring texts of one kind and index joined.
    void visit(const std::vector<Said> &events, uint32_t flags = 0);
    // Each event in a visit of its own, or all in one, then the last visit.
    void run(const std::vector<Said> &events, bool together);

    std::vector<Said> out;
    unsigned replaced = 0;
    size_t most_held = 0; // bytes that had come in and not gone out, at the end of a visit

    [[nodiscard]] std::string written() const;

private:
    request *one;
    size_t in_bytes = 0, out_bytes = 0;
    void append(const Said &said);
};

// A request with unmask whose history had these texts, in their order.
struct Masked : Case {
    std::string history_seen;
    Masked(const std::string &config, const std::vector<std::string> &texts);
};
