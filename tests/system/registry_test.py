#!/usr/bin/env python3
"""Cold starts that pull their image, for real: from Debian's registry, over a link or none, with the base there or not."""

import unittest

from lumos_local import LocalTest
from results_contract import statuses

THIN = "{name: thin, delay: 10ms, rate: 20Mbit}"


class Pulls(LocalTest):
    FUNCTIONS = ["noop"]

    def cells_of(self, text):
        """The cells of a run of it, each with nothing but right answers and its cache verified; it leaves nothing behind."""
        before, run = self.look_around(), self.folder / "run"
        more = "functions: [noop]\nstart: [cold]\ntelemetry: {probes: 1}\nstop: {min: 3, max: 3}\n"
        ended = self.lumos("run", self.experiment(more + text), "--out", run, expect=None)
        self.assertIn(ended.code, (0, 1), str(ended))
        cells = self.results(run, expect=None)["cells"]
        for cell in cells:
            self.assertEqual({"ok": 3}, {k: v for k, v in cell["outcomes"].items() if v}, str(ended))
            self.assertEqual("pass", statuses(cell)["cache_verified"], cell["checks"])
            pulled = cell["factors"]["cache"] in ("remote", "base-cached")
            for phase in ("pull", "unpack"):
                self.assertEqual(pulled, phase in cell["metrics"]["phases_ms"], cell["factors"])
        self.assert_clean(before, self.tag_of(run))
        self.assertFalse((self.home / "content").exists(), "what was pulled goes with the run")
        return run, cells

    def test_a_remote_image_is_pulled_over_the_link_and_unpacked_in_every_start(self):
        run, cells = self.cells_of(f"runtimes: [sandbox, crun, wasm-aot]\ncache: [memory, remote]\nlinks: {{registry: [none, {THIN}]}}\n")
        self.assertEqual(9, len(cells))
        for cell in cells:
            link, phases = cell["factors"]["link_registry"], cell["metrics"]["phases_ms"]
            if cell["factors"]["cache"] == "memory":
                self.assertIsNone(link)
            elif link == "thin":
                # One handshake, three answers: four times there and back. What it does is in the manifest.
                self.assertGreater(phases["pull"], 80)
                self.assertIn("link_as_asked", statuses(cell))
            else:
                self.assertLess(phases["pull"], 80)
                self.assertNotIn("link_as_asked", statuses(cell))
        [link] = self.manifest(run)["backend"]["links"]
        self.assertEqual("registry", link["place"])
        for direction in ("up", "down"):
            self.assertGreaterEqual(link["found"][direction]["delay_ms"], 10)
            self.assertAlmostEqual(20e6, link["found"][direction]["rate_bit_per_s"], delta=6e6)
        stamps = self.rows(run, "SELECT * FROM samples WHERE pull_begin_ns IS NOT NULL")
        self.assertGreaterEqual(len(stamps), 6 * 3)
        for s in stamps:
            order = [s[f"{name}_ns"] for name in ("received", "pull_begin", "pull_end", "unpack_begin", "unpack_end", "create_begin")]
            self.assertEqual(sorted(order), order)

    def test_of_a_base_that_is_there_only_the_rest_is_pulled(self):
        run, cells = self.cells_of("runtimes: [runc, crun]\nbase: [debian-slim]\ncache: [remote, base-cached]\n")
        pulled = {(c["factors"]["runtime"], c["factors"]["cache"]): c["metrics"]["phases_ms"] for c in cells}
        self.assertEqual(4, len(pulled))
        for runtime in ("runc", "crun"):
            whole, rest = pulled[runtime, "remote"], pulled[runtime, "base-cached"]
            self.assertLess(3 * (rest["pull"] + rest["unpack"]), whole["pull"] + whole["unpack"])
        looked_at = self.rows(run, "SELECT DISTINCT json_extract(c.factors, '$.cache') AS cache, image_layers, image_layers_there FROM visits v"
                                   " JOIN cells c ON c.id = v.cell ORDER BY cache")
        self.assertEqual([("base-cached", 2, 1), ("remote", 2, 0)], [tuple(row) for row in looked_at])

    def test_a_registry_that_goes_makes_launches_fail_and_the_run_goes_on(self):
        away = "{name: away, outage: {at: 1ms, for: 10m}}"
        run = self.folder / "run"
        text = f"functions: [noop]\nruntimes: [crun]\nstart: [cold]\ncache: remote\nlinks: {{registry: {away}}}\n" \
               "telemetry: {probes: 0}\nstop: {min: 2, max: 2, timeout: 2s}\n"
        ended = self.lumos("run", self.experiment(text), "--out", run, expect=None)
        self.assertEqual(1, ended.code, str(ended))
        [cell] = self.results(run, expect=None)["cells"]
        outcomes = {k: v for k, v in cell["outcomes"].items() if v}
        self.assertLessEqual(set(outcomes), {"launch_failed", "not_ready"}, outcomes)
        self.assertEqual(2, sum(outcomes.values()))


if __name__ == "__main__":
    unittest.main()
