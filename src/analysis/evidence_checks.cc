// The checks that read single samples and instances: outputs, starts, executed code.
#include <array>
#include <format>

#include "analysis/checks.h"
#include "analysis/factors.h"
#include "analysis/wording.h"

namespace lumos {
namespace {

// As long as a message of wire.h carries it: two that differ must never look alike.
std::string digest_text(const std::string& digest) { return one_line(digest, 64); }

/// The answers of a cell by their digest.
struct Answers {
  std::size_t count = 0, wrong = 0, without_digest = 0;
  std::set<std::string> digests;
};

Answers answers_of(const CellRecords& records) {
  Answers result;
  for (const Sample* sample : records.measured()) {
    if (sample->outcome != Outcome::kOk && sample->outcome != Outcome::kWrongOutput) continue;
    ++result.count;
    if (sample->outcome == Outcome::kWrongOutput) ++result.wrong;
    if (sample->digest.empty()) {
      ++result.without_digest;
    } else {
      result.digests.insert(sample->digest);
    }
  }
  return result;
}

std::string list(const std::set<std::string>& digests) {
  constexpr std::size_t kNamed = 3;
  if (digests.empty()) return "none";
  std::string result;
  std::size_t named = 0;
  for (const auto& digest : digests) {
    if (named++ == kNamed) return result + std::format(" and {} more", digests.size() - kNamed);
    result += (result.empty() ? "" : " or ") + digest_text(digest);
  }
  return result;
}

/// Whether two runtimes gave different results, and which: "crun 0a1b, wasm-aot 2c3d".
std::optional<std::string> disagreement(const DigestsByRuntime& digests) {
  std::set<std::string> all;
  std::string text;
  for (const auto& [runtime, of_runtime] : digests) {
    if (of_runtime.empty()) continue;
    all.insert(of_runtime.begin(), of_runtime.end());
    text += std::format("{}{} {}", text.empty() ? "" : ", ", runtime, list(of_runtime));
  }
  return all.size() > 1 ? std::optional(text) : std::nullopt;
}

}  // namespace

Check check_same_output(const CellRecords& records, const DigestsByRuntime& digests) {
  const Answers answers = answers_of(records);
  const auto& expected = records.cell->expected_digest;
  const auto verdict = [](CheckStatus status, std::string detail) {
    return Check{"same_output", status, std::move(detail)};
  };
  if (answers.wrong > 0 || (expected && !answers.digests.empty() && answers.digests != std::set{*expected})) {
    return verdict(CheckStatus::kFail,
                   std::format("{} of {} answers are marked wrong: expected {}, got {}.", answers.wrong, answers.count,
                               expected ? digest_text(*expected) : "another", list(answers.digests)));
  }
  if (answers.digests.size() > 1) {
    return verdict(CheckStatus::kFail,
                   std::format("The same input gave different results: {}.", list(answers.digests)));
  }
  // A cell that meets the expected digest is right, whatever others did.
  if (const auto who = disagreement(digests); who && !expected) {
    return verdict(CheckStatus::kFail, std::format("Results differ between runtimes: {}.", *who));
  }
  if (answers.count == 0) return verdict(CheckStatus::kFlag, "No answer to look at.");
  if (answers.without_digest > 0) {
    return verdict(CheckStatus::kFlag,
                   std::format("{} of {} answers carried no digest.", answers.without_digest, answers.count));
  }
  const char* than = expected             ? "the expected one"
                     : digests.size() > 1 ? "the same on all runtimes"
                                          : "nothing to compare it with";
  return verdict(CheckStatus::kPass,
                 std::format("All {} answers have digest {}, {}.", answers.count, list(answers.digests), than));
}

std::optional<Check> check_start(const CellRecords& records) {
  const Start wanted = records.cell->start;
  if (wanted != Start::kCold && wanted != Start::kWarm) return std::nullopt;
  std::size_t count = 0, proven = 0, other = 0, contradicted = 0, unknown = 0;
  for (const Sample* sample : records.measured()) {
    ++count;
    if (!was_answered(*sample)) continue;  // an error already; what it met before it failed proves nothing
    if (sample->start && *sample->start != wanted) {
      ++other;
    } else if (sample->start_verified == false) {
      ++contradicted;
    } else if (sample->start && sample->start_verified) {
      ++proven;
    } else {
      ++unknown;
    }
  }
  Check check{.name = std::format("{}_verified", name_of(wanted))};
  if (other + contradicted > 0) {
    check.status = CheckStatus::kFail;
    check.detail =
        std::format("Of {} invocations {} did not start {}, and {} were contradicted by their instance's id or count.",
                    count, other, name_of(wanted), contradicted);
  } else if (unknown > 0 || proven == 0) {
    check.status = CheckStatus::kFlag;
    check.detail = unknown == 0 ? "No answered invocation to look at."
                                : std::format("{} of {} invocations carry no evidence of their start.", unknown, count);
  } else {
    check.detail = std::format("{} of {} invocations {} {}, by the gateway and by their instance's id and count{}.",
                               proven, count, proven == 1 ? "was" : "were", name_of(wanted),
                               proven < count ? "; the others were not answered" : "");
  }
  return check;
}

std::optional<Check> check_executed_code(const CellRecords& records) {
  const auto mode = factor_text(records.deployment->traits, "mode");
  if (mode != "aot" && mode != "interpreted") return std::nullopt;
  const bool aot = mode == "aot";
  Check check{.name = aot ? "aot_executed" : "interpreter_executed"};
  const CodeProof proof = code_proof_of(records);
  const std::size_t proven = aot ? proof.ahead : proof.interpreted;
  const std::size_t refuted = aot ? proof.interpreted : proof.ahead;
  const char* way = aot ? "ahead-of-time code" : "the interpreter";
  for (const Instance* instance : records.instances) {
    if (!instance->aot_code_bytes || (*instance->aot_code_bytes > 0) == aot) continue;
    const std::string note = one_line(instance->note);
    check.status = CheckStatus::kFail;
    check.detail = std::format("{} of {} instances did not run {}, first {}: {}{}{}.", refuted, proof.instances, way,
                               one_line(instance->name, 40),
                               aot ? "no executable mapping of its code" : "it holds ahead-of-time code",
                               note.empty() ? "" : "; it wrote: ", note);
    return check;
  }
  if (proven == proof.instances && proven > 0) {
    check.detail = std::format("All {} instances ran {}.", proven, way);
    return check;
  }
  check.status = CheckStatus::kFlag;
  check.detail = proof.instances == 0 ? "No instance to look at."
                                      : std::format("{} of {} instances that answered could not be looked at.",
                                                    proof.instances - proven, proof.instances);
  return check;
}

}  // namespace lumos
