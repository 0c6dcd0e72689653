"""The real `lumos` binary for tests, in folders of a test's own; and its results, read with nothing of Lumos.

From CMake: LUMOS_BINARY and LUMOS_REPO. From the caller: LUMOS_HOME. Inside the Debian 13 root (./dev test, ./dev shell).
"""

import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

for _name in ("LUMOS_BINARY", "LUMOS_REPO", "LUMOS_HOME"):
    if not os.environ.get(_name):
        sys.exit(f"{_name} is not set: run these tests by ./dev test, or set it")

BINARY = pathlib.Path(os.environ["LUMOS_BINARY"])
REPO = pathlib.Path(os.environ["LUMOS_REPO"])
HOME = pathlib.Path(os.environ["LUMOS_HOME"])
RUNTIMES = ["sandbox", "runc", "crun", "wasm-interp", "wasm-aot"]
# Code under sanitizers, or a machine that does much else, is slow: what hangs fails here.
PATIENCE_S = 120


def may_mount():
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0


def wait_until(condition, what, seconds=60):
    """Polls; returns the condition's first true value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.005)


class Ended:
    """A call of lumos that has ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return f"exit code {self.code}\n--- output\n{self.out}\n--- errors\n{self.err}"


class LumosTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lumos-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.runs = self.folder / "runs"
        self.environment = {k: v for k, v in os.environ.items() if k != "LUMOS_FAULT"} | {"LUMOS_RUNS": str(self.runs)}

    # --- calls

    def start(self, *arguments, prefix=(), **more):
        """Default signal dispositions, as from a terminal: a background job would ignore Ctrl-C."""
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | more
        process = subprocess.Popen([*prefix, str(BINARY), *map(str, arguments)], env=self.environment, cwd=self.folder,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **more)
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()

    def finish(self, process, expect=0):
        out, err = process.communicate(timeout=PATIENCE_S)
        ended = Ended(process.returncode, out, err)
        if expect is not None:
            self.assertEqual(expect, ended.code, str(ended))
        return ended

    def lumos(self, *arguments, expect=0, **more):
        return self.finish(self.start(*arguments, **more), expect)

    # --- what every call must say

    def assert_finding_and_next(self, ended):
        """The last line is `next: …` and names a verb that exists, or a file to read; a sentence stands above it."""
        lines = [line for line in ended.out.splitlines() if line.strip()]
        self.assertGreaterEqual(len(lines), 2, str(ended))
        self.assertRegex(lines[-1], r"^next: \S", str(ended))
        self.assertFalse(lines[-2].startswith("next:"), str(ended))
        self.assert_known_verbs(lines[-1])

    def assert_error(self, ended, code, *words):
        """`lumos: …` with the words, then `next: …`, and no word on standard output."""
        self.assertEqual(code, ended.code, str(ended))
        lines = ended.err.splitlines()
        at = [i for i, line in enumerate(lines) if line.startswith("lumos: ")]
        self.assertTrue(at, str(ended))
        self.assertRegex(lines[-1], r"^next: \S", str(ended))
        message = "\n".join(lines[at[-1]:-1])
        for word in words:
            self.assertIn(word, message, str(ended))
        self.assert_known_verbs(lines[-1])
        return message

    def assert_known_verbs(self, line):
        for verb in re.findall(r"\./lumos ([a-z]+)", line):
            self.assertEqual(0, self.lumos(verb, "--help", expect=None).code, line)

    # --- files

    def experiment(self, text, name="experiment.yaml"):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def results(self, run, expect=0):
        """`results --json`, checked against the contract (docs/formats/results.md)."""
        document = json.loads(self.lumos("results", run, "--json", expect=expect).out)
        check_results(self, document)
        return document

    def manifest(self, run):
        return json.loads((pathlib.Path(run) / "manifest.json").read_text())

    def rows(self, run, sql, *values):
        """Rows of run.sqlite, columns by name. Never writes."""
        database = sqlite3.connect(f"file:{pathlib.Path(run) / 'run.sqlite'}?mode=ro", uri=True, timeout=5)
        try:
            database.row_factory = sqlite3.Row
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def count(self, run, table="samples"):
        """Committed rows; 0 while there is no such table yet."""
        try:
            return self.rows(run, f"SELECT count(*) FROM {table}")[0][0]
        except sqlite3.OperationalError:
            return 0

    def next_command(self, ended):
        """The arguments of `next: ./lumos …`."""
        found = re.findall(r"^next: \./lumos (.*)$", ended.out + ended.err, re.MULTILINE)
        self.assertTrue(found, str(ended))
        return found[-1].split()


# --- the contract of `results --json`

FACTORS = {"function", "payload", "runtime", "start", "base", "isa", "storage", "format", "concurrency"}
OUTCOMES = {"ok", "wrong_output", "bad_status", "malformed", "refused", "reset", "timeout", "launch_failed", "not_ready"}
DERIVED = {
    "sandbox": ("lumos", "native", "native"),
    "runc": ("runc", "native", "native"),
    "crun": ("crun", "native", "native"),
    "wasm-interp": ("crun", "wasmedge", "interpreted"),
    "wasm-aot": ("crun", "wasmedge", "aot"),
}
FEWEST = {"p50": 6, "p95": 59, "p99": 299}
NUMBER = (int, float)


def checks_due(cell):
    """Names of the checks that a cell with samples must carry."""
    due = {"sample_size", "errors", "same_output", cell["factors"]["start"] + "_verified", "phase_residual"}
    code = {"aot": "aot_executed", "interpreted": "interpreter_executed"}.get(cell["derived"]["mode"])
    return due | ({code} if code else set())


def check_results(test, document):
    test.assertEqual(["schema", "run", "cells"], list(document)[:3])
    test.assertEqual(1, document["schema"])
    test.assertIsInstance(document["run"], str)
    test.assertTrue(document["cells"])
    factors = set(document["cells"][0]["factors"])
    test.assertLessEqual(FACTORS, factors)
    points = [json.dumps(cell["factors"], sort_keys=True) for cell in document["cells"]]
    test.assertEqual(len(points), len(set(points)), "two cells at one point")
    for cell in document["cells"]:
        with test.subTest(factors=cell["factors"]):
            test.assertEqual(factors, set(cell["factors"]))
            _check_cell(test, cell)


def _check_cell(test, cell):
    test.assertLessEqual({"factors", "metrics", "outcomes", "checks", "derived"}, set(cell))
    derived = cell["derived"]
    test.assertEqual(DERIVED[cell["factors"]["runtime"]], (derived["launcher"], derived["engine"], derived["mode"]))
    metrics, outcomes = cell["metrics"], cell["outcomes"]
    test.assertLessEqual(set(outcomes), OUTCOMES)
    test.assertIn("ok", outcomes)
    for count in outcomes.values():
        test.assertIsInstance(count, int)
    test.assertEqual(metrics["latency_ms"]["n"], sum(outcomes.values()))
    test.assertEqual(metrics["latency_ok_ms"]["n"], outcomes["ok"])
    failures = metrics["latency_ms"]["n"] - outcomes["ok"]
    _check_latency(test, metrics["latency_ms"], failures)
    _check_latency(test, metrics["latency_ok_ms"], 0)
    for name in ("cpu_ms", "cpu_launch_ms"):
        test.assertIsInstance(metrics[name], (*NUMBER, type(None)), name)
    for name in ("memory_peak_bytes", "image_bytes", "artefact_bytes"):
        test.assertIsInstance(metrics[name], (int, type(None)), name)
    for name in ("phases_ms", "spans_ms"):
        for phase, ms in metrics[name].items():
            test.assertIsInstance(ms, NUMBER, phase)
    test.assertEqual({"p50", "p99"}, set(metrics["residual_ms"]))
    test.assertLessEqual(set(metrics["ratio_to"]), {"runc", "crun"} - {cell["factors"]["runtime"]})
    for ratio in metrics["ratio_to"].values():
        if ratio is not None:
            test.assertIsInstance(ratio["p50"], NUMBER)
            _check_interval(test, ratio["ci"], ratio["p50"])
    _check_checks(test, cell)


def _check_latency(test, latency, failures):
    test.assertEqual({"n", "replicates", "mean", "p50", "p50_ci", "p95", "p95_ci", "p99", "p99_ci"}, set(latency))
    n, replicates = latency["n"], latency["replicates"]
    test.assertIsInstance(n, int)
    test.assertIsInstance(replicates, int)
    test.assertLessEqual(replicates, n)
    for name, fewest in FEWEST.items():
        value, interval = latency[name], latency[name + "_ci"]
        supported = n >= fewest and replicates >= 6
        if not supported:
            test.assertIsNone(interval, f"{name} of {n} samples in {replicates} replicates")
        if failures == 0:
            test.assertEqual(n > 0, value is not None, name)
            test.assertEqual(supported, interval is not None, f"{name} of {n} samples in {replicates} replicates")
        _check_interval(test, interval, value)
    if failures == 0 and n > 0:
        test.assertIsInstance(latency["mean"], NUMBER)
        test.assertTrue(0 < latency["p50"] <= latency["p95"] <= latency["p99"], latency)
    else:
        test.assertIsNone(latency["mean"])


def _check_interval(test, interval, value):
    if interval is None:
        return
    test.assertEqual(2, len(interval))
    lo, hi = interval
    test.assertFalse(lo is None and hi is None)
    if lo is not None and value is not None:
        test.assertLessEqual(lo, value)
    if hi is not None:
        test.assertIsNotNone(value)
        test.assertLessEqual(value, hi)


def _check_checks(test, cell):
    names = [check["name"] for check in cell["checks"]]
    test.assertEqual(len(names), len(set(names)), names)
    test.assertLessEqual(checks_due(cell) if cell["metrics"]["latency_ms"]["n"] else {"sample_size", "errors"}, set(names))
    for check in cell["checks"]:
        test.assertEqual({"name", "status", "detail"}, set(check))
        test.assertIn(check["status"], ("pass", "flag", "fail"))
        test.assertRegex(check["detail"], r"\S.*\.$", check)


def statuses(cell):
    return {check["name"]: check["status"] for check in cell["checks"]}


def cell_of(document, **factors):
    """The one cell with these factors."""
    found = [c for c in document["cells"] if all(c["factors"].get(k) == v for k, v in factors.items())]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} cells with {factors}")
    return found[0]
