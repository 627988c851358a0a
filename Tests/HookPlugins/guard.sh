#!/bin/sh
# Guard against a small host: guard.sh FOLDER [CHECK], where the plugins' libraries are (.build/debug).
# CFLAGS may ask for a sanitizer.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
library="$(cd "$1" && pwd)/libpatchbay_guard.so"
shift
cd "$root/Tests/HookPlugins"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
symbols=$(nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ {print $3}')
[ "$symbols" = patchbay_plugin_entry_v1 ] || { echo "$library exports: $symbols"; exit 1; }
${CC:-clang} -std=gnu11 -O1 -g -Wall -Wextra -Werror ${CFLAGS:-} -I"$root/Sources/CPatchbay/include" -I"$root/Plugins/Common/include" \
    -o "$out/guard" guard.c guard_configuration.c guard_answers.c guard_moderation.c checks.c host*.c "$root"/Plugins/Common/json*.c -ldl -lpthread
"$out/guard" "$library" "$@"
