#!/bin/sh
# The header compiles without a warning in every language that it promises, and needs nothing but <stdint.h>.
set -eu
cd "$(dirname "$0")/../.."
header=Sources/CPatchbay/include/patchbay.h
flags="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror -ISources/CPatchbay/include -fsyntax-only"
failed=0
checked=0

check() { # COMPILER LANGUAGE STANDARD
    command -v "$1" > /dev/null || return 0
    checked=$((checked + 1))
    if ! "$1" $flags -x "$2" -std="$3" Tests/CPatchbay/header.c; then
        echo "patchbay.h: $1 -std=$3 FAILED"
        failed=1
    fi
}

for compiler in clang gcc; do
    check "$compiler" c c99
    check "$compiler" c c11
    check "$compiler" c++ c++17
done

includes=$(grep -c '^ *# *include' "$header")
if [ "$includes" != 1 ] || ! grep -q '^#include <stdint.h>$' "$header"; then
    echo "patchbay.h includes more than <stdint.h>"
    failed=1
fi

[ "$checked" -gt 0 ] || { echo "no C compiler was found"; exit 1; }
[ "$failed" = 0 ] && echo "patchbay.h: $checked compilations, no warning"
exit "$failed"
