"""Instances on a slice of this machine: how fast they are, what ends them, and what cannot be imposed."""

import statistics
import subprocess
import unittest

from hostile_test import SOURCE as HOSTILE
from lumos_local import LocalTest
from results_contract import cell_of, statuses


class Devices(LocalTest):
    def profile(self, name, text):
        path = self.folder / f"{name}.yaml"
        path.write_text("schema: 1\ncores: 1\n" + text)
        return path

    def instances(self, run, device):
        """Rows of the instances on a device, and of their measured invocations."""
        rows = self.rows(run, "SELECT c.factors, i.*, s.cpu_after_ns - s.cpu_before_ns AS cpu, s.responded_ns - s.dispatched_ns AS wall"
                              " FROM instances i JOIN samples s ON s.instance = i.id AND s.role = 'measure' JOIN visits v ON v.id = i.visit"
                              " JOIN cells c ON c.id = v.cell")
        return [row for row in rows if f'"device":"{device}"' in row["factors"]]

    def test_half_a_core_takes_twice_the_time_of_a_whole_one(self):
        run = self.folder / "run"
        self.measure(self.experiment("""
functions: [{name: fibonacci, payload: 1000000000}]
runtimes: [sandbox, crun]
start: [warm]
device: [slice-1c-1, slice-1c-0.5]
stop: {min: 1, max: 1, invocations: 2}
"""), "--out", run)
        whole, half = self.instances(run, "slice-1c-1"), self.instances(run, "slice-1c-0.5")
        self.assertEqual((4, 4), (len(whole), len(half)))
        for row in whole:
            self.assertEqual((None, 0), (row["cpu_quota_ns"], row["throttled_periods"]))
        for row in half:
            self.assertEqual((50_000_000, 100_000_000, 512 << 20), (row["cpu_quota_ns"], row["cpu_period_ns"], row["memory_limit_bytes"]))
            self.assertGreaterEqual(row["cpu_periods"], row["throttled_periods"])
            # However busy the machine: never more than the quota of each period that it meets, and one more at either end.
            self.assertLess(row["cpu"] / row["wall"], 0.65)
        # A machine that others use so much that not even the whole core was to be had says nothing of the wall time.
        if max(row["cpu"] / row["wall"] for row in whole) > 0.9:
            best = [min(row["wall"] for row in rows) for rows in (whole, half)]
            self.assertGreater(best[1] / best[0], 1.5)
            self.assertGreater(max(row["throttled_periods"] for row in half), 1)
        cpu = [statistics.median(row["cpu"] for row in rows) for rows in (whole, half)]
        self.assertLess(cpu[1] / cpu[0], 1.5, "the work is the same")
        for cell in self.results(run, expect=None)["cells"]:
            self.assertEqual("pass", statuses(cell)["device_imposed"])
            self.assertEqual("pass", statuses(cell)["throttled"])
        shown = self.lumos("results", run, expect=None).out
        self.assertIn("device slice-1c-0.5 (emulated)", shown)

    def test_an_instance_that_outgrows_its_device_is_killed_and_said_to_be(self):
        binary = self.copy_artefacts()["noop", "native"] / "function"
        subprocess.run(["gcc", "-static", "-O1", "-w", "-DHOSTILE=memory_bomb", "-o", binary, HOSTILE], check=True)
        run = self.folder / "run"
        profile = self.profile("slice-small", "memory: 64MiB\n")
        ended = self.lumos("run", self.experiment(f"""
functions: [noop]
runtimes: [sandbox, crun]
start: [cold]
device: {profile}
stop: {{min: 1, max: 1, timeout: 10s}}
"""), "--out", run, expect=1)
        rows = self.rows(run, "SELECT * FROM instances")
        self.assertEqual(2, len(rows), str(ended))
        for row in rows:
            self.assertGreaterEqual(row["oom_kills"], 1)
            self.assertIn("killed by the kernel at its memory limit of 67.1 MB", row["note"])
            self.assertLessEqual(row["memory_peak_bytes"], 64 << 20)

    def test_reads_from_a_slow_disk_take_their_time(self):
        run = self.folder / "run"
        profile = self.profile("slice-slow-disk", "read: {bandwidth: 1MB/s}\n")
        self.measure(self.experiment(f"""
functions: [noop]
runtimes: [sandbox, crun]
start: [cold]
cache: disk
device: [none, {profile}]
stop: {{min: 2, max: 2}}
"""), "--out", run)
        document = self.results(run, expect=None)
        for runtime in ("sandbox", "crun"):
            cell = cell_of(document, runtime=runtime, device="slice-slow-disk")
            self.assertGreater(cell["metrics"]["latency_ms"]["mean"], 250, "600 kB at 1 MB/s")

    def test_what_cannot_be_imposed_is_refused_before_anything_is_measured(self):
        before = self.look_around()
        larger = self.folder / "slice-64c.yaml"
        larger.write_text("schema: 1\ncores: 64\n")
        text = "functions: [noop]\nruntimes: [sandbox]\ndevice: {}\n"
        ended = self.lumos("run", self.experiment(text.format(larger.name)), expect=None)
        self.assert_error(ended, 3, "device slice-64c: it has 64 cores")
        self.assertFalse(list(self.runs.glob("*")), "no run was left")
        self.assert_error(self.lumos("run", self.experiment(text.format("slice-none.yaml")), expect=None), 2, "slice-none.yaml")
        self.assertEqual([], self.marks())
        self.assertEqual(before, self.look_around())


if __name__ == "__main__":
    unittest.main(verbosity=2)
