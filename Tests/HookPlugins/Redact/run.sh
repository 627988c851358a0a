#!/bin/sh
# The Redact plugin without the server: run.sh FOLDER, where the plugins' libraries are (.build/debug). CFLAGS may ask for
# a sanitizer.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
library=$(cd "$1" && pwd)/libpatchbay_redact.so
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cd "$root/Tests/HookPlugins"

# The entry is the only symbol that a plugin lends to others.
symbols=$(nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ {print $3}')
[ "$symbols" = patchbay_plugin_entry_v1 ] || { echo "libpatchbay_redact.so exports: $symbols"; exit 1; }

flags="-O1 -g -Wall -Wextra -Werror ${CFLAGS:-} -I. -I$root/Sources/CPatchbay/include -I$root/Plugins/Common/include"
for file in host*.c "$root"/Plugins/Common/json*.c; do
    ${CC:-clang} -std=gnu11 $flags -c "$file" -o "$out/$(basename "$file").o"
done
${CXX:-clang++} -std=c++17 $flags -o "$out/redact" Redact/*.cpp "$out"/*.o -ldl -lpthread
shift
"$out/redact" "$library" "$@"
