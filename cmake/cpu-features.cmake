# Profile host: instruction sets as ggml's options; by default those that both this machine and this compiler have. ggml
# refuses GGML_NATIVE together with GGML_BACKEND_DL, and the explicit list lets it refuse a lesser machine at load.
# Sets LLAMAPANAMA_CPU_OPTIONS, features (names as in ggml's list) and LLAMAPANAMA_TUNE_NATIVE.

set(LLAMAPANAMA_CPU_OPTIONS "")
set(LLAMAPANAMA_TUNE_NATIVE OFF)
set(features "")

# ggml's option, then the compiler's macros that stand for it
set(known_features
    "SSE42 __SSE4_2__" "AVX __AVX__" "F16C __F16C__" "FMA __FMA__" "BMI2 __BMI2__" "AVX2 __AVX2__"
    "AVX_VNNI __AVXVNNI__"
    "AVX512 __AVX512F__ __AVX512CD__ __AVX512VL__ __AVX512DQ__ __AVX512BW__"
    "AVX512_VBMI __AVX512VBMI__" "AVX512_VNNI __AVX512VNNI__" "AVX512_BF16 __AVX512BF16__"
    "AMX_TILE __AMX_TILE__" "AMX_INT8 __AMX_INT8__" "AMX_BF16 __AMX_BF16__")

# the levels of the x86-64 psABI, in the features that ggml has options for
set(level_x86-64    "")
set(level_x86-64-v2 SSE42)
set(level_x86-64-v3 SSE42 AVX F16C FMA BMI2 AVX2)
set(level_x86-64-v4 ${level_x86-64-v3} AVX512)

function(native_features result)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -march=native -dM -E -x c++ /dev/null
        OUTPUT_VARIABLE macros RESULT_VARIABLE failed ERROR_VARIABLE reason)
    if (failed)
        message(FATAL_ERROR "llamapanama: ${CMAKE_CXX_COMPILER} -march=native failed: ${reason}")
    endif()
    set(found "")
    foreach(feature IN LISTS known_features)
        string(REPLACE " " ";" feature "${feature}")
        list(POP_FRONT feature name)
        foreach(macro IN LISTS feature)
            if (NOT macros MATCHES "#define ${macro} 1")
                set(name "")
            endif()
        endforeach()
        list(APPEND found ${name})
    endforeach()
    set(${result} "${found}" PARENT_SCOPE)
endfunction()

# "x86-64-v4,AVX512_VNNI" as features
function(listed_features text result)
    string(REPLACE "," ";" items "${text}")
    set(found "")
    foreach(item IN LISTS items)
        if (DEFINED level_${item})
            list(APPEND found ${level_${item}})
        else()
            list(APPEND found ${item})
        endif()
    endforeach()
    list(REMOVE_DUPLICATES found)
    foreach(name IN LISTS found)
        string(FIND ";${known_features}" ";${name} " at)
        if (at EQUAL -1)
            message(FATAL_ERROR "llamapanama: '${name}' in -Dllamapanama.cpu.features=${text} is neither native, a level "
                "(x86-64, x86-64-v2, x86-64-v3, x86-64-v4) nor a feature of ggml's list (AVX2, AVX512_VNNI, ...)")
        endif()
    endforeach()
    set(${result} "${found}" PARENT_SCOPE)
endfunction()

if (NOT LLAMAPANAMA_CPU_FEATURES STREQUAL "native"
        AND NOT (LLAMAPANAMA_PROFILE STREQUAL "host" AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$"))
    message(FATAL_ERROR "llamapanama: -Dllamapanama.cpu.features is for the profile host on x86-64")
endif()

if (LLAMAPANAMA_PROFILE STREQUAL "portable")
    set(LLAMAPANAMA_CPU_OPTIONS -DGGML_CPU_ALL_VARIANTS=ON)
elseif (CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    if (LLAMAPANAMA_CPU_FEATURES STREQUAL "native")
        native_features(features)
        set(LLAMAPANAMA_TUNE_NATIVE ON)
    else()
        listed_features("${LLAMAPANAMA_CPU_FEATURES}" features)
    endif()
    foreach(feature IN LISTS known_features)
        string(REGEX REPLACE " .*" "" name "${feature}")
        if (name IN_LIST features)
            list(APPEND LLAMAPANAMA_CPU_OPTIONS -DGGML_${name}=ON)
        else()
            list(APPEND LLAMAPANAMA_CPU_OPTIONS -DGGML_${name}=OFF)
        endif()
    endforeach()
elseif (CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    # the baseline of ggml's own list; -Dllamapanama.natives=portable gives every machine its best variant
    set(LLAMAPANAMA_CPU_OPTIONS -DGGML_CPU_ARM_ARCH=armv8.2-a+dotprod+fp16)
    set(features DOTPROD FP16)
else()
    message(FATAL_ERROR "llamapanama: no build profile for ${CMAKE_SYSTEM_PROCESSOR}; x86-64 and aarch64 Linux are known")
endif()
