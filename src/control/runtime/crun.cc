#include "control/runtime/crun.h"

#include "control/runtime/oci_runtime.h"

namespace lumos {

std::unique_ptr<RuntimeDriver> make_crun(const CgroupTree& tree) {
  return make_oci_driver({.id = "crun",
                          .isolation = "namespaces",
                          .launcher = "crun",
                          .engine = "native",
                          .mode = "native",
                          .artefact = ArtefactKind::kNative,
                          .program = "/usr/bin/crun"},
                         {}, {"crun"}, tree);
}

}  // namespace lumos
