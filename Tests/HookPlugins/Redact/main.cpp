// The Redact plugin by itself: redact LIBRARY [SEED [ROUNDS]]
#include "checks.h"

#include <cstdlib>

unsigned passed, failed;

int main(int count, char **arguments) {
    if (count < 2) {
        std::fprintf(stderr, "redact LIBRARY [SEED [ROUNDS]]\n");
        return 2;
    }
    setvbuf(stdout, nullptr, _IOLBF, 0);
    host_load(arguments[1]);
    check_configurations();
    check_kinds();
    check_documents();
    check_streams();
    check_fuzz(count > 2 ? static_cast<unsigned>(std::atoi(arguments[2])) : 1, count > 3 ? static_cast<unsigned>(std::atoi(arguments[3])) : 1500);
    check("no rule of the host's was broken", host_violations() == 0);
    std::printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 ? 1 : 0;
}
