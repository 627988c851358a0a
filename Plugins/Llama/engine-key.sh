# Sourced by setup-engine and build-plugin: where the built engine lies. Defines `version`, `sdist_sha256`, `flags`,
# `cache`, `engine` and `say`. Needs `here`, the folder of this file.

version=0.3.36
sdist_sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e

# GGML_NATIVE: the engine is built on the machine that runs it, and the CPU's own vector instructions are worth a good
# deal of speed. A cache folder may be shared between machines (a network home, a CI cache), so the CPU's features are
# part of the folder's name, and the plugin checks them once more when it starts (Sources/CPUCheck.cpp).
flags=(
    -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DCMAKE_C_VISIBILITY_PRESET=hidden
    -DCMAKE_CXX_VISIBILITY_PRESET=hidden
    "-DCMAKE_C_FLAGS=-ffunction-sections -fdata-sections"
    "-DCMAKE_CXX_FLAGS=-ffunction-sections -fdata-sections"
    -DBUILD_SHARED_LIBS=OFF
    -DGGML_NATIVE=ON
    -DGGML_OPENMP=OFF
    -DGGML_CCACHE=OFF
    -DGGML_BACKEND_DL=OFF
    -DLLAMA_BUILD_COMMON=OFF
    -DLLAMA_BUILD_TESTS=OFF
    -DLLAMA_BUILD_TOOLS=OFF
    -DLLAMA_BUILD_EXAMPLES=OFF
    -DLLAMA_BUILD_SERVER=OFF
    -DLLAMA_BUILD_APP=OFF
    -DLLAMA_BUILD_MTMD=OFF
    -DLLAMA_OPENSSL=OFF
)

say() { printf 'llama: %s\n' "$*" >&2; }

# Prints the instruction sets of this CPU: the `flags` line of the first processor on x86, `Features` on ARM.
cpu_features() {
    uname -m
    grep -m1 -E '^(flags|Features)[[:space:]]*:' /proc/cpuinfo 2>/dev/null | cut -d: -f2 | tr ' ' '\n' | LC_ALL=C sort -u
}

cache="${XDG_CACHE_HOME:-$HOME/.cache}/patchbay"
engine_hash=$({
    printf '%s\n' "$sdist_sha256" "${flags[@]}"
    cat "$here/Engine/CMakeLists.txt"
    cpu_features
    c++ --version 2>/dev/null | head -n1
} | sha256sum | cut -c1-12)
engine="$cache/llama-cpp-$version-$engine_hash"
