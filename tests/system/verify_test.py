"""`lumos functions verify`: functions keep their contract on every runtime, and one that does not is caught."""

import json
import shutil
import unittest

from lumos_cli import BUILD_PATIENCE_S, HOME, RUNTIMES
from lumos_local import LocalTest

# One of each kind: nothing, one number, an object.
SAMPLE = ["noop", "fibonacci", "transfer"]


class Verify(LocalTest):
    FUNCTIONS = SAMPLE

    def setUp(self):
        super().setUp()
        inputs = self.home / "inputs"  # made once for all tests
        (HOME / "inputs").mkdir(exist_ok=True)
        inputs.symlink_to(HOME / "inputs")
        for shared in ("build", "cargo"):
            (self.home / shared).symlink_to(HOME / shared)

    def verify(self, *arguments, expect):
        ended = self.lumos("functions", "verify", *arguments, "--json", expect=expect, patience_s=BUILD_PATIENCE_S)
        document = json.loads(ended.out)
        self.assertEqual(1, document["schema"])
        return {(v["function"], v["runtime"]): v for v in document["verified"]}

    def test_functions_keep_every_line_on_every_runtime(self):
        before = self.look_around()
        verified = self.verify(*SAMPLE, expect=0)
        self.assertEqual({(f, r) for f in SAMPLE for r in RUNTIMES}, set(verified))
        for found in verified.values():
            self.assertTrue(found["kept"], found)
            self.assertGreaterEqual(len(found["lines"]), 14)
            self.assertEqual({True}, {line["kept"] for line in found["lines"]})
        self.assertEqual(before, self.look_around(), "nothing is left")
        self.assertEqual([], self.marks())

    def test_a_function_that_answers_something_else_is_caught(self):
        roots = self.copy_artefacts()
        shutil.copy2(roots["fibonacci", "native"] / "function", roots["noop", "native"] / "function")
        verified = self.verify("noop", "--runtimes", "crun,wasm-interp", expect=1)
        self.assertTrue(verified["noop", "wasm-interp"]["kept"])
        broken = {line["line"]: line["detail"] for line in verified["noop", "crun"]["lines"] if not line["kept"]}
        self.assertIn("a right request in json: expected 200, got 400", broken["answer"])
        self.assertIn("missing field", broken["answer"])
        self.assertNotIn("smuggling", broken, "what it does not break is not held against it")

    def test_a_function_that_never_listens_is_caught(self):
        roots = self.copy_artefacts()
        (roots["noop", "native"] / "function").write_bytes(b"no program")
        ended = self.lumos("functions", "verify", "noop", "--runtimes", "sandbox", expect=1)
        self.assertIn("noop\n  sandbox      BROKEN\n    ready: ", ended.out)
        self.assert_finding_and_next(ended)

    def test_what_is_unknown_is_refused_before_anything_is_built(self):
        self.assert_error(self.lumos("functions", "verify", "teapot", expect=None), 2, "no function 'teapot'")
        self.assert_error(self.lumos("functions", "verify", "--runtimes", "crum", expect=None), 2, "no runtime 'crum'", "crun")


if __name__ == "__main__":
    unittest.main()
