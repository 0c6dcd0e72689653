#!/usr/bin/env python3
"""Links between client and node, for real: packets come late, are lost and are held up as asked, and what was found is recorded."""

import pathlib
import unittest

from lumos_local import LocalTest
from results_contract import statuses

SLOW = "{name: slow, delay: 20ms, up: {rate: 20Mbit}, down: {rate: 20Mbit, loss: 1%}}"
AWAY = "{name: away, delay: 2ms, outage: {at: 2s, for: 10s}}"


class Links(LocalTest):
    FUNCTIONS = ["noop"]

    def run_with(self, links, more="", name="e.yaml", expect=None):
        run = self.folder / pathlib.Path(name).stem
        text = f"functions: [noop]\nruntimes: [sandbox]\nstart: [warm]\nlinks: {links}\n{more}\n"
        ended = self.lumos("run", self.experiment(text, name), "--out", run, expect=expect)
        self.assertIn(ended.code, (0, 1), str(ended))
        return run

    def cells(self, run):
        return {cell["factors"]["link_client"]: cell for cell in self.results(run, expect=None)["cells"]}

    def test_a_link_delays_what_passes_it_and_says_what_it_does(self):
        before = self.look_around()
        run = self.run_with(f"{{client: [none, {SLOW}]}}", "stop: {min: 6, max: 6, invocations: 5}")
        cells = self.cells(run)
        fast, slow = (cells[name]["metrics"]["latency_ms"]["p50"] for name in ("none", "slow"))
        # Both ways, and not much more: one invocation on a connection that stands.
        self.assertGreater(slow, fast + 39.9)
        self.assertLess(slow, fast + 80)
        self.assertNotIn("link_as_asked", statuses(cells["none"]))
        self.assertIn("link_as_asked", statuses(cells["slow"]))
        link = self.manifest(run)["backend"]["links"][0]
        self.assertEqual("client", link["place"])
        self.assertEqual(20_000_000, link["asked"]["up"]["delay_ns"])
        self.assertIn("lumos", link["emulator"])
        for direction in ("up", "down"):
            found = link["found"][direction]
            self.assertGreaterEqual(found["delay_ms"], 20)
            self.assertAlmostEqual(20e6, found["rate_bit_per_s"], delta=6e6)
        self.assertGreater(link["found"]["down"]["lost"], 0)
        self.assertGreater(link["found"]["connect_ms"], 40)
        self.assert_clean(before, self.tag_of(run))

    def test_a_link_that_does_not_do_as_asked_fails_its_check(self):
        run = self.run_with(f"{{client: {SLOW}}}", "stop: {min: 1, max: 1, invocations: 1}")
        path = run / "manifest.json"
        path.write_text(path.read_text().replace('"delay_ns": 20000000', '"delay_ns": 60000000'))
        cell = self.cells(run)["slow"]
        self.assertEqual("fail", statuses(cell)["link_as_asked"])

    def test_an_outage_of_ten_seconds_is_survived(self):
        before = self.look_around()
        run = self.run_with(f"{{client: {AWAY}}}", "stop: {min: 40, max: 40, invocations: 30, timeout: 3s, budget: 25s}")
        outcomes = self.cells(run)["away"]["outcomes"]
        self.assertGreater(outcomes.get("ok", 0), 50, outcomes)
        self.assertGreater(sum(outcomes.values()) - outcomes["ok"], 0, outcomes)
        self.assertLessEqual(set(outcomes), {"ok", "timeout", "reset", "refused"}, outcomes)
        self.assert_clean(before, self.tag_of(run))


if __name__ == "__main__":
    unittest.main()
