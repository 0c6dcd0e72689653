"""Experiments over load and `capacity` on the fake backend: one server at a time, first come first served, in no time."""

import json
import unittest

from lumos_cli import LumosTest
from results_contract import statuses

CLOSED = """
name: closed
functions: [noop]
runtimes: [runc, crun]
load: {closed: {concurrency: [1, 4, 16], duration: 500ms, warmup: 100ms, samples: 50}}
stop: {min: 6, max: 6, budget: 1h}
"""
OPEN = """
name: open
functions: [noop]
runtimes: [crun]
load: {open: {rate: [100, 20000], arrivals: poisson, duration: 500ms, warmup: 100ms, samples: 100}}
stop: {min: 6, max: 6, budget: 1h}
"""


class Closed(LumosTest):
    def test_every_level_is_measured_and_saturation_marked(self):
        run = self.folder / "run"
        self.lumos("run", self.experiment(CLOSED), "--out", run, "--backend", "fake", expect=None)
        document = self.results(run, expect=None)
        self.assertEqual(6, len(document["cells"]))
        for cell in document["cells"]:
            factors, metrics = cell["factors"], cell["metrics"]
            self.assertEqual(("closed", None, None, None), tuple(factors[f] for f in ("load", "rate", "arrivals", "start")))
            self.assertEqual(6, metrics["latency_ms"]["replicates"])
            lo, hi = metrics["throughput_per_s_ci"]
            self.assertTrue(lo <= metrics["throughput_per_s"] <= hi)
            # One at a time: more users wait longer, and get no more.
            self.assertEqual(factors["concurrency"] > 1, metrics["load"]["saturated"] and factors["concurrency"] > 1)
            self.assertEqual("pass", statuses(cell)["load_delivered"])
        crun = {c["factors"]["concurrency"]: c["metrics"] for c in document["cells"] if c["factors"]["runtime"] == "crun"}
        self.assertAlmostEqual(4, crun[16]["latency_ms"]["p50"] / crun[4]["latency_ms"]["p50"], delta=0.4)
        # Little's law: users = throughput x time.
        self.assertAlmostEqual(16, crun[16]["throughput_per_s"] * crun[16]["latency_ms"]["mean"] / 1e3, delta=0.5)

    def test_samples_are_bounded_and_nothing_is_lost(self):
        run = self.folder / "run"
        self.lumos("run", self.experiment(CLOSED), "--out", run, "--backend", "fake", expect=None)
        for load in self.rows(run, "SELECT * FROM loads"):
            kept = self.rows(run, "SELECT count(*) FROM samples WHERE visit=?", load["visit"])[0][0]
            self.assertEqual((50, 50), (kept, load["kept"]))
            self.assertGreater(load["requests"], 200)
            outcomes = sum(load[name] for name in ("ok", "wrong_output", "bad_status", "malformed", "refused", "reset", "timeout",
                                                   "launch_failed", "not_ready", "no_socket"))
            self.assertEqual(load["requests"], outcomes)
            counted = self.rows(run, "SELECT sum(count) FROM load_latencies WHERE visit=?", load["visit"])[0][0]
            self.assertEqual(load["ok"], counted)
            self.assertEqual(40, len(json.loads(load["backlog"])))

    def test_text_has_a_row_per_level(self):
        run = self.folder / "run"
        self.lumos("run", self.experiment(CLOSED), "--out", run, "--backend", "fake", expect=None)
        ended = self.lumos("results", run, expect=None)
        for words in ("noop crun, closed load", "16 users", "right/s", "saturated"):
            self.assertIn(words, ended.out)
        self.assertLessEqual(max(map(len, ended.out.splitlines())), 120)
        self.assert_finding_and_next(ended)

    def test_a_run_that_was_cut_is_resumed(self):
        run = self.folder / "run"
        self.lumos("run", self.experiment(CLOSED), "--out", run, "--backend", "fake", "--budget", "5s", expect=None)
        before = self.count(run, "loads")
        self.assertTrue(0 < before < 36, before)
        self.lumos("run", "--resume", run, "--backend", "fake", expect=None)
        self.assertGreater(self.count(run, "loads"), before)
        self.assertEqual(self.count(run, "visits"), self.count(run, "loads"))


class Open(LumosTest):
    def test_a_rate_beyond_what_can_be_served_is_saturated(self):
        run = self.folder / "run"
        self.lumos("run", self.experiment(OPEN), "--out", run, "--backend", "fake", expect=None)
        cells = {c["factors"]["rate"]: c for c in self.results(run, expect=None)["cells"]}
        self.assertEqual({100, 20000}, set(cells))
        self.assertFalse(cells[100]["metrics"]["load"]["saturated"])
        self.assertTrue(cells[20000]["metrics"]["load"]["saturated"])
        self.assertTrue(cells[20000]["metrics"]["load"]["backlog_growth"]["grows"])
        self.assertFalse(cells[100]["metrics"]["load"]["backlog_growth"]["grows"])

    def test_dry_run_names_the_levels(self):
        ended = self.lumos("run", self.experiment(OPEN), "--dry-run")
        for words in ("noop crun 100/s poisson", "a window of 500 ms after 100 ms of warm-up"):
            self.assertIn(words, ended.out)


class Capacity(LumosTest):
    def capacity(self, *arguments, expect=0):
        return self.lumos("capacity", self.experiment(OPEN), "--backend", "fake", *arguments, expect=expect)

    def test_finds_the_rate_and_records_every_probe(self):
        out = self.folder / "capacity"
        document = json.loads(self.capacity("--slo", "p99<5ms,error<1%", "--out", out, "--json").out)
        cell, = document["cells"]
        lo, hi = cell["between_per_s"]
        self.assertTrue(lo <= cell["rate_per_s"] <= hi, cell)
        self.assertEqual("known", cell["ended"])
        self.assertGreater(cell["rate_per_s"], 100)
        for probe in cell["probes"]:
            results = self.results(probe["run"], expect=None)
            self.assertEqual(probe["rate_per_s"], results["cells"][0]["factors"]["rate"])
            self.assertEqual(6, results["cells"][0]["metrics"]["latency_ms"]["replicates"])
            self.assertEqual(probe["meets"], probe["reason"] is None)
        # What is there is not measured again.
        again = json.loads(self.capacity("--slo", "p99<5ms,error<1%", "--resume", out, "--json").out)
        self.assertEqual(document["cells"], again["cells"])
        text = self.capacity("--slo", "p99<5ms,error<1%", "--resume", out)
        self.assert_finding_and_next(text)

    def test_no_rate_meets_is_a_failure(self):
        ended = self.capacity("--slo", "p50<1us", "--json", expect=1)
        cell, = json.loads(ended.out)["cells"]
        self.assertEqual((None, "none_meets"), (cell["rate_per_s"], cell["ended"]))

    def test_bad_arguments(self):
        self.assert_error(self.capacity("--slo", "p99>5ms", expect=2), 2, "p99>5ms")
        self.assert_error(self.capacity("--slo", "cost<2.5USD/1M", expect=2), 2, "cost is not available yet")
        self.assert_error(self.capacity("--slo", "p99<5ms", "--precision", "0", expect=2), 2, "--precision")
        self.assert_error(self.capacity("--slo", "p99<5ms", "--budget", "soon", expect=2), 2, "--budget")
        self.assert_error(self.capacity("--slo", "p99<5ms", "--resume", self.folder / "none", expect=2), 2, "--resume")


if __name__ == "__main__":
    unittest.main()
