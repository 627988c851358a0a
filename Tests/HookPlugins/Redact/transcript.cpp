#include "transcript.h"

#include <algorithm>

namespace {

bool is_text(uint32_t kind) { return kind <= PBAY_EVENT_REASONING_SUMMARY || kind == PBAY_EVENT_ARGUMENTS; }

} // namespace

std::string quoted(const std::string &text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    return out + "\"";
}

void Stream::append(const Said &said) {
    if (is_text(said.kind) && !out.empty() && out.back().kind == said.kind && out.back().index == said.index) {
        out.back().text += said.text;
    } else {
        out.push_back(said);
    }
}

void Stream::visit(const std::vector<Said> &events, uint32_t flags) {
    std::vector<pbay_event> list;
    for (const Said &said : events) {
        pbay_event event = event_of(said.kind, "");
        event.text = {said.text.data(), said.text.size()};
        event.index = said.index;
        list.push_back(event);
        in_bytes += said.text.size();
    }
    const verdict *said = host_events(one, flags, list.data(), list.size());
    if (said->kind == VERDICT_CONTINUE) {
        for (const Said &event : events) {
            append(event);
            out_bytes += event.text.size();
        }
        return;
    }
    replaced++;
    check("events are replaced by events", said->kind == VERDICT_REPLACE_EVENTS);
    for (size_t i = 0; i < said->event_count; i++) {
        const kept_event &event = said->events[i];
        append({event.kind, std::string(event.text, event.text_size), event.index});
        out_bytes += event.text_size;
    }
    most_held = std::max(most_held, in_bytes > out_bytes ? in_bytes - out_bytes : 0);
}

void Stream::run(const std::vector<Said> &events, bool together) {
    if (together) {
        visit(events);
    } else {
        for (const Said &event : events) {
            visit({event});
        }
    }
    visit({}, PBAY_VISIT_LAST);
}

std::string Stream::written() const {
    static const char *const names[] = {"?", "T", "X", "R", "S", "O", "C", "A", "E", "I", "N", "L", "P", "M"};
    std::string text;
    for (const Said &said : out) {
        text += (text.empty() ? "" : "|") + std::string(names[said.kind]) + (said.index > 0 ? std::to_string(said.index) : "") + ":" + said.text;
    }
    return text;
}

Masked::Masked(const std::string &config, const std::vector<std::string> &texts) : Case(config) {
    std::string document = "{\"model\":\"m\",\"input\":[";
    for (size_t i = 0; i < texts.size(); i++) {
        document += (i > 0 ? ",{\"content\":" : "{\"content\":") + quoted(texts[i]) + "}";
    }
    history_seen = history(document + "]}");
}
