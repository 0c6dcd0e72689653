#include "record/counters.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "record/store.h"
#include "record/wire.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

/// A different number for every counter, beginning with `first`.
template <typename T, std::size_t N>
T numbered(const std::array<CounterName<T>, N>& names, std::int64_t first) {
  T counters;
  for (const auto& [name, field] : names) counters.*field = first++;
  return counters;
}

/// One number out of a file, by SQL of its own.
std::int64_t ask(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* db = nullptr;
  std::int64_t value = -1;
  EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  const auto take = [](void* into, int, char** columns, char**) {
    *static_cast<std::int64_t*>(into) = std::atoll(columns[0]);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), take, &value, nullptr), SQLITE_OK) << sql;
  sqlite3_close(db);
  return value;
}

TEST(Counters, EachIsStoredUnderItsNameAndReadBack) {
  const TemporaryFolder folder;
  const auto file = folder / "run.sqlite";
  const InstanceCounters counters = numbered(kInstanceCounters, 100);
  const MachineUse machine = numbered(kMachineUse, 200);
  const NeighbourUse neighbour = numbered(kNeighbourUse, 300);
  {
    auto store = Store::create(file, Plan{.name = "t"});
    ASSERT_TRUE(store.has_value());
    ASSERT_TRUE(store->add(Visit{.id = 1}).has_value());
    ASSERT_TRUE(store->add(Visit{.id = 2}).has_value());
    ASSERT_TRUE(store->add(Instance{.id = 3, .visit = 1, .counters = counters, .cores_allowed = "1-3"}).has_value());
    ASSERT_TRUE(store->add(Instance{.id = 4, .visit = 2}).has_value());
    ASSERT_TRUE(store->finish(Visit{.id = 1, .neighbour = neighbour, .machine = machine}).has_value());
  }
  const auto store = Store::open(file);
  const auto instances = *store->instances();
  const auto visits = *store->visits();
  for (const auto& [name, field] : kInstanceCounters) {
    EXPECT_EQ(ask(file, std::format("SELECT {} FROM instances WHERE id=3", name)), counters.*field) << name;
    EXPECT_EQ(instances.at(0).counters.*field, counters.*field) << name;
    EXPECT_EQ(instances.at(1).counters.*field, std::nullopt) << name;
  }
  for (const auto& [name, field] : kMachineUse) {
    EXPECT_EQ(ask(file, std::format("SELECT {} FROM visits WHERE id=1", name)), machine.*field) << name;
    EXPECT_EQ(visits.at(0).machine.*field, machine.*field) << name;
    EXPECT_EQ(visits.at(1).machine.*field, std::nullopt) << name;
  }
  for (const auto& [name, field] : kNeighbourUse) {
    EXPECT_EQ(ask(file, std::format("SELECT {} FROM visits WHERE id=1", name)), neighbour.*field) << name;
    EXPECT_EQ(visits.at(0).neighbour.*field, neighbour.*field) << name;
    EXPECT_EQ(visits.at(1).neighbour.*field, std::nullopt) << name;
  }
  EXPECT_EQ(instances.at(0).cores_allowed, "1-3");
  EXPECT_EQ(instances.at(1).cores_allowed, std::nullopt);
}

TEST(Counters, ASeriesIsStoredByTime) {
  const TemporaryFolder folder;
  auto store = Store::create(folder / "run.sqlite", Plan{.name = "t", .series = false});
  ASSERT_TRUE(store.has_value());
  Instance instance{.id = 3};
  for (std::int64_t i = 0; i < 250; ++i) instance.series.push_back({.t_ns = 1000 - i, .cpu_total_ns = i});
  ASSERT_TRUE(store->add(instance).has_value());
  const auto points = *store->series(3);
  ASSERT_EQ(points.size(), 250u);
  EXPECT_EQ(points[0].t_ns, 751);
  EXPECT_EQ(points[0].cpu_total_ns, 249);
  EXPECT_EQ(points[0].memory_bytes, std::nullopt);
  EXPECT_TRUE(store->series(4)->empty());
  EXPECT_FALSE(store->plan()->series);
}

TEST(Counters, WhetherAnImageWasVerifiedIsKept) {
  const TemporaryFolder folder;
  Plan plan{.name = "t"};
  for (const auto verified : {std::optional(true), std::optional(false), std::optional<bool>()}) {
    plan.deployments.push_back({.id = static_cast<std::int64_t>(plan.deployments.size()), .image_verified = verified});
  }
  const auto stored = Store::create(folder / "run.sqlite", plan)->plan();
  ASSERT_TRUE(stored.has_value());
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(stored->deployments[i].image_verified, plan.deployments[i].image_verified);
  EXPECT_TRUE(stored->series);
}

TEST(Counters, GoOverTheWireAndUnreadOnesStayUnread) {
  InstanceCounters counters = numbered(kInstanceCounters, 0);
  counters.pss_bytes = std::nullopt;
  const InstanceCounters back = wire::unpack(wire::pack(counters));
  for (const auto& [name, field] : kInstanceCounters) EXPECT_EQ(back.*field, counters.*field) << name;
}

TEST(MachineUse, AWindowIsTheDifferenceOfWhatWasReadTwice) {
  const MachineUse first{.elapsed_ns = 100, .steal_ns = 5, .machine_busy_ns = 50, .frequency_khz = 3};
  const MachineUse second{.elapsed_ns = 180, .steal_ns = 5, .own_cpu_ns = 7, .frequency_khz = 2};
  const MachineUse window = second.since(first);
  EXPECT_EQ(window.elapsed_ns, 80);
  EXPECT_EQ(window.steal_ns, 0);
  EXPECT_EQ(window.machine_busy_ns, std::nullopt);
  EXPECT_EQ(window.own_cpu_ns, std::nullopt);
  EXPECT_EQ(window.frequency_khz, 2);
}

}  // namespace
}  // namespace lumos
