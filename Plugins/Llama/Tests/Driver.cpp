// llama-driver LIBRARY MODEL EMBEDDINGS-MODEL VECTORS.json: tests libpatchbay_llama.so on real GGUF models.
// llama-driver --bench LIBRARY EMBEDDINGS-MODEL [THREADS [BATCH]]: vectors a second.
#include "Driver.h"

#include <cstring>

static std::string configuration(const std::string &model, const std::string &more) {
    return common_json{{"model", model}}.dump().substr(0, common_json{{"model", model}}.dump().size() - 1) + more + "}";
}

void test_configuration(const std::string &library, const std::string &model) {
    test("an unknown key is refused by name");
    pbay_error error = TestHost::try_config(library, configuration(model, ", \"modell\": 1"), false);
    check_equal(error.code, PBAY_EINVALID, "code");
    check_equal(std::string(error.param), "modell", "param");

    test("a value out of its bounds is refused with the bounds");
    error = TestHost::try_config(library, configuration(model, ", \"parallel\": 0"), false);
    check_equal(std::string(error.message), "parallel must be a whole number from 1 to 64", "message");

    test("a configuration without a model is refused");
    error = TestHost::try_config(library, "{}", false);
    check_equal(std::string(error.param), "model", "param");

    test("a missing model file is named, with what to do");
    error = TestHost::try_config(library, configuration("/nowhere/model.gguf", ""), true);
    check_equal(std::string(error.param), "model", "param");
    check(std::strstr(error.message, "/nowhere/model.gguf: there is no such file") != nullptr, error.message);
    check(std::strstr(error.message, "setup-model") != nullptr, error.message);

    test("a file that is no GGUF is refused");
    error = TestHost::try_config(library, configuration(library, ""), true);
    check(std::strstr(error.message, "is no GGUF file") != nullptr, error.message);
}

int main(int count, char **arguments) {
    const std::vector<std::string> words(arguments + 1, arguments + count);
    if (words.size() >= 3 && words[0] == "--bench") {
        bench_embeddings(words[1], words[2], words.size() > 3 ? words[3] : "1", words.size() > 4 ? words[4] : "256");
        return 0;
    }
    if (words.size() != 4) {
        std::fprintf(stderr, "usage: llama-driver LIBRARY MODEL EMBEDDINGS-MODEL VECTORS.json\n");
        return 2;
    }
    const std::string library = words[0], model = words[1];
    test_configuration(library, model);
    {
        TestHost host(library, configuration(model, ", \"context\": 2048, \"kv_tokens\": 8192, \"temperature\": 0"));
        std::printf("model %s\n", host.model_name().c_str());
        test_answers(host);
        test_cache(host);
        test_counts(host);
        test_control(host);
        test_embeddings_of_answers(host);
    }
    test_overload_and_stop(library, model);
    {
        TestHost host(library, configuration(words[2], ", \"queue\": 8"));
        std::printf("model %s\n", host.model_name().c_str());
        test_hostile_texts(host);
        test_embeddings(host, words[3]);
    }
    test_vocabulary_with_gaps(library, words[2]);
    return report("llama-driver");
}
