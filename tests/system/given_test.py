"""What users already have: an image and a module, measured as they are, and what `functions check` says of them."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import unittest

from lumos_cli import HOME, REPO
from lumos_local import LocalTest

SOURCE = pathlib.Path(__file__).resolve().parent / "foreign.c"
NO_SERVER = SOURCE.with_name("no_server.c")
COMMAND = SOURCE.with_name("command.c")
EXPECTED = hashlib.sha256(b"hi there HELLO").hexdigest()


class Given(LocalTest):
    FUNCTIONS = ["noop"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = HOME / "build" / "foreign-server"
        subprocess.run(["gcc", "-static", "-O1", "-w", "-o", cls.server, SOURCE], check=True)

    def module(self, name, source):
        subprocess.run(["clang-19", "--target=wasm32-wasi", "-O1", "-o", self.folder / name, source], check=True)

    def image(self, *config):
        """An OCI layout of the server: a user of its own, a program found by PATH."""
        layout = self.folder / "shop"
        for argv in (["init", "--layout", layout], ["new", "--image", f"{layout}:v1"], ["insert", "--image", f"{layout}:v1", self.server, "/opt/server"],
                     ["config", "--config.env", "PATH=/nowhere:/opt", "--config.entrypoint", "server", "--config.workingdir", "/opt", *config, "--image", f"{layout}:v1"]):
            subprocess.run(["umoci", *map(str, argv)], check=True, capture_output=True)
        return layout

    def run_given(self, entry, runtimes, more="", expect=0, stop="min: 2, max: 2, invocations: 3"):
        run = self.folder / "run"
        text = f"name: given\nfunctions: [{entry}]\nruntimes: [{runtimes}]\nstop: {{{stop}}}\ntelemetry: {{probes: 1}}\n{more}"
        if expect == 0:
            self.measure(self.experiment(text), "--out", run)
        else:
            self.lumos("run", self.experiment(text), "--out", run, expect=expect)
        return run

    def samples(self, run):
        return self.rows(run, "SELECT s.*, d.runtime FROM samples s JOIN visits v ON v.id = s.visit JOIN cells c ON c.id = v.cell JOIN deployments d"
                              " ON d.id = c.deployment WHERE s.role = 'measure' ORDER BY s.id")

    def test_an_image_is_measured_as_it_is(self):
        before = self.look_around()
        self.image("--config.user", "1234:99")
        (self.folder / "body").write_text("hello")
        run = self.run_given("{name: shop, image: 'oci:shop:v1', port: 3000, ready: /up, env: {GREETING: hi}, request: {path: '/shout?a=1', "
                             "headers: {X-Mark: there}, body: '@body'}, expect: {status: 201, digest: %s}}" % EXPECTED, "sandbox, runc, crun")
        samples = self.samples(run)
        self.assertEqual({"sandbox", "runc", "crun"}, {s["runtime"] for s in samples})
        self.assertEqual(3 * 2 * (1 + 3), len(samples))
        for s in samples:
            self.assertEqual(("ok", 201, EXPECTED, 1), (s["outcome"], s["http_status"], s["digest"], s["start_verified"]))
            for lost in ("invocation", "span_receive_ns", "span_compute_ns", "span_handle_ns"):
                self.assertIsNone(s[lost], "it says nothing of itself")
            if s["start"] == "cold":
                self.assertGreaterEqual(s["ready_ns"], s["create_end_ns"])
        cells = json.loads(self.lumos("results", run, "--json", expect=None).out)["cells"]
        self.assertEqual(6, len(cells))
        for cell in cells:
            self.assertEqual("shop", cell["factors"]["function"])
            self.assertEqual([None] * 4, [cell["factors"][f] for f in ("payload", "base", "isa", "format")])
            self.assertEqual("pass", {c["name"]: c["status"] for c in cell["checks"]}["same_output"])
        self.assert_clean(before, self.tag_of(run))
        found = json.loads(self.lumos("functions", "check", f"oci:{self.folder / 'shop'}:v1", "--json").out)
        self.assertEqual(["language", "threads", "sockets", "tls", "native"], [t["topic"] for t in found["topics"]])
        self.assertEqual("unknown", found["topics"][2]["verdict"], "a static binary: its calls have no names")

    def test_the_images_user_is_kept_and_a_wrong_answer_is_wrong(self):
        self.image("--config.user", "1234:99")
        run = self.run_given("{name: shop, image: 'oci:shop', request: {method: GET, path: /who}, expect: {digest: %s}}"
                             % hashlib.sha256(b"1234:99").hexdigest(), "sandbox, crun", "start: cold\n")
        self.assertEqual({"ok"}, {s["outcome"] for s in self.samples(run)})
        shutil.rmtree(run)
        run = self.run_given("{name: shop, image: 'oci:shop', request: {method: GET, path: /who}, expect: {digest: 0123456789abcdef}}", "crun", "start: cold\n", 1)
        self.assertEqual({"wrong_output"}, {s["outcome"] for s in self.samples(run)})
        shutil.rmtree(run)
        run = self.run_given("{name: shop, image: 'oci:shop', request: {method: GET, path: /nothing}}", "crun", "start: cold\n", 1)
        self.assertEqual({("bad_status", 404)}, {(s["outcome"], s["http_status"]) for s in self.samples(run)})

    def test_a_module_is_measured_interpreted_and_ahead_of_time(self):
        module = next(pathlib.Path(a["file"]) for a in self.artefacts if a["kind"] == "wasm")
        shutil.copy(module, self.folder / "mine.wasm")
        run = self.run_given("{name: mine, wasm: mine.wasm, port: 9000, ready: /healthz, request: {body: '{}'}}", "wasm-interp, wasm-aot")
        samples = self.samples(run)
        self.assertEqual({("wasm-interp", "ok"), ("wasm-aot", "ok")}, {(s["runtime"], s["outcome"]) for s in samples})
        self.assertEqual({1}, {s["start_verified"] for s in samples})
        expected = json.loads((REPO / "functions/noop/function.json").read_text())["expected"][0]["digest"]
        self.assertEqual({expected}, {s["digest"] for s in samples}, "what it says of itself is kept")
        found = self.lumos("functions", "check", self.folder / "mine.wasm")
        self.assertIn("it is a module already", found.out)
        self.assert_finding_and_next(found)

    def test_a_module_that_could_listen_and_does_not_fails_in_time(self):
        self.module("ends.wasm", NO_SERVER)
        for env in ("", "env: {WAIT_S: 600}, "):
            run = self.run_given("{name: ends, wasm: ends.wasm, %srequest: {body: '{}'}}" % env, "wasm-interp", "start: cold\n", 1, "min: 2, max: 2, timeout: 2s")
            self.assertEqual({"not_ready"}, {s["outcome"] for s in self.samples(run)})
            shutil.rmtree(run)

    def command(self, body, more="", expect=0, stop="min: 2, max: 2", runtimes="wasm-interp, wasm-aot"):
        """Runs a command on that input, cold."""
        self.module("command.wasm", COMMAND)
        (self.folder / "body").write_bytes(body)
        return self.run_given("{name: loud, wasm: command.wasm, env: {GREETING: 'hi '}, request: {body: '@body'}%s}" % more, runtimes, "", expect, stop)

    def checks(self, run):
        cells = json.loads(self.lumos("results", run, "--json", expect=None).out)["cells"]
        return {cell["factors"]["runtime"]: {c["name"]: c["status"] for c in cell["checks"]} for cell in cells}

    def test_a_command_is_measured_cold(self):
        before = self.look_around()
        for body in (b"h\0llo", b"long " * 300_000):
            run = self.command(body, ", expect: {digest: %s}" % hashlib.sha256(b"hi " + body.upper()).hexdigest(), stop="min: 3, max: 3")
            samples = self.samples(run)
            self.assertEqual(2 * 3, len(samples), "no warm ones")
            for s in samples:
                self.assertEqual(("cold", "ok", 200, 1), (s["start"], s["outcome"], s["http_status"], s["start_verified"]), s)
            self.assertLess(min(s["ready_ns"] - s["start_end_ns"] for s in samples), 5_000_000, "what is ready is the adapter")
            checks = self.checks(run)
            self.assertEqual("pass", checks["wasm-interp"]["interpreter_executed"])
            self.assertEqual("pass", checks["wasm-aot"]["aot_executed"])
            for of_runtime in checks.values():
                for name in ("same_output", "cold_verified", "errors"):
                    self.assertEqual("pass", of_runtime[name], name)
            self.assert_clean(before, self.tag_of(run))
            phases = json.loads(self.lumos("results", run, "--phases", "--json", expect=None).out)
            self.assertIn("instantiate", json.dumps(phases), "its module is looked into")
            shutil.rmtree(run)

    def test_how_a_command_ended_is_seen(self):
        before = self.look_around()
        for body, outcome, status, words in [(b"exit 3", "bad_status", 502, ["told to end", "the command ended with 3"]),
                                             (b"trap", "bad_status", 502, ["ended by itself with 1", "unreachable"]),
                                             (b"forever", "timeout", 504, [])]:
            run = self.command(body, "", 1, "min: 2, max: 2, timeout: 2s")
            samples = self.samples(run)
            self.assertEqual({("wasm-interp", outcome, status), ("wasm-aot", outcome, status)}, {(s["runtime"], s["outcome"], s["http_status"]) for s in samples}, body)
            self.assertEqual(["fail", "fail"], [c["errors"] for c in self.checks(run).values()])
            for note in (r["note"] for r in self.rows(run, "SELECT note FROM instances WHERE role = 'measure'")):
                for word in words:
                    self.assertIn(word, note)
            self.assert_clean(before, self.tag_of(run))
            shutil.rmtree(run)

    def test_killed_while_a_command_is_under_way(self):
        before = self.look_around()
        self.module("command.wasm", COMMAND)
        text = "functions: [{name: loud, wasm: command.wasm, request: {body: 'forever'}}]\nruntimes: [%s]\nstop: {min: 2, max: 2, timeout: 60s}\n"
        for runtime in ("wasm-interp", "wasm-aot"):
            with self.subTest(runtime):
                process = self.begin(text % runtime, self.folder / runtime, 0)
                tag = self.tag_of(self.folder / runtime)
                self.computing_instance(tag)
                self.kill(process.pid)
                self.finish(process, -9)
                self.assert_nothing_left(before, tag)
                self.lumos("results", self.folder / runtime, expect=None)

    def test_what_a_command_cannot_is_refused_by_position(self):
        self.module("c.wasm", COMMAND)
        for keys, more, words in [("", "start: warm\n", ("1:29: ", "each invocation is a cold start")), ("", "load: {closed: {concurrency: 2}}\n", ("1:29: ", "no load")),
                                  (", port: 8080", "", ("1:37: ", "'port' is for servers"))]:
            self.assert_error(self.lumos("run", self.experiment("functions: [{name: a, wasm: c.wasm%s}]\nruntimes: [wasm-aot]\n%s" % (keys, more)), expect=None), 2, *words)
        said = self.lumos("run", self.experiment("functions: [{name: a, wasm: c.wasm}]\nruntimes: [wasm-aot]\n"), "--dry-run").out
        self.assertIn("note: a has cold starts only: it is a command", said)
        self.assertIn("1 cells", said)

    def test_what_cannot_be_measured_is_refused_by_position(self):
        (self.folder / "notes").write_text("x")
        for entry, word in [("{name: a, image: 'nginx'}", "1:30: 'image' must be as registry.example/shop:v1: it begins with no registry"),
                            ("{name: a, image: 'oci:none'}", "not a folder with an OCI layout"), ("{name: a, wasm: notes}", "not a module of WebAssembly"),
                            ("{name: a, wasm: notes, request: {body: '@none'}}", "not a module")]:
            self.assert_error(self.lumos("run", self.experiment(f"functions: [{entry}]\n"), expect=None), 2, word)
        self.image()
        self.assert_error(self.lumos("run", self.experiment("functions: [{name: a, image: 'oci:shop:v2'}]\n"), expect=None), 2, "holds no image 'v2'", "v1")
        self.assert_error(self.lumos("run", self.experiment("functions: [{name: a, image: 'oci:shop'}]\nruntimes: [wasm-aot]\n"), expect=None), 2,
                          "'a' is an image, which none of 'runtimes' runs")


if __name__ == "__main__":
    unittest.main()
