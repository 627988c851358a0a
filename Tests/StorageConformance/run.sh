#!/bin/sh
# Runs the conformance suite against the stores: run.sh FOLDER, where the plugins' libraries are (.build/debug).
# CFLAGS may ask for a sanitizer.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
libraries=$(cd "$1" && pwd)
cd "$root/Tests/StorageConformance"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

flags="-std=gnu11 -O1 -g -Wall -Wextra -Werror ${CFLAGS:-} -I$root/Sources/CPatchbay/include -rdynamic"
${CC:-clang} $flags -o "$out/driver" driver.c blobs.c owners.c host.c random.c faults.c -ldl -lpthread
${CC:-clang} $flags -o "$out/writer" writer.c host.c faults.c -ldl -lpthread
${CC:-clang} $flags -o "$out/bounds" bounds.c host.c faults.c -ldl -lpthread

failed=0
for library in memory sqlite scripted; do
    # The entry is the only symbol that a plugin lends to others.
    symbols=$(nm -D --defined-only "$libraries/libpatchbay_$library.so" | awk '$2 ~ /[A-Z]/ {print $3}')
    [ "$symbols" = patchbay_plugin_entry_v1 ] || { echo "libpatchbay_$library.so exports: $symbols"; failed=1; }
done

echo "memory:"
"$out/driver" "$libraries/libpatchbay_memory.so" '{}' || failed=1
echo "memory, bounds:"
"$out/bounds" "$libraries/libpatchbay_memory.so" || failed=1
echo "sqlite:"
"$out/driver" "$libraries/libpatchbay_sqlite.so" '{"path": "@FRESH@"}' --disk || failed=1
echo "sqlite, files:"
python3 sqlite_files.py "$out/writer" "$out/driver" "$libraries/libpatchbay_sqlite.so" || failed=1
echo "sqlite, kill -9:"
python3 crash.py "$out/writer" "$libraries/libpatchbay_sqlite.so" 20 || failed=1
exit "$failed"
