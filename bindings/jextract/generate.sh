#!/usr/bin/env bash
# Regenerates bindings/src/generated/java from llama.h and the shim's header.
#
#   LLAMA_CPP_DIR  sources of llama.cpp (default: those of the last build, else the submodule)
#   JEXTRACT_HOME  a jextract built from openjdk/jextract (default: jextract on the path). Two quirks: from commit
#                  a53f5c0 on its output calls SymbolLookup.findOrThrow, which Java 22 does not have, so take its
#                  parent 0b89a46; and with libclang 19 the names of anonymous unions come out in a form that does
#                  not compile, so take libclang 14.
#   $1             where to write (default: src/generated/java of this module)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
built=$(cat "$root/bindings/target/cmake/llama-cpp-dir.txt" 2>/dev/null || true)
llama=${LLAMA_CPP_DIR:-${built:-$root/llama.cpp}}
out=${1:-$root/bindings/src/generated/java}
jextract=${JEXTRACT_HOME:+$JEXTRACT_HOME/bin/jextract}
jextract=${jextract:-$(command -v jextract || true)}

[ -n "$jextract" ] || { echo "generate.sh: no jextract; set JEXTRACT_HOME or put jextract on the path" >&2; exit 1; }
[ -f "$llama/include/llama.h" ] || { echo "generate.sh: $llama holds no include/llama.h; set LLAMA_CPP_DIR" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$jextract" \
    --output "$work" \
    --target-package dev.llamapanama.bindings.ffi \
    --header-class-name LlamaH \
    -I "$llama/include" -I "$llama/ggml/include" -I "$root/cmake/shim" \
    "@$here/includes.txt" \
    "$root/cmake/shim/llamapanama.h" 2> >(grep -v 'warning: Skipping' >&2)

# The headers' paths stand in no generated file, so the output is the same on every machine.
rm -rf "$out/dev/llamapanama/bindings/ffi"
mkdir -p "$out"
cp -r "$work/." "$out/"
echo "generate.sh: $(find "$out" -name '*.java' | wc -l) files in $out"
