# Builds SOURCE_DIR/native into INSTALL_DIR unless a finished result is there, then copies it to OUTPUT_DIR.
# A file lock lets several builds share one cache; the result appears by a rename, so it is whole or absent.
cmake_minimum_required(VERSION 3.21)

function(run step)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed)
    if (failed)
        message(FATAL_ERROR "llamapanama: ${step} failed (${failed}); the output above says why. Build tree: ${BUILD_DIR}")
    endif()
endfunction()

function(build_and_install marker)
    if (EXISTS ${INSTALL_DIR}/${marker})
        return()
    endif()
    file(LOCK ${BUILD_DIR}.lock GUARD FUNCTION TIMEOUT 3600)
    if (EXISTS ${INSTALL_DIR}/${marker})
        return() # another build made it meanwhile
    endif()
    message(STATUS "llamapanama: compiling llama.cpp for this key once; it takes some minutes")
    cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
    # Built from a copy, so that a build begun by one clone can be finished by another. A file gets a new time when its
    # content is new, whatever its own time is, and one that is gone is removed: make goes by times.
    file(GLOB_RECURSE wanted RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/native/* ${SOURCE_DIR}/shim/*)
    foreach(name IN LISTS wanted)
        configure_file(${SOURCE_DIR}/${name} ${BUILD_DIR}/sources/${name} COPYONLY)
    endforeach()
    file(GLOB_RECURSE present RELATIVE ${BUILD_DIR}/sources ${BUILD_DIR}/sources/*)
    foreach(name IN LISTS present)
        if (NOT name IN_LIST wanted)
            file(REMOVE ${BUILD_DIR}/sources/${name})
        endif()
    endforeach()
    run("configuration" ${CMAKE_COMMAND} -S ${BUILD_DIR}/sources/native -B ${BUILD_DIR}/tree ${OPTIONS}
        -DLLAMAPANAMA_ORACLE=${ORACLE} -DLLAMAPANAMA_STAGE_DIR=${INSTALL_DIR}.tmp --log-level=WARNING -Wno-dev)
    file(REMOVE_RECURSE ${INSTALL_DIR}.tmp)
    run("compilation" ${CMAKE_COMMAND} --build ${BUILD_DIR}/tree --parallel ${cores} --target ${ARGN})
    configure_file(${LICENSES} ${INSTALL_DIR}.tmp/lib/LICENSE.llama.cpp COPYONLY) # the licence goes where the code goes
    file(TOUCH ${INSTALL_DIR}.tmp/natives.complete ${INSTALL_DIR}.tmp/${marker}) # the tools include the natives
    file(REMOVE_RECURSE ${INSTALL_DIR})
    file(RENAME ${INSTALL_DIR}.tmp ${INSTALL_DIR})
endfunction()

get_filename_component(build_parent ${BUILD_DIR} DIRECTORY)
get_filename_component(install_parent ${INSTALL_DIR} DIRECTORY)
file(MAKE_DIRECTORY ${build_parent} ${install_parent})

if (ORACLE)
    build_and_install(oracle.complete stage-natives stage-oracle)
    file(WRITE ${ORACLE_OUTPUT_DIR}/oracle.properties "directory=${INSTALL_DIR}/oracle\n")
else()
    build_and_install(natives.complete stage-natives)
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
