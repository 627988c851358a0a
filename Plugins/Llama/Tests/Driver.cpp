// llama-driver LIBRARY MODEL: tests libpatchbay_llama.so on a real GGUF model.
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
    if (count != 3) {
        std::fprintf(stderr, "usage: llama-driver LIBRARY MODEL\n");
        return 2;
    }
    const std::string library = arguments[1], model = arguments[2];
    test_configuration(library, model);
    {
        TestHost host(library, configuration(model, ", \"context\": 2048, \"kv_tokens\": 8192, \"temperature\": 0"));
        std::printf("model %s\n", host.model_name().c_str());
        test_answers(host);
        test_cache(host);
        test_counts(host);
        test_control(host);
    }
    test_overload_and_stop(library, model);
    return report("llama-driver");
}
