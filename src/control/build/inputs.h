// What invocations send: made by the tool `inputs` of the Rust workspace, which shares the functions' own types.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/subprocess.h"
#include "record/plan.h"

namespace lumos {

/// The seed of every input: expected digests belong to it. (An experiment's `seed` decides its order, and leaves the
/// inputs as they are.)
inline constexpr int kInputSeed = 42;

struct InputsRequest {
  std::filesystem::path functions;                   // the Rust workspace
  std::filesystem::path home;                        // kept in <home>/inputs/<key>/, a folder for each input
  std::function<void(const std::string&)> progress;  // may be empty
};

/// Makes, or finds, what of the plan's inputs expand() left to the build, and of stored ones the file of the object.
/// Cells without expected digest get that of the function as it runs here, outside any runtime. The tool is built when
/// the plan needs it. Error: kEnvironment that quotes the tool; kUsage, a payload that its function refuses.
Expected<> make_inputs(CommandRunner& runner, const InputsRequest& request, Plan& plan);

}  // namespace lumos
