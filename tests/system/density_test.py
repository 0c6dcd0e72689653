"""Instances side by side: what they take is read at every number of them, and nothing stays."""

import unittest

from lumos_local import LocalTest

EXPERIMENT = """
name: density
functions: [noop]
runtimes: [sandbox, crun, wasm-aot]
start: [cold]
telemetry: {probes: 0}
stop: {min: 1, max: 1}
density: 4
"""


class Density(LocalTest):
    def test_every_number_of_instances_is_read(self):
        before = self.look_around()
        run = self.folder / "run"
        ended = self.measure(self.experiment(EXPERIMENT), "--out", run)
        self.assert_clean(before, self.tag_of(run))
        rows = self.rows(run, "SELECT * FROM density")
        self.assertEqual(3 * 3 * 5, len(rows), str(ended))
        document = self.results(run, expect=None)
        self.assertEqual(["sandbox", "crun", "wasm-aot"], [d["factors"]["runtime"] for d in document["density"]])
        for density in document["density"]:
            with self.subTest(density["factors"]["runtime"]):
                self.assertEqual(3, density["repetitions"])
                self.assertEqual([1, 2, 3, 4], [point["instances"] for point in density["points"]])
                sums = [point["pss_bytes"] for point in density["points"]]
                self.assertEqual(sorted(sums), sums, "one more takes more")
                self.assertGreater(density["pss_bytes"]["each"], 0)
                self.assertGreater(density["memory_bytes"]["each"], 0)
                # The points lie on the line: what is once, and so much for each.
                line = density["pss_bytes"]["once"] + 4 * density["pss_bytes"]["each"]
                self.assertLess(abs(line - sums[-1]), 0.1 * sums[-1])
        of = {density["factors"]["runtime"]: density for density in document["density"]}
        self.assertGreater(of["wasm-aot"]["pss_bytes"]["once"], 10 * of["crun"]["pss_bytes"]["each"], "libLLVM is there once")
        self.assertIn("side by side", self.lumos("results", run, expect=None).out)


if __name__ == "__main__":
    unittest.main()
