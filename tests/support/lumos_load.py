"""What tests of `load` share: servers of their own, and the contract of --json (docs/load.md)."""

import json
import pathlib
import subprocess
import sys

from lumos_cli import LumosTest

ERRORS = {"timeout", "refused", "reset", "bad_status", "malformed", "wrong_output", "no_socket"}


class LoadTest(LumosTest):
    def server(self, behaviour="ok"):
        """Starts one; its process, with `url`."""
        script = pathlib.Path(__file__).with_name("small_server.py")
        process = subprocess.Popen([sys.executable, "-B", script, behaviour], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self._end, process)
        process.url = f"http://127.0.0.1:{int(process.stdout.readline())}/"
        return process

    def load(self, *arguments, expect=None):
        """`load … --json`: the document, checked against the contract. `expect`: the exit code, when it may be but one."""
        ended = self.lumos("load", *arguments, "--json", expect=expect)
        document = json.loads(ended.out)
        self.check(document)
        failed = any(check["status"] == "fail" for check in document["checks"])
        self.assertEqual(130 if document["interrupted"] else int(failed), ended.code, str(ended))
        return document

    def check(self, d):
        self.assertEqual(1, d["schema"])
        self.assertEqual("schema", next(iter(d)))
        self.assertEqual(ERRORS, set(d["errors"]))
        self.assertEqual(d["requests"], d["ok"] + sum(d["errors"].values()))
        self.assertEqual(["p50", "p90", "p99", "p99_9", "max"], list(d["latency_ms"]))
        finite = [value for value in d["latency_ms"].values() if value is not None]
        self.assertEqual(finite, sorted(finite))
        self.assertEqual(d["requests"], sum(count for _, count in d["schedule_error_us"]["histogram"]))
        self.assertEqual({"load_delivered", "errors"}, {check["name"] for check in d["checks"]})
        self.assertLessEqual({check["status"] for check in d["checks"]}, {"pass", "flag", "fail"})
        for name in ("rate_asked_per_s", "rate_reached_per_s", "throughput_per_s", "cpu_us_per_request"):
            self.assertIn(name, d)

    def status(self, document, name):
        return next(check["status"] for check in document["checks"] if check["name"] == name)
