#!/usr/bin/env bash
# The example in Documentation/plugins/writing-a-plugin.md compiles without a warning, and exports its entry alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk '/^```c$/ {on = 1; next} /^```$/ {on = 0} on' Documentation/plugins/writing-a-plugin.md >"$work/echo.c"
[ -s "$work/echo.c" ] || { echo "the guide has no example" >&2; exit 1; }
cc -std=c11 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -I Sources/CPatchbay/include -o "$work/libhello.so" "$work/echo.c"
symbols=$(nm -D --defined-only "$work/libhello.so" | awk '$2 == "T" {print $3}')
[ "$symbols" = patchbay_plugin_entry_v1 ] || { echo "the guide's example exports: $symbols" >&2; exit 1; }
echo "writing-a-plugin.md: its example compiles"
