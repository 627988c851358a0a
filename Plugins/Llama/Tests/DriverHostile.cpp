// Texts that no one writes, and a vocabulary with gaps: each ends its own call, and nothing else.
#include "Driver.h"

#include "gguf.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

static common_json body(common_json input) { return common_json{{"model", "test"}, {"input", std::move(input)}}; }

static std::string repeated(const std::string &text, size_t count) {
    std::string all;
    for (size_t index = 0; index < count; ++index) {
        all += text;
    }
    return all;
}

void test_hostile_texts(TestHost &host) {
    test("any text ends in a vector or in an error of its own, and the next call is served");
    const std::vector<std::string> texts = {
        "\xEF\xBF\xBF", "\xEF\xBF\xBE", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF", "\xF3\xB0\x80\x80", "\xEE\x80\x80", // U+FFFF … U+E000
        std::string(3, '\0'), std::string("a\0b", 3), "\x7F", "\xC2\x80", "\xE2\x80\xAE", "\xEF\xBB\xBF",
        "\xCC\x81", repeated("\xCC\x81", 1000), "a" + repeated("\xCC\x81", 20000), " ", "\r\n\t", "\xE2\x80\xA8",
        std::string(1 << 20, 'x'), std::string(200000, 'x'), std::string(200000, ' '), repeated("\xE4\xB8\x80", 300),
        "[CLS][SEP][MASK][UNK]", "<s></s>", "##", "\xE2\x96\x81", repeated("\xF0\x9F\x91\xA8\xE2\x80\x8D", 100),
    };
    for (size_t index = 0; index < texts.size(); ++index) {
        const Stream &answer = host.embed(body(common_json::array({texts[index]})));
        const std::string place = "text " + std::to_string(index) + ": ";
        check_equal(answer.begun, PBAY_OK, place + answer.error.message);
        check_equal(answer.terminals, 1, place + "terminals");
        const bool is_refused = answer.error.code == PBAY_ECONTEXT_LENGTH || answer.error.code == PBAY_EINVALID;
        check(answer.finished ? answer.events.size() == 1 : is_refused, place + answer.error.message + ": " + answer.error.detail);
    }
    check(host.embed(body(common_json::array({"Hi."}))).finished, "the next call");
}

// The same model, whose words another tokenizer reads: one that falls back to tokens for bytes, which it lacks.
static std::string with_gaps(const std::string &model) {
    std::string path = std::filesystem::temp_directory_path() / "gaps-XXXXXX";
    close(mkstemp(path.data()));
    gguf_context *file = gguf_init_from_file(model.c_str(), {true, nullptr});
    if (file != nullptr) {
        gguf_set_val_str(file, "tokenizer.ggml.model", "llama");
        check(gguf_write_to_file(file, path.c_str(), true), path);
        std::ifstream weights(model, std::ios::binary);
        weights.seekg(static_cast<std::streamoff>(gguf_get_data_offset(file)));
        std::ofstream(path, std::ios::binary | std::ios::app) << weights.rdbuf();
        gguf_free(file);
    }
    return path;
}

void test_vocabulary_with_gaps(const std::string &library, const std::string &model) {
    const std::string path = with_gaps(model);
    TestHost host(library, "{\"model\": \"" + path + "\"}");
    unlink(path.c_str()); // the engine has mapped it
    test("a text for which the vocabulary has no tokens ends its call alone");
    const common_json known = body(common_json::array({"hi"}));
    Stream &neighbour = host.begin_embedding(known);
    const Stream &answer = host.embed(body(common_json::array({"hi", "\xF3\xB0\x80\x80"})));
    check_equal(answer.begun, PBAY_OK, "begin");
    check_equal(answer.terminals, 1, "terminals");
    check_equal(answer.error.code, PBAY_EINTERNAL, "code");
    check_equal(std::string(answer.error.message), "the input could not be turned into tokens", "message");
    check(host.wait(neighbour).finished, neighbour.error.message);
    const Stream &next = host.embed(known);
    check(next.finished, std::string(next.error.message) + ": " + next.error.detail);
}
