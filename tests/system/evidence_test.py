"""What would make a number a lie is caught: code that did not run ahead of time, functions that answer wrongly or not at all."""

import pathlib
import shutil
import unittest

from lumos_local import LocalTest
from results_contract import cell_of, statuses

EXPERIMENT = """
name: evidence
functions: [noop]
runtimes: [{runtimes}]
start: [{start}]
stop: {{min: 2, max: 2, invocations: 2, timeout: {timeout}}}
telemetry: {{probes: 0}}
"""


def leb128(data, at):
    """An unsigned number in LEB128, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def aot_section(module):
    """(begin, end) of the content of the custom section "wasmedge", after its name: the version number, then the machine code."""
    at = 8
    while at < len(module):
        kind, (size, content) = module[at], leb128(module, at + 1)
        if kind == 0:
            length, name = leb128(module, content)
            if module[name:name + length] == b"wasmedge":
                return name + length, content + size
        at = content + size
    raise AssertionError("no section of ahead-of-time code in the module")


class Evidence(LocalTest):
    def setUp(self):
        super().setUp()
        self.roots = self.copy_artefacts()

    def measure_damaged(self, runtimes="wasm-aot", start="cold, warm", timeout="5s"):
        """A run that must end with exit code 1; its results, and the run."""
        before = self.look_around()
        run = self.folder / "run"
        ended = self.lumos("run", self.experiment(EXPERIMENT.format(runtimes=runtimes, start=start, timeout=timeout)), "--out", run, expect=1)
        self.assertIn("CHECKS FAILED", ended.out)
        self.assert_finding_and_next(ended)
        self.assert_clean(before, self.tag_of(run))
        return self.results(run, expect=1), run

    def change_module(self, change):
        file = self.roots["noop", "aot"] / "function.wasm"
        module = bytearray(file.read_bytes())
        change(module, *aot_section(module))
        file.write_bytes(module)

    def detail(self, cell, name):
        return next(check["detail"] for check in cell["checks"] if check["name"] == name)

    def assert_interpreted_and_caught(self, document, run):
        """It served 200 with the right results, and only the executed code gives it away."""
        for start in ("cold", "warm"):
            cell = cell_of(document, runtime="wasm-aot", start=start)
            self.assertEqual({"ok"}, set(cell["outcomes"]))
            self.assertEqual("pass", statuses(cell)["same_output"])
            self.assertEqual("fail", statuses(cell)["aot_executed"])
            self.assertEqual("fail", statuses(cell)["same_image"], "the module is not what the build made")
            self.assertIn("2 of 2 instances did not run ahead-of-time code", self.detail(cell, "aot_executed"))
        self.assertEqual([0] * 4, [row[0] for row in self.rows(run, "SELECT aot_code_bytes FROM instances")])

    def test_an_undamaged_copy_passes(self):
        run = self.folder / "run"
        self.measure(self.experiment(EXPERIMENT.format(runtimes="wasm-aot", start="cold", timeout="5s")), "--out", run)
        for name in ("aot_executed", "same_image"):
            self.assertEqual("pass", statuses(cell_of(self.results(run, expect=None)))[name])

    def test_a_module_of_another_version_that_falls_back_to_the_interpreter(self):
        def other_version(module, begin, _):
            module[begin] = 0x7F
        self.change_module(other_version)
        document, run = self.measure_damaged()
        self.assert_interpreted_and_caught(document, run)
        cell = cell_of(document, runtime="wasm-aot", start="cold")
        self.assertIn("AOT binary version unmatched", self.detail(cell, "aot_executed"), "what WasmEdge wrote is quoted")
        for row in self.rows(run, "SELECT note FROM instances"):
            self.assertIn("Use interpreter mode instead", row[0])

    def test_a_module_without_ahead_of_time_code(self):
        shutil.copy(self.roots["noop", "wasm"] / "function.wasm", self.roots["noop", "aot"] / "function.wasm")
        document, run = self.measure_damaged()
        self.assert_interpreted_and_caught(document, run)

    def test_ahead_of_time_code_where_the_interpreter_is_measured(self):
        shutil.copy(self.roots["noop", "aot"] / "function.wasm", self.roots["noop", "wasm"] / "function.wasm")
        document, _ = self.measure_damaged(runtimes="wasm-interp")
        for cell in document["cells"]:
            self.assertEqual("fail", statuses(cell)["interpreter_executed"])

    def test_a_module_that_is_cut(self):
        def cut(module, begin, end):
            del module[(begin + end) // 2:]
        self.change_module(cut)
        document, run = self.measure_damaged(start="cold")
        cell = cell_of(document, runtime="wasm-aot")
        self.assertEqual("fail", statuses(cell)["errors"])
        self.assertEqual(0, cell["outcomes"]["ok"])
        self.assertEqual({"not_ready"}, {row[0] for row in self.rows(run, "SELECT outcome FROM samples")})
        self.assertTrue(all(row[0] for row in self.rows(run, "SELECT note FROM instances")), "what the runtime wrote is kept")

    def test_machine_code_that_is_garbage(self):
        def garbage(module, begin, end):
            fifth = (end - begin) // 5
            for at in range(begin + fifth, end - fifth):  # between the section's own tables
                module[at] ^= 0xFF
        self.change_module(garbage)
        document, _ = self.measure_damaged(start="cold", timeout="2s")
        cell = cell_of(document, runtime="wasm-aot")
        self.assertEqual(("fail", 0), (statuses(cell)["errors"], cell["outcomes"]["ok"]))

    def test_a_function_that_computes_another_result(self):
        file = self.roots["fibonacci", "native"] / "function"
        prime = (0x9E3779B185EBCA87).to_bytes(8, "little")  # of XXH64, by which the result's digest is made
        self.assertIn(prime, file.read_bytes())
        file.write_bytes(file.read_bytes().replace(prime, (0x9E3779B185EBCA89).to_bytes(8, "little")))
        experiment = EXPERIMENT.format(runtimes="sandbox, crun, wasm-aot", start="cold, warm", timeout="5s")
        run = self.folder / "run"
        ended = self.lumos("run", self.experiment(experiment.replace("[noop]", "[{name: fibonacci, payload: 10000}, noop]")), "--out", run, expect=1)
        self.assertIn("same_output", ended.out)
        document = self.results(run, expect=1)
        for cell in document["cells"]:
            with self.subTest(cell["factors"]):
                wrong = cell["factors"]["function"] == "fibonacci" and cell["factors"]["runtime"] != "wasm-aot"
                self.assertEqual("fail" if wrong else "pass", statuses(cell)["same_output"])
                self.assertEqual(wrong, cell["metrics"]["latency_ms"]["p50"] is None, "a wrong answer has no latency")
                self.assertEqual(wrong, cell["outcomes"]["ok"] == 0)
                if wrong:
                    self.assertEqual({"ok", "wrong_output"}, set(cell["outcomes"]))
                    self.assertIn("8edb1441", self.detail(cell, "same_output"), "the expected one is named")

    def test_a_function_in_the_place_of_another(self):
        shutil.copy(self.roots["noop", "native"] / "function", self.roots["fibonacci", "native"] / "function")
        run = self.folder / "run"
        experiment = EXPERIMENT.format(runtimes="sandbox", start="cold", timeout="5s").replace("[noop]", "[{name: fibonacci, payload: 10000}]")
        self.lumos("run", self.experiment(experiment), "--out", run, expect=1)
        self.assertEqual([("bad_status", 400)] * 2, [tuple(row) for row in self.rows(run, "SELECT outcome, http_status FROM samples")])

    def test_a_function_that_is_no_program(self):
        (self.roots["noop", "native"] / "function").write_text("no program\n")
        document, run = self.measure_damaged(runtimes="sandbox, runc, crun", start="cold")
        for cell in document["cells"]:
            self.assertEqual(("fail", 0), (statuses(cell)["errors"], cell["outcomes"]["ok"]))
        self.assertLessEqual({row[0] for row in self.rows(run, "SELECT outcome FROM samples")}, {"launch_failed", "not_ready"})

    def test_a_function_that_ends_at_once(self):
        shutil.copy("/usr/bin/true", self.roots["noop", "native"] / "function")
        # Not static: the image lacks its loader, or it ends by itself. Either way it never listens.
        document, run = self.measure_damaged(runtimes="sandbox, runc, crun", start="cold")
        self.assertLessEqual({row[0] for row in self.rows(run, "SELECT outcome FROM samples")}, {"launch_failed", "not_ready"})
        self.assertTrue(all(cell["outcomes"]["ok"] == 0 for cell in document["cells"]))

    def test_a_missing_function(self):
        pathlib.Path(self.roots["noop", "native"] / "function").unlink()
        document, run = self.measure_damaged(runtimes="sandbox, runc, crun", start="cold")
        self.assertEqual({"launch_failed"}, {row[0] for row in self.rows(run, "SELECT outcome FROM samples")})
        for row in self.rows(run, "SELECT note FROM instances"):
            self.assertRegex(row[0], "function")


if __name__ == "__main__":
    unittest.main()
