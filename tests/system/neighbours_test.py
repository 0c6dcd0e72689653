"""Load of stated intensity beside the instance: it is there, counts as Lumos's own, and is gone afterwards."""

import pathlib
import unittest

from lumos_cli import wait_until
from lumos_local import LocalTest, cgroups
from results_contract import cell_of, statuses


class Neighbours(LocalTest):
    def test_each_does_what_its_factor_says_and_slows_its_neighbour(self):
        before = self.look_around()
        run = self.folder / "run"
        self.lumos("run", self.experiment("""
functions: [{name: fibonacci, payload: 300000000}]
runtimes: [sandbox]
start: [warm]
neighbour: [none, {cpu: 40%}, {memory: 200MB/s}, {io: 2MB/s}]
stop: {min: 2, max: 2, invocations: 3}
"""), "--out", run, expect=None)
        document = self.results(run, expect=None)
        rows = self.rows(run, "SELECT c.factors, sum(v.neighbour_elapsed_ns) elapsed, sum(v.neighbour_cpu_ns) cpu, sum(v.neighbour_bytes) bytes"
                              " FROM visits v JOIN cells c ON c.id = v.cell GROUP BY c.id")
        use = {cell["factors"]["neighbour"]: next(r for r in rows if f'"neighbour":"{cell["factors"]["neighbour"]}"' in r["factors"])
               for cell in document["cells"]}
        self.assertEqual({"none", "cpu:40%", "memory:200MB/s", "io:2MB/s"}, set(use))
        self.assertIsNone(use["none"]["elapsed"])
        # A busy machine gives less; nothing gives more.
        self.assertLess(use["cpu:40%"]["cpu"] / use["cpu:40%"]["elapsed"], 0.45)
        self.assertGreater(use["cpu:40%"]["cpu"] / use["cpu:40%"]["elapsed"], 0.1)
        for name, rate in (("memory:200MB/s", 200e6), ("io:2MB/s", 2e6)):
            self.assertGreater(use[name]["bytes"] / use[name]["elapsed"] * 1e9, 0.3 * rate, name)
            self.assertLess(use[name]["bytes"] / use[name]["elapsed"] * 1e9, 1.1 * rate, name)
        for cell in document["cells"]:
            self.assertEqual(cell["factors"]["neighbour"] != "none", "neighbour" in statuses(cell))
        alone, beside = (cell_of(document, neighbour=name)["metrics"]["latency_ms"]["p50"] for name in ("none", "cpu:40%"))
        self.assertGreater(beside, alone * 1.1)
        # Its CPU is Lumos's own: of a visit's own CPU it is a part that the instance's does not explain.
        own = self.rows(run, "SELECT c.factors, sum(v.own_cpu_ns) own, sum(i.cpu_total_ns) instances FROM visits v JOIN cells c ON c.id = v.cell"
                             " JOIN instances i ON i.visit = v.id GROUP BY c.id")
        row = next(r for r in own if "cpu:40%" in r["factors"])
        self.assertGreater(row["own"] - row["instances"], 0.5 * use["cpu:40%"]["cpu"])
        self.assert_clean(before, self.tag_of(run))

    def test_dies_with_its_run(self):
        before = self.look_around()
        run = self.folder / "run"
        process = self.begin("functions: [noop]\nruntimes: [sandbox]\nstart: [warm]\nneighbour: {cpu: 20%}\nstop: {min: 2000, max: 2000}\n", run, 1)
        tag = self.tag_of(run)

        def working():
            return [g for g in cgroups(tag) if (pathlib.Path(g) / "neighbour/cgroup.procs").exists()
                    and (pathlib.Path(g) / "neighbour/cgroup.procs").read_text().strip()]
        wait_until(working, "the neighbour works")
        self.kill(process.pid)
        self.assert_nothing_left(before, tag)
        wait_until(lambda: not working(), "the neighbour is gone", 10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
