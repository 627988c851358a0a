/*
 * guard.hpp - what the files of this plugin share.
 *
 *   plugin.cpp      the ABI: entry, module, instance
 *   hooks.cpp       the table pbay_hooks, and the thread for documents that are too long for a strand
 *   config.cpp      the configuration: objects, lists and numbers of it
 *   patterns.cpp    regular expressions and words, compiled and tried
 *   request.cpp     the rules of a request: models, tools, sizes, texts
 *   answer.cpp      the rules of an answer's text, over events that split it anywhere
 *   moderation.cpp  a model that is asked
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef PATCHBAY_GUARD_HPP
#define PATCHBAY_GUARD_HPP

#include "patchbay.h"
#include "plugin_error.h"
#include "plugin_json.h"

#include <re2/re2.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace guard {

/* The hook's name for itself in what it leaves in the bag for others, such as Audit. */
constexpr std::string_view kRejectedBy = "patchbay.rejected";

/* ---------------------------------------------------------------------------------------------------------- rules */

/* Why something is refused. `rule` is for the operator: the path of the rule in the configuration. */
struct Refusal {
    int32_t code = PBAY_EINVALID;
    std::string param;
    std::string message;
    std::string rule;
};

/* One entry of a list of patterns. */
struct Pattern {
    std::unique_ptr<re2::RE2> expression;
    std::string message; /* for the client */
    std::string path;    /* in the configuration */
};

/* A list of patterns, of which one is looked for. */
class Patterns {
public:
    void add(Pattern pattern) { patterns_.push_back(std::move(pattern)); }
    /* After the last `add`: makes the one expression that looks for all of them at once. */
    void compile();
    bool empty() const { return patterns_.empty(); }
    /*
     * The first pattern that is found between `from` and `to` of `text`, or null. What lies outside isn't part of a match, but is seen
     * by \b, ^ and $.
     */
    const Pattern *find(std::string_view text, size_t from, size_t to) const;
    const Pattern *find(std::string_view text) const { return find(text, 0, text.size()); }

private:
    std::vector<Pattern> patterns_;
    std::unique_ptr<re2::RE2> any_; /* null: they are tried one by one */
};

/* Compiles; throws BadConfig at `path`. Words match whole words, whatever their case. */
std::unique_ptr<re2::RE2> compile_pattern(const std::string &pattern, const std::string &path);
std::unique_ptr<re2::RE2> compile_words(const std::vector<std::string> &words, const std::string &path);

/* Names that are allowed, and names that aren't; `*` stands for any characters. */
struct Names {
    bool has_allow = false;
    std::vector<std::string> allow;
    std::vector<std::string> deny;
    std::string message;
    /* "allow" or "deny": which of them refuses the name; null: none. */
    const char *refuses(std::string_view name) const;
    bool empty() const { return !has_allow && deny.empty(); }
};

/* Negative: no bound. */
struct Limits {
    int64_t input_bytes = -1;
    int64_t items = -1;
    int64_t images = -1;
    int64_t tools = -1;
    int64_t output_tokens = -1;
};

struct Texts {
    bool user = true;
    bool instructions = false; /* instructions, and messages of the roles system and developer */
    bool tools = false;        /* outputs of tools */
    Patterns deny;
    Patterns allow;
    std::string message; /* for a text that `allow` doesn't know */
    bool empty() const { return deny.empty() && allow.empty(); }
};

struct Answers {
    Patterns deny;
    bool reasoning = false;
    size_t max_match = 256; /* bytes */
};

struct Moderation {
    std::string model; /* empty: none is asked */
    std::string instructions;
    std::unique_ptr<re2::RE2> pattern;
    std::vector<std::string> field; /* a path in a JSON answer; empty: the pattern is tried on the answer's text */
    bool input = true;
    bool output = false;
    size_t max_bytes = 64 << 10;
    std::string message;
};

struct Config {
    Names models;
    Names tools;
    bool tell = false; /* the model is told of a denied tool's call, and goes on */
    Limits limits;
    Texts texts;
    Answers answers;
    Moderation moderation;
    uint32_t points() const;
    uint32_t events() const;
};

/* What is wrong with the configuration, and where. */
struct BadConfig {
    std::string path;
    std::string message;
};

/* Throws BadConfig. */
Config read_config(std::string_view text);

/* ---------------------------------------------------------------------------------------------- what is looked at */

/* The characters of a JSON string. */
std::string decoded(pjson_value string);
std::string json_string(std::string_view text);

/* What a request says that has to be asked about. */
struct Said {
    std::string text; /* of all that `texts.from` names, a line each; only where a model is asked */
};

/* Tries the rules of a request; true where one refuses it. Fills `said` for moderation.input. */
bool check_request(const Config &config, pbay_text body, Refusal &refusal, Said &said);
/* The text of a response's output. */
std::string output_text(pbay_text response);

/* Watches an answer's text; one for each request. */
class Watch {
public:
    /* The events of a visit, the last of them or not. Null, or the pattern that was found. */
    const Pattern *look(const Answers &answers, const pbay_visit &visit);

private:
    const Pattern *end(const Answers &answers);
    const Pattern *add(const Answers &answers);
    std::string window_; /* what may yet be a part of a match, and a character before it */
    size_t from_ = 0;    /* where matches may begin: 0, or after the first character */
    uint32_t kind_ = 0;  /* of the text in the window */
};

/* ------------------------------------------------------------------------------------------------------ at work */

class Instance;

/* One request. */
struct Request {
    Instance *instance;
    Watch watch;
    pbay_visit_id asking = 0; /* the visit that waits for the model */
};

/* What has become of a visit. */
enum class Outcome { proceed, settled, asked };

/* A visit whose document is looked at by the thread. Its document lives until the verdict. */
struct Task {
    Request *request;
    pbay_visit_id visit;
    uint32_t point;
    pbay_text document;
};

class Instance {
public:
    Instance(pbay_instance_id id, Config config);
    ~Instance() { stop(); }
    Instance(const Instance &) = delete;
    Instance &operator=(const Instance &) = delete;

    pbay_instance table = {};
    pbay_hooks hooks = {};
    const pbay_instance_id id;
    const Config config;

    void start();
    void stop();
    /* 0, PBAY_DEFER, or a negative code with err filled. */
    int32_t visit(Request &request, const pbay_visit &visit, pbay_error *err);

private:
    Outcome look(Request &request, pbay_visit_id visit, uint32_t point, pbay_text document);
    Outcome look_at_call(pbay_visit_id visit, pbay_text item);
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    bool stopping_ = false;
    std::thread thread_;
};

/* The host's table. Written once by the entry. */
extern const pbay_hook_api *host;

/* The verdict REJECT, and a word in the bag by whom. */
void reject(pbay_visit_id visit, const Refusal &refusal);
/* Asks the moderation model about a text. */
Outcome ask(Request &request, pbay_visit_id visit, const std::string &text, bool of_output);

} // namespace guard

#endif
