#!/bin/sh
# Tests the cache without the server: cache.sh PLUGIN.so (.build/debug/libpatchbay_cache.so). STRESS_ROUNDS: requests a thread (2000).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
${CC:-clang} -std=gnu11 -O1 -g -Wall -Wextra -Werror -I"$root/Sources/CPatchbay/include" -I"$root/Plugins/Common/include" \
    -o "$out/cache" "$here"/cache*.c "$here"/host*.c "$root"/Plugins/Common/json.c "$root"/Plugins/Common/json_check.c \
    "$root"/Plugins/Common/digest.c -lpthread -ldl
"$out/cache" "$1"
"$out/cache" "$1" --real-clock
