# The cache keys. LLAMAPANAMA_KEY names a finished result and holds everything it depends on: a fresh clone with the same
# key compiles nothing. LLAMAPANAMA_BUILD_KEY names a build tree and leaves out our own sources, so that a change to the
# shim compiles the shim. Sets LLAMAPANAMA_BUILD_OPTIONS too.

list(JOIN LLAMAPANAMA_CPU_FEATURES "," features)
set(LLAMAPANAMA_BUILD_OPTIONS
    -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}
    -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
    -DCMAKE_BUILD_TYPE=Release
    -DLLAMA_CPP_DIR=${LLAMA_CPP_DIR}
    -DLLAMA_CPP_TREE=${LLAMA_CPP_TREE}
    -DLLAMA_CPP_VERSION=${LLAMA_CPP_VERSION}
    -DLLAMAPANAMA_PROFILE=${LLAMAPANAMA_PROFILE}
    -DLLAMAPANAMA_CPU_FEATURES=${features}
    -DGGML_OPENMP=${LLAMAPANAMA_OPENMP}
    ${LLAMAPANAMA_CPU_OPTIONS})

set(digest "${LLAMAPANAMA_BUILD_OPTIONS};${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
string(APPEND digest ";$ENV{CFLAGS};$ENV{CXXFLAGS};$ENV{LDFLAGS}")
# where the sources lie does not matter when their tree is known
if (NOT LLAMA_CPP_TREE STREQUAL "unknown")
    string(REPLACE "${LLAMA_CPP_DIR}" "" digest "${digest}")
endif()
string(SHA256 build_hash "${digest}")

file(GLOB_RECURSE sources ${CMAKE_CURRENT_LIST_DIR}/native/* ${CMAKE_CURRENT_LIST_DIR}/shim/*)
list(SORT sources)
foreach(source IN LISTS sources CMAKE_CURRENT_LIST_FILE)
    file(SHA256 ${source} hash)
    string(APPEND digest ";${hash}")
endforeach()
string(SHA256 result_hash "${digest}")

string(SUBSTRING ${build_hash} 0 16 build_hash)
string(SUBSTRING ${result_hash} 0 16 result_hash)
set(LLAMAPANAMA_BUILD_KEY ${LLAMAPANAMA_PROFILE}-${build_hash})
set(LLAMAPANAMA_KEY ${LLAMAPANAMA_PROFILE}-${result_hash})
