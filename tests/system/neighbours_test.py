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
functions: [{name: fibonacci, payload: 100000000}]
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
        # Nothing gives more than asked. A machine that others use gives less, and then the check says so.
        quiet = all((cell["metrics"]["other_load_share"] or 0) < 0.2 for cell in document["cells"])
        for name, amount in (("cpu:40%", 0.4), ("memory:200MB/s", 200e6), ("io:2MB/s", 2e6)):
            row = use[name]
            share = (row["cpu"] if name.startswith("cpu") else row["bytes"] * 1e9) / row["elapsed"] / amount
            self.assertGreater(share, 0.5 if quiet else 0, name)
            self.assertLess(share, 1.15, name)
            expected = "fail" if share < 0.5 else "flag" if share < 0.9 or share > 1.1 else "pass"
            self.assertEqual(expected, statuses(cell_of(document, neighbour=name))["neighbour"], share)
        self.assertNotIn("neighbour", statuses(cell_of(document, neighbour="none")))
        alone, beside = (cell_of(document, neighbour=name)["metrics"]["latency_ms"]["p50"] for name in ("none", "cpu:40%"))
        if quiet:
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
