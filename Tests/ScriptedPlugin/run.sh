#!/bin/sh
# The scripted provider's transcripts, without the server: run.sh FOLDER, where the plugins' libraries are (.build/debug).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
${CC:-clang} -std=gnu11 -O1 -g -Wall -Wextra -Werror -I"$root/Sources/CPatchbay/include" -o "$out/driver" \
    "$root/Tests/ScriptedPlugin/driver.c" -ldl
"$out/driver" "$1/libpatchbay_scripted.so"
