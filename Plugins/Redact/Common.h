// The ABI and the C helpers that plugins share, for C++.
#pragma once

#include "patchbay.h"
#include "plugin_error.h"
#include "plugin_json.h"

#include <string>
#include <string_view>
#include <utility>

namespace patchbay::redact {

inline std::string_view view(pbay_text text) {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, static_cast<size_t>(text.size));
}

inline pbay_text text(std::string_view view) { return {view.data(), view.size()}; }

// What goes wrong: a code of the ABI, the path in the configuration or the request, and words for whoever caused it.
struct Failure {
    int32_t code;
    std::string param;
    std::string message;
};

[[noreturn]] inline void refuse(std::string param, std::string message) {
    throw Failure{PBAY_EINVALID, std::move(param), std::move(message)};
}

} // namespace patchbay::redact
