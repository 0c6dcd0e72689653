#include "control/build/inputs.h"

#include <algorithm>

#include "base/file.h"
#include "control/build/toolchain.h"
#include "record/json.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Code for this processor's baseline, as functions for `isa: baseline` are: what they share is compiled once.
const ArtefactId kTool{"inputs", ArtefactKind::kNative, variant_of(ArtefactKind::kNative)};

std::string folder_name(const Input& input) {
  return std::format("{}-{}-{}-{}", input.function, input.payload.is_null() ? "none" : input.payload.dump(),
                     input.format, input.stored ? "stored" : "inline");
}

std::vector<std::string> arguments(const fs::path& tool, const Input& input, const fs::path& out) {
  std::vector<std::string> argv{tool.string(), input.function, "--format",
                                input.format,  "--seed",       std::to_string(kInputSeed),
                                "--out",       out.string()};
  if (!input.payload.is_null()) argv.insert(argv.end(), {"--payload", input.payload.dump()});
  if (input.stored) argv.push_back("--stored");
  return argv;
}

// Fills the input from its folder; returns the digest of the answer to it.
Expected<std::string> read_input(const fs::path& folder, Input& input) {
  const json description = json::parse(LUMOS_TRY(read_file(folder / "inputs.json", 1 << 16)), nullptr, false);
  try {
    input.content_type = description.at("content_type");
    input.payload_bytes = integer(description.at("payload_bytes"));
    input.payload_hash = description.at("payload_hash");
    if (input.stored) {
      input.input_key = description.at("input_key");
      input.output_key = description.at("output_key");
      input.object = folder / "object";
      input.result = folder / "result";
    }
    input.body = LUMOS_TRY(read_file(folder / "request"));
    input.made = true;
    return description.at("digest").get<std::string>();
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInternal, "{}: {}", (folder / "inputs.json").string(), error.what());
  }
}

class Maker {
 public:
  Maker(CommandRunner& runner, const InputsRequest& request, fs::path folder)
      : runner_(runner), request_(request), folder_(std::move(folder)) {}

  Expected<std::string> make(Input& input) {
    const fs::path folder = folder_ / folder_name(input);
    if (!fs::exists(folder / "inputs.json")) {
      LUMOS_TRY(build());
      step(std::format("input of {}", folder_name(input)));
      const CommandResult made = LUMOS_TRY(runner_.run({.argv = arguments(tool_, input, folder)}));
      if (made.exit_code != 0)
        return fail(ErrorCode::kUsage, "{}: no input can be made: {}", folder_name(input), made.errors);
    }
    return read_input(folder, input);
  }

 private:
  void step(const std::string& what) const {
    if (request_.progress) request_.progress(what);
  }

  Expected<> build() {
    if (!tool_.empty()) return {};
    step("the tool that makes inputs");
    const Workspace workspace{request_.functions, request_.home};
    LUMOS_TRY(run_checked(runner_, cargo_command(workspace, kTool, kTool.function)));
    tool_ = cargo_output(workspace, kTool);
    return {};
  }

  CommandRunner& runner_;
  const InputsRequest& request_;
  fs::path folder_;
  fs::path tool_;
};

}  // namespace

Expected<> make_inputs(CommandRunner& runner, const InputsRequest& asked, Plan& plan) {
  const auto waits = [](const Input& i) { return !i.made || (i.stored && i.object.empty()); };
  if (std::ranges::none_of(plan.inputs, waits)) return {};
  InputsRequest request = asked;
  std::error_code error;
  fs::create_directories(request.home, error);
  for (fs::path* path : {&request.functions, &request.home}) *path = fs::canonical(*path, error);  // as cargo sees them
  if (error)
    return fail(ErrorCode::kEnvironment, "{}, {}: {}", asked.functions.string(), asked.home.string(), error.message());
  const std::string key = LUMOS_TRY(sha256_of_tree(request.functions, "target")).substr(0, 16);
  const fs::path folder = request.home / "inputs" / key;
  fs::create_directories(folder, error);
  const Fd lock = LUMOS_TRY(lock_file(folder / ".lock"));
  Maker maker(runner, request, folder);
  for (auto& input : plan.inputs) {
    if (!waits(input)) continue;
    const std::string digest = LUMOS_TRY(maker.make(input));
    for (auto& cell : plan.cells) {
      if (cell.input == input.id && !cell.expected_digest) cell.expected_digest = digest;
    }
  }
  return {};
}

}  // namespace lumos
