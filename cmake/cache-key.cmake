# The cache keys. LLAMAPANAMA_KEY names a finished result and holds everything it depends on: a fresh clone with the same
# key compiles nothing. LLAMAPANAMA_BUILD_KEY names a build tree and leaves out our own sources, so that a change to the
# shim or to the kernels compiles these. Sets LLAMAPANAMA_BUILD_OPTIONS too.

list(JOIN features "," feature_list)
set(LLAMAPANAMA_BUILD_OPTIONS
    -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER}
    -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
    -DCMAKE_BUILD_TYPE=Release
    -DLLAMA_CPP_VERSION=${LLAMA_CPP_VERSION}
    -DLLAMAPANAMA_PROFILE=${LLAMAPANAMA_PROFILE}
    -DLLAMAPANAMA_CPU_FEATURES=${feature_list}
    -DLLAMAPANAMA_TUNE_NATIVE=${LLAMAPANAMA_TUNE_NATIVE}
    -DLLAMAPANAMA_COMPILE_OPTIONS=${LLAMAPANAMA_COMPILE_OPTIONS}
    -DGGML_LTO=${LLAMAPANAMA_LTO}
    -DGGML_OPENMP=${LLAMAPANAMA_OPENMP}
    ${LLAMAPANAMA_CPU_OPTIONS})

set(digest "${LLAMAPANAMA_BUILD_OPTIONS}")
foreach(language C CXX)
    string(APPEND digest ";${CMAKE_${language}_COMPILER_ID} ${CMAKE_${language}_COMPILER_VERSION}")
endforeach()
string(APPEND digest ";$ENV{CFLAGS};$ENV{CXXFLAGS};$ENV{LDFLAGS}")
foreach(model IN LISTS LLAMAPANAMA_PGO_FILES)
    get_filename_component(name ${model} NAME)
    file(SIZE ${model} size)
    string(APPEND digest ";${name} ${size}") # what it is trained with matters little, and reading it all takes long
endforeach()

# Where the sources lie does not matter when their tree is known; when it is not, make finds what changed since the last
# build of that folder.
if (LLAMA_CPP_IS_TREE)
    string(SHA256 build_hash "${digest};${LLAMA_CPP_TREE}")
else()
    string(SHA256 build_hash "${digest};${LLAMA_CPP_DIR}")
endif()

string(APPEND digest ";${LLAMA_CPP_TREE}")
file(GLOB_RECURSE sources ${CMAKE_CURRENT_LIST_DIR}/native/* ${CMAKE_CURRENT_LIST_DIR}/shim/*
    ${CMAKE_CURRENT_LIST_DIR}/kernels/*.cpp ${CMAKE_CURRENT_LIST_DIR}/kernels/*.h)
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
list(APPEND LLAMAPANAMA_BUILD_OPTIONS
    -DLLAMA_CPP_DIR=${LLAMA_CPP_DIR} -DLLAMA_CPP_TREE=${LLAMA_CPP_TREE} -DLLAMAPANAMA_WERROR=${LLAMAPANAMA_WERROR})
