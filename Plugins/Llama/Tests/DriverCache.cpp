// The KV cache along conversations, and several answers at a time.
#include "Driver.h"

static void two_turns(TestHost &host) {
    test("the second turn of a conversation finds the first in the cache");
    common_json input = common_json::array({user("My name is Ada. Who are you?")});
    const Stream &first = host.run({{"input", input}, {"max_output_tokens", 40}}, true, "two-turns");
    input.push_back(assistant(first.text()));
    input.push_back(user("Tell me a story about somebody of my name."));
    const Stream &second = host.run({{"input", input}, {"max_output_tokens", 60}}, true, "two-turns");
    check(second.usage.cached_tokens >= first.usage.input_tokens, "all of the first turn's prompt");
    check(second.usage.cached_tokens < second.usage.input_tokens, "not more than there is");

    test("a branch of a conversation takes its prefix and leaves the other alone");
    common_json branch = input;
    branch.erase(branch.size() - 1);
    branch.push_back(user("Tell me about the sea instead, at length."));
    const Stream &other = host.run({{"input", branch}, {"max_output_tokens", 60}}, true, "two-turns");
    check(other.usage.cached_tokens >= first.usage.input_tokens, "the branch");
    input.push_back(assistant(second.text()));
    input.push_back(user("Thanks."));
    const Stream &third = host.run({{"input", input}, {"max_output_tokens", 10}}, true, "two-turns");
    check(third.usage.cached_tokens >= second.usage.input_tokens, "the trunk");
}

static void eight_turns(TestHost &host) {
    test("over eight turns most of the prompt evaluation is saved");
    const char *questions[] = {"Hello, who are you?", "What is the capital of France?", "How many people live there?",
                               "Name three of its sights.", "Which one is the oldest?", "Who built it?",
                               "What should I eat there?", "Thank you. Sum up our talk in one sentence."};
    common_json input = common_json::array();
    long evaluated = 0, total = 0;
    for (const char *question : questions) {
        input.push_back(user(question));
        const Stream &turn = host.run({{"input", input}, {"max_output_tokens", 64}}, true, "eight-turns");
        input.push_back(assistant(turn.text()));
        total += turn.usage.input_tokens;
        evaluated += turn.usage.input_tokens - turn.usage.cached_tokens;
    }
    const double saved = 100.0 * static_cast<double>(total - evaluated) / static_cast<double>(total);
    std::printf("  8 turns: %ld prompt tokens, %ld evaluated, %.1f %% saved\n", total, evaluated, saved);
    check(saved > 75, "less than three quarters were saved");
}

static void four_at_a_time(TestHost &host) {
    test("four answers at a time are the same as one by one");
    const char *prompts[] = {"Count to five.", "Name a colour.", "What is two plus two?", "Name an animal."};
    std::string alone[4];
    for (int index = 0; index < 4; ++index) {
        alone[index] = host.run({{"input", prompts[index]}, {"max_output_tokens", 12}}).text();
    }
    Stream *streams[4];
    for (int index = 0; index < 4; ++index) {
        streams[index] = &host.begin({{"input", prompts[index]}, {"max_output_tokens", 12}});
    }
    for (int index = 0; index < 4; ++index) {
        const Stream &stream = host.wait(*streams[index]);
        check(stream.finished, stream.error.message);
        // The first words: sums of other batches round differently, and a close call may then fall otherwise.
        check_equal(stream.text().substr(0, 3), alone[index].substr(0, 3), "text");
    }
}

void test_cache(TestHost &host) {
    two_turns(host);
    eight_turns(host);
    four_at_a_time(host);
}
