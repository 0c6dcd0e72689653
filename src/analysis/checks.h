// Every check there is. Each is a pure function of the records; docs/checks.md says what to do about each.
#pragma once

#include <optional>
#include <span>

#include "analysis/cells.h"
#include "analysis/check.h"
#include "analysis/output_digests.h"

namespace lumos {

/// `same_output`: wrong answers, or results that differ within the cell or between runtimes, fail; answers without
/// digest flag.
Check check_same_output(const CellRecords& records, const DigestsByRuntime& digests);

/// `errors`: any invocation that was not ok flags, more than 1 % of the measured fail. The detail quotes what the first
/// instance in trouble wrote.
Check check_errors(const CellRecords& records, const CellSummary& summary);

/// `sample_size`: no sample fails, fewer replicates than the plan's minimum flag.
Check check_sample_size(const CellRecords& records, const CellSummary& summary, const StopRule& stop);

/// `load_delivered`: the load was not the one that was asked for. Fails when less than 99 % of the requests due were
/// sent within their window; of an open load also when the 99th percentile of the schedule error of any repetition is
/// above 5 ms, or the generator worked more than 95 % of its core, or that core was busy for more than 95 % of the
/// window. Flags the same of a closed load, a schedule error above 1 ms, and an open load without real-time priority.
/// nullopt for cells without a load.
std::optional<Check> check_load_delivered(const CellSummary& summary);

/// `phase_residual`: flags when the phases leave more than 2 % of the latency (or 50 µs) unexplained at the 99th
/// percentile; fails when they last longer than the whole, which no noise can bring about.
Check check_phase_residual(const CellSummary& summary);

/// `cold_verified` or `warm_verified`: a measured invocation that started otherwise, or whose instance contradicts the
/// gateway, fails; an answered one without evidence flags. nullopt for other starts.
std::optional<Check> check_start(const CellRecords& records);

/// `aot_executed` for mode aot, `interpreter_executed` for mode interpreted: an instance that ran the other way fails,
/// an answering one that could not be looked at flags. nullopt for other modes.
std::optional<Check> check_executed_code(const CellRecords& records);

/// `cold_not_below_warm`: a cold median below the warm one of the same factors fails; flags where their interval does
/// not tell them apart. nullopt when there is nothing to compare.
std::optional<Check> check_cold_not_below_warm(const CellSummary& cold, const CellSummary* warm);

/// `steal`: more than 1 % of the CPU time asked for taken by the hypervisor flags, more than 5 % fail; programs other
/// than Lumos on more than 20 % of a core flag. Below two ticks of the kernel's counters (20 ms) neither says anything.
Check check_steal(const Surroundings& around);

/// `throttled`: an instance whose CPU was throttled fails where its device has no quota, and so does a group above it
/// that was, whatever the device; one that answered and could not be looked at flags.
Check check_throttled(const CellRecords& records, const Surroundings& around);

/// `device_imposed`: an instance whose limits, as the kernel had them at its end, are not those of its device fails;
/// one that answered and could not be looked at flags. nullopt where no device is emulated.
std::optional<Check> check_device(const CellRecords& records);

/// `neighbour`: what the neighbour of the cell's visits did, all in all, against what its factor says: less than 90 %
/// of it, or more than 110 %, flags; less than half fails; unread flags. nullopt for cells without one.
std::optional<Check> check_neighbour(const CellRecords& records);

/// `placement`: an instance that was allowed on, or ran on, another core than the manifest plans for instances fails;
/// one that could not be looked at flags, and so does a plan that gives instances no core of their own, or of which the
/// kernel refused something.
Check check_placement(const CellRecords& records, const nlohmann::ordered_json& manifest);

/// `same_image`: fails when what instances executed was not, before the first of them, what the build put into the
/// image; flags when nobody looked.
Check check_same_image(const CellRecords& records);

/// `cache_verified`: the pages of a cold start's files that were in the page cache, or were not, against its factors
/// `cache` and `runtime_cache`: more than 1 % of them in any start fails, any page or an unread state flags. nullopt
/// for cells without these factors.
std::optional<Check> check_cache(const CellRecords& records);

/// `link_as_asked`: what the manifest says that the cell's links did before the first visit, against what was asked of
/// them. Beyond 0.3 ms of the delay, 3 % of the rate or 10 % of the loss (and what chance explains) flags; beyond 1 ms,
/// 10 % or 30 % fails; so does a link without record, and nothing at all coming through flags as unread. nullopt for
/// cells without links.
std::optional<Check> check_links(const CellRecords& records, const nlohmann::ordered_json& manifest);

/// Fills the checks of every summary; where nothing was measured, `sample_size` and `errors` alone; those of the
/// machine only where instances had an image, which scripted ones have not. `records` and `cells` are parallel, of
/// `run`.
void add_checks(const RunData& run, std::span<const CellRecords> records, std::span<CellSummary> cells);

}  // namespace lumos
