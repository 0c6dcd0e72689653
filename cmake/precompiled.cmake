# The system's headers that take longest to parse, parsed once per tree: Clang saves half by it. (GCC would save a tenth; and as it builds
# without, every source names what it needs.) A precompiled header names paths of its tree, so it never comes from ccache; the objects
# do, in every checkout: by the sum beside it (CCACHE_PCH_EXTSUM) it is the same everywhere, and what is in it is among each object's
# dependencies, which ccache reads anyway.
if(LUMOS_PRECOMPILE)
  file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cc "")
  add_library(lumos_precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cc)
  target_link_libraries(lumos_precompiled PRIVATE lumos_flags)
  target_precompile_headers(lumos_precompiled PRIVATE
    <algorithm> <chrono> <filesystem> <format> <functional> <gmock/gmock.h> <map> <memory> <nlohmann/json.hpp> <ranges> <set>)
  set_target_properties(lumos_precompiled PROPERTIES CXX_COMPILER_LAUNCHER "")
  file(WRITE ${PROJECT_BINARY_DIR}/CMakeFiles/lumos_precompiled.dir/cmake_pch.hxx.pch.sum "one for all")
endif()

function(lumos_precompiled target)
  if(LUMOS_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM lumos_precompiled)
  endif()
endfunction()
