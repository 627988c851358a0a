// The least that a readable test program needs.
#pragma once

#include <cstdio>
#include <string>

inline int failures = 0;
inline const char *current = "";

// Names the test that follows: a sentence that states the promise.
inline void test(const char *name) {
    current = name;
    std::printf("- %s\n", name);
    std::fflush(stdout);
}

inline void check(bool holds, const std::string &what) {
    if (!holds) {
        ++failures;
        std::printf("  FAILED (%s): %s\n", current, what.c_str());
    }
}

template <typename Left, typename Right>
void check_equal(const Left &left, const Right &right, const std::string &what) {
    if (!(left == right)) {
        ++failures;
        if constexpr (std::is_convertible_v<Left, std::string>) {
            std::printf("  FAILED (%s): %s: found `%s`, wanted `%s`\n", current, what.c_str(), std::string(left).c_str(),
                        std::string(right).c_str());
        } else {
            std::printf("  FAILED (%s): %s: found %lld, wanted %lld\n", current, what.c_str(),
                        static_cast<long long>(left), static_cast<long long>(right));
        }
    }
}

inline int report(const char *program) {
    std::printf("%s: %s\n", program, failures == 0 ? "all passed" : (std::to_string(failures) + " checks failed").c_str());
    return failures == 0 ? 0 : 1;
}
