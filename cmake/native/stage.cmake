# Copies the libraries into STAGE_DIR, strips them, and writes native.properties, which the loader reads.
cmake_minimum_required(VERSION 3.21)

file(MAKE_DIRECTORY ${STAGE_DIR})
set(names "")
set(digest "")
foreach(file IN LISTS FILES RUNTIME)
    get_filename_component(name ${file} NAME)
    string(REGEX REPLACE "\\.so\\.([0-9]+)\\..*$" ".so.\\1" name ${name}) # libgomp.so.1.0.0 is asked for as libgomp.so.1
    configure_file(${file} ${STAGE_DIR}/${name} COPYONLY)
    execute_process(COMMAND ${STRIP} --strip-unneeded ${STAGE_DIR}/${name} RESULT_VARIABLE failed)
    file(SIZE ${STAGE_DIR}/${name} size)
    if (failed OR size EQUAL 0)
        # a linker that was killed leaves such a file, which make then takes for finished
        if (file IN_LIST FILES)
            file(REMOVE ${file})
        endif()
        message(FATAL_ERROR "llamapanama: ${file} is no whole library; build again")
    endif()
    file(SHA256 ${STAGE_DIR}/${name} hash)
    list(APPEND names ${name})
    string(APPEND digest ${hash})
endforeach()
string(SHA256 digest "${digest}")

set(load "")
foreach(library IN LISTS CORE)
    list(APPEND load lib${library}.so)
endforeach()
list(JOIN names "," names)
list(JOIN load "," load)
file(WRITE ${STAGE_DIR}/native.properties
"# Written by the build; read by dev.llamapanama.bindings.NativeLibrary.
llama.cpp.version=${VERSION}
llama.cpp.tree=${TREE}
profile=${PROFILE}
cpu.features=${FEATURES}
compiler=${COMPILER}
openmp=${OPENMP}
load=${load}
files=${names}
sha256=${digest}
")
