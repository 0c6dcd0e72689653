"""Each check fails when the thing that it looks at is broken: functions that lie about themselves, and a machine that is disturbed.

What code ran, and whether results are the same, is evidence_test.py; code that is replaced after the build is there too.
"""

import json
import os
import pathlib
import subprocess
import threading
import time
import unittest

from lumos_cli import REPO, wait_until
from lumos_local import LocalTest, cgroups, processes
from results_contract import cell_of, statuses

SOURCE = pathlib.Path(__file__).resolve().parent / "liar.c"
DIGEST = json.loads((REPO / "functions/noop/function.json").read_text())["expected"][0]["digest"]


def detail(cell, name):
    return next(check["detail"] for check in cell["checks"] if check["name"] == name)


class Liars(LocalTest):
    """A binary in the place of noop's that does what the contract asks but for one lie."""

    def measure_liar(self, *lies, replicates=3):
        binary = self.copy_artefacts()["noop", "native"] / "function"
        subprocess.run(["gcc", "-static", "-O1", f'-DDIGEST="{DIGEST}"', *[f"-D{lie}" for lie in lies], "-o", binary, SOURCE], check=True)
        run = self.folder / "run"
        self.lumos("run", self.experiment(f"""
functions: [noop]
runtimes: [sandbox]
stop: {{min: {replicates}, max: {replicates}, invocations: 4, timeout: 5s}}
"""), "--out", run, expect=1)
        document = self.results(run, expect=1)
        return cell_of(document, start="cold"), cell_of(document, start="warm")

    def test_one_that_tells_the_truth_fails_for_its_image_alone(self):
        for cell in self.measure_liar():
            failed = {name for name, status in statuses(cell).items() if status == "fail"}
            self.assertEqual({"same_image"}, failed - {"steal"}, cell["checks"])

    def test_warmed_instances_sold_as_cold(self):
        cold, warm = self.measure_liar("COUNT=n+1")
        self.assertEqual("fail", statuses(cold)["cold_verified"])
        self.assertIn("3 were contradicted", detail(cold, "cold_verified"))
        self.assertEqual("fail", statuses(warm)["warm_verified"], "its count is not the gateway's either")

    def test_fresh_instances_sold_as_warm(self):
        cold, warm = self.measure_liar("COUNT=1")
        self.assertEqual("pass", statuses(cold)["cold_verified"])
        self.assertEqual("fail", statuses(warm)["warm_verified"])

    def test_another_instance_that_answers(self):
        cold, warm = self.measure_liar('NAME="somebody-1"')
        self.assertEqual(("fail", "fail"), (statuses(cold)["cold_verified"], statuses(warm)["warm_verified"]))

    def assert_impossible(self, timing):
        for cell in self.measure_liar(f'TIMING="{timing}"'):
            self.assertEqual("fail", statuses(cell)["phase_residual"])
            self.assertIn("longer than the whole", detail(cell, "phase_residual"))

    def test_spans_that_are_longer_than_the_time_in_the_function(self):
        self.assert_impossible("compute;dur=5000, handle;dur=0.002")

    def test_a_time_in_the_function_that_is_longer_than_the_invocation(self):
        self.assert_impossible("compute;dur=0.001, handle;dur=5000")

    def test_a_function_that_is_slower_when_warm(self):
        cold, _ = self.measure_liar("DELAY_MS=n>1?300:0", replicates=6)
        self.assertEqual("fail", statuses(cold)["cold_not_below_warm"])


class Disturbed(LocalTest):
    LONG = """
functions: [{name: fibonacci, payload: 300000000}]
runtimes: [sandbox]
start: [cold]
stop: {min: 2, max: 2, timeout: 30s}
"""

    def measure_disturbed(self, disturb, prefix=()):
        """`disturb(tag)` is called again and again while a run computes. Its one cell, which must have failed."""
        run = self.folder / "run"
        process = self.start("run", self.experiment(self.LONG), "--out", run, prefix=prefix)
        wait_until(lambda: process.poll() is not None or (run / "manifest.json").exists(), "the run begins")
        tag = self.tag_of(run)
        while process.poll() is None:
            disturb(tag)
            time.sleep(0.01)
        self.finish(process, 1)
        return cell_of(self.results(run, expect=1))

    def instances(self, tag):
        return [pid for pid, text in processes().items() if f"LUMOS_INSTANCE={tag}-".encode() in text]

    def test_an_instance_on_the_cores_of_those_who_measure_it(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.fail("needs two cores: with one nothing can be misplaced")
        everywhere = os.sched_getaffinity(0)

        def move(tag):
            for pid in self.instances(tag):
                try:
                    os.sched_setaffinity(pid, everywhere)
                except OSError:
                    pass  # ended meanwhile
        cell = self.measure_disturbed(move)
        self.assertEqual("fail", statuses(cell)["placement"])
        self.assertIn("was allowed on cores", detail(cell, "placement"))

    def test_a_quota_that_somebody_else_set(self):
        def limit(tag):
            for group in cgroups(tag):
                for name, value in (("cpu.cfs_quota_us", "10000"), ("cpu.max", "10000 100000")):
                    file = pathlib.Path(group) / name
                    if file.exists() and file.read_text().strip() != value:  # each writing fills the quota anew
                        file.write_text(value)
        cell = self.measure_disturbed(limit)
        self.assertEqual("fail", statuses(cell)["throttled"])

    def test_a_hypervisor_that_takes_the_core_away(self):
        """No test can make one: /proc/stat, as the tool sees it, is a file in which the stolen time grows."""
        stat = self.folder / "stat"
        begin = time.monotonic()

        def grow(_=None):
            lines = pathlib.Path("/proc/stat").read_text().splitlines()
            fields = lines[0].split()
            fields[8] = str(int(fields[8]) + int((time.monotonic() - begin) * 30))  # of two cores' 200 ticks a second
            with open(stat, "r+") as file:
                file.write("\n".join(["  ".join(fields[:1]) + "  " + " ".join(fields[1:]).ljust(400), *lines[1:]]) + "\n")

        stat.write_text("")
        grow()
        stop = threading.Event()
        writer = threading.Thread(target=lambda: [grow() for _ in iter(lambda: stop.wait(0.05), True)])
        writer.start()
        self.addCleanup(lambda: (stop.set(), writer.join()))
        cell = self.measure_disturbed(lambda tag: None, prefix=["unshare", "--mount", "--propagation", "private", "sh", "-c",
                                                                'mount --bind "$1" /proc/stat && shift && exec "$@"', "sh", stat])
        self.assertEqual("fail", statuses(cell)["steal"])
        self.assertGreater(cell["metrics"]["steal_share"], 0.05)


class NothingMeasured(LocalTest):
    def test_a_cell_that_the_budget_never_reached(self):
        run = self.folder / "run"
        self.lumos("run", self.experiment("functions: [noop]\nruntimes: [sandbox, crun]\nstop: {budget: 1ms}\n"), "--out", run, expect=1)
        cells = self.results(run, expect=1)["cells"]
        self.assertIn("fail", {statuses(cell)["sample_size"] for cell in cells if cell["metrics"]["latency_ms"]["n"] == 0})


if __name__ == "__main__":
    unittest.main(verbosity=2)
