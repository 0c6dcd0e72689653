#include "control/runtime/wasm_aot.h"

#include "control/runtime/oci_runtime.h"

namespace lumos {

std::unique_ptr<RuntimeDriver> make_wasm_aot(const CgroupTree& tree) {
  return make_oci_driver({.id = "wasm-aot",
                          .isolation = "namespaces",
                          .launcher = "crun",
                          .engine = "wasmedge",
                          .mode = "aot",
                          .artefact = ArtefactKind::kAot,
                          .program = "/usr/bin/crun",
                          .library = "libwasmedge.so.0"},
                         {{"run.oci.handler", "wasm"}}, {"crun", "libwasmedge0", "libllvm19"}, tree);
}

}  // namespace lumos
