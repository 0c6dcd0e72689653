#include "control/runtime/registry.h"

#include "control/runtime/crun.h"
#include "control/runtime/runc.h"
#include "control/runtime/sandbox.h"
#include "control/runtime/wasm_aot.h"
#include "control/runtime/wasm_interp.h"

namespace lumos {

std::vector<std::unique_ptr<RuntimeDriver>> make_runtime_drivers(const CgroupTree& tree) {
  std::vector<std::unique_ptr<RuntimeDriver>> drivers;
  drivers.push_back(make_sandbox(tree));
  drivers.push_back(make_runc(tree));
  drivers.push_back(make_crun(tree));
  drivers.push_back(make_wasm_interp(tree));
  drivers.push_back(make_wasm_aot(tree));
  return drivers;
}

std::vector<RuntimeInfo> known_runtimes() {
  std::vector<RuntimeInfo> infos;
  for (const auto& driver : make_runtime_drivers({})) infos.push_back(driver->info());
  return infos;
}

}  // namespace lumos
