// What the programs of this folder share: counting, and a request's visits as C++ strings.
#pragma once

#include "host.h"

#include <cstdio>
#include <string>
#include <vector>

extern unsigned passed, failed;

inline void check(const std::string &what, bool condition, const std::string &seen = {}) {
    if (condition) {
        passed++;
        return;
    }
    failed++;
    std::printf("FAILED  %.300s\n        %.600s\n", what.c_str(), seen.c_str());
}

inline void check_same(const std::string &what, const std::string &seen, const std::string &wanted) {
    check(what, seen == wanted, seen + "\n   not  " + wanted);
}

// A plugin with a configuration, and one request of it.
struct Case {
    instance plugin{};
    request *one = nullptr;
    bool shares = false;

    explicit Case(const std::string &config) {
        pbay_error error;
        if (host_start(&plugin, config.c_str(), &error) < 0) {
            std::printf("%s: %s: %s\n", config.c_str(), error.param, error.message);
            std::exit(2);
        }
        one = host_open(&plugin, "req_1", "owner", "model", PBAY_HOOKED_STREAM, nullptr);
    }
    // Another request of the same instance.
    explicit Case(const instance &shared) : plugin(shared), shares(true) {
        one = host_open(&plugin, "req_2", "owner", "model", PBAY_HOOKED_STREAM, nullptr);
    }
    Case(const Case &) = delete;
    ~Case() {
        host_close(one);
        if (!shares) {
            host_stop(&plugin);
        }
    }

    // What stands in the document's place; "=" where nothing was changed, "!" and the code for anything else.
    std::string visit(uint32_t point, const std::string &document) const {
        const verdict *said = host_visit(one, point, document.c_str());
        if (said->kind == VERDICT_CONTINUE) {
            return "=";
        }
        return said->kind == VERDICT_REPLACE ? std::string(said->json, said->json_size) : "!" + std::to_string(said->error.code);
    }
    std::string request(const std::string &document) const { return visit(PBAY_POINT_REQUEST, document); }
    std::string history(const std::string &document) const { return visit(PBAY_POINT_HISTORY_LOADED, document); }
};

// Text as a JSON string, with its quotes.
std::string quoted(const std::string &text);
// A message of the user's.
inline std::string user(const std::string &json) { return "{\"input\":[{\"role\":\"user\",\"content\":" + json + "}]}"; }

void check_kinds();
void check_documents();
void check_configurations();
void check_streams();
void check_fuzz(unsigned seed, unsigned rounds);
