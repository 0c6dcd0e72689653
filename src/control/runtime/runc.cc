#include "control/runtime/runc.h"

#include "control/runtime/oci_runtime.h"

namespace lumos {

std::unique_ptr<RuntimeDriver> make_runc(const CgroupTree& tree) {
  return make_oci_driver({.id = "runc",
                          .isolation = "namespaces",
                          .launcher = "runc",
                          .engine = "native",
                          .mode = "native",
                          .artefact = ArtefactKind::kNative,
                          .program = "/usr/bin/runc"},
                         {}, {"runc"}, tree);
}

}  // namespace lumos
