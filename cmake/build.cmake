# Builds SOURCE_DIR/native into INSTALL_DIR, and with ORACLE llama.cpp's tools into ORACLE_DIR, unless finished results are
# there; then copies INSTALL_DIR/lib to OUTPUT_DIR. A file lock lets several builds share one cache; a result appears by a
# rename, so it is whole or absent, and is never replaced.
cmake_minimum_required(VERSION 3.21)

function(run step)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed)
    if (failed)
        message(FATAL_ERROR "llamapanama: ${step} failed (${failed}); the output above says why. Build tree: ${BUILD_DIR}")
    endif()
endfunction()

# Sets targets and staged: what is not there yet.
macro(find_missing)
    set(targets "")
    set(staged "")
    if (NOT EXISTS ${INSTALL_DIR})
        list(APPEND targets stage-natives)
        list(APPEND staged ${INSTALL_DIR})
    endif()
    if (ORACLE AND NOT EXISTS ${ORACLE_DIR})
        list(APPEND targets stage-natives stage-oracle) # the tools take their libraries from there
        list(APPEND staged ${ORACLE_DIR})
    endif()
endmacro()

function(configure)
    run("configuration" ${CMAKE_COMMAND} -S ${BUILD_DIR}/sources/native -B ${BUILD_DIR}/tree ${OPTIONS} ${ARGN}
        -DLLAMAPANAMA_STAGE_DIR=${INSTALL_DIR}.tmp -DLLAMAPANAMA_ORACLE_STAGE_DIR=${ORACLE_DIR}.tmp
        --log-level=WARNING -Wno-dev --no-warn-unused-cli)
endfunction()

# Runs instrumented code on the models. In the tree of the later build, since profiles go by the names of object files.
function(train)
    configure(-DLLAMAPANAMA_ORACLE=ON -DLLAMAPANAMA_PGO=generate -DLLAMAPANAMA_PGO_DIR=${BUILD_DIR}/profile.tmp)
    run("compilation" ${CMAKE_COMMAND} --build ${BUILD_DIR}/tree --parallel ${cores} --target llama-bench ggml-cpu)
    file(REMOVE_RECURSE ${BUILD_DIR}/profile.tmp)
    foreach(model IN LISTS PGO_FILES)
        run("training with ${model}" ${BUILD_DIR}/tree/bin/llama-bench -m ${model} -p 128 -n 16 -r 1)
    endforeach()
    file(RENAME ${BUILD_DIR}/profile.tmp ${BUILD_DIR}/profile)
endfunction()

function(build_and_install)
    find_missing()
    if (NOT targets)
        return()
    endif()
    file(LOCK ${BUILD_DIR}.lock GUARD FUNCTION TIMEOUT 3600)
    find_missing() # another build may have made it meanwhile
    if (NOT targets)
        return()
    endif()
    message(STATUS "llamapanama: compiling llama.cpp for this key once; it takes some minutes")
    cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
    # Built from a copy, so that a build begun by one clone can be finished by another. A file gets a new time when its
    # content is new, whatever its own time is, and one that is gone is removed: make goes by times.
    file(GLOB_RECURSE wanted RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/native/* ${SOURCE_DIR}/shim/*
        ${SOURCE_DIR}/kernels/*)
    foreach(name IN LISTS wanted)
        configure_file(${SOURCE_DIR}/${name} ${BUILD_DIR}/sources/${name} COPYONLY)
    endforeach()
    file(GLOB_RECURSE present RELATIVE ${BUILD_DIR}/sources ${BUILD_DIR}/sources/*)
    foreach(name IN LISTS present)
        if (NOT name IN_LIST wanted)
            file(REMOVE ${BUILD_DIR}/sources/${name})
        endif()
    endforeach()
    set(pgo "")
    if (PGO_FILES)
        set(ENV{CCACHE_DISABLE} 1) # it does not know under which names GCC looks for profiles
        if (NOT EXISTS ${BUILD_DIR}/profile)
            train()
        endif()
        set(pgo -DLLAMAPANAMA_PGO=use -DLLAMAPANAMA_PGO_DIR=${BUILD_DIR}/profile)
    endif()
    configure(-DLLAMAPANAMA_ORACLE=${ORACLE} ${pgo})
    file(REMOVE_RECURSE ${INSTALL_DIR}.tmp ${ORACLE_DIR}.tmp)
    run("compilation" ${CMAKE_COMMAND} --build ${BUILD_DIR}/tree --parallel ${cores} --target ${targets})
    configure_file(${LICENSES} ${INSTALL_DIR}.tmp/lib/LICENSE.llama.cpp COPYONLY) # the licence goes where the code goes
    # What is there already stays as it is: another build may be reading it.
    foreach(directory IN LISTS staged)
        file(RENAME ${directory}.tmp ${directory})
    endforeach()
    file(REMOVE_RECURSE ${INSTALL_DIR}.tmp)
endfunction()

get_filename_component(build_parent ${BUILD_DIR} DIRECTORY)
get_filename_component(install_parent ${INSTALL_DIR} DIRECTORY)
file(MAKE_DIRECTORY ${build_parent} ${install_parent})
build_and_install()

if (ORACLE)
    file(WRITE ${ORACLE_OUTPUT_DIR}/oracle.properties "directory=${ORACLE_DIR}\n")
else()
    file(REMOVE ${ORACLE_OUTPUT_DIR}/oracle.properties) # tools of an earlier build are no oracle for this one
endif()

# libraries of an earlier key must not stay behind
if (NOT EXISTS ${OUTPUT_DIR}/native.properties)
    set(staged "")
else()
    file(READ ${OUTPUT_DIR}/native.properties staged)
endif()
file(READ ${INSTALL_DIR}/lib/native.properties wanted)
if (NOT staged STREQUAL wanted)
    file(REMOVE_RECURSE ${OUTPUT_DIR})
    file(COPY ${INSTALL_DIR}/lib/ DESTINATION ${OUTPUT_DIR})
    message(STATUS "llamapanama: native libraries from ${INSTALL_DIR}")
endif()
