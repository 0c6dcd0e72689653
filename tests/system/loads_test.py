"""Loads on real runtimes: every request of every window is accounted for, and what breaks under load is an outcome."""

import json
import pathlib
import signal
import subprocess
import unittest

from lumos_cli import REPO, wait_until
from lumos_local import LocalTest
from results_contract import statuses

LIAR = pathlib.Path(__file__).resolve().parent / "liar.c"
DIGEST = json.loads((REPO / "functions/noop/function.json").read_text())["expected"][0]["digest"]
OUTCOMES = ("ok", "wrong_output", "bad_status", "malformed", "refused", "reset", "timeout", "launch_failed", "not_ready", "no_socket")
CLOSED = """
name: closed
functions: [noop]
runtimes: [crun, wasm-aot]
load: {closed: {concurrency: [1, 8], duration: 500ms, warmup: 300ms, samples: 20}}
stop: {min: 2, max: 2, timeout: 20s}
"""
OPEN = """
name: open
functions: [noop]
runtimes: [sandbox]
load: {open: {rate: [100], arrivals: uniform, duration: 1s, warmup: 300ms}}
stop: {min: 2, max: 2, timeout: 20s}
"""


class LoadsTest(LocalTest):
    FUNCTIONS = ["noop"]

    def measured(self, experiment):
        before, run = self.look_around(), self.folder / "run"
        self.ended = self.lumos("run", self.experiment(experiment), "--out", run, expect=None)
        self.assert_clean(before, self.tag_of(run))
        loads = self.rows(run, "SELECT * FROM loads")
        for load in loads:
            self.assertEqual(load["requests"], sum(load[name] for name in OUTCOMES), dict(load))
            counted = self.rows(run, "SELECT coalesce(sum(count), 0) FROM load_latencies WHERE visit=?", load["visit"])[0][0]
            self.assertEqual(load["ok"], counted)
            self.assertEqual(load["kept"], self.rows(run, "SELECT count(*) FROM samples WHERE visit=?", load["visit"])[0][0])
        return run, loads


class Loads(LoadsTest):
    def test_a_closed_load_is_answered_rightly_and_joined(self):
        run, loads = self.measured(CLOSED)
        self.assertEqual(2 * 2 * 2, len(loads), str(self.ended))
        for load in loads:
            self.assertGreater(load["requests"], 20)
            self.assertEqual(load["requests"], load["ok"])
            self.assertEqual(load["requests"], load["warm"] + load["cold"] + load["behind"] + load["first"], "the gateway saw each of them")
            self.assertGreater(load["instance_cpu_ns"], 0)
            self.assertEqual(40, len(json.loads(load["backlog"])))
        samples = self.rows(run, "SELECT * FROM samples")
        self.assertEqual(8 * 20, len(samples))
        for s in samples:
            self.assertEqual(("ok", "warm", 1), (s["outcome"], s["start"], s["start_verified"]), dict(s))
            stamps = [s[name] for name in ("intended_ns", "sent_ns", "received_ns", "dispatched_ns", "responded_ns", "done_ns")]
            self.assertEqual(sorted(stamps), stamps)
        for cell in self.results(run, expect=None)["cells"]:
            self.assertEqual("pass", statuses(cell)["errors"])
            self.assertGreater(cell["metrics"]["throughput_per_s"], 0)
            self.assertGreater(cell["metrics"]["cpu_ms"], 0)
            self.assertGreater(cell["metrics"]["memory_peak_bytes"], 0)

    def test_an_open_load_sends_what_is_due(self):
        run, loads = self.measured(OPEN)
        self.assertEqual([(100, 100, 100.0)] * 2, [(load["requests"], load["ok"], load["asked_per_s"]) for load in loads], str(self.ended))
        self.assertEqual(200, self.count(run))
        intended = sorted(row[0] for row in self.rows(run, "SELECT intended_ns FROM samples WHERE visit=1"))
        self.assertEqual({10_000_000}, {b - a for a, b in zip(intended, intended[1:])}, "evenly")

    def test_an_interrupt_ends_the_window_and_leaves_nothing(self):
        before, run = self.look_around(), self.folder / "run"
        process = self.start("run", self.experiment(OPEN.replace("duration: 1s", "duration: 10m")), "--out", run)
        wait_until(lambda: process.poll() is not None or ((run / "manifest.json").exists() and self.count(run, "visits") > 0), "a visit")
        process.send_signal(signal.SIGINT)
        ended = self.finish(process, 130)
        self.assertEqual(0, self.count(run, "loads"), "no repetition is whole")
        self.assertIn("--resume", ended.out)
        self.assert_clean(before, self.tag_of(run))


class Bad(LoadsTest):
    """A binary in the place of noop's that goes wrong at its 40th request."""

    def broken(self, each):
        binary = self.copy_artefacts()["noop", "native"] / "function"
        subprocess.run(["gcc", "-static", "-O1", "-w", f'-DDIGEST="{DIGEST}"', f"-DEACH={each}", "-o", binary, LIAR], check=True)
        run, (load,) = self.measured("""
functions: [noop]
runtimes: [crun]
load: {open: {rate: [60], arrivals: uniform, duration: 1s, warmup: 200ms}}
stop: {min: 1, max: 1, timeout: 2s}
""")
        self.assertEqual(1, self.ended.code, str(self.ended))
        self.assert_finding_and_next(self.ended)
        self.assertEqual(60, load["requests"])
        cell, = self.results(run, expect=1)["cells"]
        self.assertEqual("fail", statuses(cell)["errors"])
        self.assertIn("errors", self.ended.out)
        self.assertGreater(self.count(run, "instances"), 1, "another one was made")
        return load

    def test_a_crash_resets_what_was_under_way_and_others_go_on(self):
        load = self.broken("if (n == 40) _exit(3)")
        self.assertGreater(load["reset"], 0)
        self.assertGreater(load["ok"], 30)

    def test_a_hang_times_out(self):
        load = self.broken("if (n == 40) pause()")
        self.assertGreater(load["timeout"] + load["not_ready"] + load["bad_status"], 0)
        self.assertGreater(load["ok"], 20)

    def test_one_that_takes_all_memory_is_ended(self):
        load = self.broken("if (n == 40) for (;;) memset(malloc(1 << 20), 1, 1 << 20)")
        self.assertGreater(load["reset"] + load["timeout"], 0)
        self.assertGreater(load["ok"], 20)


class Capacity(LocalTest):
    FUNCTIONS = ["noop"]

    def test_finds_a_rate_on_a_real_runtime(self):
        before, out = self.look_around(), self.folder / "capacity"
        experiment = self.experiment("""
functions: [noop]
runtimes: [sandbox]
load: {open: {rate: [50], duration: 400ms, warmup: 100ms}}
stop: {timeout: 5s}
""")
        ended = self.lumos("capacity", experiment, "--slo", "p50<1s,error<50%", "--precision", "50%", "--budget", "20s", "--out", out, "--json", expect=None)
        self.assertIn(ended.code, (0, 1), str(ended))
        cell, = json.loads(ended.out)["cells"]
        self.assertGreater(len(cell["probes"]), 1, str(ended))
        for probe in cell["probes"]:
            self.assertEqual(6, self.count(probe["run"], "loads"))
            self.assertEqual(probe["rate_per_s"], self.results(probe["run"], expect=None)["cells"][0]["factors"]["rate"])
        met = [probe["rate_per_s"] for probe in cell["probes"] if probe["meets"]]
        self.assertEqual(max(met, default=None), cell["rate_per_s"], str(ended))
        for tag in {self.tag_of(probe["run"]) for probe in cell["probes"]}:
            self.assert_clean(before, tag)


if __name__ == "__main__":
    unittest.main()
