#!/bin/sh
# Fuzzes the plugins' JSON reader with the sanitizers on: run.sh [ROUNDS [SEED]]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
${CC:-clang} -std=c99 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -fuse-ld=lld \
    -I"$root/Plugins/Common/include" -o "$out/fuzz" "$root/Tests/PluginCommon/fuzz.c" "$root/Plugins/Common/json.c" "$root/Plugins/Common/json_check.c"
"$out/fuzz" "$@"
