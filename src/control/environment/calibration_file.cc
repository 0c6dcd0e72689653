#include "control/environment/calibration_file.h"

#include "base/file.h"

namespace lumos {

namespace fs = std::filesystem;

fs::path calibration_file(const fs::path& home, const nlohmann::ordered_json& fingerprint) {
  auto of_the_machine = nlohmann::ordered_json::object();
  for (const char* key : {"kernel", "architecture", "processor", "cores", "memory"})
    of_the_machine[key] = fingerprint.value(key, nlohmann::ordered_json());
  return home / "calibration" / (sha256(of_the_machine.dump()).substr(0, 16) + ".json");
}

Expected<> keep_calibration(const fs::path& file, const Calibration& calibration) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", file.parent_path().string(), error.message());
  return write_file(file, to_json(calibration).dump(2) + "\n");
}

std::optional<Calibration> fresh_calibration(const fs::path& file) {
  std::error_code error;
  const auto written = fs::last_write_time(file, error);
  if (error || fs::file_time_type::clock::now() - written > kCalibrationFresh) return std::nullopt;
  const auto text = read_file(file, 1 << 20);
  if (!text) return std::nullopt;
  return calibration_from_json(nlohmann::json::parse(*text, nullptr, false));
}

}  // namespace lumos
