#include "cli/functions_new.h"

#include <cstdio>

#include "control/build/language.h"
#include "control/build/new_function.h"

namespace lumos {

VerbResult new_function(const Places& places, const std::string& name, const std::string& language) {
  const auto files = LUMOS_TRY(make_function({.functions = places.functions(), .name = name, .language = language}));
  for (const auto& file : files) std::printf("  functions/%s\n", file.c_str());
  std::printf(
      "A %s function that answers already; put your own work where the comment in it says.\n"
      "next: ./lumos functions verify %s\n",
      std::string(find_language(language)->title).c_str(), name.c_str());
  return 0;
}

}  // namespace lumos
