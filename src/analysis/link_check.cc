// The check of what links did.
#include <algorithm>
#include <cmath>
#include <format>

#include "analysis/checks.h"
#include "analysis/factors.h"
#include "analysis/wording.h"
#include "record/link.h"

namespace lumos {
namespace {

// How far from what was asked: flags above the first, fails above the second.
constexpr double kDelayMs[] = {0.3, 1.0};
constexpr double kRate[] = {0.03, 0.10};
constexpr double kLoss[] = {0.10, 0.30};
constexpr double kDeviations = 3.3;  // of what chance explains: one in a thousand

using Json = nlohmann::ordered_json;

/// A number of a record that anybody may have written; nullopt when there is none.
std::optional<double> number(const Json& record, const char* name) {
  const auto found = record.is_object() ? record.find(name) : record.end();
  if (found == record.end() || !found->is_number() || !std::isfinite(found->get<double>())) return std::nullopt;
  return found->get<double>();
}

CheckStatus beyond(double distance, const double (&limits)[2]) {
  return distance > limits[1] ? CheckStatus::kFail : distance > limits[0] ? CheckStatus::kFlag : CheckStatus::kPass;
}

/// What is said of one thing, and how bad it is.
struct Verdict {
  CheckStatus status = CheckStatus::kPass;
  std::string text;
};

Verdict judge_delay(const LinkDirection& asked, const Json& found) {
  const double want = static_cast<double>(asked.mean_delay().count()) / 1e6;
  const auto got = number(found, "delay_ms"), deviation = number(found, "delay_deviation_ms"),
             n = number(found, "delays");
  if (!got || !n || *n < 1) return {CheckStatus::kFlag, std::format("delay {:.3g} ms asked, not read", want)};
  const double chance = kDeviations * deviation.value_or(0) / std::sqrt(*n);
  return {beyond(std::max(0.0, std::abs(*got - want) - chance), kDelayMs),
          std::format("delay {:.4g} ms of {:.4g}", *got, want)};
}

Verdict judge_rate(const LinkDirection& asked, const Json& found) {
  if (asked.rate_bit_per_s == 0) return {};
  const double want = static_cast<double>(asked.rate_bit_per_s);
  const auto got = number(found, "rate_bit_per_s");
  if (!got) return {CheckStatus::kFlag, std::format("rate {:.4g} Mbit/s asked, not read", want / 1e6)};
  return {beyond(std::abs(*got / want - 1), kRate),
          std::format("rate {:.4g} Mbit/s of {:.4g}", *got / 1e6, want / 1e6)};
}

Verdict judge_loss(const LinkDirection& asked, const Json& found) {
  const auto lost = number(found, "lost"), counted = number(found, "counted");
  if (!lost || !counted || *counted < 1) return {CheckStatus::kFlag, "loss not read"};
  const double want = asked.loss * *counted;
  const double chance = kDeviations * std::sqrt(want * (1 - asked.loss));
  const std::string text =
      std::format("{:.0f} of {:.0f} packets lost, {:.4g} % asked", *lost, *counted, asked.loss * 100);
  // Nothing was to be lost: one in a thousand flags, one in a hundred fails.
  if (asked.loss == 0)
    return {*lost > *counted / 100 ? CheckStatus::kFail : *lost > 0 ? CheckStatus::kFlag : CheckStatus::kPass, text};
  return {beyond(std::max(0.0, std::abs(*lost - want) - chance) / want, kLoss), text};
}

Verdict judge_direction(const LinkDirection& asked, const Json& found) {
  Verdict all;
  for (const Verdict& one : {judge_delay(asked, found), judge_rate(asked, found), judge_loss(asked, found)}) {
    all.status = std::max(all.status, one.status);
    if (!one.text.empty()) all.text += (all.text.empty() ? "" : ", ") + one.text;
  }
  return all;
}

/// The records of a link, one for each part of the run: the first, and those that were resumed. Those to storage are
/// of one server each.
std::vector<const Json*> records_of(const Json& manifest, std::string_view place, const std::string& name,
                                    const std::string& storage) {
  std::vector<const Json*> parts{&manifest}, records;
  if (const auto resumed = manifest.find("resumed"); resumed != manifest.end() && resumed->is_array()) {
    for (const auto& part : *resumed) parts.push_back(&part);
  }
  for (const Json* part : parts) {
    const auto at = Json::json_pointer("/backend/links");
    if (!part->is_object() || !part->contains(at) || !part->at(at).is_array()) continue;
    for (const auto& link : part->at(at)) {
      const auto asked = link.is_object() ? link.find("asked") : link.end();
      const bool leads_there = asked != link.end() && factor_text(link, "place") == place &&
                               (place != "storage" || factor_text(link, "server") == storage);
      if (leads_there && asked->is_object() && factor_text(*asked, "name") == name) records.push_back(&link);
    }
  }
  return records;
}

Verdict judge(const Json& record) {
  const auto asked = link_from_json(record.at("asked"));
  if (!asked) return {CheckStatus::kFail, "its record is damaged"};
  const auto found = record.find("found");
  if (found == record.end() || !found->is_object()) return {CheckStatus::kFlag, "nobody looked what it does"};
  Verdict all;
  for (const auto& [name, direction] : {std::pair("up", &asked->up), std::pair("down", &asked->down)}) {
    const auto reading = found->find(name);
    const Verdict one = judge_direction(*direction, reading == found->end() ? Json::object() : *reading);
    all.status = std::max(all.status, one.status);
    all.text += std::format("{}{}: {}", all.text.empty() ? "" : "; ", name, one.text);
  }
  return all;
}

}  // namespace

std::optional<Check> check_links(const CellRecords& records, const nlohmann::ordered_json& manifest) {
  Check check{.name = "link_as_asked"};
  bool any = false;
  for (const char* place : {"client", "registry", "storage"}) {
    const std::string name = factor_text(records.cell->factors, std::string("link_") + place);
    if (name.empty() || name == kNoLink) continue;
    any = true;
    const auto found = records_of(manifest, place, name, factor_text(records.cell->factors, "storage"));
    Verdict worst{.status = found.empty() ? CheckStatus::kFail : CheckStatus::kPass,
                  .text = found.empty() ? "no record of it" : ""};
    for (const Json* record : found) {
      const Verdict one = judge(*record);
      if (worst.text.empty() || one.status > worst.status) worst = one;
    }
    check.status = std::max(check.status, worst.status);
    check.detail += std::format("{}{} to the {} (emulated): {}", check.detail.empty() ? "" : ". ", one_line(name, 40),
                                place, worst.text);
  }
  check.detail += '.';
  return any ? std::optional(check) : std::nullopt;
}

}  // namespace lumos
