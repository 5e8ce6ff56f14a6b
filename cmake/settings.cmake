# What the caller may set, and where things go.

set(LLAMA_CPP_TREE_EXPECTED fd570ef54b10ec5fecb739e7e04c8ce44a6f415a) # llama.cpp v0.5.0
set(LLAMA_CPP_VERSION       0.5.0)
set(LLAMA_CPP_NPM_PACKAGE   node-llama-cpp@3.22.1)

set(LLAMAPANAMA_PROFILE host CACHE STRING "host: this machine's instruction set; portable: all CPU variants of ggml")
set(LLAMAPANAMA_OPENMP  ON   CACHE BOOL   "OpenMP (docs/adr/0009) or ggml's own thread pool")
set(LLAMAPANAMA_ORACLE  OFF  CACHE BOOL   "also build llama.cpp's own tools, which the tests compare with")
set(LLAMAPANAMA_WERROR  OFF  CACHE BOOL   "a compiler's warning about the shim fails the build")
# README.md explains these four; they make builds for measurements, and builds for other machines
set(LLAMAPANAMA_CPU_FEATURES native CACHE STRING "profile host: native, or levels and ggml's features, with commas")
set(LLAMAPANAMA_LTO             OFF CACHE BOOL   "link time optimization of ggml")
set(LLAMAPANAMA_PGO_MODELS      ""  CACHE STRING "models to train profile guided optimization with, with commas")
set(LLAMAPANAMA_COMPILE_OPTIONS ""  CACHE STRING "further options of the C and C++ compilers, with spaces")
set(LLAMAPANAMA_OUTPUT_DIR        ${CMAKE_BINARY_DIR}/natives CACHE PATH "where the libraries go")
set(LLAMAPANAMA_ORACLE_OUTPUT_DIR ${CMAKE_BINARY_DIR}/oracle  CACHE PATH "where a pointer to the tools goes")

if (NOT LLAMAPANAMA_PROFILE MATCHES "^(host|portable)$")
    message(FATAL_ERROR "llamapanama: unknown profile '${LLAMAPANAMA_PROFILE}'; use host or portable")
endif()

get_filename_component(repository ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE) # relative names begin here

# Maven passes unset properties as empty strings or unresolved references.
function(llamapanama_first_set result)
    foreach(candidate IN LISTS ARGN)
        if (candidate AND NOT candidate MATCHES "^\\$")
            set(${result} "${candidate}" PARENT_SCOPE)
            return()
        endif()
    endforeach()
    set(${result} "" PARENT_SCOPE)
endfunction()

llamapanama_first_set(LLAMAPANAMA_COMPILE_OPTIONS "${LLAMAPANAMA_COMPILE_OPTIONS}")

set(xdg_cache "")
if (DEFINED ENV{XDG_CACHE_HOME})
    set(xdg_cache "$ENV{XDG_CACHE_HOME}/llamapanama")
endif()
llamapanama_first_set(LLAMAPANAMA_CACHE_DIR
    "${LLAMAPANAMA_CACHE}" "$ENV{LLAMAPANAMA_CACHE}" "${xdg_cache}" "$ENV{HOME}/.cache/llamapanama")
file(MAKE_DIRECTORY ${LLAMAPANAMA_CACHE_DIR})

llamapanama_first_set(models "${LLAMAPANAMA_PGO_MODELS}")
string(REPLACE "," ";" models "${models}")
set(LLAMAPANAMA_PGO_FILES "")
foreach(model IN LISTS models)
    get_filename_component(model "${model}" ABSOLUTE BASE_DIR ${repository})
    if (NOT EXISTS ${model})
        message(FATAL_ERROR "llamapanama: no model file ${model} (-Dllamapanama.pgo.models)")
    endif()
    list(APPEND LLAMAPANAMA_PGO_FILES ${model})
endforeach()
if (LLAMAPANAMA_PGO_FILES AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    message(FATAL_ERROR "llamapanama: -Dllamapanama.pgo.models needs GCC; the compiler is ${CMAKE_CXX_COMPILER_ID}")
endif()
