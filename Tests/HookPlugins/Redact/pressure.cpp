// More than the worker can do: what nobody waits for isn't masked, and what is too much is refused at once.
#include "checks.h"

#include <memory>

namespace {

std::string addresses(size_t size) {
    std::string text;
    while (text.size() < size) text += "bob@example.org ";
    return user(quoted(text));
}

} // namespace

void check_pressure() {
    const Case one("{}");
    const std::string slow = addresses(8 << 20), small = addresses(10000); // a tenth of a second, and what comes meanwhile
    const Case other(one.plugin);
    host_begin(one.one, PBAY_POINT_REQUEST, 0, slow.c_str(), nullptr, 0);
    host_begin(other.one, PBAY_POINT_REQUEST, 0, small.c_str(), nullptr, 0);
    host_cancel(other.one);
    check("a cancelled visit isn't masked", host_wait(other.one)->kind == VERDICT_CONTINUE);
    check("the other one is", host_wait(one.one)->kind == VERDICT_REPLACE);

    std::vector<std::unique_ptr<Case>> many;
    host_begin(one.one, PBAY_POINT_REQUEST, 0, slow.c_str(), nullptr, 0);
    for (int i = 0; i < 1100; i++) {
        many.push_back(std::make_unique<Case>(one.plugin));
        host_begin(many.back()->one, PBAY_POINT_REQUEST, 0, small.c_str(), nullptr, 0);
    }
    unsigned masked = 0, refused = 0;
    for (const auto &request : many) {
        const verdict *said = host_wait(request->one);
        masked += said->kind == VERDICT_REPLACE;
        refused += said->kind == VERDICT_FAIL && said->error.code == PBAY_EOVERLOADED;
    }
    host_wait(one.one);
    check("no more than 1024 wait", masked >= 1024 && refused > 0, std::to_string(masked) + " masked");
    check("and each has a verdict", masked + refused == many.size(), std::to_string(refused) + " refused");
}
