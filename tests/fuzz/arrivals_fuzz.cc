// Any arrivals and rate are refused with a usage error, or give times within their window that never go back. The first
// line is the rate, the second the arrivals; "file" stands for the rest as a file of times.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "workload/arrivals.h"

namespace {

void walk(lumos::ArrivalSpec spec) {
  constexpr std::int64_t kWindow = 1'000'000'000;
  lumos::Arrivals arrivals(std::move(spec), lumos::Nanoseconds(kWindow), lumos::RandomStream(1, "fuzz"));
  std::int64_t before = 0;
  for (int i = 0; i < 200; ++i) {
    const auto time = arrivals.next();
    if (!time) return;
    LUMOS_CHECK(*time >= before && *time < kWindow);
    before = *time;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t first = std::min(text.find('\n'), text.size()),
                    second = std::min(text.find('\n', first + 1), text.size());
  const std::string rate = text.substr(0, first);
  const std::string process = first < text.size() ? text.substr(first + 1, second - first - 1) : "";
  if (process == "file") {
    auto times = lumos::parse_arrival_times(second < text.size() ? text.substr(second + 1) : "", "f");
    if (times) walk({.process = lumos::ArrivalProcess::kTimes, .times = std::move(*times)});
    return 0;
  }
  if (process.starts_with("file:")) return 0;  // would open whatever path the input names
  const auto spec = lumos::parse_arrivals(process, rate);
  if (!spec) {
    LUMOS_CHECK(spec.error().code == lumos::ErrorCode::kUsage && !spec.error().message.empty());
    return 0;
  }
  walk(*spec);
  return 0;
}
