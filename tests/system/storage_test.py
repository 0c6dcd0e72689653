"""Stored objects for real: every storage on every runtime; servers that fail; secrets that stay secret."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import unittest

from lumos_cli import BUILD_PATIENCE_S, HOME, REPO, RUNTIMES, free_port, wait_until
from lumos_local import LocalTest, processes, processes_in
from results_contract import statuses

STORAGES = [("inline", None), ("local", None), ("redis", "kept"), ("redis", "fresh"), ("s3", "kept"), ("s3", "fresh")]
VISITS = 2
EXPERIMENT = f"""
functions: [{{name: transfer, payload: 50}}]
runtimes: [{", ".join(RUNTIMES)}]
storage: [inline, local, redis, s3]
connection: [kept, fresh]
stop: {{min: {VISITS}, max: {VISITS}, invocations: 3}}
telemetry: {{probes: 0}}
"""
ONE = "functions: [{name: transfer, payload: 50}]\nruntimes: [crun, wasm-interp, wasm-aot]\nstart: cold\nstorage: redis\n" \
      "stop: {min: 1, max: 1, timeout: 4s}\ntelemetry: {probes: 0, series: off}\n"
LONG = "functions: [{name: transfer, payload: 50}]\nruntimes: [sandbox]\nstart: warm\nstorage: [redis]\nstop: {min: 10000, max: 10000, budget: 1h}\n"


def servers(tag):
    """Redis writes its title over its environment: its control group says whose it is."""
    pids = processes_in(tag)
    return [pid for pid, text in processes().items() if pid in pids and text.startswith(b"redis-server")]


def listens(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class StorageTest(LocalTest):
    FUNCTIONS = ["transfer"]
    SHARED = ("inputs", "tools", "build", "cargo")

    def run_with(self, behaviour):
        """A run of ONE whose Redis behaves so; how it ended and its samples."""
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "redis-server").symlink_to(REPO / "tests" / "support" / "bad_redis.py")
        self.environment |= {"PATH": f"{programs}:{os.environ['PATH']}", "BAD_REDIS": behaviour}
        run = self.folder / "run"
        ended = self.lumos("run", self.experiment(ONE), "--out", run, expect=None, patience_s=BUILD_PATIENCE_S)
        return ended, [dict(row) for row in self.rows(run, "SELECT * FROM samples ORDER BY id")]


class OverALink(StorageTest):
    def test_what_is_fetched_and_stored_comes_late_both_ways(self):
        before, run = self.look_around(), self.folder / "run"
        text = "functions: [{name: transfer, payload: 50}]\nruntimes: [sandbox, wasm-aot]\nstart: [warm]\nstorage: [local, redis, s3]\n" \
               "links: {storage: [none, {name: far, delay: 10ms, rate: 20Mbit}]}\nstop: {min: 2, max: 2, invocations: 3}\n"
        ended = self.lumos("run", self.experiment(text), "--out", run, expect=None, patience_s=BUILD_PATIENCE_S)
        self.assertIn(ended.code, (0, 1), str(ended))
        self.assert_clean(before, self.tag_of(run))
        cells = self.results(run, expect=None)["cells"]
        self.assertEqual(2 * 5, len(cells))
        for cell in cells:
            self.assertEqual({"ok"}, {k for k, v in cell["outcomes"].items() if v}, cell)
            link, spans = cell["factors"]["link_storage"], cell["metrics"]["spans_ms"]
            self.assertEqual(cell["factors"]["storage"] == "local", link is None)
            self.assertEqual(link == "far", "link_as_asked" in statuses(cell))
            for span in ("fetch", "store"):  # a connection that is kept: there and back, and 50 kB at 20 Mbit/s
                self.assertEqual(link == "far", spans[span] > 40, (cell["factors"], spans))
                self.assertLess(spans[span], 150)
        links = self.manifest(run)["backend"]["links"]
        self.assertEqual([("storage", "redis"), ("storage", "s3")], [(link["place"], link["server"]) for link in links])
        for link in links:
            for direction in ("up", "down"):
                self.assertGreaterEqual(link["found"][direction]["delay_ms"], 10)
                self.assertAlmostEqual(20e6, link["found"][direction]["rate_bit_per_s"], delta=6e6)


class EveryStorage(StorageTest):
    def test_on_every_runtime_gives_the_same_result_and_leaves_nothing(self):
        before, run = self.look_around(), self.folder / "run"
        ended = self.lumos("run", self.experiment(EXPERIMENT), "--out", run, expect=None, patience_s=BUILD_PATIENCE_S)
        self.assertIn(ended.code, (0, 1), str(ended))
        self.assert_clean(before, self.tag_of(run))
        cells = self.results(run, expect=None)["cells"]
        self.assertEqual(len(RUNTIMES) * len(STORAGES) * 2, len(cells))
        self.assertEqual(set(STORAGES), {(c["factors"]["storage"], c["factors"]["connection"]) for c in cells})
        for cell in cells:
            self.assertEqual({"ok"}, set(cell["outcomes"]), cell)
            self.assertEqual("pass", statuses(cell)["same_output"])
        samples = self.rows(run, "SELECT s.*, json_extract(c.factors, '$.storage') AS storage FROM samples s JOIN visits v ON v.id = s.visit"
                                 " JOIN cells c ON c.id = v.cell")
        self.assertEqual(1, len({s["digest"] for s in samples}))
        for s in samples:
            stored = s["storage"] != "inline"
            self.assertEqual((stored, stored), (s["span_fetch_ns"] is not None, s["span_store_ns"] is not None), dict(s))
            if stored:
                self.assertGreater(min(s["span_fetch_ns"], s["span_store_ns"]), 0)
                self.assertLess(s["request_bytes"], 1000, "the object does not travel with the request")
        self.assertEqual({"local", "redis", "s3"}, set(self.manifest(run)["backend"]["surroundings"]["storage"]))
        self.assertEqual([], self.rows(run, "SELECT * FROM events WHERE kind = 'stored'"))


class Faults(StorageTest):
    def assert_failed(self, behaviour, outcome="storage_failed", status=502):
        ended, samples = self.run_with(behaviour)
        self.assertEqual(1, ended.code, str(ended))
        self.assertEqual([(outcome, status)] * 3, [(s["outcome"], s["http_status"]) for s in samples])

    def test_a_good_one_of_ours_is_as_good_as_redis(self):
        ended, samples = self.run_with("good")
        self.assertEqual(["ok"] * 3, [s["outcome"] for s in samples], str(ended))

    def test_slow(self):
        self.assert_failed("slow")

    def test_refusing(self):
        # Its own next visit cannot be prepared either: the run ends, and what was measured is kept.
        ended, samples = self.run_with("refuse")
        self.assert_error(ended, 3, "cannot be connected to", "what was measured is kept", "--resume")
        self.assertEqual([("storage_failed", 502)], [(s["outcome"], s["http_status"]) for s in samples])

    def test_dropping_in_the_middle_of_an_answer(self):
        self.assert_failed("drop")

    def test_no_reply(self):
        self.assert_failed("garbage")

    def test_missing_key(self):
        self.assert_failed("missing")

    def test_error(self):
        self.assert_failed("error")

    def test_wrong_bytes(self):
        self.assert_failed("wrong", "wrong_output", 200)

    def test_a_result_that_is_not_there_is_wrong_output(self):
        self.assert_failed("lose", "wrong_output", 200)
        detail = self.rows(self.folder / "run", "SELECT detail FROM events WHERE kind = 'stored'")[0]["detail"]
        self.assertRegex(detail, r"redis holds under transfer-50\.json\.out: 0 bytes, expected \d+")

    def test_a_server_that_does_not_start_is_no_failure_of_what_is_measured(self):
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "redis-server").write_text("#!/bin/sh\necho no space left >&2\nexit 1\n")
        (programs / "redis-server").chmod(0o755)
        self.environment["PATH"] = f"{programs}:{os.environ['PATH']}"
        before = self.look_around()
        self.assert_error(self.lumos("run", self.experiment(ONE), expect=None, patience_s=BUILD_PATIENCE_S), 3, "redis-server: ended with 1",
                          "no space left")
        self.assertFalse(any(self.runs.glob("*")), "a run that could not begin leaves no folder")
        self.assertEqual((before, []), (self.look_around(), self.marks()))


class Secrets(StorageTest):
    def test_are_in_no_file_and_no_list_of_processes(self):
        run = self.folder / "run"
        process = self.begin(LONG, run, 40)
        tag, found = self.tag_of(run).encode(), set()

        def an_instance_has_it():
            environments = [text for text in processes().values() if b"LUMOS_INSTANCE=" in text and tag in text]
            found.update(m.group(1) for text in environments for m in re.finditer(rb"LUMOS_REDIS_PASSWORD=([A-Za-z0-9_-]{32})", text))
            return found
        wait_until(an_instance_has_it, "an instance has it")
        self.assertEqual(1, len(found))
        secret = found.pop()
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                self.assertNotIn(secret, path.read_bytes())
            except OSError:
                pass
        process.send_signal(signal.SIGINT)
        process.wait(60)
        for path in self.folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                self.assertNotIn(secret, path.read_bytes(), path)

    def test_of_a_killed_run_go_with_its_servers(self):
        before, run = self.look_around(), self.folder / "run"
        process = self.begin(LONG, run, 20)
        tag = self.tag_of(run)
        self.assertTrue(servers(tag))
        process.kill()
        process.wait()
        self.assert_nothing_left(before, tag)
        wait_until(lambda: not servers(tag), "the server is gone", 10)

    def test_wrong_ones_are_refused(self):
        self.lumos("run", self.experiment(ONE.replace("redis", "s3")), patience_s=BUILD_PATIENCE_S, expect=None)  # builds the programs
        client, server = (max((HOME / "tools").glob(f"{name}-*[0-9a-f]"), key=os.path.getmtime) for name in ("storage-client", "s3-server"))
        port = free_port()
        keys = {"AWS_ACCESS_KEY_ID": "ours", "AWS_SECRET_ACCESS_KEY": "right"}
        process = subprocess.Popen([server, f"127.0.0.1:{port}", self.folder, "box"], env=keys)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_until(lambda: listens(port), "the server listens")
        file = self.folder / "object"
        file.write_bytes(b"abc")

        def fill(secret):
            return subprocess.run([client, "fill", "a", file, "b"], capture_output=True, text=True,
                                  env=keys | {"LUMOS_STORAGE": f"s3://127.0.0.1:{port}/box", "AWS_SECRET_ACCESS_KEY": secret})
        refused = fill("wrong")
        self.assertEqual(3, refused.returncode)
        self.assertIn("s3 answers 403 SignatureDoesNotMatch", refused.stderr)
        self.assertEqual(0, fill("right").returncode)
        self.assertEqual(b"abc", (self.folder / "box" / "a").read_bytes())


class OwnServers(StorageTest):
    """A server that is there already, on this machine's own network."""
    PASSWORD = "correct-horse-battery"

    def begin_server(self, port, argv, settings=b"", **environment):
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdin.write(settings)
        process.stdin.close()
        wait_until(lambda: listens(port), "the server listens")
        return process

    def redis_at(self, port, save='""'):
        settings = f"bind 127.0.0.1\nport {port}\nrequirepass {self.PASSWORD}\ndir {self.folder}\nsave {save}\n"
        return self.begin_server(port, ["redis-server", "-"], settings.encode())

    def redis(self):
        port = free_port()
        self.redis_at(port)
        return f"redis://localhost:{port}"

    def experiment_with(self, storage):
        return self.experiment(ONE.replace("storage: redis", f"storage: {storage}"))

    def test_redis_is_used_and_left_alone(self):
        url, run, before = self.redis(), self.folder / "run", self.look_around()
        self.environment["LUMOS_REDIS_PASSWORD"] = self.PASSWORD
        self.lumos("run", self.experiment_with(f"[{{redis: {{url: '{url}'}}}}]"), "--out", run, patience_s=BUILD_PATIENCE_S)
        self.assertEqual(["ok"] * 3, [row["outcome"] for row in self.rows(run, "SELECT outcome FROM samples")])
        self.assertEqual(url, self.manifest(run)["backend"]["surroundings"]["storage"]["redis"]["url"])
        self.assert_clean(before, self.tag_of(run))
        self.assertTrue(listens(int(url.rsplit(":", 1)[1])), "it still runs")
        for path in run.rglob("*"):
            if path.is_file():
                self.assertNotIn(self.PASSWORD.encode(), path.read_bytes(), path)

    def test_redis_that_goes_and_returns_costs_what_comes_between(self):
        """Ended in the midst of a load and started again a second later, with its objects."""
        self.environment["LUMOS_REDIS_PASSWORD"] = self.PASSWORD
        port, run, before = free_port(), self.folder / "run", self.look_around()
        server = self.redis_at(port, save="3600 1")

        def stored():  # this test's own questions are commands too
            said = subprocess.run(["redis-cli", "-p", str(port), "INFO", "commandstats"], env=os.environ | {"REDISCLI_AUTH": self.PASSWORD},
                                  check=True, capture_output=True, text=True).stdout
            return int((re.search(r"cmdstat_set:calls=(\d+)", said) or [0, 0])[1])
        process = self.start("run", self.experiment(
            f"functions: [{{name: transfer, payload: 1}}]\nruntimes: [wasm-aot]\nstorage: [{{redis: {{url: 'redis://localhost:{port}'}}}}]\n"
            "load: {open: {rate: [100], arrivals: uniform, duration: 6s, warmup: 500ms, samples: 1000}}\nstop: {min: 1, max: 1, timeout: 4s}\n"), "--out", run)
        wait_until(lambda: stored() > 150, "a second of the load", BUILD_PATIENCE_S)
        server.terminate()
        server.wait()
        time.sleep(1)
        self.redis_at(port, save="3600 1")
        ended = self.finish(process, 1)
        self.assert_finding_and_next(ended)
        load, = self.rows(run, "SELECT * FROM loads")
        self.assertEqual(600, load["requests"])
        outcomes = [row["outcome"] for row in self.rows(run, "SELECT outcome FROM samples ORDER BY intended_ns")]
        self.assertEqual({"ok", "storage_failed"}, set(outcomes))
        self.assertEqual(("ok", "ok"), (outcomes[0], outcomes[-1]))
        self.assertGreater(outcomes.count("storage_failed"), 50, "a second of them")
        self.assertLess(outcomes.count("storage_failed"), 400)
        self.assertEqual(1, self.count(run, "instances"), "whoever served before serves again")
        self.assert_clean(before, self.tag_of(run))

    def test_a_link_stands_before_its_relay(self):
        self.environment["LUMOS_REDIS_PASSWORD"] = self.PASSWORD
        run, text = self.folder / "run", ONE.replace("storage: redis", f"storage: [{{redis: {{url: '{self.redis()}'}}}}]")
        far = "links: {storage: {name: far, delay: 10ms}}\n"
        ended = self.lumos("run", self.experiment(text + far), "--out", run, expect=None, patience_s=BUILD_PATIENCE_S)
        self.assertIn(ended.code, (0, 1), str(ended))
        samples = self.rows(run, "SELECT outcome, span_store_ns FROM samples")
        self.assertEqual(["ok"] * 3, [s["outcome"] for s in samples], str(ended))
        self.assertGreater(min(s["span_store_ns"] for s in samples), 20e6)

    def test_s3_verifies_our_keys(self):
        port, run = free_port(), self.folder / "run"
        self.lumos("run", self.experiment(ONE.replace("redis", "s3")), patience_s=BUILD_PATIENCE_S)  # builds the server
        server = max((HOME / "tools").glob("s3-server-*[0-9a-f]"), key=os.path.getmtime)
        keys = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "my-secret"}
        self.begin_server(port, [server, f"127.0.0.1:{port}", self.folder, "box"], **keys)
        experiment = self.experiment_with(f"{{s3: {{url: 'http://127.0.0.1:{port}/box'}}}}")
        self.assert_error(self.lumos("run", experiment, expect=None, patience_s=BUILD_PATIENCE_S), 3, "AWS_ACCESS_KEY_ID")
        self.environment |= keys | {"AWS_SECRET_ACCESS_KEY": "wrong"}
        self.assert_error(self.lumos("run", experiment, expect=None, patience_s=BUILD_PATIENCE_S), 3, "SignatureDoesNotMatch")
        self.environment |= keys
        self.lumos("run", experiment, "--out", run, patience_s=BUILD_PATIENCE_S)
        self.assertEqual(["ok"] * 3, [row["outcome"] for row in self.rows(run, "SELECT outcome FROM samples")])

    def test_one_that_is_not_there_or_has_another_password_ends_the_run(self):
        nobody = self.experiment_with(f"{{redis: {{url: 'redis://127.0.0.1:{free_port()}'}}}}")
        self.assert_error(self.lumos("run", nobody, expect=None, patience_s=BUILD_PATIENCE_S), 3, "redis://127.0.0.1", "Connection refused")
        self.environment["LUMOS_REDIS_PASSWORD"] = "wrong"
        other = self.experiment_with(f"{{redis: {{url: '{self.redis()}'}}}}")
        self.assert_error(self.lumos("run", other, expect=None, patience_s=BUILD_PATIENCE_S), 3, "WRONGPASS")


if __name__ == "__main__":
    unittest.main()
