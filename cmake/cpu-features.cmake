# Profile host: the instruction sets that both this machine and this compiler have, as ggml's options. ggml refuses
# GGML_NATIVE together with GGML_BACKEND_DL, and the explicit list lets it refuse a lesser machine at load.
# Sets LLAMAPANAMA_CPU_OPTIONS and LLAMAPANAMA_CPU_FEATURES (names as in ggml's feature list).

set(LLAMAPANAMA_CPU_OPTIONS "")
set(LLAMAPANAMA_CPU_FEATURES "")

if (LLAMAPANAMA_PROFILE STREQUAL "portable")
    set(LLAMAPANAMA_CPU_OPTIONS -DGGML_CPU_ALL_VARIANTS=ON)
elseif (CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -march=native -dM -E -x c++ /dev/null
        OUTPUT_VARIABLE macros RESULT_VARIABLE failed ERROR_VARIABLE reason)
    if (failed)
        message(FATAL_ERROR "llamapanama: ${CMAKE_CXX_COMPILER} -march=native failed: ${reason}")
    endif()
    # ggml's option, then the compiler's macros that stand for it
    foreach(feature
            "SSE42 __SSE4_2__" "AVX __AVX__" "F16C __F16C__" "FMA __FMA__" "BMI2 __BMI2__" "AVX2 __AVX2__"
            "AVX_VNNI __AVXVNNI__"
            "AVX512 __AVX512F__ __AVX512CD__ __AVX512VL__ __AVX512DQ__ __AVX512BW__"
            "AVX512_VBMI __AVX512VBMI__" "AVX512_VNNI __AVX512VNNI__" "AVX512_BF16 __AVX512BF16__"
            "AMX_TILE __AMX_TILE__" "AMX_INT8 __AMX_INT8__" "AMX_BF16 __AMX_BF16__")
        string(REPLACE " " ";" feature "${feature}")
        list(POP_FRONT feature name)
        set(value ON)
        foreach(macro IN LISTS feature)
            if (NOT macros MATCHES "#define ${macro} 1")
                set(value OFF)
            endif()
        endforeach()
        list(APPEND LLAMAPANAMA_CPU_OPTIONS -DGGML_${name}=${value})
        if (value)
            list(APPEND LLAMAPANAMA_CPU_FEATURES ${name})
        endif()
    endforeach()
elseif (CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    # the baseline of ggml's own list; -Dllamapanama.natives=portable gives every machine its best variant
    set(LLAMAPANAMA_CPU_OPTIONS -DGGML_CPU_ARM_ARCH=armv8.2-a+dotprod+fp16)
    set(LLAMAPANAMA_CPU_FEATURES DOTPROD FP16)
else()
    message(FATAL_ERROR "llamapanama: no build profile for ${CMAKE_SYSTEM_PROCESSOR}; x86-64 and aarch64 Linux are known")
endif()
