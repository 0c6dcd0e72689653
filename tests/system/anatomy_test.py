"""What a cold start is made of: the steps of probed starts, and of the sandbox's own."""

import os
import resource
import statistics
import subprocess
import unittest

from lumos_local import LocalTest
from results_contract import cell_of

EXPERIMENT = """
name: anatomy
functions: [noop]
runtimes: [sandbox, crun, wasm-interp, wasm-aot]
start: [cold]
stop: {min: 7, max: 7}
telemetry: {probes: 6}
"""
WASM = ("wasm-interp", "wasm-aot")
ENGINE = ["libraries", "engine", "load", "validate", "instantiate"]


def cpu_ms(argv, **environment):
    """CPU of one run of a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, check=True, env=os.environ | environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


class Anatomy(LocalTest):
    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"
        self.measure(self.experiment(EXPERIMENT), "--out", self.run_folder)
        self.document = self.results(self.run_folder, expect=None)

    def steps(self, runtime, role):
        """Per instance: its sample's stamps, and step → (begin, end, cpu)."""
        rows = self.rows(self.run_folder, "SELECT s.*, i.cpu_launch_ns, i.aot_code_bytes, t.step, t.begin_ns, t.end_ns, t.cpu_ns FROM steps t"
                         " JOIN instances i ON i.id = t.instance JOIN samples s ON s.instance = i.id JOIN visits v ON v.id = s.visit"
                         " JOIN cells c ON c.id = v.cell JOIN deployments d ON d.id = c.deployment"
                         " WHERE d.runtime = ? AND s.role = ? AND i.role = ? ORDER BY t.begin_ns", runtime, role, role)
        starts = {}
        for row in rows:
            starts.setdefault(row["instance"], (row, {}))[1][row["step"]] = (row["begin_ns"], row["end_ns"], row["cpu_ns"])
        return list(starts.values())

    def test_all(self):  # one run, looked at from many sides
        for look in (self.look_at_probes, self.look_at_the_libraries, self.look_at_the_sandbox, self.look_at_the_sums, self.look_at_the_text):
            with self.subTest(look.__name__):
                look()

    def look_at_probes(self):
        counts = dict(self.rows(self.run_folder, "SELECT role, count(*) FROM samples GROUP BY role"))
        self.assertEqual({"measure": 4 * 7, "probe": 2 * 6}, counts, "only Wasm is probed")
        for runtime in WASM:
            self.assertEqual(7, cell_of(self.document, runtime=runtime)["metrics"]["latency_ms"]["n"], "probes do not count")
            probes = self.steps(runtime, "probe")
            self.assertEqual(6, len(probes))
            for sample, steps in probes:
                self.assertEqual(("ok", "cold", 1), (sample["outcome"], sample["start"], sample["start_verified"]))
                self.assertEqual(runtime == "wasm-aot", sample["aot_code_bytes"] > 0, "the module runs as it does unprobed")
                self.assertEqual(["bundle", *ENGINE], list(steps), "every step, in this order")
                ends = [sample["create_begin_ns"]] + [time for begin, end, _ in steps.values() for time in (begin, end)] + [sample["ready_ns"]]
                self.assertEqual(sorted(ends), ends, "one after the other, from the creation's begin to readiness")
                self.assertLessEqual(steps["libraries"][1], sample["create_end_ns"], "the libraries are loaded by create")
                self.assertGreaterEqual(steps["engine"][0], sample["start_begin_ns"], "the module waits for start")
            for sample, steps in self.steps(runtime, "measure"):
                self.assertEqual(["bundle"], list(steps), "what counts is not probed")

    def look_at_the_libraries(self):
        probed = [cpu / 1e6 for runtime in WASM for _, steps in self.steps(runtime, "probe") for _, _, cpu in [steps["libraries"]]]
        for runtime in WASM:
            for sample, steps in self.steps(runtime, "probe"):
                self.assertLess(steps["libraries"][2], sample["cpu_launch_ns"], "they are part of the launch")
        # The same libraries by another program, all symbols resolved at once, without the program itself.
        loading, nothing = [], []
        for _ in range(9):
            loading.append(cpu_ms(["/bin/true"], LD_PRELOAD="libwasmedge.so.0", LD_BIND_NOW="1"))
            nothing.append(cpu_ms(["/bin/true"]))
        alone = statistics.median(loading) - statistics.median(nothing)
        self.assertLess(0.5, statistics.median(probed) / alone, f"{probed} against {alone} ms")
        self.assertGreater(2, statistics.median(probed) / alone, f"{probed} against {alone} ms")

    def look_at_the_sandbox(self):
        starts = self.steps("sandbox", "measure")
        self.assertEqual(7, len(starts))
        for sample, steps in starts:
            self.assertEqual(["group", "enter_group", "root"], list(steps))
            ends = [sample["create_begin_ns"]] + [time for begin, end, _ in steps.values() for time in (begin, end)] + [sample["create_end_ns"]]
            self.assertEqual(sorted(ends), ends)

    def look_at_the_sums(self):
        for runtime in ("sandbox", "crun", *WASM):
            anatomy = cell_of(self.document, runtime=runtime)["metrics"]["anatomy"]
            self.assertEqual((6, True) if runtime in WASM else (7, False), (anatomy["starts"], anatomy["probed"]))
            self.assertEqual(runtime in WASM, anatomy["slowdown"] is not None)
            for name, steps in anatomy["phases"].items():
                self.assertAlmostEqual(1, sum(step["share"] for step in steps.values()), places=5, msg=name)
                self.assertTrue(all(step["share"] >= 0 for step in steps.values()), steps)
            # What the function prints has no such bound: it is what is left.
            self.assertIn("create", anatomy["phases"])
        shares = cell_of(self.document, runtime="wasm-aot")["metrics"]["anatomy"]["phases"]
        self.assertGreater(shares["create"]["libraries"]["share"], 0.2, "libLLVM is most of it")

    def look_at_the_text(self):
        text = self.lumos("results", self.run_folder, "--phases", expect=None).out
        for word in ("libraries", "instantiate", "enter_group", "rest", "wasm-aot: steps as the shares that 6 probed starts beside these had"):
            self.assertIn(word, text)


if __name__ == "__main__":
    unittest.main()
