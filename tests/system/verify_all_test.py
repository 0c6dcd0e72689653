"""The whole product: every function and payload of its sweep, on every runtime and storage, in every format, gives the digest that is
known for it. Takes long, and is asked for by name: ./dev test verify-all."""

import json
import unittest

from lumos_cli import REPO, RUNTIMES
from lumos_local import LocalTest
from results_contract import statuses

FUNCTIONS = [json.loads(file.read_text()) for file in sorted(REPO.glob("functions/*/function.json"))]
PATIENCE_S = 3 * 3600


class VerifyAll(LocalTest):
    FUNCTIONS = [function["name"] for function in FUNCTIONS]
    SHARED = ("inputs", "tools", "build", "cargo")

    def test_every_digest_is_the_known_one(self):
        self.assertEqual(14, len(FUNCTIONS))
        factors = "\n".join(f"  - {{name: {f['name']}" + (f", payload: {f['sweep']}}}" if f.get("sweep") else "}") for f in FUNCTIONS)
        run = self.folder / "run"
        ended = self.lumos("run", self.experiment(f"""
functions:
{factors}
runtimes: [{", ".join(RUNTIMES)}]
start: cold
storage: [inline, local, redis, s3]
format: [json, cbor, protobuf]
stop: {{min: 1, max: 1, timeout: 5m, budget: 3h}}
telemetry: {{probes: 0, series: off}}
"""), "--out", run, expect=None, patience_s=PATIENCE_S)
        self.assertIn(ended.code, (0, 1), str(ended))
        samples = self.rows(run, "SELECT s.outcome, s.digest, c.expected_digest, c.factors FROM cells c LEFT JOIN visits v ON v.cell = c.id"
                                 " LEFT JOIN samples s ON s.visit = v.id")
        print(f"{len(samples)} combinations", flush=True)
        for sample in samples:
            self.assertEqual(("ok", sample["expected_digest"]), (sample["outcome"], sample["digest"]), sample["factors"])
            self.assertIsNotNone(sample["expected_digest"], sample["factors"])
        for cell in self.results(run, expect=None)["cells"]:
            self.assertEqual("pass", statuses(cell)["same_output"], cell["factors"])
            if cell["factors"]["runtime"] == "wasm-aot":
                self.assertEqual("pass", statuses(cell)["aot_executed"], cell["factors"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
