#include "Failure.h"

#include "UTF8.h"

#include <cstring>

namespace patchbay::llama {

template <size_t capacity>
static void copy_text(char (&target)[capacity], const std::string &text) {
    const size_t size = utf8_floor(text, capacity - 1);
    std::memcpy(target, text.data(), size);
    target[size] = 0;
}

int32_t fill(pbay_error *error, const Failure &failure) {
    error->code = failure.code;
    error->flags = failure.flags;
    error->retry_after_ms = failure.retry_after_ms;
    copy_text(error->param, failure.param);
    copy_text(error->message, failure.message);
    copy_text(error->detail, failure.detail);
    return failure.code;
}

} // namespace patchbay::llama
