"""A server that stops for 2 s in a window of 12 s, at 5000 requests a second: whoever measures from the intended time sees it
in the 99th percentile, wherever it falls. 10,000 of 60,000 requests are due while it stands, evenly: the 600th largest latency
is 1.88 s."""

import json
import signal
import time
import unittest

from lumos_load import LoadTest


class Stall(LoadTest):
    def stalled(self, begin):
        server = self.server()
        process = self.start("load", server.url, "--rate", "5000", "--arrivals", "uniform", "--duration", "12s", "--json")
        time.sleep(begin)
        server.send_signal(signal.SIGSTOP)
        time.sleep(2)
        server.send_signal(signal.SIGCONT)
        ended = self.finish(process, None)
        document = json.loads(ended.out)
        self.check(document)
        return document

    def test_shows_in_p99_wherever_it_falls(self):
        for begin in (0.5, 5, 9.5):
            with self.subTest(begin=begin):
                d = self.stalled(begin)
                self.assertEqual(60000, d["requests"])
                self.assertGreaterEqual(d["latency_ms"]["p99"], 1850)
                self.assertEqual(0, sum(d["errors"].values()), d["errors"])


if __name__ == "__main__":
    unittest.main()
