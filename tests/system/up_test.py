"""`up`: one function served on loopback by the gateway, asked in bursts: what each request met, on real instances."""

import http.client
import json
import re
import signal
import socket
import subprocess
import threading
import unittest

from lumos_cli import free_port
from lumos_local import LocalTest


def ask(port, body="{}", method="POST"):
    """Status, instance and count."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, "/", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers["Lumos-Instance"], answer.headers["Lumos-Invocation"]


def burst(port, count):
    answers = [None] * count
    together = threading.Barrier(count)

    def one(i):
        together.wait()
        answers[i] = ask(port)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


class Up(LocalTest):
    def setUp(self):
        super().setUp()
        self.before = self.look_around()
        self.port = free_port()

    def serve(self, *arguments):
        """Up, and listening."""
        process = self.start("up", *arguments, "--port", self.port)
        line = process.stdout.readline()
        self.assertIn("Ctrl-C ends it", line, process.stderr.read() if process.poll() is not None else line)
        self.assertIn(f"http://127.0.0.1:{self.port}/", process.stdout.readline())
        return process

    def end(self, process):
        """Ctrl-C: the starts of the requests in the order of their answers, and the summary."""
        marks = self.marks()
        process.send_signal(signal.SIGINT)
        ended = self.finish(process)
        self.assert_finding_and_next(ended)
        for mark in marks:
            self.assert_clean(self.before, mark)
        return re.findall(r"^#\d+ +(\w+)", ended.out, re.MULTILINE), ended

    def test_a_burst_on_nothing_is_cold_or_waited_behind_and_the_next_is_warm(self):
        for runtime in ("sandbox", "crun", "wasm-aot"):
            with self.subTest(runtime=runtime):
                process = self.serve("noop", "--runtime", runtime, "--set", "scaling.max_scale=3")
                first, second = burst(self.port, 6), [ask(self.port) for _ in range(4)]
                self.assertEqual([200] * 10, [a[0] for a in first + second])
                self.assertLessEqual(len({a[1] for a in first}), 3)
                starts, ended = self.end(process)
                self.assertEqual(10, len(starts), str(ended))
                self.assertGreaterEqual(starts[:6].count("cold") + starts[:6].count("behind"), 1)
                self.assertEqual(["warm"] * 4, starts[6:])
                # An instance has one request that it had not been asked before.
                self.assertEqual(len({a[1] for a in first + second}), len(starts) - starts.count("warm"))

    def test_one_instance_without_limit_takes_all_at_once(self):
        process = self.serve("noop", "--runtime", "crun", "--set", "scaling.max_scale=1", "--set", "scaling.container_concurrency=0")
        answers = burst(self.port, 20)
        self.assertEqual({200}, {a[0] for a in answers})
        self.assertEqual(1, len({a[1] for a in answers}))
        self.assertEqual(list(range(1, 21)), sorted(int(a[2]) for a in answers))
        starts, ended = self.end(process)
        self.assertEqual(1, starts.count("cold"), str(ended))
        self.assertIn("Served 20 requests: 1 cold", ended.out)

    def test_an_idle_instance_ends_after_its_keep_alive(self):
        process = self.serve("noop", "--runtime", "sandbox", "--set", "scaling.keep_alive=200ms")
        first = ask(self.port)
        names = {first[1]}
        for _ in range(200):  # asked again only after it has gone: each try is a wait of its own
            threading.Event().wait(0.5)
            names.add(ask(self.port)[1])
            if len(names) > 1:
                break
        self.assertEqual(2, len(names))
        self.end(process)

    def test_an_instance_that_is_killed_is_replaced_and_nothing_stays(self):
        process = self.serve("noop", "--runtime", "crun")
        self.assertEqual(200, ask(self.port)[0])
        tag = self.marks()[0]
        victims = [pid for pid, text in self.processes_of_runs().items() if f"LUMOS_INSTANCE={tag}-1".encode() in text]
        for pid in victims:
            self.kill(pid)
        statuses = [ask(self.port)[0] for _ in range(3)]
        self.assertEqual(200, statuses[-1], statuses)
        self.assertLessEqual({*statuses}, {200, 502})
        self.end(process)

    def test_what_cannot_be_served_is_refused(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", self.port))
            taken.listen()
            ended = self.lumos("up", "noop", "--port", self.port, expect=3)
            self.assert_error(ended, 3, f"--port {self.port}", "in use")
        self.assert_error(self.lumos("up", "nop", expect=2), 2, "noop")
        self.assert_error(self.lumos("up", "noop", "--runtime", "rune", expect=2), 2, "runc")
        self.assert_error(self.lumos("up", "noop", "--set", "scaling.max_scale=one", expect=2), 2, "scaling.max_scale")
        self.assertEqual(self.before, self.look_around())


if __name__ == "__main__":
    unittest.main(verbosity=2)
