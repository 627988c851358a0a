// Documents: which strings are texts, escapes, what stays byte for byte, hostile ones; and configurations.
#include "checks.h"

#include <cstring>

#define MAIL "bob@x.org"

namespace {

void check_shapes() {
    const Case one("{\"kinds\":[\"email\"]}");
    const struct {
        const char *document, *masked; // null: unchanged
    } cases[] = {
        {"{\"input\":\"" MAIL "\"}", "{\"input\":\"[EMAIL]\"}"},
        {" {\"model\": \"" MAIL "\", \"input\" : \"" MAIL "\" , \"x\":[1, 2.50e3,null] } ",
         " {\"model\": \"" MAIL "\", \"input\" : \"[EMAIL]\" , \"x\":[1, 2.50e3,null] } "},
        {"{\"instructions\":\"" MAIL "\",\"input\":[]}", "{\"instructions\":\"[EMAIL]\",\"input\":[]}"},
        {"{\"input\":[{\"type\":\"message\",\"id\":\"" MAIL "\",\"role\":\"" MAIL "\",\"content\":[{\"type\":\"input_text\",\"text\":\"a "
         MAIL "\"},{\"type\":\"input_image\",\"image_url\":\"http://" MAIL "/\"},{\"type\":\"input_file\",\"filename\":\"" MAIL "\"}]}]}",
         "{\"input\":[{\"type\":\"message\",\"id\":\"" MAIL "\",\"role\":\"" MAIL "\",\"content\":[{\"type\":\"input_text\",\"text\":\"a "
         "[EMAIL]\"},{\"type\":\"input_image\",\"image_url\":\"http://" MAIL "/\"},{\"type\":\"input_file\",\"filename\":\"" MAIL "\"}]}]}"},
        {"{\"input\":[{\"type\":\"function_call\",\"name\":\"" MAIL "\",\"call_id\":\"" MAIL "\",\"arguments\":\"{\\\"to\\\":\\\"" MAIL
         "\\\"}\"}]}",
         "{\"input\":[{\"type\":\"function_call\",\"name\":\"" MAIL "\",\"call_id\":\"" MAIL
         "\",\"arguments\":\"{\\\"to\\\":\\\"[EMAIL]\\\"}\"}]}"},
        {"{\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"it is " MAIL "\"}]}",
         "{\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"it is [EMAIL]\"}]}"},
        {"{\"input\":[{\"type\":\"function_call_output\",\"output\":[{\"type\":\"input_text\",\"text\":\"" MAIL "\"}]}]}",
         "{\"input\":[{\"type\":\"function_call_output\",\"output\":[{\"type\":\"input_text\",\"text\":\"[EMAIL]\"}]}]}"},
        {"{\"input\":[{\"type\":\"reasoning\",\"encrypted_content\":\"" MAIL "\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"" MAIL
         "\"}]}]}",
         "{\"input\":[{\"type\":\"reasoning\",\"encrypted_content\":\"" MAIL
         "\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"[EMAIL]\"}]}]}"},
        {"{\"input\":[{\"content\":[{\"type\":\"output_text\",\"logprobs\":[{\"token\":\"bob\"}],\"text\":\"" MAIL "\"}]}]}",
         "{\"input\":[{\"content\":[{\"type\":\"output_text\",\"logprobs\":[],\"text\":\"[EMAIL]\"}]}]}"},
        {"{\"input\":[{\"content\":[{\"type\":\"output_text\",\"logprobs\":[{\"token\":\"bob\"}],\"text\":\"x\"}]}]}", nullptr},
        {"{\"input\":\"x\",\"prompt\":{\"id\":\"" MAIL "\",\"variables\":{\"a\":\"" MAIL "\",\"b\":{\"type\":\"input_text\",\"text\":\"" MAIL
         "\"}}}}",
         "{\"input\":\"x\",\"prompt\":{\"id\":\"" MAIL
         "\",\"variables\":{\"a\":\"[EMAIL]\",\"b\":{\"type\":\"input_text\",\"text\":\"[EMAIL]\"}}}}"},
        {"{\"input\":[{\"type\":\"vendor:" MAIL "\",\"x\":{\"y\":\"" MAIL "\"}}],\"metadata\":{\"text\":\"" MAIL "\"}}", nullptr},
        {"{\"input\":[{\"type\":\"mcp_call\",\"name\":\"n\",\"arguments\":\"{}\",\"output\":\"" MAIL "\",\"error\":null}]}",
         "{\"input\":[{\"type\":\"mcp_call\",\"name\":\"n\",\"arguments\":\"{}\",\"output\":\"[EMAIL]\",\"error\":null}]}"},
        {"{\"input\":[{\"type\":\"local_shell_call\",\"action\":{\"command\":[\"mail\",\"" MAIL "\"],\"env\":{}}}]}",
         "{\"input\":[{\"type\":\"local_shell_call\",\"action\":{\"command\":[\"mail\",\"[EMAIL]\"],\"env\":{}}}]}"},
        {"{\"input\":[{\"cont\\u0065nt\":\"" MAIL "\"}]}", "{\"input\":[{\"cont\\u0065nt\":\"[EMAIL]\"}]}"},
    };
    for (const auto &one_case : cases) {
        check_same(one_case.document, one.request(one_case.document), one_case.masked == nullptr ? "=" : one_case.masked);
    }
    check_same("a history is replaced by its input", one.history("{\"model\":\"m\",\"input\":[{\"content\":\"" MAIL "\"}]}"),
               "{\"input\":[{\"content\":\"[EMAIL]\"}]}");
    check_same("and its instructions", one.history("{\"model\":\"m\",\"instructions\":\"" MAIL "\",\"input\":[]}"),
               "{\"input\":[],\"instructions\":\"[EMAIL]\"}");
    check_same("a tool's result by its output",
               one.visit(PBAY_POINT_TOOL_RESULT, "{\"call_id\":\"" MAIL "\",\"name\":\"n\",\"output\":\"" MAIL "\",\"is_error\":false}"),
               "{\"output\":\"[EMAIL]\"}");
    check("the other points aren't visited", host_visit(one.one, PBAY_POINT_COMPLETE, "{}")->was_called == 0);
}

void check_escapes() {
    const Case one("{\"kinds\":[\"email\",\"card\"],\"patterns\":[{\"name\":\"quote\",\"regex\":\"\\\"[a-z]+\\\\\\\\n\"}]}");
    const struct {
        const char *text, *masked; // as they stand in the document
    } cases[] = {
        {"a\\nbob@x.org\\tb", "a\\n[EMAIL]\\tb"},
        {"bob\\u0040x.org", "[EMAIL]"},
        {"\\u0062ob@x\\u002eorg\\u0021", "[EMAIL]\\u0021"},
        {"\\ud83d\\ude00bob@x.org\\ud83d\\ude00", "\\ud83d\\ude00[EMAIL]\\ud83d\\ude00"},
        {"\\ud83d bob@x.org \\ude00", "\\ud83d [EMAIL] \\ude00"},
        {"\xf0\x9f\x98\x80 \\/ bob@x.org\\\\", "\xf0\x9f\x98\x80 \\/ [EMAIL]\\\\"},
        {"\\\"bob@x.org\\\"", "\\\"[EMAIL]\\\""},
        {"4111\\u00201111\\u00201111\\u00201111\\n", "[CARD]\\n"},
        {"x\\\"abc\\\\ny", "x[QUOTE]y"},
        {"j\\u00fcrgen@x.org", "[EMAIL]"},
    };
    for (const auto &one_case : cases) {
        const std::string document = user("\"" + std::string(one_case.text) + "\"");
        check_same(one_case.text, one.request(document), user("\"" + std::string(one_case.masked) + "\""));
    }
    const auto call = [](const std::string &arguments) { return "{\"input\":[{\"type\":\"function_call\",\"arguments\":\"" + arguments + "\"}]}"; };
    check_same("escapes of the inner JSON", one.request(call("{\\\"a\\\":\\\"x\\\\nbob@x.org\\\\u0021\\\"}")),
               call("{\\\"a\\\":\\\"x\\\\n[EMAIL]\\\\u0021\\\"}"));
    check_same("both kinds of escapes", one.request(call("{\\\"a\\\":\\\"bob\\\\u0040x.org \\u0062@x.org\\\"}")),
               call("{\\\"a\\\":\\\"[EMAIL] [EMAIL]\\\"}"));
    check_same("a number becomes a string", one.request(call("{\\\"card\\\":4111111111111111,\\\"n\\\":-1.5e3}")),
               call("{\\\"card\\\":\\\"[CARD]\\\",\\\"n\\\":-1.5e3}"));
    check_same("names of members", one.request(call("{\\\"bob@x.org\\\":true}")), call("{\\\"[EMAIL]\\\":true}"));
    check_same("arguments that are no JSON", one.request(call("{bob@x.org")), call("{[EMAIL]"));
}

void check_hostile() {
    const Case one("{}");
    const std::string whole = "{\"input\":[{\"content\":[{\"type\":\"input_text\",\"text\":\"a \\u00e9 " MAIL "\\\"\"}]}],\"x\":{\"y\":[1,{}]}}";
    for (size_t size = 0; size < whole.size(); size++) { // the host hands out none of these
        const std::string seen = one.request(whole.substr(0, size));
        check("cut after " + std::to_string(size), seen == "!-16", seen);
    }
    std::string deep = "{\"input\":";
    for (int i = 0; i < 100000; i++) deep += '[';
    check_same("too deep", one.request(deep), "!-16");
    std::string skipped = "{\"x\":" + std::string(60, '[') + std::string(60, ']') + ",\"input\":\"" MAIL "\"}";
    check("deep where nobody looks", one.request(skipped).find("[EMAIL]") != std::string::npos);
    for (const char *text : {"[1,2]", "\"x\"", "{\"input\":}", "{\"input\" \"x\"}", "{\"input\":\"x\"", "{\"input\":\"x\"}}", "{,}"}) {
        check_same(text, one.request(text), "!-16");
    }
    check_same("no input", one.history("{\"model\":\"m\",\"instructions\":\"" MAIL "\"}"), "!-16");
    const Case small("{\"max_bytes\":1024}");
    check_same("too large", small.request(user(quoted(std::string(1024, 'x')))), "!-2");
    check_same("large enough", small.request(user(quoted(std::string(900, 'x')))), "=");
    std::string big;
    while (big.size() < 300000) big += "plain words, " MAIL " ";
    const std::string seen = one.request(user(quoted(big)));
    check("a large one is masked by the worker", seen.find(MAIL) == std::string::npos && seen.size() > 200000, seen);
    check("and deferred", host_visit(one.one, PBAY_POINT_REQUEST, user(quoted(big)).c_str())->was_deferred == 1);
    // What makes a search start again and again is not read again and again: these end.
    for (const char *piece : {"a", "a.", "a@", "a@a.", "4", "4444 ", "4-", "212-555-1234-", "eyJaaaaaaaa.", "eyJaaaaaaaa-", "eyJaaaaaaaa-ghp_abcdefghijklmnopqrstuvwxyz0123456789-", "-----BEGIN PRIVATE KEY-----", "sk-", "\\\\", "[A_a1"}) {
        std::string text;
        while (text.size() < 400000) text += piece;
        check(std::string("much of ") + piece, one.request(user("\"" + text + "\""))[0] != '!');
    }
}

} // namespace

void check_documents() {
    check_shapes();
    check_escapes();
    check_hostile();
}

void check_configurations() {
    const std::string long_regex(5000, 'a');
    std::string many = "{\"patterns\":[";
    for (int i = 0; i < 65; i++) many += (i > 0 ? "," : "") + std::string("{\"name\":\"p") + std::to_string(i) + "\",\"regex\":\"x\"}";
    const std::string bad[][2] = {
        {"[]", ""},
        {"{", ""},
        {"{\"kind\":[]}", "kind"},
        {"{\"kinds\":\"email\"}", "kinds"},
        {"{\"kinds\":[\"email\",\"mail\"]}", "kinds[1]"},
        {"{\"kinds\":[]}", "kinds"},
        {"{\"unmask\":1}", "unmask"},
        {"{\"max_bytes\":12}", "max_bytes"},
        {"{\"patterns\":{}}", "patterns"},
        {"{\"patterns\":[1]}", "patterns[0]"},
        {"{\"patterns\":[{\"name\":\"a\"}]}", "patterns[0].regex"},
        {"{\"patterns\":[{\"regex\":\"a\"}]}", "patterns[0].name"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"a\"},{\"name\":\"A\",\"regex\":\"b\"}]}", "patterns[1].name"},
        {"{\"patterns\":[{\"name\":\"email\",\"regex\":\"a\"}]}", "patterns[0].name"},
        {"{\"patterns\":[{\"name\":\"a b\",\"regex\":\"a\"}]}", "patterns[0].name"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"(\"}]}", "patterns[0].regex"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"a)(b\"}]}", "patterns[0].regex"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"\\\\Qab\"}]}", "patterns[0].regex"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"a*\"}]}", "patterns[0].regex"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"\"}]}", "patterns[0].regex"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"(?=a)\"}]}", "patterns[0].regex"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"((a{100}){100}){100}\"}]}", "patterns[0].regex"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"" + long_regex + "\"}]}", "patterns[0].regex"},
        {"{\"patterns\":[{\"name\":\"a\",\"regex\":\"a\",\"flags\":\"i\"}]}", "patterns[0].flags"},
        {many + "]}", "patterns"},
    };
    for (const auto &one : bad) {
        instance plugin;
        pbay_error error;
        const int32_t code = host_start(&plugin, one[0].c_str(), &error);
        check(one[0], code == PBAY_EINVALID && error.param == one[1] && std::strlen(error.message) > 10, error.param);
    }
    const Case patterns("{\"kinds\":[],\"patterns\":[{\"name\":\"order\",\"regex\":\"\\\\bORD-\\\\d{6}\\\\b\"},{\"name\":\"any\",\"regex\":\"(?i)secret|\\\\b\"}]}");
    check_same("patterns of one's own", patterns.request(user("\"ORD-123456 is SECRET, bob@x.org ORD-1234567\"")),
               user("\"[ORDER] is [ANY], bob@x.org ORD-1234567\""));
}
