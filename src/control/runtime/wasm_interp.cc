#include "control/runtime/wasm_interp.h"

#include "control/runtime/oci_runtime.h"

namespace lumos {

std::unique_ptr<RuntimeDriver> make_wasm_interp(const CgroupTree& tree) {
  return make_oci_driver({.id = "wasm-interp",
                          .isolation = "namespaces",
                          .launcher = "crun",
                          .engine = "wasmedge",
                          .mode = "interpreted",
                          .artefact = ArtefactKind::kWasm,
                          .program = "/usr/bin/crun",
                          .library = "libwasmedge.so.0"},
                         {{"run.oci.handler", "wasm"}}, {"crun", "libwasmedge0", "libllvm19"}, tree);
}

}  // namespace lumos
