// An artefact.json of any bytes is an artefact that is written as it was read, or an Error that names the folder.
#include "control/build/artefact.h"
#include "tests/fuzz/target.h"

void run_target(std::string_view text) {
  const auto artefact = lumos::artefact_from_json(std::string(text), "/folder");
  if (!artefact) {
    LUMOS_CHECK(artefact.error().code == lumos::ErrorCode::kUsage);
    LUMOS_CHECK(artefact.error().message.starts_with("/folder: "));
    return;
  }
  LUMOS_CHECK(artefact->file().parent_path() == "/folder");
  const auto again = lumos::artefact_from_json(lumos::to_json(*artefact).dump(), "/folder");
  LUMOS_CHECK(again && again->id == artefact->id && again->bytes == artefact->bytes &&
              again->file_digest == artefact->file_digest);
}
