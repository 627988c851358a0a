// Cancelling, pausing, the bounded queue, drain and stop.
#include "Driver.h"

static std::string long_text(int words) {
    std::string text;
    for (int index = 0; index < words; ++index) {
        text += "river stone " + std::to_string(index) + " ";
    }
    return text;
}

void test_control(TestHost &host) {
    test("a cancelled prompt ends, and its slot serves the next");
    Stream &prompt = host.begin({{"input", long_text(300)}});
    host.cancel(prompt);
    host.wait(prompt);
    check(!prompt.finished && prompt.terminals == 1, "failed once");
    check_equal(prompt.error.code, PBAY_ECANCELLED, "code");
    check(prompt.events.empty(), "nothing was generated");

    test("a cancelled answer ends in the middle");
    Stream &answer = host.begin({{"input", "Tell me a very long story."}, {"max_output_tokens", 1000}});
    host.wait_events(answer, 3);
    host.cancel(answer);
    host.wait(answer);
    check_equal(answer.error.code, PBAY_ECANCELLED, "code");
    check(answer.usage.output_tokens >= 3 && answer.usage.output_tokens < 1000, "usage is told");

    test("a paused answer waits for resume while others go on, and loses nothing");
    const common_json story = {{"input", "Tell me a story."}, {"max_output_tokens", 24}};
    host.run(story);
    const std::string whole = host.run(story).text();
    Stream &paused = host.begin(story, true, {}, 4);
    host.wait_events(paused, 4);
    const Stream &other = host.run({{"input", "Say hello."}, {"max_output_tokens", 16}});
    check(other.finished, "the other one ended");
    check_equal(paused.events.size(), 4u, "nothing came while paused");
    check_equal(paused.terminals, 0, "no end while paused");
    host.resume(paused);
    host.wait(paused);
    check(paused.finished, paused.error.message);
    check_equal(paused.text().substr(0, 12), whole.substr(0, 12), "text");

    test("a paused answer can be cancelled");
    Stream &stuck = host.begin(story, true, {}, 2);
    host.wait_events(stuck, 2);
    host.cancel(stuck);
    host.wait(stuck);
    check_equal(stuck.error.code, PBAY_ECANCELLED, "code");

    test("an answer that is cancelled does not hurt its neighbours");
    Stream &neighbour = host.begin({{"input", "Count to ten."}, {"max_output_tokens", 24}});
    for (int index = 0; index < 6; ++index) {
        Stream &victim = host.begin({{"input", long_text(200 + index)}});
        host.wait_events(neighbour, neighbour.events.size() + 1);
        host.cancel(victim);
        host.wait(victim);
    }
    host.wait(neighbour);
    check(neighbour.finished && !neighbour.text().empty(), neighbour.error.message);
}

void test_overload_and_stop(const std::string &library, const std::string &model) {
    std::string config = common_json{{"model", model}, {"context", 512}, {"parallel", 1}, {"queue", 2}, {"sequences", 2}}.dump();
    TestHost host(library, config);
    test("the queue is bounded, and says so");
    Stream *streams[3];
    for (Stream *&stream : streams) {
        stream = &host.begin({{"input", "Tell me a story."}, {"max_output_tokens", 400}});
        check_equal(stream->begun, PBAY_OK, "begin");
    }
    const Stream &refused = host.begin({{"input", "Me too."}});
    check_equal(refused.begun, PBAY_EOVERLOADED, "begin");
    check((refused.error.flags & PBAY_ERROR_RETRYABLE) != 0 && refused.error.retry_after_ms > 0, "it may be tried again");

    test("drain takes nothing new");
    host.drain();
    check_equal(host.begin({{"input", "Me too."}}).begun, PBAY_EOVERLOADED, "begin");

    test("stop ends every call, waiting or running, exactly once");
    host.wait_events(*streams[0], 1);
    host.stop();
    for (Stream *stream : streams) {
        host.wait(*stream);
        check_equal(stream->terminals, 1, "terminals");
        check(stream->finished || stream->error.code == PBAY_ECANCELLED, "code");
        check(!stream->late_push, "nothing after the end");
    }
}
