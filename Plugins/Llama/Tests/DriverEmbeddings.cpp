// patchbay.embeddings/1: vectors against those of an independent computation, batches, limits, cancelling.
#include "Driver.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

using Vector = std::vector<float>;

std::vector<Vector> Stream::vectors() const {
    std::vector<Vector> found(events.size());
    for (const Recorded &event : events) {
        if (event.kind == PBAY_EVENT_VECTOR && event.index < found.size()) {
            found[event.index].resize(event.text.size() / sizeof(float));
            std::memcpy(found[event.index].data(), event.text.data(), event.text.size());
        }
    }
    return found;
}

static double product(const Vector &left, const Vector &right) {
    double sum = 0;
    for (size_t index = 0; index < left.size() && index < right.size(); ++index) {
        sum += double(left[index]) * right[index];
    }
    return sum;
}

static double cosine(const Vector &left, const Vector &right) {
    return left.size() != right.size() ? -2 : product(left, right) / std::sqrt(product(left, left) * product(right, right));
}

static Vector from_base64(const std::string &text) {
    static const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    uint32_t bits = 0;
    int count = 0;
    for (const char digit : text.substr(0, text.find('='))) {
        bits = bits << 6 | static_cast<uint32_t>(digits.find(digit));
        if ((count += 6) >= 8) {
            bytes += static_cast<char>(bits >> (count -= 8));
        }
    }
    Vector vector(bytes.size() / sizeof(float));
    std::memcpy(vector.data(), bytes.data(), vector.size() * sizeof(float));
    return vector;
}

// `count` numbers as JSON takes them.
static common_json tokens(size_t count, int token) {
    common_json list = common_json::array();
    for (size_t index = 0; index < count; ++index) {
        list.push_back(token);
    }
    return list;
}

static common_json body(common_json input) { return common_json{{"model", "test"}, {"input", std::move(input)}}; }

static void test_vectors(TestHost &host, const std::string &path) {
    std::ifstream file(path);
    const common_json references =
        common_json::parse_no_throw(std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
    check(references.is_array() && references.size() == 6, path);
    common_json texts = common_json::array(), numbers = common_json::array();
    int64_t total = 0;
    for (size_t index = 0; index < references.size(); ++index) {
        texts.push_back(references.at(index).at("text"));
        numbers.push_back(references.at(index).at("tokens"));
        total += static_cast<int64_t>(references.at(index).at("tokens").size());
    }

    test("vectors are those of an independent computation from the same weights, of unit length");
    const Stream &together = host.embed(body(texts));
    const std::vector<Vector> vectors = together.vectors();
    check(together.finished && together.reason == PBAY_FINISH_STOP, together.error.message);
    check_equal(vectors.size(), references.size(), "vectors");
    for (size_t index = 0; index < vectors.size(); ++index) {
        const Vector reference = from_base64(references.at(index).at("vector").get<std::string>());
        check_equal(vectors[index].size(), 384u, "length");
        check(cosine(vectors[index], reference) > 0.9999, "input " + std::to_string(index) + ": " + std::to_string(cosine(vectors[index], reference)));
        check(std::fabs(product(vectors[index], vectors[index]) - 1) < 1e-5, "unit length");
    }

    test("usage tells the input's tokens, and nothing else");
    check_equal(together.usage.input_tokens, total, "input_tokens");
    check_equal(together.usage.output_tokens, -1, "output_tokens");

    test("an input's vector doesn't hang on what it is computed with, nor on whether it comes as tokens");
    const std::vector<Vector> again = host.embed(body(numbers)).vectors();
    for (size_t index = 0; index < vectors.size(); ++index) {
        const std::vector<Vector> alone = host.embed(body(common_json::array({texts.at(index)}))).vectors();
        check(alone.size() == 1 && cosine(alone[0], vectors[index]) > 0.99999, "alone");
        check(index < again.size() && cosine(again[index], vectors[index]) > 0.99999, "as tokens");
    }

    test("what means the same is nearer");
    check(cosine(vectors[0], vectors[1]) > 0.5 && cosine(vectors[0], vectors[2]) < 0.2, "a cat, a kitten and a bank");
}

static void test_limits(TestHost &host) {
    test("an input longer than the context is refused by its number; one as long as it is not");
    const Stream &full = host.embed(body(common_json::array({tokens(512, 1996)})));
    check(full.finished && full.usage.input_tokens == 512, full.error.message);
    const Stream &large = host.embed(body(common_json::array({tokens(3, 1996), tokens(513, 1996)})));
    check_equal(large.error.code, PBAY_ECONTEXT_LENGTH, "code");
    check_equal(std::string(large.error.param), "input[1]", "param");
    check(std::strstr(large.error.message, "513 tokens") != nullptr, large.error.message);
    const Stream &huge = host.embed(body(common_json::array({std::string(1 << 20, 'x')})));
    check_equal(huge.error.code, PBAY_ECONTEXT_LENGTH, "code");

    test("a token that is none of the model's is refused by its place");
    common_json wrong = tokens(3, 1996);
    wrong.push_back(30522);
    const Stream &token = host.embed(body(common_json::array({tokens(1, 0), wrong})));
    check_equal(token.begun, PBAY_EINVALID, "code");
    check_equal(std::string(token.error.param), "input[1][3]", "param");
    check_equal(std::string(host.embed(body(common_json::array({tokens(2, -1)}))).error.param), "input[0][0]", "param");

    test("dimensions: the model's own, no others");
    common_json own = body(common_json::array({"Hi."})), fewer = own;
    own["dimensions"] = 384;
    check(host.embed(own).finished, "its own");
    fewer["dimensions"] = 256;
    const Stream &refused = host.embed(fewer);
    check_equal(refused.error.code, PBAY_EUNSUPPORTED, "code");
    check_equal(std::string(refused.error.param), "dimensions", "param");

    test("an embedding model answers nothing, and counts nothing");
    const Stream &answer = host.run({{"input", "Hi."}});
    check_equal(answer.begun, PBAY_EUNSUPPORTED, "code");
    check(std::strstr(answer.error.message, "/v1/embeddings") != nullptr, answer.error.message);
    check_equal(host.count({{"input", "Hi."}}).begun, PBAY_EUNSUPPORTED, "code");

    test("the model tells what it can, under whatever name");
    const pbay_model_info info = host.model_info();
    check_equal(info.name.size, 0u, "name");
    check(!host.model_name().empty(), "its own name");
    check_equal(info.kinds, PBAY_MODEL_EMBEDDINGS, "kinds");
    check_equal(info.dimensions, 384u, "dimensions");
    check_equal(info.context_tokens, 512u, "context");
    check_equal(info.features_known, PBAY_FEATURE_DIMENSIONS, "features_known");
    check_equal(info.features, 0u, "features");
}

static common_json sentences(size_t count) {
    common_json list = common_json::array();
    for (size_t index = 0; index < count; ++index) {
        list.push_back("Sentence number " + std::to_string(index) + " tells of rivers, stones and a small boat.");
    }
    return list;
}

static void test_many(TestHost &host) {
    test("a long list ends with a vector for each input");
    const Stream &list = host.embed(body(sentences(150)));
    check(list.finished, list.error.message);
    for (const Vector &vector : list.vectors()) {
        check_equal(vector.size(), 384u, "length");
    }
    check_equal(list.events.size(), 150u, "vectors");

    test("a short call doesn't wait for the end of a long list");
    Stream &long_list = host.begin_embedding(body(sentences(400)));
    host.wait_events(long_list, 1);
    const Stream &brief = host.embed(body(common_json::array({"Hi."})));
    check(brief.finished, brief.error.message);
    check(host.events(long_list) < 400, "the long one goes on");

    test("a cancelled list ends in the middle, and its neighbour is served");
    Stream &neighbour = host.begin_embedding(body(sentences(60)));
    host.cancel(long_list);
    host.wait(long_list);
    check_equal(long_list.error.code, PBAY_ECANCELLED, "code");
    check(long_list.events.size() < 400 && !long_list.late_push, "vectors");
    host.wait(neighbour);
    check(neighbour.finished && neighbour.events.size() == 60, neighbour.error.message);

    test("stop ends what is running, once");
    Stream &running = host.begin_embedding(body(sentences(400)));
    host.wait_events(running, 1);
    host.stop();
    host.wait(running);
    check_equal(running.terminals, 1, "terminals");
    check_equal(running.error.code, PBAY_ECANCELLED, "code");
}

void test_embeddings(TestHost &host, const std::string &references) {
    test_vectors(host, references);
    test_limits(host);
    test_many(host);
}

void test_embeddings_of_answers(TestHost &host) {
    test("a model that answers makes no vectors, and tells what it can");
    const Stream &refused = host.embed(body(common_json::array({"Hi."})));
    check_equal(refused.begun, PBAY_EUNSUPPORTED, "code");
    check_equal(std::string(refused.error.param), "model", "param");
    const pbay_model_info info = host.model_info();
    check_equal(info.name.size, 0u, "name");
    check_equal(info.kinds, PBAY_MODEL_ANSWERS, "kinds");
    check_equal(info.inputs, PBAY_INPUT_TEXT, "inputs");
    check((info.features & PBAY_FEATURE_TOOLS) != 0 && (info.features & ~info.features_known) == 0, "features");
}

void bench_embeddings(const std::string &library, const std::string &model, const std::string &threads, const std::string &batch) {
    TestHost host(library, "{\"model\": \"" + model + "\", \"threads\": " + threads + ", \"batch\": " + batch + "}");
    for (const bool is_one : {true, false}) {
        const size_t calls = is_one ? 200 : 4, inputs = is_one ? 1 : 256;
        const common_json request = body(sentences(inputs));
        host.embed(request);
        int64_t tokens = 0;
        const auto start = std::chrono::steady_clock::now();
        for (size_t call = 0; call < calls; ++call) {
            tokens += host.embed(request).usage.input_tokens;
        }
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        std::printf("%zu input(s) a call: %.0f vectors/s, %.0f tokens/s (%lld tokens in a call)\n", inputs,
                    double(calls * inputs) / seconds, double(tokens) / seconds, static_cast<long long>(tokens) / static_cast<long long>(calls));
    }
}
