include(GoogleTest)

# Flags of every target of Lumos.
add_library(lumos_flags INTERFACE)
target_include_directories(lumos_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(lumos_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-missing-field-initializers -Werror)
# GCC 14 sees dangling references and null dereferences in the standard library's own expected and variant.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(lumos_flags INTERFACE -Wno-dangling-reference -Wno-maybe-uninitialized)
endif()

# lumos_module(NAME SOURCES … [TESTS …] [DEPENDS …]): one static library for a folder of src/, and one test program for its *_test.cc.
function(lumos_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;DEPENDS" ${ARGN})
  add_library(lumos_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(lumos_${name} PUBLIC lumos_flags ${ARG_DEPENDS})
  if(ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name}_test PRIVATE lumos_${name} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name}_test PROPERTIES LABELS unit DISCOVERY_TIMEOUT 60)
  endif()
endfunction()
