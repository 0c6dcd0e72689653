"""The real `lumos` binary for tests, in folders of a test's own; and its results, read with nothing of Lumos.

From CMake: LUMOS_BINARY and LUMOS_REPO. From the caller: LUMOS_HOME. Inside the Debian 13 root (./dev test, ./dev shell).
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

from results_contract import check_results

for _name in ("LUMOS_BINARY", "LUMOS_REPO", "LUMOS_HOME"):
    if not os.environ.get(_name):
        sys.exit(f"{_name} is not set: run these tests by ./dev test, or set it")

BINARY = pathlib.Path(os.environ["LUMOS_BINARY"])
REPO = pathlib.Path(os.environ["LUMOS_REPO"])
HOME = pathlib.Path(os.environ["LUMOS_HOME"])
RUNTIMES = ["sandbox", "runc", "crun", "wasm-interp", "wasm-aot"]
# Code under sanitizers, or a machine that does much else, is slow: what hangs fails here.
PATIENCE_S = 120
# Fourteen functions from nothing, for three kinds of artefact.
BUILD_PATIENCE_S = 1500


def may_mount():
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0


def free_port():
    """Of 127.0.0.1, where nothing listens now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


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

    def finish(self, process, expect=0, patience_s=PATIENCE_S):
        out, err = process.communicate(timeout=patience_s)
        ended = Ended(process.returncode, out, err)
        if expect is not None:
            self.assertEqual(expect, ended.code, str(ended))
        return ended

    def lumos(self, *arguments, expect=0, patience_s=PATIENCE_S, **more):
        return self.finish(self.start(*arguments, **more), expect, patience_s)

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
