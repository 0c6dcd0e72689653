"""Runs that lose a process: nothing measured is lost, nothing stays on the machine, and --resume goes on.

Killed from outside, at moments that nobody chose; faults_test.py kills at every step that has a name.
"""

import os
import signal
import time
import unittest

from lumos_cli import wait_until
from lumos_local import LocalTest, cgroups, children_of, read
from results_contract import cell_of, statuses

VISITS = 6
EXPERIMENT = f"""
name: kill
functions: [noop]
runtimes: [sandbox, runc, crun, wasm-aot]
stop: {{min: {VISITS}, max: {VISITS}, invocations: 8}}
"""
LONG = """
name: long
functions: [{name: fibonacci, payload: 1000000000}]
runtimes: [sandbox]
start: [warm]
stop: {min: 2, max: 2, invocations: 2, timeout: 3s}
"""


class KillTest(LocalTest):
    def samples(self, run):
        return [tuple(row) for row in self.rows(run, "SELECT * FROM samples ORDER BY id")]

    def assert_resumed_whole(self, run, before, kept):
        """Everything that was there still is, and what was missing came to it."""
        self.measure("--resume", run)
        self.assertEqual(kept, self.samples(run)[:len(kept)])
        for cell in self.results(run, expect=None)["cells"]:
            self.assertEqual(VISITS, cell["metrics"]["latency_ms"]["replicates"])
            self.assertEqual("pass", statuses(cell)["errors"])
        once = self.rows(run, "SELECT round, cell FROM visits WHERE finished GROUP BY 1, 2 HAVING count(*) > 1")
        self.assertEqual([], once, "a visit that was finished was repeated")
        self.assert_clean(before, self.manifest(run)["resumed"][-1]["backend"]["tag"])


class Conductor(KillTest):
    def test_killed_at_any_moment(self):
        for number, (samples, delay_s) in enumerate(((0, 0.0), (1, 0.003), (9, 0.017), (40, 0.0), (90, 0.008))):
            with self.subTest(samples=samples, delay_s=delay_s):
                before = self.look_around()
                run = self.folder / f"run{number}"
                process = self.begin(EXPERIMENT, run, samples)
                tag = self.tag_of(run)
                self.assertNotEqual([], cgroups(tag))
                self.kill(process.pid, delay_s)
                self.finish(process, -9)
                self.assert_nothing_left(before, tag)
                self.assertEqual([tag], self.marks())
                self.lumos("results", run, expect=None)
                kept = self.samples(run)
                self.assertGreaterEqual(len(kept), samples)
                self.assert_resumed_whole(run, before, kept)
                self.assertEqual([], cgroups(tag), "the next start removes what the killed one left")

    def test_killed_while_it_starts(self):
        for number, delay_s in enumerate((0.02, 0.06, 0.12, 0.2)):
            with self.subTest(delay_s=delay_s):
                before = self.look_around()
                run = self.folder / f"early{number}"
                process = self.start("run", self.experiment(EXPERIMENT), "--out", run)
                self.kill(process.pid, delay_s)
                self.finish(process, -9)
                tags = self.marks()
                self.assert_nothing_left(before, tags)
                self.measure(self.experiment(EXPERIMENT), "--set", "runtimes=[sandbox]", "--set", "stop={min: 1, max: 1}", "--out", self.folder / f"next{number}")
                for tag in tags:
                    self.assertEqual([], cgroups(tag))
                self.assert_clean(before, self.tag_of(self.folder / f"next{number}"))


    def test_killed_while_its_processes_are_stopped(self):
        """Then none of them sees its channel close: only the kernel's own word at the death of a parent ends them."""
        before = self.look_around()
        run = self.folder / "run"
        process = self.begin(EXPERIMENT, run, 5)
        tag, children = self.tag_of(run), children_of(process.pid)
        self.assertEqual(3, len(children))
        for child in children:
            os.kill(child, signal.SIGSTOP)
        self.kill(process.pid)
        self.finish(process, -9)
        self.assert_nothing_left(before, tag)
        kept = self.samples(run)
        self.assertGreaterEqual(len(kept), 5)
        self.assert_resumed_whole(run, before, kept)


class Child(KillTest):
    NAMES = ("launcher", "gateway", "generator")

    def test_each_killed_in_mid_run_ends_the_run_and_loses_nothing(self):
        for number, name in enumerate(self.NAMES):
            with self.subTest(name):
                before = self.look_around()
                run = self.folder / name
                process = self.begin(EXPERIMENT, run, 15)
                children = children_of(process.pid)
                self.assertEqual(len(self.NAMES), len(children))
                seen = self.samples(run)
                self.kill(children[number])
                killed = time.monotonic()
                ended = self.finish(process, None)
                self.assertLess(time.monotonic() - killed, 20, "it waited for the dead")
                self.assertIn(ended.code, (3, 70), str(ended))
                self.assert_error(ended, ended.code, str(run), "process", f"--resume {run}")
                self.assert_clean(before, self.tag_of(run))
                kept = self.samples(run)
                self.assertEqual(seen, kept[:len(seen)])
                self.assertEqual(["broken"], [row[0] for row in self.rows(run, "SELECT kind FROM events")])
                self.lumos("results", run, expect=None)
                self.assert_resumed_whole(run, before, kept)

    def test_one_that_is_stopped_for_a_while_is_waited_for(self):
        run = self.folder / "run"
        process = self.begin(EXPERIMENT, run, 10)
        gateway = children_of(process.pid)[1]
        os.kill(gateway, signal.SIGSTOP)
        wait_until(lambda: b") T " in read(f"/proc/{gateway}/stat"), "the gateway stopped")
        count = self.count(run)
        os.kill(gateway, signal.SIGCONT)
        wait_until(lambda: self.count(run) > count or process.poll() is not None, "it goes on")
        self.assertIn(self.finish(process, None).code, (0, 1))
        self.assertEqual({"ok"}, {row[0] for row in self.rows(run, "SELECT outcome FROM samples")})


class Instance(KillTest):
    def disturb(self, signal_number):
        before = self.look_around()
        run = self.folder / "run"
        process = self.begin(LONG, run, 0)
        tag = self.tag_of(run)
        os.kill(self.computing_instance(tag), signal_number)
        ended = self.finish(process, 1)
        self.assertIn("errors", ended.out)
        self.assert_clean(before, tag)
        document = self.results(run, expect=1)
        return run, cell_of(document)["outcomes"]

    def test_killed_in_mid_request_is_a_reset_and_the_run_goes_on(self):
        run, outcomes = self.disturb(signal.SIGKILL)
        self.assertEqual({"reset": 1, "ok": 2}, outcomes)
        self.assertIn("ended by itself with 137", self.rows(run, "SELECT note FROM instances ORDER BY id")[0][0])

    def test_that_hangs_is_a_timeout_and_the_run_goes_on(self):
        run, outcomes = self.disturb(signal.SIGSTOP)
        self.assertEqual({"timeout": 1, "ok": 2}, outcomes)
        lost, = self.rows(run, "SELECT done_ns - intended_ns FROM samples WHERE outcome = 'timeout'")
        self.assertGreater(lost[0], 2.9e9)
        self.assertLess(lost[0], 6e9)


class Interrupt(KillTest):
    def test_ends_the_run_and_leaves_nothing(self):
        before = self.look_around()
        run = self.folder / "run"
        # From a terminal Ctrl-C goes to the whole foreground group: only the conductor may heed it.
        process = self.start("run", self.experiment(EXPERIMENT), "--out", run, start_new_session=True)
        wait_until(lambda: self.count(run) >= 10, "10 samples")
        os.killpg(process.pid, signal.SIGINT)
        ended = self.finish(process, 130)
        self.assertIn("Interrupted: what was measured is kept.", ended.out)
        self.assert_clean(before, self.tag_of(run))
        self.assertEqual({"ok"}, {row[0] for row in self.rows(run, "SELECT outcome FROM samples")})
        kept = self.samples(run)
        self.assertEqual(["run", "--resume", str(run)], self.next_command(ended))
        self.assert_resumed_whole(run, before, kept)

    def test_twice_ends_at_once_and_leaves_nothing_but_groups(self):
        before = self.look_around()
        run = self.folder / "run"
        process = self.begin(LONG.replace("timeout: 3s", "timeout: 60s").replace("[sandbox]", "[wasm-interp]"), run, 0)
        tag = self.tag_of(run)
        process.send_signal(signal.SIGINT)
        wait_until(lambda: "again" in process.stderr.readline(), "the first was heard")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
        self.assertEqual(130, process.returncode)
        self.assert_nothing_left(before, tag)
        self.measure(self.experiment(EXPERIMENT), "--set", "runtimes=[sandbox]", "--set", "stop={min: 1, max: 1}")
        self.assertEqual([], cgroups(tag))


class Together(KillTest):
    def test_two_runs_at_once_both_succeed(self):
        before = self.look_around()
        runs = [self.folder / name for name in ("one", "two")]
        settings = ["--set", "stop={min: 3, max: 3, invocations: 4}"]
        processes_of_both = [self.start("run", self.experiment(EXPERIMENT), "--out", run, *settings) for run in runs]
        for process, run in zip(processes_of_both, runs):
            ended = self.finish(process, None)
            self.assertIn(ended.code, (0, 1), str(ended))
            for cell in self.results(run, expect=None)["cells"]:
                self.assertEqual({"ok": cell["metrics"]["latency_ms"]["n"]}, cell["outcomes"])
                for name in ("errors", "same_output", cell["factors"]["start"] + "_verified"):
                    self.assertEqual("pass", statuses(cell)[name])
        tags = {self.tag_of(run) for run in runs}
        self.assertEqual(2, len(tags))
        for tag in tags:
            self.assert_clean(before, tag)

    def test_a_start_leaves_the_living_alone(self):
        run = self.folder / "living"
        process = self.begin(EXPERIMENT, run, 5)
        tag = self.tag_of(run)
        self.measure(self.experiment(EXPERIMENT), "--set", "runtimes=[sandbox]", "--set", "stop={min: 1, max: 1}", "--out", self.folder / "other")
        if process.poll() is None:
            self.assertNotEqual([], cgroups(tag))
        self.assertIn(self.finish(process, None).code, (0, 1))
        self.assertEqual({"ok"}, {row[0] for row in self.rows(run, "SELECT outcome FROM samples")})


if __name__ == "__main__":
    unittest.main()
