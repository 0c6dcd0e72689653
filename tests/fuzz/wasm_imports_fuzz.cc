// A module's imports are within its bytes: their names together are no longer than they.
#include "tests/fuzz/target.h"
#include "workload/wasm_imports.h"

void run_target(std::string_view input) {
  const auto imports = lumos::wasm_imports(input);
  if (!imports) return;
  std::size_t bytes = 0;
  for (const auto& i : *imports) bytes += i.module.size() + i.name.size();
  LUMOS_CHECK(bytes <= input.size());
  (void)lumos::listens(*imports);
}
