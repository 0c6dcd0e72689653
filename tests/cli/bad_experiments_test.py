"""Experiment files that are wrong, through the whole tool: exit code 2, a position, a next step, and nothing made.

The wording of every message is tested in src/workload/experiment_bad_test.cc; here it is what reaches the user.
"""

import re
import time
import unittest

from lumos_cli import REPO, LumosTest

NOOP = "functions: [noop]\n"
# text, line:column, a word of the reason
BAD = {
    "empty": ("", "1:1", "empty"),
    "only a comment": ("# nothing\n", "1:1", "empty"),
    "a list": ("- noop\n", "1:1", "must be a map"),
    "a word": ("noop\n", "1:1", "must be a map"),
    "no functions": ("name: x\n", "1:1", "functions"),
    "misspelt key": (NOOP + "runntimes: [runc]\n", "2:1", "did you mean 'runtimes'?"),
    "misspelt runtime": (NOOP + "runtimes: [runc, wasm-oat]\n", "2:18", "did you mean 'wasm-aot'?"),
    "misspelt function": ("functions:\n  - {name: fibonaci}\n", "2:12", "did you mean 'fibonacci'?"),
    "misspelt payload": ("functions: [{name: noop, paylod: 1}]\n", "1:26", "did you mean 'payload'?"),
    "misspelt stop": (NOOP + "stop:\n  budgt: 5m\n", "3:3", "did you mean 'budget'?"),
    "unknown start": (NOOP + "start: [hot]\n", "2:9", "known: cold, warm"),
    "unknown storage": (NOOP + "storage: [inline, reddis]\n", "2:19", "did you mean 'redis'?"),
    "open load without a rate": (NOOP + "load: {open: {arrivals: poisson}}\n", "2:14", "must have a 'rate'"),
    "empty list": ("functions: []\n", "1:12", "at least one"),
    "no runtimes": (NOOP + "runtimes: []\n", "2:11", "at least one"),
    "runtime twice": (NOOP + "runtimes: [runc, runc]\n", "2:18", "twice"),
    "key twice": (NOOP + "seed: 1\nseed: 2\n", "3:1", "twice"),
    "text for a number": ("functions: [{name: fibonacci, payload: ten}]\n", "1:40", "whole number"),
    "fraction": ("functions: [{name: fibonacci, payload: 1.5}]\n", "1:40", "whole number"),
    "payload for none": ("functions: [{name: noop, payload: 1}]\n", "1:35", "takes no payload"),
    "huge number": (NOOP + "stop: {max: 99999999999999999999}\n", "2:13", "1000000"),
    "huge exponent": ("functions: [{name: fibonacci, payload: 1e999}]\n", "1:40", "1e999"),
    "negative": (NOOP + "seed: -1\n", "2:7", "-1"),
    "max below min": (NOOP + "stop: {min: 9, max: 8}\n", "2:21", "at least"),
    "duration without unit": (NOOP + "stop: {budget: 5}\n", "2:16", "duration"),
    "interval of 0": (NOOP + "stop: {ci: 0%}\n", "2:12", "between 0 and 1"),
    "name with a slash": (NOOP + "name: ../../etc/passwd\n", "2:7", "letters, digits"),
    "alias": ("functions: &f [noop]\nruntimes: *f\n", "1:12", "aliases"),
    "billion laughs": ("a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi")), "1:4", "aliases"),
    "tag": (NOOP + "seed: !!binary aGk=\n", "2:7", "tag"),
    "second document": (NOOP + "---\n" + NOOP, "2:1", "second document"),
    "unclosed bracket": ("functions: [noop\nseed: 1\n", "2:5", "expected"),
    "unclosed quote": (NOOP + 'name: "smoke\n', "2:7", "never closed"),
    "tab": ("functions:\n\t- noop\n", "2:1", "tab"),
    "deep nesting": ("[" * 10000 + "]" * 10000, "1:17", "deep"),
    "deep blocks": ("".join(" " * i + "a:\n" for i in range(300)), "17:17", "deep"),
    "too many values": ("functions: [" + "a," * 20000 + "]\n", None, "10000"),
    "too large": ("a" * (1 << 19), "1:1", "262144"),
    "NUL": (b"functions: [noop]\nname: a\0b\n", "2:8", "0x00"),
    "escape codes": (b"functions: [noop]\nname: \x1b[31mred\n", "2:7", "0x1b"),
    "binary": (b"\x7fELF\x02\x01\x01\0\0", "1:1", "0x7f"),
    "picture": (b"\x89PNG\r\n\x1a\n", "1:1", "UTF-8"),
    "latin-1": (b"functions: [noop]\nname: caf\xe9\n", "2:10", "UTF-8"),
    "UTF-16": ("functions: [noop]\n".encode("utf-16"), "1:1", "UTF-8"),
}


class BadExperiment(LumosTest):
    def test_the_table_is_as_long_as_promised(self):
        self.assertGreaterEqual(len(BAD), 25)

    def test_each_is_refused_with_its_position(self):
        for name, (text, position, word) in BAD.items():
            with self.subTest(name):
                path = self.experiment(text)
                begun = time.monotonic()
                ended = self.lumos("run", path, "--backend", "fake", expect=None)
                self.assertLess(time.monotonic() - begun, 10)
                message = self.assert_error(ended, 2, word)
                self.assertRegex(message, rf"^lumos: {re.escape(str(path))}:\d+:\d+: ")
                if position:
                    self.assertTrue(message.startswith(f"lumos: {path}:{position}: "), message)
                self.assertLess(len(message), 2000)
                self.assertNotRegex(ended.err, "[\x00-\x08\x0b-\x1f]", "control characters reach the terminal")
                self.assertEqual("", ended.out)
                self.assertFalse(self.runs.exists(), "something was made")

    def test_what_is_set_on_the_command_line_is_named_by_its_option(self):
        for setting, word in (("foo=1", "unknown key 'foo'"), ("stop.max=ten", "whole number"), ("runtimes=[runk]", "'runk'"), ("stop", "KEY=VALUE"),
                              ("=1", "KEY=VALUE"), ("stop..max=1", "KEY=VALUE"), ("functions.9.name=noop", "index"), ("runtimes=[", "expected")):
            with self.subTest(setting):
                ended = self.lumos("run", REPO / "experiments/smoke.yaml", "--backend", "fake", "--set", setting, expect=None)
                message = self.assert_error(ended, 2)
                self.assertIn(f"--set {setting}", message)
                self.assertFalse(self.runs.exists())
        self.assert_error(self.lumos("run", REPO / "experiments/smoke.yaml", "--budget", "soon", expect=None), 2, "'soon'", "5m")

    def test_a_good_file_in_every_spelling(self):
        for text in ("functions: [noop]", "\ufefffunctions:\n- noop\n", "functions: noop\r\nstart: cold\r\n", '{"functions": ["noop"], "seed": 7}'):
            with self.subTest(text):
                self.lumos("run", self.experiment(text), "--dry-run")


if __name__ == "__main__":
    unittest.main()
