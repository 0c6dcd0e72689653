"""`load` against servers of this test's own: what it reports, and that it survives whatever they do."""

import csv
import json
import resource
import signal
import subprocess
import unittest

from lumos_cli import BINARY, wait_until
from lumos_load import LoadTest


class OpenLoad(LoadTest):
    def test_every_arrival_process_delivers_its_rate(self):
        server = self.server()
        times = self.folder / "times.txt"
        times.write_text("".join(f"{i / 200}\n" for i in range(200)))
        window = ["--duration", "1s"]
        for arguments, due, delta in ((["--rate", "400", "--arrivals", "uniform", *window], 400, 0),
                                      (["--rate", "400", *window], 400, 80),  # four standard deviations
                                      (["--rate", "400", "--arrivals", "mmpp:5,50ms,50ms", *window], 400, 250),
                                      (["--rate", "200:500ms,200-600:500ms", "--arrivals", "uniform"], 300, 1),
                                      (["--arrivals", f"file:{times}", *window], 200, 0)):
            with self.subTest(arguments=arguments):
                d = self.load(server.url, *arguments)
                self.assertEqual(d["requests"], d["ok"])
                self.assertAlmostEqual(due, d["requests"], delta=delta)
                self.assertAlmostEqual(due, d["rate_asked_per_s"], delta=1)
                self.assertGreater(d["latency_ms"]["p50"], 0)

    def test_a_schedule_lasts_as_long_as_its_pieces(self):
        d = self.load(self.server().url, "--rate", "100:200ms,300:300ms", "--arrivals", "uniform")
        self.assertAlmostEqual(0.5, d["window_s"])
        self.assertEqual(110, d["requests"])

    def test_the_same_seed_sends_at_the_same_times(self):
        server = self.server()

        def intended(name, seed):
            self.load(server.url, "--rate", "300", "--duration", "500ms", "--seed", seed, "--samples-to", self.folder / name)
            with open(self.folder / name, newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual(["intended_ns", "sent_ns", "done_ns", "outcome"], list(rows[0]))
            return sorted(int(row["intended_ns"]) for row in rows)

        first = intended("a", 1)
        self.assertEqual(first, intended("b", 1))
        self.assertNotEqual(first, intended("c", 2))

    def test_what_cannot_be_delivered_fails(self):
        d = self.load(self.server("never").url, "--rate", "200", "--connections", "2", "--duration", "500ms", "--timeout", "300ms", expect=1)
        self.assertEqual("fail", self.status(d, "load_delivered"))
        self.assertEqual(d["requests"], d["errors"]["timeout"])
        self.assertIsNone(d["latency_ms"]["p50"])
        self.assertGreater(d["waited_for_connection"], 50)


class ClosedLoad(LoadTest):
    def test_users_with_think_time(self):
        d = self.load(self.server().url, "--closed", "--connections", "5", "--think", "20ms", "--duration", "1s")
        self.assertIsNone(d["rate_asked_per_s"])
        self.assertEqual("closed", d["load"]["mode"])
        self.assertGreater(d["requests"], 10)
        self.assertLessEqual(d["requests"], 5 * 51)  # 1 s / 20 ms, and one at the beginning

    def test_the_sum_of_what_was_sent_is_what_was_answered(self):
        d = self.load(self.server().url, "--closed", "--connections", "64", "--duration", "500ms", "--digest", "ab")
        self.assertEqual(d["requests"], d["ok"])
        self.assertGreater(d["throughput_per_s"], 10)
        self.assertGreater(d["cpu_us_per_request"], 0)


class BadServers(LoadTest):
    def expect_errors(self, behaviour, kind, *more):
        server = self.server(behaviour)
        for mode in (["--rate", "200"], ["--closed", "--connections", "4"]):
            d = self.load(server.url, *mode, "--duration", "400ms", "--timeout", "1s", *more, expect=1)
            self.assertGreater(d["errors"][kind], 0, d)
            self.assertEqual(d["requests"], d["errors"][kind], d)
            self.assertEqual("fail", self.status(d, "errors"))

    def test_garbage(self):
        self.expect_errors("garbage", "malformed")

    def test_endless_headers(self):
        self.expect_errors("endless", "malformed")

    def test_half_answers(self):
        self.expect_errors("half", "reset")

    def test_never_answers(self):
        self.expect_errors("never", "timeout")

    def test_another_status(self):
        self.expect_errors("busy", "bad_status")

    def test_wrong_output(self):
        self.expect_errors("ok", "wrong_output", "--digest", "cd")

    def test_nobody_there(self):
        server = self.server()
        server.kill()
        server.wait()
        d = self.load(server.url, "--rate", "200", "--duration", "400ms", expect=1)
        self.assertEqual(d["requests"], d["errors"]["refused"])
        self.assertEqual(0, d["rate_reached_per_s"])

    def test_a_crash_in_the_midst_of_it(self):
        d = self.load(self.server("crash").url, "--rate", "400", "--duration", "1s", expect=1)
        self.assertLessEqual(90, d["ok"])
        self.assertLessEqual(d["ok"], 100)
        self.assertEqual(d["requests"], d["ok"] + d["errors"]["refused"] + d["errors"]["reset"])

    def test_descriptors_run_out(self):
        def few():
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        ended = self.finish(subprocess.Popen([BINARY, "load", self.server().url, "--rate", "10", "--connections", "500"], text=True,
                                             env=self.environment, preexec_fn=few, stdout=subprocess.PIPE, stderr=subprocess.PIPE), None)
        self.assert_error(ended, 3, "500 connections", "64", "ulimit -n")


class Usage(LoadTest):
    def refused(self, *arguments, words=()):
        self.assert_error(self.lumos("load", *arguments, expect=None), 2, *words)

    def test_loads_stay_on_this_machine(self):
        for url in ("http://192.0.2.1/", "http://example.invalid/"):
            self.refused(url, "--rate", "1", words=["loopback", "--allow-remote"])

    def test_what_contradicts_itself(self):
        url = "http://127.0.0.1:1/"
        self.refused(url, words=["--rate", "--closed"])
        self.refused(url, "--rate", "5", "--closed", words=["not both"])
        self.refused(url, "--rate", "5", "--think", "1s", words=["--think"])
        self.refused(url, "--rate", "5", "--arrivals", "poison", words=["did you mean 'poisson'?"])
        self.refused(url, "--rate", "fast", words=["'fast'"])
        self.refused(url, "--rate", "5", "--duration", "0s", words=["--duration"])
        self.refused(url, "--rate", "5", "--header", "a\nb: c", words=["--header"])
        self.refused(url, "--rate", "5", "--method", "POSTS", words=["did you mean 'POST'?"])
        self.refused(url, "--rate", "5", "--connections", "0", words=["--connections"])
        self.refused("https://127.0.0.1/", "--rate", "5", words=["TLS"])
        self.refused("--rate", "5", words=["url"])


class Output(LoadTest):
    def test_text_ends_with_the_finding_and_the_next_step(self):
        ended = self.lumos("load", self.server().url, "--rate", "100", "--duration", "500ms", expect=None)
        self.assert_finding_and_next(ended)
        for word in ("asked 100/s", "latency", "errors          none", "schedule error", "CPU a request"):
            self.assertIn(word, ended.out)

    def test_progress_says_what_was_asked_and_reached(self):
        ended = self.lumos("load", self.server().url, "--rate", "100", "--duration", "2500ms", expect=None)
        self.assertRegex(ended.err, r"1/2 s: asked 100/s, sent \S+/s, p50 \S+ \S+, p99 \S+ \S+, 0 errors")

    def test_interrupted_it_says_what_was_measured(self):
        process = self.start("load", self.server().url, "--rate", "200", "--duration", "1h", "--json")
        wait_until(lambda: "asked" in process.stderr.readline(), "progress")
        process.send_signal(signal.SIGINT)
        ended = self.finish(process, 130)
        d = json.loads(ended.out)
        self.check(d)
        self.assertTrue(d["interrupted"])
        self.assertLess(d["window_s"], 60)
        self.assertGreater(d["requests"], 100)
        self.assertAlmostEqual(200, d["rate_asked_per_s"])


if __name__ == "__main__":
    unittest.main()
