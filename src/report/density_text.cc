#include "report/density_text.h"

#include <format>

#include "base/units.h"
#include "report/results_text.h"
#include "report/text.h"

namespace lumos {
namespace {

constexpr const char* kNotMeasured = "–";

std::string signed_bytes(double bytes) {
  return bytes < 0 ? "−" + format_bytes(static_cast<std::int64_t>(-bytes))
                   : format_bytes(static_cast<std::int64_t>(bytes));
}

std::string bytes_cell(std::optional<std::int64_t> bytes) {
  return bytes ? signed_bytes(static_cast<double>(*bytes)) : kNotMeasured;
}

std::string each(const std::optional<MemoryLine>& line) {
  return line ? signed_bytes(line->bytes_per_instance) : kNotMeasured;
}

std::string range(const std::optional<MemoryLine>& line) {
  return line ? std::format("[{}, {}]", signed_bytes(line->least), signed_bytes(line->most)) : kNotMeasured;
}

}  // namespace

std::string density_text(const std::vector<DensitySummary>& density) {
  if (density.empty()) return "";
  Table table({{"side by side", true},
               {"n"},
               {"PSS of 1"},
               {"PSS of n"},
               {"once"},
               {"each"},
               {"least and most", true},
               {"group each"},
               {"host, least and most", true, true}});
  for (const auto& d : density) {
    if (d.rows.empty()) continue;
    table.add_row({d.label(), std::to_string(d.rows.back().instances), bytes_cell(d.rows.front().pss_bytes),
                   bytes_cell(d.rows.back().pss_bytes), d.pss ? signed_bytes(d.pss->bytes_shared) : kNotMeasured,
                   each(d.pss), range(d.pss), each(d.memory), range(d.host)});
  }
  return table.text(kResultsWidth) +
         wrap(
             "PSS: of all n processes together, each page divided among all on this machine who map it. once, each: "
             "the line through 1 to n instances; least and most: of each, over repetitions. group: charged to their "
             "control groups. host: memory of the machine not available any more.",
             kResultsWidth) +
         "\n";
}

}  // namespace lumos
