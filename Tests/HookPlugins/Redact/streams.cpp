// Unmasking: every split point of every kind of token, in every kind of text; what lets go of what is held back.
#include "transcript.h"

namespace {

const std::string unmask = "{\"unmask\":true,\"patterns\":[{\"name\":\"order\",\"regex\":\"ORD-\\\\d+[\\\"\\\\\\\\\\\\n]?\"}]}";

const std::vector<std::string> values = {"bob@x.org", "4111 1111 1111 1111", "sk-abcdefghijklmnopqrstuvwx", "+14155552671", "ORD-7\""};
const std::vector<std::string> tokens = {"[EMAIL_1]", "[CARD_1]", "[KEY_1]", "[PHONE_1]", "[ORDER_1]"};

std::string escaped(const std::string &value) {
    const std::string text = quoted(value);
    return text.substr(1, text.size() - 2);
}

std::vector<Said> pieces(uint32_t kind, uint32_t index, const std::string &text, const std::vector<size_t> &cuts) {
    std::vector<Said> events;
    size_t at = 0;
    for (const size_t cut : cuts) {
        events.push_back({kind, text.substr(at, cut - at), index});
        at = cut;
    }
    events.push_back({kind, text.substr(at), index});
    return events;
}

void check_splits() {
    for (size_t i = 0; i < tokens.size(); i++) {
        for (const uint32_t kind : {PBAY_EVENT_TEXT, PBAY_EVENT_REFUSAL, PBAY_EVENT_REASONING, PBAY_EVENT_REASONING_SUMMARY, PBAY_EVENT_ARGUMENTS}) {
            const bool is_json = kind == PBAY_EVENT_ARGUMENTS;
            const std::string text = is_json ? "{\"to\":\"" + tokens[i] + "\"}" : "see " + tokens[i] + "\xc3\xa9 [x].";
            const std::string wanted = is_json ? "{\"to\":\"" + escaped(values[i]) + "\"}" : "see " + values[i] + "\xc3\xa9 [x].";
            const Masked one(unmask, values);
            const size_t begin = text.find('['), end = begin + tokens[i].size() + 1;
            for (size_t first = begin; first <= end; first++) {
                for (size_t second = first; second <= end; second++) {
                    for (const bool together : {false, true}) {
                        const bool cuts_a_character = !is_json && (first == end || second == end); // after the first half of the e
                        if (cuts_a_character) continue;
                        Stream stream(one.one);
                        stream.run(pieces(kind, 2, text, {first, second}), together);
                        const bool good = stream.out.size() == 1 && stream.out[0] == Said{kind, wanted, 2} && stream.most_held < tokens[i].size();
                        check("split of " + tokens[i] + " at " + std::to_string(first) + " and " + std::to_string(second), good, stream.written());
                    }
                }
            }
            Stream single(one.one);
            std::vector<size_t> cuts;
            for (size_t at = 1; at < text.size(); at++) {
                if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) cuts.push_back(at);
            }
            single.run(pieces(kind, 2, text, cuts), false);
            check_same("a byte at a time", single.out.size() == 1 ? single.out[0].text : single.written(), wanted);
        }
    }
}

void check_letting_go() {
    const Masked one(unmask, values);
    const auto run = [&](const std::vector<std::vector<Said>> &visits) {
        Stream stream(one.one);
        for (const auto &events : visits) stream.visit(events);
        stream.visit({}, PBAY_VISIT_LAST);
        return stream.written();
    };
    using E = Said;
    enum { T = PBAY_EVENT_TEXT, X = PBAY_EVENT_REFUSAL, S = PBAY_EVENT_REASONING_SUMMARY, O = PBAY_EVENT_REASONING_OPAQUE,
           C = PBAY_EVENT_TOOL_CALL, A = PBAY_EVENT_ARGUMENTS, End = PBAY_EVENT_TOOL_CALL_END, I = PBAY_EVENT_ITEM,
           N = PBAY_EVENT_ANNOTATION, L = PBAY_EVENT_LOGPROBS, P = PBAY_EVENT_PART_END };
    check_same("what never becomes a token comes at the end", run({{E{T, "a [EMA"}}}), "T:a [EMA");
    check_same("or as soon as it can't be one", run({{E{T, "a [EMA"}}, {E{T, "x"}}, {E{T, " [EMAIL_9] [email_1]"}}}),
               "T:a [EMAx [EMAIL_9] [email_1]");
    check_same("before another kind of text", run({{E{T, "a [EMA"}}, {E{X, "IL_1]"}}}), "T:a [EMA|X:IL_1]");
    check_same("before another part of the summary", run({{E{S, "a [EMA", 0}}, {E{S, "IL_1]", 1}}}), "S:a [EMA|S1:IL_1]");
    for (const uint32_t kind : {O, C, I, N, P}) {
        Stream stream(one.one);
        stream.visit({E{T, "[EMA"}});
        stream.visit({E{kind, "{}"}, E{T, "IL_1]"}});
        check("before an event of kind " + std::to_string(kind),
              stream.out.size() == 3 && stream.out[0] == E{T, "[EMA"} && stream.out[2] == E{T, "IL_1]"}, stream.written());
    }
    check_same("logprobs stand between the pieces of a text", run({{E{L, "[1]"}, E{T, "a [EMA"}}, {E{L, "[2]"}, E{T, "IL_1]!"}}}),
               "L:[1]|T:a |L:[2]|T:bob@x.org!");
    check_same("but aren't waited for", run({{E{T, "a [EMA"}}, {E{L, "[2]"}}, {E{T, "IL_1]!"}}}), "T:a [EMA|L:[2]|T:IL_1]!");
    check_same("interleaved calls have their own",
               run({{E{C, "", 1}, E{A, "[EMA", 1}, E{C, "", 2}, E{A, "\"[CA", 2}}, {E{A, "IL_1]", 1}, E{A, "RD_1]\"", 2}}, {E{End, "", 1}, E{End, "", 2}}}),
               "C1:|C2:|A2:\"|A1:bob@x.org|A2:4111 1111 1111 1111\"|E1:|E2:");
    check_same("a visit of another call's alone ends it",
               run({{E{C, "", 1}, E{C, "", 2}, E{A, "[EMA", 1}}, {E{A, "{", 2}}, {E{A, "IL_1]", 1}}, {E{End, "", 1}, E{End, "", 2}}}),
               "C1:|C2:|A2:{|A1:[EMAIL_1]|E1:|E2:");
    check_same("the end of its own call ends it",
               run({{E{C, "", 1}, E{C, "", 2}, E{A, "[EMA", 1}, E{A, "[CA", 2}, E{End, "", 1}, E{A, "RD_1]", 2}, E{End, "", 2}}}),
               "C1:|C2:|A1:[EMA|E1:|A2:4111 1111 1111 1111|E2:");
    check_same("a visit without arguments as well",
               run({{E{C, "", 1}, E{A, "[EMA", 1}}, {E{C, "", 2}}, {E{A, "IL_1]", 1}}, {E{End, "", 1}, E{End, "", 2}}}),
               "C1:|C2:|A1:[EMAIL_1]|E1:|E2:");
    check_same("an item is unmasked whole", run({{E{I, "{\"type\":\"x\",\"text\":\"to [EMAIL_1] [ORDER_1]\"}"}}}),
               "I:{\"type\":\"x\",\"text\":\"to bob@x.org ORD-7\\\"\"}");
    check_same("and what is JSON in it", run({{E{I, "{\"arguments\":\"{\\\"a\\\":\\\"[ORDER_1]\\\"}\"}"}}}),
               "I:{\"arguments\":\"{\\\"a\\\":\\\"ORD-7\\\\\\\"\\\"}\"}");
    Stream quiet(one.one);
    quiet.run({E{T, "no token"}, E{T, " at all"}, E{L, "{}"}, E{A, "{}"}}, false);
    check("what concerns nobody is not replaced", quiet.replaced == 0, quiet.written());
    const Case none(unmask);
    Stream untouched(none.one);
    untouched.run({E{T, "[EMAIL_1] [EMA"}}, false);
    check("nor is anything where nothing was masked", untouched.replaced == 0 && untouched.written() == "T:[EMAIL_1] [EMA");
}

void check_numbering() {
    const Masked one(unmask, {"bob@x.org al@x.org bob@x.org", "al@x.org +14155552671"});
    check_same("the same value has the same token", one.history_seen,
               "{\"input\":[{\"content\":\"[EMAIL_1] [EMAIL_2] [EMAIL_1]\"},{\"content\":\"[EMAIL_2] [PHONE_1]\"}]}");
    host_round(one.one, 1);
    check_same("also after a round of tools", one.history("{\"input\":[{\"output\":\"{\\\"m\\\":\\\"new@x.org al@x.org\\\"}\"}]}"),
               "{\"input\":[{\"output\":\"{\\\"m\\\":\\\"[EMAIL_3] [EMAIL_2]\\\"}\"}]}");
    Stream stream(one.one);
    stream.run({{PBAY_EVENT_TEXT, "[EMAIL_3], [EMAIL_1]"}}, true);
    check_same("all of them are put back", stream.written(), "T:new@x.org, bob@x.org");
    check_same("a tool may bring a token of its own", one.history("{\"input\":[{\"output\":\"[EMAIL_1] bob@x.org\"}]}"),
               "{\"input\":[{\"output\":\"[EMAIL_1] [EMAIL_a1]\"}]}");
    Stream later(one.one);
    later.run({{PBAY_EVENT_TEXT, "[EMAIL_1], [EMAIL_a1]"}}, true);
    check_same("which is not taken for ours", later.written(), "T:[EMAIL_1], bob@x.org");
}

void check_collisions() {
    const struct {
        const char *text, *masked, *answer, *unmasked;
    } cases[] = {
        {"[EMAIL_1] bob@x.org", "[EMAIL_1] [EMAIL_a1]", "[EMAIL_1][EMAIL_a1]", "[EMAIL_1]bob@x.org"},
        {"[FOO_7] bob@x.org", "[FOO_7] [EMAIL_a1]", "[FOO_7][EMAIL_1]", "[FOO_7][EMAIL_1]"},
        {"[A_1] [B_a2] [C_b3] bob@x.org", "[A_1] [B_a2] [C_b3] [EMAIL_c1]", "[EMAIL_c1]", "bob@x.org"},
        {"[A_a1] bob@x.org", "[A_a1] [EMAIL_1]", "[EMAIL_1]", "bob@x.org"},
        {"[EMAIL] [EMAIL_] [EMAIL_x] [x] [0] bob@x.org", "[EMAIL] [EMAIL_] [EMAIL_x] [x] [0] [EMAIL_1]", "[EMAIL_1]", "bob@x.org"},
        {"[[EMAIL_(bob@x.org)1]", "[[EMAIL_([EMAIL_1])1]", "[EMAIL_[EMAIL_1]]", "[EMAIL_bob@x.org]"},
    };
    for (const auto &one_case : cases) {
        const Masked one("{\"unmask\":true}", {one_case.text});
        check_same(one_case.text, one.history_seen, "{\"input\":[{\"content\":" + quoted(one_case.masked) + "}]}");
        Stream stream(one.one);
        stream.run({{PBAY_EVENT_TEXT, one_case.answer}}, true);
        check_same(one_case.answer, stream.written(), std::string("T:") + one_case.unmasked);
    }
    const Case hidden("{\"unmask\":true}");
    check_same("a token behind escapes is one", hidden.history("{\"input\":[{\"content\":\"\\u005bEMAIL_1] b@x.org\"}]}"),
               "{\"input\":[{\"content\":\"\\u005bEMAIL_1] [EMAIL_a1]\"}]}");
    check_same("and one in the arguments' escapes", hidden.history("{\"input\":[{\"arguments\":\"[\\\"\\\\u005bEMAIL_1] b@x.org\\\"]\"}]}"),
               "{\"input\":[{\"arguments\":\"[\\\"\\\\u005bEMAIL_1] [EMAIL_a1]\\\"]\"}]}");
    check_same("and in a name", hidden.history("{\"input\":[{\"name\":\"[X_1]\",\"content\":\"b@x.org\"}]}"),
               "{\"input\":[{\"name\":\"[X_1]\",\"content\":\"[EMAIL_a1]\"}]}");
    std::string all = "b@x.org [A_1]";
    for (char a = 'a' - 1; a <= 'z'; a++) {
        for (char b = 'a' - 1; b <= 'z'; b++) {
            for (char c = 'a'; c <= 'z'; c++) {
                if (a >= 'a' && b < 'a') continue;
                all += "[A_" + (a < 'a' ? "" : std::string(1, a)) + (b < 'a' ? "" : std::string(1, b)) + c + "1]";
            }
        }
    }
    check_same("a text that has them all is refused", hidden.history("{\"input\":[{\"content\":\"" + all + "\"}]}"), "!-2");
    std::string many;
    for (int i = 0; i < 65537; i++) many += "a" + std::to_string(i) + "@x.org ";
    check_same("so are more values than are kept", hidden.history("{\"input\":[{\"content\":\"" + many + "\"}]}"), "!-2");
}

} // namespace

void check_streams() {
    check_splits();
    check_letting_go();
    check_numbering();
    check_collisions();
}
