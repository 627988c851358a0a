// The three text helpers that llama.cpp's schema converter takes from its `common.cpp`, which is not built here (it
// would bring the threads, downloads and command line of llama.cpp's tools). Declared in common.h.
#include "common.h"

std::string string_join(const std::vector<std::string> &values, const std::string &separator) {
    std::string joined;
    for (size_t index = 0; index < values.size(); ++index) {
        joined += (index == 0 ? "" : separator) + values[index];
    }
    return joined;
}

std::vector<std::string> string_split(const std::string &text, const std::string &delimiter) {
    std::vector<std::string> parts;
    size_t start = 0;
    for (size_t end; (end = text.find(delimiter, start)) != std::string::npos; start = end + delimiter.size()) {
        parts.push_back(text.substr(start, end - start));
    }
    parts.push_back(text.substr(start));
    return parts;
}

std::string string_repeat(const std::string &text, size_t count) {
    std::string repeated;
    repeated.reserve(text.size() * count);
    for (size_t index = 0; index < count; ++index) {
        repeated += text;
    }
    return repeated;
}
