#!/usr/bin/env bash
# Builds named variants of the native libraries, for the command `variants` of bench. Each goes through the same cache as
# the Maven build, so that only what is not there is compiled; CMAKE_C_COMPILER_LAUNCHER=ccache and
# CMAKE_CXX_COMPILER_LAUNCHER=ccache in the environment save most of the rest.
#
# usage: cmake/variants.sh [NAME ...]        all that are named in the table below, unless some are named
# environment: PGO_MODELS=FILE[,FILE...]     what native-pgo is trained with; without it, native-pgo is left out
set -euo pipefail

source=$(cd "$(dirname "$0")" && pwd)
cache=${LLAMAPANAMA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/llamapanama}

declare -A options=(
    [native]="-DLLAMAPANAMA_ORACLE=ON"
    [x86-64]="-DLLAMAPANAMA_CPU_FEATURES=x86-64"
    [x86-64-v2]="-DLLAMAPANAMA_CPU_FEATURES=x86-64-v2"
    [x86-64-v3]="-DLLAMAPANAMA_CPU_FEATURES=x86-64-v3"
    [x86-64-v4]="-DLLAMAPANAMA_CPU_FEATURES=x86-64-v4"
    [x86-64-v4-vnni]="-DLLAMAPANAMA_CPU_FEATURES=x86-64-v4,AVX512_VBMI,AVX512_VNNI"
    [x86-64-v4-vnni-bf16]="-DLLAMAPANAMA_CPU_FEATURES=x86-64-v4,AVX512_VBMI,AVX512_VNNI,AVX512_BF16"
    [portable]="-DLLAMAPANAMA_PROFILE=portable"
    [native-o2]="-DLLAMAPANAMA_COMPILE_OPTIONS=-O2"
    [native-lto]="-DLLAMAPANAMA_LTO=ON"
    [native-pgo]="-DLLAMAPANAMA_PGO_MODELS=${PGO_MODELS:-}"
    [native-no-openmp]="-DLLAMAPANAMA_OPENMP=OFF -DLLAMAPANAMA_ORACLE=ON"
)

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
    names=(native x86-64 x86-64-v2 x86-64-v3 x86-64-v4 x86-64-v4-vnni x86-64-v4-vnni-bf16 portable
        native-o2 native-lto native-no-openmp)
    [ -z "${PGO_MODELS:-}" ] || names+=(native-pgo)
fi

for name in "${names[@]}"; do
    if [ -z "${options[$name]:-}" ]; then
        echo "variants.sh: no variant '$name'; there are: $(printf '%s\n' "${!options[@]}" | sort | xargs)" >&2
        exit 2
    elif [ "$name" = native-pgo ] && [ -z "${PGO_MODELS:-}" ]; then
        echo "variants.sh: native-pgo needs PGO_MODELS=FILE[,FILE...]" >&2
        exit 2
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in "${names[@]}"; do
    folder=$cache/variants/$name
    # shellcheck disable=SC2086  # several options in one string
    cmake -S "$source" -B "$work/$name" ${options[$name]} -DLLAMAPANAMA_CACHE="$cache" \
        -DLLAMAPANAMA_OUTPUT_DIR="$folder/lib" -DLLAMAPANAMA_ORACLE_OUTPUT_DIR="$work/$name" -Wno-dev --log-level=WARNING
    cmake --build "$work/$name"
    rm -f "$folder/tools"
    if [ -f "$work/$name/oracle.properties" ]; then
        ln -s "$(sed -n 's/^directory=//p' "$work/$name/oracle.properties")" "$folder/tools"
    fi
    echo "$name: $folder"
done
