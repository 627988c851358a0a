/* SPDX-License-Identifier: Apache-2.0 */
#include "checks.h"

int check_failed;

int checks_run(const check *checks, size_t count, const char *only) {
    int passed = 0, failures = 0;
    for (size_t i = 0; i < count; i++) {
        if (only != NULL && strcmp(only, checks[i].name) != 0) continue;
        unsigned violations = host_violations();
        check_failed = 0;
        checks[i].run();
        EXPECT(host_violations() == violations, "%u rules were broken", host_violations() - violations);
        if (check_failed) printf("FAIL %s\n", checks[i].name);
        if (check_failed) failures++;
        else passed++;
    }
    printf("%d passed, %d failed\n", passed, failures);
    return failures > 0;
}
