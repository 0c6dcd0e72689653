#include "record/run_data.h"

#include "record/store.h"

namespace lumos {

Expected<RunData> load_run(const RunFolder& run) {
  const Store store = LUMOS_TRY(Store::open(run.store()));
  RunData data{.name = run.name(),
               .plan = LUMOS_TRY(store.plan()),
               .visits = LUMOS_TRY(store.visits()),
               .samples = LUMOS_TRY(store.samples()),
               .instances = LUMOS_TRY(store.instances()),
               .loads = LUMOS_TRY(store.loads()),
               .decisions = LUMOS_TRY(store.decisions()),
               .density = LUMOS_TRY(store.density()),
               .events = LUMOS_TRY(store.events())};
  if (std::filesystem::exists(run.manifest())) data.manifest = LUMOS_TRY(read_manifest(run));
  return data;
}

}  // namespace lumos
