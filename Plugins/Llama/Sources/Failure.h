// The plugin's one error type: thrown inside, turned into a pbay_error at the ABI's border.
#pragma once

#include "patchbay.h"

#include <cstdint>
#include <string>
#include <utility>

namespace patchbay::llama {

struct Failure {
    int32_t code = PBAY_EINTERNAL; // PBAY_E*
    std::string param;             // a path in the request or in the configuration; may be empty
    std::string message;           // for the client
    std::string detail;            // for the operator's log
    uint32_t flags = 0;            // PBAY_ERROR_*
    int64_t retry_after_ms = 0;

    static Failure invalid(std::string param, std::string message) {
        return {PBAY_EINVALID, std::move(param), std::move(message), {}, 0, 0};
    }
    static Failure unsupported(std::string param, std::string message) {
        return {PBAY_EUNSUPPORTED, std::move(param), std::move(message), {}, 0, 0};
    }
    static Failure internal(std::string message, std::string detail = {}) {
        return {PBAY_EINTERNAL, {}, std::move(message), std::move(detail), 0, 0};
    }
    static Failure cancelled(std::string message) { return {PBAY_ECANCELLED, {}, std::move(message), {}, 0, 0}; }
    static Failure overloaded(std::string message) {
        return {PBAY_EOVERLOADED, {}, std::move(message), {}, PBAY_ERROR_RETRYABLE, 1000};
    }
};

// Fills `error`, cutting texts on a character's border. Answers the failure's code.
int32_t fill(pbay_error *error, const Failure &failure);

} // namespace patchbay::llama
