# Finds the sources of llama.cpp, in this order: -Dllama.cpp.dir, the submodule, `git submodule update`, and the git
# bundle inside an npm package. Sets LLAMA_CPP_DIR, LLAMA_CPP_TREE and LLAMA_CPP_ORIGIN.

find_program(GIT git)
find_program(NPM npm)
get_filename_component(submodule ${repository}/llama.cpp ABSOLUTE)

set(llama_cpp_failures "")
macro(llama_cpp_failed way reason)
    string(APPEND llama_cpp_failures "\n  - ${way}: ${reason}")
endmacro()

function(llama_cpp_tree_of directory result)
    set(tree "")
    if (GIT AND EXISTS ${directory}/.git)
        execute_process(COMMAND ${GIT} -C ${directory} rev-parse --verify --quiet "HEAD^{tree}"
            OUTPUT_VARIABLE tree OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
    set(${result} "${tree}" PARENT_SCOPE)
endfunction()

# A name for what is in the folder, of which no tree of git tells: a checkout with changes, or an unpacked archive.
function(llama_cpp_content_of directory result)
    file(GLOB_RECURSE names RELATIVE ${directory} ${directory}/CMakeLists.txt ${directory}/cmake/* ${directory}/include/*
        ${directory}/src/* ${directory}/ggml/* ${directory}/common/* ${directory}/tools/* ${directory}/vendor/*)
    list(SORT names)
    set(digest "")
    foreach(name IN LISTS names)
        file(SHA256 ${directory}/${name} hash)
        string(APPEND digest "${name} ${hash}\n")
    endforeach()
    string(SHA256 digest "${digest}")
    string(SUBSTRING ${digest} 0 16 digest)
    set(${result} ${digest} PARENT_SCOPE)
endfunction()

function(llama_cpp_is_populated directory result)
    if (EXISTS ${directory}/CMakeLists.txt AND EXISTS ${directory}/include/llama.h)
        set(${result} TRUE PARENT_SCOPE)
    else()
        set(${result} FALSE PARENT_SCOPE)
    endif()
endfunction()

macro(llama_cpp_take directory origin)
    set(LLAMA_CPP_DIR ${directory})
    set(LLAMA_CPP_ORIGIN "${origin}")
endmacro()

set(LLAMA_CPP_DIR "")

# 1. -Dllama.cpp.dir: the caller's word, any version
llamapanama_first_set(chosen "${LLAMA_CPP_SOURCE}")
if (chosen)
    get_filename_component(chosen "${chosen}" ABSOLUTE BASE_DIR ${repository})
    llama_cpp_is_populated(${chosen} populated)
    if (NOT populated)
        message(FATAL_ERROR "llamapanama: -Dllama.cpp.dir=${chosen} holds no llama.cpp sources (no include/llama.h)")
    endif()
    llama_cpp_take(${chosen} "-Dllama.cpp.dir")
endif()

# 2. the submodule, when somebody populated it
if (NOT LLAMA_CPP_DIR)
    llama_cpp_is_populated(${submodule} populated)
    if (populated)
        llama_cpp_take(${submodule} "submodule")
    else()
        llama_cpp_failed("-Dllama.cpp.dir=DIR" "not given")
        llama_cpp_failed("submodule llama.cpp/" "not populated")
    endif()
endif()

# 3. git submodule update; only in a checkout, and never asking for a password
if (NOT LLAMA_CPP_DIR)
    set(npm_clone ${LLAMAPANAMA_CACHE_DIR}/llama.cpp/${LLAMA_CPP_TREE_EXPECTED})
    llama_cpp_tree_of(${npm_clone} npm_tree)
    if (npm_tree STREQUAL LLAMA_CPP_TREE_EXPECTED)
        # an earlier build had to go way 4; its result is the same tree, so spare the network
        llama_cpp_take(${npm_clone} "cache (from npm package ${LLAMA_CPP_NPM_PACKAGE})")
    elseif (NOT GIT)
        llama_cpp_failed("git submodule update --init --depth 1 llama.cpp" "git is not installed")
    elseif (NOT EXISTS ${repository}/.git)
        llama_cpp_failed("git submodule update --init --depth 1 llama.cpp" "${repository} is not a git checkout")
    else()
        message(STATUS "llamapanama: fetching the submodule llama.cpp")
        execute_process(
            COMMAND ${CMAKE_COMMAND} -E env GIT_TERMINAL_PROMPT=0
                ${GIT} -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=20 -C ${repository}
                submodule update --init --depth 1 llama.cpp
            RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE reason TIMEOUT 600)
        llama_cpp_is_populated(${submodule} populated)
        if (populated AND NOT failed)
            llama_cpp_take(${submodule} "git submodule update")
        else()
            string(STRIP "${reason}" reason)
            string(REGEX REPLACE "\n.*" "" reason "${reason}")
            llama_cpp_failed("git submodule update --init --depth 1 llama.cpp" "${reason}")
        endif()
    endif()
endif()

# 4. the npm package; cloned beside the target and renamed, so that a killed build leaves nothing half-made
if (NOT LLAMA_CPP_DIR)
    set(way "npm package ${LLAMA_CPP_NPM_PACKAGE}")
    if (NOT NPM OR NOT GIT)
        llama_cpp_failed("${way}" "needs both npm and git on the path")
    else()
        message(STATUS "llamapanama: fetching llama.cpp out of the ${way}")
        string(RANDOM LENGTH 8 suffix)
        set(work ${LLAMAPANAMA_CACHE_DIR}/llama.cpp/tmp-${suffix})
        file(MAKE_DIRECTORY ${work})
        execute_process(COMMAND ${NPM} pack --silent ${LLAMA_CPP_NPM_PACKAGE} WORKING_DIRECTORY ${work}
            RESULT_VARIABLE failed OUTPUT_VARIABLE archive OUTPUT_STRIP_TRAILING_WHITESPACE
            ERROR_VARIABLE reason TIMEOUT 600)
        if (failed)
            string(STRIP "${reason}" reason)
            string(REGEX REPLACE "\n.*" "" reason "${reason}")
            llama_cpp_failed("${way}" "npm pack failed: ${reason}")
        else()
            execute_process(COMMAND ${CMAKE_COMMAND} -E tar xzf ${work}/${archive} package/llama/gitRelease.bundle
                WORKING_DIRECTORY ${work} RESULT_VARIABLE failed ERROR_VARIABLE reason)
            if (NOT failed)
                execute_process(COMMAND ${GIT} -c advice.detachedHead=false clone --quiet
                        ${work}/package/llama/gitRelease.bundle ${work}/llama.cpp
                    RESULT_VARIABLE failed ERROR_VARIABLE reason)
            endif()
            llama_cpp_tree_of(${work}/llama.cpp tree)
            if (failed)
                llama_cpp_failed("${way}" "its git bundle could not be read: ${reason}")
            elseif (NOT tree STREQUAL LLAMA_CPP_TREE_EXPECTED)
                llama_cpp_failed("${way}" "its tree is ${tree}, not ${LLAMA_CPP_TREE_EXPECTED}")
            else()
                file(RENAME ${work}/llama.cpp ${npm_clone} RESULT ignored) # another build may have been faster
                llama_cpp_take(${npm_clone} "${way}")
            endif()
        endif()
        file(REMOVE_RECURSE ${work})
    endif()
endif()

if (NOT LLAMA_CPP_DIR)
    message(FATAL_ERROR "llamapanama: no sources of llama.cpp v${LLAMA_CPP_VERSION}. Tried:${llama_cpp_failures}\n"
        "Make one of them work: pass -Dllama.cpp.dir=DIR with a checkout of v${LLAMA_CPP_VERSION}, populate the "
        "submodule, or give this machine git with access to the submodule's address or npm with access to a registry.")
endif()

llama_cpp_tree_of(${LLAMA_CPP_DIR} LLAMA_CPP_TREE)
set(LLAMA_CPP_IS_TREE TRUE) # whether all that is compiled is in LLAMA_CPP_TREE
if (NOT LLAMA_CPP_TREE)
    llama_cpp_content_of(${LLAMA_CPP_DIR} content)
    set(LLAMA_CPP_TREE "unknown-${content}") # an unpacked archive; the ABI check at load still guards the bindings
    set(LLAMA_CPP_IS_TREE FALSE)
else()
    execute_process(COMMAND ${GIT} --no-optional-locks -C ${LLAMA_CPP_DIR} status --porcelain
        OUTPUT_VARIABLE changes RESULT_VARIABLE failed)
    if (changes OR failed)
        llama_cpp_content_of(${LLAMA_CPP_DIR} content)
        set(LLAMA_CPP_TREE "modified-${content}")
        set(LLAMA_CPP_IS_TREE FALSE)
    endif()
endif()
if (NOT LLAMA_CPP_TREE STREQUAL LLAMA_CPP_TREE_EXPECTED)
    message(WARNING "llamapanama: ${LLAMA_CPP_DIR} is tree ${LLAMA_CPP_TREE}, not v${LLAMA_CPP_VERSION} "
        "(${LLAMA_CPP_TREE_EXPECTED}); the bindings were generated from the latter")
endif()
message(STATUS "llamapanama: llama.cpp tree ${LLAMA_CPP_TREE} from ${LLAMA_CPP_ORIGIN}: ${LLAMA_CPP_DIR}")
file(WRITE ${CMAKE_BINARY_DIR}/llama-cpp-dir.txt ${LLAMA_CPP_DIR}) # for bindings/jextract/generate.sh
