include(GoogleTest)
include(cmake/precompiled.cmake)

# Flags of every target of Lumos.
add_library(lumos_flags INTERFACE)
target_include_directories(lumos_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(lumos_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-missing-field-initializers -Werror)
# GCC 14 sees dangling references and null dereferences in the standard library's own expected and variant. That it looks for garbage
# only from 400 MB on saves a tenth of its time, and takes up to 140 MB more of memory.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(lumos_flags INTERFACE -Wno-dangling-reference -Wno-maybe-uninitialized --param=ggc-min-heapsize=400000)
endif()
# Clang takes an init-capture of a structured binding for a shadow, and the value of a LUMOS_TRY that nobody needs for a lost one: GCC,
# which builds everything, warns of the true ones.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(lumos_flags INTERFACE -Wno-shadow -Wno-unused-result -Wno-c99-extensions)
endif()

# Tests that read files of the repository know where it is; they alone, as whatever names the checkout is compiled anew in each.
function(lumos_reads_sources)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_DEFINITIONS LUMOS_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endfunction()

# Programs that test within one process: units, golden outputs, replays of the fuzz targets. They are not of `all`: ./dev test builds and
# runs them under a sanitizer, once.
add_custom_target(process_tests)
function(lumos_process_test target)
  lumos_precompiled(${target})
  set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  add_dependencies(process_tests ${target})
endfunction()

# One test program of a module; every case carries the label.
function(lumos_test module target label)
  add_executable(${target} ${ARGN})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PRIVATE lumos_${module} GTest::gmock GTest::gtest_main)
  lumos_process_test(${target})
  gtest_discover_tests(${target} NO_PRETTY_VALUES PROPERTIES LABELS ${label} DISCOVERY_TIMEOUT 60)
endfunction()

# lumos_module(NAME SOURCES … [TESTS …] [GOLDEN …] [DEPENDS …]): one static library for a folder of src/, one test program for its
# *_test.cc, and one for those that compare with tests/golden/.
function(lumos_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;GOLDEN;DEPENDS" ${ARGN})
  add_library(lumos_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(lumos_${name} PUBLIC lumos_flags ${ARG_DEPENDS})
  lumos_precompiled(lumos_${name})
  if(ARG_TESTS)
    lumos_test(${name} ${name}_test unit ${ARG_TESTS})
  endif()
  if(ARG_GOLDEN)
    lumos_test(${name} ${name}_golden_test golden ${ARG_GOLDEN})
  endif()
endfunction()
