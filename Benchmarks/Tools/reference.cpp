/*
 * reference chunk|request FILE ROUNDS: nanoseconds to read the JSON file with simdjson's DOM, to compare the host's parser with.
 * reference event ROUNDS: nanoseconds to write an event's line with snprintf.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <simdjson.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

static double time_of(int count, long (*work)(const simdjson::padded_string &), const simdjson::padded_string &text) {
    long sum = 0;
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; i++) sum += work(text);
    auto time = std::chrono::steady_clock::now() - start;
    if (sum == 0) std::puts("nothing was done");
    return std::chrono::duration<double, std::nano>(time).count() / count;
}

static long parse(const simdjson::padded_string &text) {
    static simdjson::dom::parser parser;
    simdjson::dom::element element;
    return parser.parse(text).get(element) == simdjson::SUCCESS;
}

static long print(const simdjson::padded_string &text) {
    static char line[512];
    static int number = 0;
    return std::snprintf(line, sizeof line,
                         "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"item_id\":\"%s\","
                         "\"output_index\":%d,\"content_index\":%d,\"sequence_number\":%d,\"delta\":\"%s\",\"logprobs\":[]}\n\n",
                         "msg_0123456789abcdef0123456789abcdef", 0, 0, number++, text.data());
}

int main(int count, char **arguments) {
    if (count < 4) return 2;
    simdjson::padded_string text;
    bool is_event = std::strcmp(arguments[1], "event") == 0;
    if (is_event) text = simdjson::padded_string(std::string(" hello"));
    else if (simdjson::padded_string::load(arguments[2]).get(text) != simdjson::SUCCESS) return 1;
    int calls = std::strcmp(arguments[1], "request") == 0 ? 300 : 100000;
    for (int i = 0; i < std::atoi(arguments[3]); i++) std::printf("%f\n", time_of(calls, is_event ? print : parse, text));
}
