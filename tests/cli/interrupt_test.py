"""Runs that are cut: by Ctrl-C, by SIGKILL at any moment. What was committed stays, and --resume goes on in the same plan and order."""

import signal
import time
import unittest

from lumos_cli import LumosTest, wait_until

# min = max: which visits there are does not depend on what they find.
ROUNDS = 5
PLAN = f"""
name: cut
functions: [noop, fibonacci]
runtimes: [crun, wasm-aot]
start: [cold, warm]
stop: {{min: {ROUNDS}, max: {ROUNDS}, invocations: 6}}
seed: 3
"""
VISITS = 8 * ROUNDS


class Cut(LumosTest):
    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"

    def begin(self):
        process = self.start("run", self.experiment(PLAN), "--backend", "fake:slow", "--out", self.run_folder)
        wait_until(lambda: self.count(self.run_folder) > 0, "the first sample")
        return process

    def whole_order(self):
        """(round, cell) of every visit of an unbroken run."""
        unbroken = self.folder / "unbroken"
        if not unbroken.exists():
            self.lumos("run", self.experiment(PLAN), "--backend", "fake", "--out", unbroken)
        return [tuple(r) for r in self.rows(unbroken, "SELECT round, cell FROM visits ORDER BY id")]

    def everything(self, table):
        return [tuple(r) for r in self.rows(self.run_folder, f"SELECT * FROM {table} ORDER BY id")]

    def finished(self):
        return [tuple(r) for r in self.rows(self.run_folder, "SELECT round, cell FROM visits WHERE finished ORDER BY id")]

    def assert_resumed_whole(self, before):
        """`before`: samples, instances and finished visits as they were. All are still there; what was missing came in its order."""
        self.assertEqual(before["samples"], self.everything("samples")[:len(before["samples"])])
        self.assertEqual(before["instances"], self.everything("instances")[:len(before["instances"])])
        self.assertEqual(self.whole_order(), self.finished())
        self.assertEqual(VISITS, len(self.finished()))
        document = self.results(self.run_folder)
        for cell in document["cells"]:
            self.assertEqual(ROUNDS, cell["metrics"]["latency_ms"]["replicates"])
            self.assertEqual(ROUNDS * (1 if cell["factors"]["start"] == "cold" else 6), cell["metrics"]["latency_ms"]["n"])

    def snapshot(self):
        return {"samples": self.everything("samples"), "instances": self.everything("instances"), "finished": self.finished()}


class Interrupt(Cut):
    def test_keeps_what_was_measured_and_the_next_step_finishes_it(self):
        process = self.begin()
        wait_until(lambda: self.count(self.run_folder) >= 40, "40 samples")
        process.send_signal(signal.SIGINT)
        ended = self.finish(process, 130)
        self.assertIn("again to end at once", ended.err)
        self.assertIn("Interrupted: what was measured is kept.", ended.out)
        self.assert_finding_and_next(ended)
        self.assertEqual("interrupted", self.manifest(self.run_folder)["end"])
        before = self.snapshot()
        self.assertGreaterEqual(len(before["samples"]), 40)
        self.assertLess(len(before["finished"]), VISITS)
        self.results(self.run_folder, expect=None)
        self.assertIn("interrupted", self.lumos("results", self.run_folder, expect=None).out.lower())

        command = self.next_command(ended)
        self.assertEqual(["run", "--resume", str(self.run_folder)], command[:3])
        self.assert_finding_and_next(self.lumos(*command))
        self.assert_resumed_whole(before)
        manifest = self.manifest(self.run_folder)
        self.assertEqual("measured", manifest["end"])
        self.assertEqual("run", manifest["arguments"][0])
        self.assertNotIn("--resume", manifest["arguments"], "how it was begun stays")
        self.assertEqual(1, len(manifest["resumed"]))
        self.assertIn("--resume", manifest["resumed"][0]["arguments"])
        kinds = [r[0] for r in self.rows(self.run_folder, "SELECT kind FROM events ORDER BY id")]
        self.assertEqual(["end", "resume", "end"], kinds)

    def test_sigterm_is_one_too(self):
        process = self.begin()
        process.send_signal(signal.SIGTERM)
        self.finish(process, 130)
        self.assertEqual("interrupted", self.manifest(self.run_folder)["end"])

    def test_a_second_one_ends_at_once_and_keeps_what_was_committed(self):
        process = self.begin()
        before = self.everything("samples")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        self.finish(process, 130)
        self.assertEqual(before, self.everything("samples")[:len(before)])
        self.lumos("run", "--resume", self.run_folder, "--backend", "fake:slow")
        self.assertEqual(VISITS, len(self.finished()))

    def test_a_finished_run_resumed_measures_nothing_more(self):
        self.lumos("run", self.experiment(PLAN), "--backend", "fake", "--out", self.run_folder)
        before = self.snapshot()
        self.lumos("run", "--resume", self.run_folder, "--backend", "fake")
        self.assertEqual(before, self.snapshot())

    def test_a_run_is_not_resumed_on_another_backend(self):
        self.lumos("run", self.experiment(PLAN), "--backend", "fake", "--out", self.run_folder)
        before = self.snapshot()
        self.assert_error(self.lumos("run", "--resume", self.run_folder, expect=None), 2, str(self.run_folder), "fake")
        self.assertEqual(before, self.snapshot())


class Kill(Cut):
    def test_at_any_moment_loses_nothing_that_was_committed(self):
        for moment in range(5):
            with self.subTest(moment=moment):
                self.run_folder = self.folder / f"run{moment}"
                process = self.begin()
                wait_until(lambda: self.count(self.run_folder) >= 1 + 25 * moment, "samples")
                time.sleep(0.0037 * moment)  # somewhere within an invocation
                seen = self.everything("samples")  # before the kill: another reader's view of what is committed
                process.kill()
                self.finish(process, -9)
                before = self.snapshot()
                self.assertEqual(seen, before["samples"][:len(seen)])
                self.assertLess(len(before["finished"]), VISITS)
                self.assertIsNone(self.manifest(self.run_folder).get("end"))
                self.results(self.run_folder, expect=None)
                self.lumos("run", "--resume", self.run_folder, "--backend", "fake:slow")
                self.assert_resumed_whole(before)

    def test_again_and_again(self):
        process = self.begin()
        for _ in range(4):
            target = self.count(self.run_folder) + 15
            wait_until(lambda: self.count(self.run_folder) >= target, "progress")
            process.kill()
            self.finish(process, -9)
            before = self.snapshot()
            process = self.start("run", "--resume", self.run_folder, "--backend", "fake:slow")
        self.finish(process)
        self.assert_resumed_whole(before)
        self.assertEqual(4, len(self.manifest(self.run_folder)["resumed"]))

    def test_before_anything_was_measured(self):
        for delay in (0.0, 0.01, 0.03, 0.06):
            with self.subTest(delay=delay):
                run = self.folder / f"early{delay}"
                process = self.start("run", self.experiment(PLAN), "--backend", "fake:slow", "--out", run)
                time.sleep(delay)
                process.kill()
                self.finish(process, -9)
                # Either there is a run to look at and to go on with, or the tool says what is wrong with it.
                for arguments, fine in ((["results", run], (0, 1)), (["run", "--resume", run, "--backend", "fake:slow"], (0,))):
                    ended = self.lumos(*arguments, expect=None)
                    if ended.code not in fine:
                        self.assert_error(ended, 2, str(run))


if __name__ == "__main__":
    unittest.main()
