// llama-units: the parts of the plugin that need no model.
#include "AnswerParser.h"
#include "Check.h"
#include "EmbeddingRequest.h"
#include "Failure.h"
#include "Grammar.h"
#include "Request.h"
#include "Slots.h"

using namespace patchbay::llama;
using Kind = AnswerPiece::Kind;

// What the pieces say, in short: t() text, r() reasoning.
static std::string spell(const std::vector<AnswerPiece> &pieces) {
    std::string words;
    const AnswerPiece *last = nullptr;
    for (const AnswerPiece &piece : pieces) {
        if (last != nullptr && last->kind == piece.kind) {
            words.pop_back();
        } else {
            words += piece.kind == Kind::text ? "t(" : "r(";
        }
        words += piece.text + ")";
        last = &piece;
    }
    return words;
}

static std::string parsed(const AnswerParser::Options &options, const std::string &words, size_t step) {
    AnswerParser parser(options);
    std::vector<AnswerPiece> all;
    for (size_t at = 0; at < words.size() && !parser.stopped(); at += step) {
        const auto pieces = parser.feed(std::string_view(words).substr(at, step));
        all.insert(all.end(), pieces.begin(), pieces.end());
    }
    const auto rest = parser.finish();
    all.insert(all.end(), rest.begin(), rest.end());
    return spell(all);
}

static void check_parsed(const AnswerParser::Options &options, const std::string &words, const std::string &wanted) {
    for (size_t step = 1; step <= words.size(); ++step) {
        check_equal(parsed(options, words, step), wanted, "in pieces of " + std::to_string(step));
    }
}

static void answers() {
    test("text, stops and reasoning are told apart, however the text is cut; calls stay in the text");
    AnswerParser::Options plain, stops, calls, thinking;
    stops.stop = {"END", "\n\n"};
    calls.calls = true;
    calls.stop = {"END"};
    thinking.thinking = true;
    check_parsed(plain, "a <tool_call> b ñ 😀", "t(a <tool_call> b ñ 😀)");
    check_parsed(stops, "one EN two E", "t(one EN two E)");
    check_parsed(stops, "one ENDtwo", "t(one )");
    check_parsed(stops, "one\ntwo\n\nEND", "t(one\ntwo)");
    check_parsed(calls, "a < b <tool b", "t(a < b <tool b)");
    const std::string call = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"END\"}}\n</tool_call>";
    check_parsed(calls, "So:\n" + call + "\n" + call + " x END y", "t(So:\n" + call + "\n" + call + " x )");
    check_parsed(calls, "x <tool_ca", "t(x <tool_ca)");
    check_parsed(thinking, "\n<think>why</think>\n\nso", "r(why)t(so)");
    check_parsed(thinking, "<thin air", "t(<thin air)");

    test("the beginning of the first call is told, with what came behind its mark");
    AnswerParser parser(calls);
    std::string rest;
    parser.feed("So: <tool_");
    check(!parser.take_call_start(rest), "not yet");
    parser.feed("call>\n{");
    check(parser.take_call_start(rest), "now");
    check_equal(rest, "\n{", "rest");
    parser.feed("}</tool_call><tool_call>");
    check(!parser.take_call_start(rest), "once");

    test("a < that begins no mark is passed on with the next character");
    AnswerParser held(calls);
    check_equal(spell(held.feed("a <")), "t(a )", "held");
    check_equal(spell(held.feed("b")), "t(<b)", "passed on");

    test("bytes that are no UTF-8 become U+FFFD");
    check_parsed(plain, "a\xFF" "b\xE2\x82", "t(a\uFFFDb\uFFFD)");
}

static void slots() {
    test("the slot with the longest common prefix is taken");
    Slots slots(3, true);
    auto &all = slots.all();
    all[0].tokens = {1, 2, 3};
    all[1].tokens = {1, 2, 3, 4, 5};
    check_equal(slots.place({1, 2, 3, 4, 5, 6}, "").slot->sequence, 1, "slot");
    check_equal(slots.place({1, 2, 3, 4, 5, 6}, "").reused, 5u, "reused");
    check_equal(slots.place({1, 2, 3, 4, 5}, "").reused, 4u, "the last token is evaluated anew");
    check_equal(slots.place({9}, "").slot->sequence, 2, "nothing in common: the empty one");

    test("a busy slot's prefix is copied");
    all[1].busy = true;
    const Placement copy = slots.place({1, 2, 3, 4, 5, 6}, "");
    check(copy.slot == &all[2] && copy.source == &all[1] && copy.reused == 5, "copied from 1 to 2");
    all[0].busy = all[2].busy = true;
    check(slots.place({1}, "").slot == nullptr, "all are busy");

    test("a branch leaves a long end alone");
    Slots branched(2, true);
    std::vector<Token> trunk(100, 7);
    branched.all()[0].tokens = trunk;
    branched.touch(branched.all()[0]);
    std::vector<Token> branch(trunk.begin(), trunk.begin() + 20);
    branch.push_back(8);
    const Placement placement = branched.place(branch, "");
    check(placement.slot == &branched.all()[1] && placement.source == &branched.all()[0] && placement.reused == 20, "copied");

    test("a cache that can't forget a part gives whole sequences only");
    Slots whole(1, false);
    whole.all()[0].tokens = {1, 2, 3};
    check_equal(whole.place({1, 2, 4}, "").reused, 0u, "a part");
    check_equal(whole.place({1, 2, 3, 4}, "").reused, 3u, "the whole");
}

template <typename Body>
static void check_refused(const std::string &param, const Body &body) {
    try {
        body();
        check(false, param + " was not refused");
    } catch (const Failure &failure) {
        check_equal(failure.param, param, failure.message);
    }
}

static void requests() {
    Settings settings;
    test("system and developer messages and instructions become one system message");
    const Request request = Request::parse(R"({"instructions": "A", "input": [{"role": "user", "content": "hi"},
        {"role": "developer", "content": [{"type": "input_text", "text": "B"}]}, {"type": "reasoning", "summary": []},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "42"}]})", settings);
    check_equal(request.messages.size(), 4u, "messages");
    check_equal(request.messages[0].content, "A\n\nB", "system");
    check_equal(request.messages[2].calls.size(), 1u, "calls");
    check_equal(request.messages[3].tool_name, "f", "the output's function");

    test("what is wrong is named by its path");
    check_refused("input[0].content[1]", [&] { Request::parse(R"({"input": [{"role": "user", "content": [{"type": "input_text", "text": ""}, {"type": "input_file"}]}]})", settings); });
    check_refused("input[0].role", [&] { Request::parse(R"({"input": [{"role": "boss", "content": ""}]})", settings); });
    check_refused("tool_choice.name", [&] { Request::parse(R"({"input": "a", "tool_choice": {"type": "function", "name": "x"}})", settings); });
    check_refused("stop[0]", [&] { Request::parse(R"({"input": "a", "stop": [""]})", settings); });
    check_refused("", [&] { Request::parse(std::string(100000, '['), settings); });

    test("what the engine has no place for is refused, or told to the operator");
    check_refused("logit_bias", [&] { Request::parse(R"({"input": "a", "logit_bias": {"1": 2}})", settings); });
    check_refused("presence_penalty", [&] { Request::parse(R"({"input": "a", "presence_penalty": 1})", settings); });
    check_refused("include", [&] { Request::parse(R"({"input": "a", "include": ["message.output_text.logprobs"]})", settings); });
    const Request odd = Request::parse(R"({"input": [{"role": "user", "name": "ann", "content": [{"type": "input_text", "text": "a",
        "cache_control": {}}]}, {"type": "reasoning", "summary": []}, {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "no", "is_error": true}], "reasoning": {"effort": "low"}, "user": "u",
        "text": {"verbosity": "low"}, "anthropic": {"thinking": {}, "speed": "fast"}, "presence_penalty": 0, "metadata": {}, "top_k": 3})", settings);
    check_equal(odd.note(), "this provider has no place for cache_control, name of a message, earlier reasoning, reasoning, user, "
                            "text.verbosity, anthropic.speed: left out", "note");
    check_equal(odd.messages.back().content, "Error: no", "a call that failed");
    check_equal(odd.top_k, 3u, "top_k");
    check_equal(Request::parse(R"({"input": "a"})", settings).note(), "", "nothing is left out");
    check_equal(Request::parse(R"({"input": "a", "reasoning": {"summary": "auto"}, "include": ["reasoning.encrypted_content"],
        "anthropic": {"output_config": {"effort": "low", "format": {}}}})", settings).note(), "", "what a format asks for by itself");
    check_equal(Request::parse(R"({"input": "a", "anthropic": {"output_config": {"effort": "low", "task_budget": {}}}})", settings).note(),
                "this provider has no place for anthropic.output_config: left out", "unknown members");

    test("strings and arrays in grammars are bounded");
    const Request open = Request::parse(R"({"input": "a", "text": {"format": {"type": "json_schema", "name": "n", "schema":
        {"type": "object", "properties": {"s": {"type": "string"}, "l": {"type": "array", "items": {"type": "string", "maxLength": 100000}}}}}}})", settings);
    const std::string grammar = answer_grammar(open, settings);
    check(grammar.find("char{0,512}") != std::string::npos, grammar);
    check(grammar.find("char*") == std::string::npos && grammar.find("100000") == std::string::npos, grammar);

    test("a schema that is too deep or has endless names is refused");
    std::string deep = "{}";
    for (int level = 0; level < 60; ++level) {
        deep = R"({"type": "array", "items": )" + deep + "}";
    }
    const auto with_schema = [&](const std::string &schema) {
        return R"({"input": "a", "text": {"format": {"type": "json_schema", "name": "n", "schema": )" + schema + "}}}";
    };
    check_refused("text.format.schema", [&] { answer_grammar(Request::parse(with_schema(deep), settings), settings); });
    const std::string name(5000, '!');
    check_refused("text.format.schema", [&] { answer_grammar(Request::parse(with_schema("{\"properties\": {\"" + name + "\": {}}}"), settings), settings); });
}

static void embedding_requests() {
    const auto read = [](const std::string &body) { return EmbeddingRequest::parse(body, 100); };
    test("texts and tokens are read, and what is neither is named by its path");
    const EmbeddingRequest request = read(R"({"input": ["a", [0, 99]], "dimensions": 7, "user": "u", "new_field": {}})");
    check_equal(request.inputs.size(), 2u, "inputs");
    check_equal(request.inputs[0].text, "a", "text");
    check((request.inputs[1].tokens == std::vector<llama_token>{0, 99}), "tokens");
    check(request.dimensions == 7u, "dimensions");
    check_refused("input", [&] { read(R"({"input": []})"); });
    check_refused("input", [&] { read(R"({"input": "a"})"); });
    check_refused("input[1]", [&] { read(R"({"input": ["a", ""]})"); });
    check_refused("input[0]", [&] { read(R"({"input": [[]]})"); });
    check_refused("input[0]", [&] { read(R"({"input": [7]})"); });
    check_refused("input[0][1]", [&] { read(R"({"input": [[1, 100]]})"); });
    check_refused("input[0][0]", [&] { read(R"({"input": [[1.5]]})"); });
    check_refused("input[0][0]", [&] { read(R"({"input": [[-1]]})"); });
    check_refused("input[0][0]", [&] { read(R"({"input": [["a"]]})"); });
    check_refused("dimensions", [&] { read(R"({"input": ["a"], "dimensions": 0})"); });
    check_refused("dimensions", [&] { read(R"({"input": ["a"], "dimensions": 65537})"); });
    check_refused("", [&] { read("[" + std::string(100000, '[')); });
}

int main() {
    answers();
    slots();
    requests();
    embedding_requests();
    return report("llama-units");
}
