"""`lumos functions new`: a function of each language builds for all runtimes and keeps the contract as it is; what cannot be made leaves nothing."""

import json
import shutil
import unittest

from lumos_cli import BUILD_PATIENCE_S, HOME, REPO, RUNTIMES, LumosTest

# Kept between runs: what is compiled there is compiled once. The checkout itself stays as it is.
PLACE = HOME / "build" / "new-functions"


class New(LumosTest):
    def setUp(self):
        super().setUp()
        self.functions = PLACE / "functions"
        shutil.rmtree(self.functions, ignore_errors=True)
        shutil.copytree(REPO / "functions", self.functions, ignore=shutil.ignore_patterns("target"))
        (PLACE / "home").mkdir(exist_ok=True)
        if not (PLACE / "home" / "cargo").is_symlink():
            (PLACE / "home" / "cargo").symlink_to(HOME / "cargo")
        self.environment |= {"LUMOS_REPO": str(PLACE), "LUMOS_HOME": str(PLACE / "home")}

    def tree(self):
        return {str(p): p.read_bytes() for p in self.functions.rglob("*") if p.is_file()}

    def make_and_verify(self, name, language):
        made = self.lumos("functions", "new", name, "--lang", language)
        self.assert_finding_and_next(made)
        self.assertEqual(["functions", "verify", name], self.next_command(made))
        document = json.loads(self.lumos("functions", "verify", name, "--json", patience_s=BUILD_PATIENCE_S).out)
        self.assertEqual(RUNTIMES, [v["runtime"] for v in document["verified"]])
        for found in document["verified"]:
            self.assertTrue(found["kept"], found)
        return {p.name for p in (self.functions / name).rglob("*") if p.is_file()}

    def test_a_rust_function_keeps_the_contract_on_every_runtime(self):
        if not (PLACE / "home" / "artefacts").is_dir():  # what all share is compiled before the clock of a test begins
            self.lumos("build", "--experiment", self.experiment("functions: [noop]\n"), patience_s=BUILD_PATIENCE_S)
        files = self.make_and_verify("my-own", "rust")
        self.assertEqual({"Cargo.toml", "README.md", "function.json", "lib.rs", "main.rs", "tests.rs"}, files)
        listed = json.loads(self.lumos("functions", "list", "--json").out)["functions"]
        self.assertIn("my-own", [f["name"] for f in listed])
        self.assert_error(self.lumos("functions", "new", "my-own", expect=None), 2, "my-own: is there already")

    def test_a_cpp_function_keeps_the_contract_and_has_the_same_digest(self):
        files = self.make_and_verify("my-cpp", "cpp")
        self.assertEqual({"README.md", "function.h", "function.json", "main.cc", "test.cc"}, files)
        digests = {name: json.loads((self.functions / "templates" / name / "function.json").read_text())["expected"] for name in ("rust", "cpp")}
        self.assertEqual(digests["rust"], digests["cpp"])

    def test_what_cannot_be_made_leaves_nothing(self):
        before = self.tree()
        for arguments, word in [(["../x"], "'../x' cannot be the name"), (["fn"], "taken by Rust"), (["noop"], "is there already"),
                                (["serde"], "has a package 'serde' already"), (["mine", "--lang", "java"], "known: rust, cpp")]:
            self.assert_error(self.lumos("functions", "new", *arguments, expect=None), 2, word)
        self.assertEqual(before, self.tree())


if __name__ == "__main__":
    unittest.main()
