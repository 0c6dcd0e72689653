"""`lumos functions verify`: functions keep their contract on every runtime, and one that does not is caught."""

import json
import shutil
import unittest

from lumos_cli import BUILD_PATIENCE_S, RUNTIMES
from lumos_local import LocalTest

# One of each kind: nothing, one number, an object.
SAMPLE = ["noop", "fibonacci", "transfer"]
INLINE = ("inline", None)
STORED = [("local", None), ("redis", "kept"), ("redis", "fresh"), ("s3", "kept"), ("s3", "fresh")]


class Verify(LocalTest):
    FUNCTIONS = SAMPLE
    SHARED = ("inputs", "tools", "build", "cargo")

    def verify(self, *arguments, expect):
        ended = self.lumos("functions", "verify", *arguments, "--json", expect=expect, patience_s=BUILD_PATIENCE_S)
        document = json.loads(ended.out)
        self.assertEqual(1, document["schema"])
        return {(v["function"], v["runtime"], (v["storage"], v["connection"])): v for v in document["verified"]}

    def test_functions_keep_every_line_on_every_runtime(self):
        before = self.look_around()
        verified = self.verify(*SAMPLE, expect=0)
        wanted = {(f, r, INLINE) for f in SAMPLE for r in RUNTIMES} | {("transfer", r, s) for r in RUNTIMES for s in STORED}
        self.assertEqual(wanted, set(verified), "of these only transfer takes a stored object")
        for (_, _, storage), found in verified.items():
            self.assertTrue(found["kept"], found)
            lines = {line["line"] for line in found["lines"]}
            self.assertEqual(storage != INLINE, "stored" in lines)
            self.assertGreaterEqual(len(lines), 14 if storage == INLINE else 8)
            self.assertEqual({True}, {line["kept"] for line in found["lines"]})
        self.assertEqual(before, self.look_around(), "nothing is left")
        self.assertEqual([], self.marks())

    def test_a_function_that_answers_something_else_is_caught(self):
        roots = self.copy_artefacts()
        shutil.copy2(roots["fibonacci", "native"] / "function", roots["noop", "native"] / "function")
        verified = self.verify("noop", "--runtimes", "crun,wasm-interp", expect=1)
        self.assertTrue(verified["noop", "wasm-interp", INLINE]["kept"])
        broken = {line["line"]: line["detail"] for line in verified["noop", "crun", INLINE]["lines"] if not line["kept"]}
        self.assertIn("a right request in json: expected 200, got 400", broken["answer"])
        self.assertIn("missing field", broken["answer"])
        self.assertNotIn("smuggling", broken, "what it does not break is not held against it")

    def test_a_function_that_never_listens_is_caught(self):
        roots = self.copy_artefacts()
        (roots["noop", "native"] / "function").write_bytes(b"no program")
        ended = self.lumos("functions", "verify", "noop", "--runtimes", "sandbox", expect=1)
        self.assertIn("noop\n  sandbox      inline       BROKEN\n    ready: ", ended.out)
        self.assert_finding_and_next(ended)

    def test_what_is_unknown_is_refused_before_anything_is_built(self):
        self.assert_error(self.lumos("functions", "verify", "teapot", expect=None), 2, "no function 'teapot'")
        self.assert_error(self.lumos("functions", "verify", "--runtimes", "crum", expect=None), 2, "no runtime 'crum'", "crun")


if __name__ == "__main__":
    unittest.main()
