// patchbay.token-count/1: the number that the answer's usage has, without an answer.
#include "Driver.h"

void test_counts(TestHost &host) {
    test("a count is what the answer's usage says of its input");
    const common_json body = {{"instructions", "Be brief."}, {"input", common_json::array({user("What is the capital of France?")})}, {"max_output_tokens", 1}};
    const Stream &count = host.count(body);
    check(count.finished && count.events.empty(), count.error.message);
    check(count.usage.input_tokens > 10, "tokens");
    check_equal(count.usage.input_tokens, host.run(body).usage.input_tokens, "the answer's");
    check_equal(count.usage.output_tokens, -1, "nothing was said");

    test("an input longer than the context is counted");
    std::string words;
    for (int index = 0; index < 4000; ++index) {
        words += "stone ";
    }
    const Stream &large = host.count({{"input", common_json::array({user(words)})}});
    check(large.finished && large.usage.input_tokens > 4000, large.error.message);

    test("an input that would hold up the others is left to the host");
    const Stream &huge = host.count({{"input", common_json::array({user(std::string(2 << 20, 'x'))})}});
    check_equal(huge.error.code, PBAY_EUNSUPPORTED, "code");

    common_json tools = common_json::array();
    for (int index = 0; index < 16; ++index) {
        tools.push_back(common_json{{"type", "function"}, {"name", "f" + std::to_string(index)}, {"description", std::string(100'000, 'x')},
                         {"parameters", {{"type", "object"}, {"properties", common_json::object()}}}});
    }
    const common_json large_tools = {{"input", common_json::array({user("Hi.")})}, {"tools", tools}};
    check_equal(host.count(large_tools).error.code, PBAY_EUNSUPPORTED, "code");
    check_equal(host.run(large_tools).error.code, PBAY_ECONTEXT_LENGTH, "code");

    test("a count of a request that is wrong is refused");
    check_equal(host.count({{"input", "x"}, {"temperature", 9}}).error.code, PBAY_EINVALID, "code");
}
