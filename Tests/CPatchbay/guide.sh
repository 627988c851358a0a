#!/usr/bin/env bash
# The examples of Documentation/plugins compile without a warning, export their entry alone, and do what the pages say.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
include=Sources/CPatchbay/include
flags="-Wall -Wextra -Werror -I $include"

# example PAGE LANGUAGE NAME: compiles the page's code of that language to libNAME.so.
example() {
    local source="$work/$3.$2" library="$work/lib$3.so" symbols
    awk -v fence="\`\`\`$2" '$0 == fence {on = 1; next} /^```$/ {on = 0} on' "Documentation/plugins/$1" >"$source"
    [ -s "$source" ] || { echo "$1 has no example in $2" >&2; exit 1; }
    if [ "$2" = c ]; then
        cc -std=gnu11 $flags -shared -fPIC -fvisibility=hidden -o "$library" "$source"
    else
        swiftc -parse-as-library -emit-library -O -warnings-as-errors -module-name "$3" -import-objc-header "$include/patchbay.h" \
            -Xlinker --version-script=Plugins/exports.map -o "$library" "$source"
    fi
    symbols=$(nm -D --defined-only "$library" | awk '$2 == "T" {print $3}')
    [ "$symbols" = patchbay_plugin_entry_v1 ] || { echo "the example $3 of $1 exports: $symbols" >&2; exit 1; }
}

example writing-a-plugin.md c hello
example hooks.md c deny
example hooks.md swift shorten
example tools.md c roll
example tools.md swift count

cc -std=gnu11 $flags -I Plugins/Common/include -o "$work/hooks" Tests/CPatchbay/guide_hooks.c Tests/HookPlugins/host*.c Plugins/Common/json*.c -lpthread
"$work/hooks" "$work/libdeny.so" "$work/libshorten.so"
cc -std=gnu11 $flags -o "$work/tools" Tests/CPatchbay/guide_tools.c
"$work/tools" "$work/libroll.so" "$work/libcount.so"
echo "the guides: 5 examples compile, and do what they say"
